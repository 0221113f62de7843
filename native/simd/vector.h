// A vector of numbers as wide as one register of the machine that a kernel file is compiled for.
// The file says which: PELLUCID_ARCH (the namespace, so that no two machines share a function),
// PELLUCID_VECTOR_BYTES, and PELLUCID_FUSED (fused multiply-add, or multiply and then add).
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>
#elif defined(__aarch64__) || defined(_M_ARM64)
#include <arm_neon.h>
#endif

#if !defined(PELLUCID_ARCH) || !defined(PELLUCID_VECTOR_BYTES) || !defined(PELLUCID_FUSED)
#error "a kernel file defines PELLUCID_ARCH, PELLUCID_VECTOR_BYTES and PELLUCID_FUSED"
#endif

#define PELLUCID_INLINE inline __attribute__((always_inline))

namespace pellucid::PELLUCID_ARCH {

using std::size_t;

// Rows lie across the lanes in groups of 16, whatever the width of a register.
constexpr size_t kLanes = 16;

template <class T>
struct Lanes;

template <>
struct Lanes<float> {
    typedef float Type __attribute__((vector_size(PELLUCID_VECTOR_BYTES)));
    typedef float Loose __attribute__((vector_size(PELLUCID_VECTOR_BYTES), aligned(4), may_alias));
    typedef std::int32_t Bits __attribute__((vector_size(PELLUCID_VECTOR_BYTES)));
};

template <>
struct Lanes<double> {
    typedef double Type __attribute__((vector_size(PELLUCID_VECTOR_BYTES)));
    typedef double Loose __attribute__((vector_size(PELLUCID_VECTOR_BYTES), aligned(8), may_alias));
    typedef std::int64_t Bits __attribute__((vector_size(PELLUCID_VECTOR_BYTES)));
};

template <class T>
using V = typename Lanes<T>::Type;
template <class T>
using Bits = typename Lanes<T>::Bits;

// Numbers in a register, and registers that hold 16 numbers.
template <class T>
constexpr size_t kWidth = PELLUCID_VECTOR_BYTES / sizeof(T);
template <class T>
constexpr size_t kParts = kLanes / kWidth<T>;

template <class T>
PELLUCID_INLINE V<T> load(const T* from) {
    return *reinterpret_cast<const typename Lanes<T>::Loose*>(from);
}

template <class T>
PELLUCID_INLINE void store(T* to, V<T> value) {
    *reinterpret_cast<typename Lanes<T>::Loose*>(to) = value;
}

// x - 0 is x for every x, -0 included; x + 0 is not.
template <class T>
PELLUCID_INLINE V<T> broadcast(T value) {
    return value - V<T>{};
}

template <class T>
PELLUCID_INLINE V<T> select(Bits<T> mask, V<T> yes, V<T> no) {
    return reinterpret_cast<V<T>>((mask & reinterpret_cast<Bits<T>>(yes)) |
                                  (~mask & reinterpret_cast<Bits<T>>(no)));
}

// a·b + c; the second spelling is for constants.
template <class T>
PELLUCID_INLINE V<T> fma(V<T> a, V<T> b, V<T> c) {
#if !PELLUCID_FUSED
    return a * b + c;
#elif PELLUCID_VECTOR_BYTES == 64 && defined(__AVX512F__)
    if constexpr (sizeof(T) == 4) {
        return _mm512_fmadd_ps(a, b, c);
    } else {
        return _mm512_fmadd_pd(a, b, c);
    }
#elif PELLUCID_VECTOR_BYTES == 32 && defined(__FMA__)
    if constexpr (sizeof(T) == 4) {
        return _mm256_fmadd_ps(a, b, c);
    } else {
        return _mm256_fmadd_pd(a, b, c);
    }
#elif PELLUCID_VECTOR_BYTES == 16 && defined(__aarch64__)
    if constexpr (sizeof(T) == 4) {
        return vfmaq_f32(c, a, b);
    } else {
        return vfmaq_f64(c, a, b);
    }
#else
    V<T> out{};
    for (size_t i = 0; i < kWidth<T>; ++i) {
        out[i] =
            sizeof(T) == 4
                ? static_cast<T>(__builtin_fmaf(static_cast<float>(a[i]), static_cast<float>(b[i]),
                                                static_cast<float>(c[i])))
                : static_cast<T>(__builtin_fma(a[i], b[i], c[i]));
    }
    return out;
#endif
}

template <class T>
PELLUCID_INLINE V<T> sqrt(V<T> x) {
#if PELLUCID_VECTOR_BYTES == 64 && defined(__AVX512F__)
    if constexpr (sizeof(T) == 4) {
        return _mm512_maskz_sqrt_ps(0xffff, x);
    } else {
        return _mm512_maskz_sqrt_pd(0xff, x);
    }
#elif PELLUCID_VECTOR_BYTES == 32 && defined(__AVX__)
    if constexpr (sizeof(T) == 4) {
        return _mm256_sqrt_ps(x);
    } else {
        return _mm256_sqrt_pd(x);
    }
#elif PELLUCID_VECTOR_BYTES == 16 && defined(__SSE2__)
    if constexpr (sizeof(T) == 4) {
        return _mm_sqrt_ps(x);
    } else {
        return _mm_sqrt_pd(x);
    }
#elif PELLUCID_VECTOR_BYTES == 16 && defined(__aarch64__)
    if constexpr (sizeof(T) == 4) {
        return vsqrtq_f32(x);
    } else {
        return vsqrtq_f64(x);
    }
#else
    for (size_t i = 0; i < kWidth<T>; ++i) {
        x[i] = sizeof(T) == 4 ? static_cast<T>(__builtin_sqrtf(static_cast<float>(x[i])))
                              : static_cast<T>(__builtin_sqrt(x[i]));
    }
    return x;
#endif
}

template <class T>
PELLUCID_INLINE V<T> fma(V<T> a, V<T> b, T c) {
    return fma<T>(a, b, broadcast<T>(c));
}

template <class T>
PELLUCID_INLINE V<T> absolute(V<T> x) {
    constexpr auto kSign = sizeof(T) == 4 ? INT64_C(0x7fffffff) : INT64_C(0x7fffffffffffffff);
    using Bit = std::conditional_t<sizeof(T) == 4, std::int32_t, std::int64_t>;
    return reinterpret_cast<V<T>>(reinterpret_cast<Bits<T>>(x) & static_cast<Bit>(kSign));
}

// The larger one; NaN if `x` is NaN.
template <class T>
PELLUCID_INLINE V<T> at_least(V<T> x, V<T> low) {
    return select<T>(x < low, low, x);
}
template <class T>
PELLUCID_INLINE V<T> at_most(V<T> x, V<T> high) {
    return select<T>(x > high, high, x);
}

// 16 partial sums, one for each index mod 16, and the fixed tree that adds them up.
template <class T>
struct Sixteen {
    V<T> part[kParts<T>];

    PELLUCID_INLINE T total() {
        for (size_t half = kParts<T> / 2; half > 0; half /= 2) {
            for (size_t i = 0; i < half; ++i) {
                part[i] += part[i + half];
            }
        }
        T lanes[kWidth<T>];
        store<T>(lanes, part[0]);
        for (size_t half = kWidth<T> / 2; half > 0; half /= 2) {
            for (size_t i = 0; i < half; ++i) {
                lanes[i] += lanes[i + half];
            }
        }
        return lanes[0];
    }
};

}  // namespace pellucid::PELLUCID_ARCH
