// Turning a small square of numbers round: rows become columns. N rows of N numbers sit in N
// registers; log2 N rounds of exchanges between two registers each do it.
#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>

#include "simd/vector.h"

namespace pellucid::PELLUCID_ARCH {

template <class T, size_t N>
struct SquareRow;

#define PELLUCID_SQUARE_ROW(T, N)                                                       \
    template <>                                                                         \
    struct SquareRow<T, N> {                                                            \
        typedef T Type __attribute__((vector_size(sizeof(T) * N)));                     \
        typedef T Loose                                                                 \
            __attribute__((vector_size(sizeof(T) * N), aligned(sizeof(T)), may_alias)); \
    };
PELLUCID_SQUARE_ROW(float, 8)
PELLUCID_SQUARE_ROW(float, 4)
PELLUCID_SQUARE_ROW(double, 4)
PELLUCID_SQUARE_ROW(double, 2)
#undef PELLUCID_SQUARE_ROW

// The largest square whose exchanges are cheap (within 32 bytes), and the next smaller one.
constexpr size_t kSquareBytes = PELLUCID_VECTOR_BYTES < 32 ? PELLUCID_VECTOR_BYTES : 32;
template <class T>
constexpr size_t kSquare = kSquareBytes / sizeof(T);
template <class T>
constexpr size_t kSmallSquare = 16 / sizeof(T);

// Numbers of two registers in a new order; places from N on mean the second one.
template <class Row, int... Place>
PELLUCID_INLINE Row pick(Row a, Row b) {
#if defined(__clang__)
    return __builtin_shufflevector(a, b, Place...);
#else
    using Places = std::conditional_t<sizeof(a[0]) == 4, std::int32_t, std::int64_t>;
    typedef Places Order __attribute__((vector_size(sizeof(Row))));
    return __builtin_shuffle(a, b, Order{Place...});
#endif
}

// The first register keeps the numbers whose place lacks the bit S and takes the other's from
// there; the second one the other way round.
template <class Row, int S, size_t... I>
PELLUCID_INLINE void exchange(Row& a, Row& b, std::index_sequence<I...>) {
    constexpr int kN = sizeof...(I);
    const Row low = pick<Row, ((int(I) & S) == 0 ? int(I) : kN + int(I) - S)...>(a, b);
    const Row high = pick<Row, ((int(I) & S) == 0 ? int(I) + S : kN + int(I))...>(a, b);
    a = low;
    b = high;
}

template <class Row, size_t N, size_t S>
PELLUCID_INLINE void exchange_all(Row* rows) {
    if constexpr (S > 0) {
        for (size_t i = 0; i < N; ++i) {
            if ((i & S) == 0) {
                exchange<Row, int(S)>(rows[i], rows[i + S], std::make_index_sequence<N>());
            }
        }
        exchange_all<Row, N, S / 2>(rows);
    }
}

// out(i)[j] = in(j)[i] for i and j below N.
template <class T, size_t N, class In, class Out>
PELLUCID_INLINE void turn_square(In in, Out out) {
    using Row = SquareRow<T, N>;
    typename Row::Type rows[N];
    for (size_t j = 0; j < N; ++j) {
        rows[j] = *reinterpret_cast<const typename Row::Loose*>(in(j));
    }
    exchange_all<typename Row::Type, N, N / 2>(rows);
    for (size_t i = 0; i < N; ++i) {
        *reinterpret_cast<typename Row::Loose*>(out(i)) = rows[i];
    }
}

}  // namespace pellucid::PELLUCID_ARCH
