// Matrix products: forward values and deltas. Each element is one chain of multiply-adds, the
// inner index ascending; a tile of elements is kept in registers.
#pragma once

#include "kernels/kernels.h"
#include "simd/square.h"
#include "simd/vector.h"

namespace pellucid::PELLUCID_ARCH {

// Registers that a tile may use for its sums.
#if PELLUCID_VECTOR_BYTES == 64
constexpr size_t kTileRegisters = 24;
#elif defined(__aarch64__)
constexpr size_t kTileRegisters = 24;
#elif PELLUCID_FUSED
constexpr size_t kTileRegisters = 12;
#else
constexpr size_t kTileRegisters = 8;
#endif

// Inner indices that are walked before the next tile, so that a panel's part stays in the cache.
constexpr size_t kDepth = 256;
// Tiles whose part of `a` stays in the second cache while the panels pass by.
constexpr size_t kBlockTiles = 8;

constexpr size_t clamp_tile(size_t value, size_t high) {
    return value < 1 ? 1 : (value > high ? high : value);
}

// Panels of a tile of M units, and units of the largest tile.
template <class T, size_t M>
constexpr size_t kTilePanels = clamp_tile(kTileRegisters / (M * kParts<T>), 4);
template <class T>
constexpr size_t kTileUnits = clamp_tile(kTileRegisters / (kParts<T> > 1 ? kParts<T> : 2), 12);

template <class T, size_t M, size_t P>
PELLUCID_INLINE void product_tile(const Product<T>& task, size_t m, size_t panel, size_t from,
                                  size_t to) {
    constexpr size_t kN = P * kParts<T>;
    const T* a = task.a + static_cast<std::ptrdiff_t>(m) * task.row +
                 static_cast<std::ptrdiff_t>(from) * task.column;
    const size_t b_panel = task.k * kLanes;
    const size_t c_panel = task.m * kLanes;
    const T* b = task.b + panel * b_panel + from * kLanes;
    T* c = task.c + panel * c_panel + m * kLanes;
    V<T> sums[M][kN];
    for (size_t i = 0; i < M; ++i) {
        for (size_t n = 0; n < kN; ++n) {
            const T* so_far = c + (n / kParts<T>)*c_panel + i * kLanes + (n % kParts<T>)*kWidth<T>;
            sums[i][n] = from > 0     ? load<T>(so_far)
                         : task.start ? broadcast<T>(task.start[m + i])
                                      : V<T>{};
        }
    }
    for (size_t k = from; k < to; ++k, a += task.column, b += kLanes) {
        V<T> column[kN];
        for (size_t n = 0; n < kN; ++n) {
            column[n] = load<T>(b + (n / kParts<T>)*b_panel + (n % kParts<T>)*kWidth<T>);
        }
        for (size_t i = 0; i < M; ++i) {
            const V<T> factor = broadcast<T>(a[static_cast<std::ptrdiff_t>(i) * task.row]);
            for (size_t n = 0; n < kN; ++n) {
                sums[i][n] = fma<T>(factor, column[n], sums[i][n]);
            }
        }
    }
    for (size_t i = 0; i < M; ++i) {
        for (size_t n = 0; n < kN; ++n) {
            store<T>(c + (n / kParts<T>)*c_panel + i * kLanes + (n % kParts<T>)*kWidth<T>,
                     sums[i][n]);
        }
    }
}

// Units `m` … `m + M - 1`, or as many times M as fit before `end`, of all panels.
template <class T, size_t M>
void product_units(const Product<T>& task, size_t m, size_t end, size_t from, size_t to) {
    constexpr size_t kP = kTilePanels<T, M>;
    size_t panel = task.panels.first;
    for (; panel + kP <= task.panels.end; panel += kP) {
        for (size_t unit = m; unit + M <= end; unit += M) {
            product_tile<T, M, kP>(task, unit, panel, from, to);
        }
    }
    if constexpr (kP > 1) {
        for (; panel < task.panels.end; ++panel) {
            for (size_t unit = m; unit + M <= end; unit += M) {
                product_tile<T, M, 1>(task, unit, panel, from, to);
            }
        }
    }
}

// The units that are left when tiles of M + 1 no longer fit.
template <class T, size_t M>
PELLUCID_INLINE void product_rest(const Product<T>& task, size_t m, size_t from, size_t to) {
    if constexpr (M > 0) {
        if (task.units.end - m == M) {
            product_units<T, M>(task, m, task.units.end, from, to);
        } else {
            product_rest<T, M - 1>(task, m, from, to);
        }
    }
}

// A transposed `a` of a wide layer lies in as many pages of memory as there are inner indices,
// more than a processor has at hand: the part that a block of tiles reads is turned round first,
// which some panels repay.
constexpr std::ptrdiff_t kFarApart = 128;
constexpr size_t kFewPanels = 5;
template <class T>
constexpr size_t kBlockUnits = kTileUnits<T> * kBlockTiles;
constexpr size_t kTurnedRow = kDepth + kLanes;

template <class T>
PELLUCID_INLINE bool is_far_apart(const Product<T>& task) {
    return task.row == 1 && task.column >= kFarApart &&
           task.panels.end - task.panels.first > kFewPanels;
}

// turned[m][k] = a[m + k·column] for units `m` … `end - 1` and inner indices `from` … `to - 1`.
template <class T>
PELLUCID_INLINE void turn_round(const Product<T>& task, size_t m, size_t end, size_t from,
                                size_t to, T* turned) {
    constexpr size_t kN = kSquare<T>;
    const auto place = [&](size_t unit, size_t k) {
        return task.a + unit + static_cast<std::ptrdiff_t>(k) * task.column;
    };
    for (size_t k = from; k < to; k += kN) {
        for (size_t unit = m; unit < end; unit += kN) {
            if (k + kN <= to && unit + kN <= end) {
                turn_square<T, kN>(
                    [&](size_t j) { return place(unit, k + j); },
                    [&](size_t i) { return turned + (unit - m + i) * kTurnedRow + k - from; });
                continue;
            }
            for (size_t i = unit; i < end && i < unit + kN; ++i) {
                for (size_t j = k; j < to && j < k + kN; ++j) {
                    turned[(i - m) * kTurnedRow + j - from] = *place(i, j);
                }
            }
        }
    }
}

template <class T>
void product_block(const Product<T>& task, size_t m, size_t end, size_t from, size_t to) {
    if (!is_far_apart(task)) {
        product_units<T, kTileUnits<T>>(task, m, end, from, to);
        return;
    }
    alignas(64) T turned[kBlockUnits<T> * kTurnedRow];
    turn_round<T>(task, m, end, from, to, turned);
    Product<T> near = task;  // indices stay those of the whole matrix
    near.a = turned - static_cast<std::ptrdiff_t>(m * kTurnedRow + from);
    near.row = kTurnedRow;
    near.column = 1;
    product_units<T, kTileUnits<T>>(near, m, end, from, to);
}

template <class T>
void product(const Product<T>& task) {
    constexpr size_t kBlock = kBlockUnits<T>;
    const size_t first = task.units.first;
    const size_t whole = first + (task.units.end - first) / kTileUnits<T> * kTileUnits<T>;
    for (size_t from = 0; from == 0 || from < task.k; from += kDepth) {
        const size_t to = from + kDepth < task.k ? from + kDepth : task.k;
        for (size_t m = first; m < whole; m += kBlock) {
            product_block<T>(task, m, m + kBlock < whole ? m + kBlock : whole, from, to);
        }
        product_rest<T, kTileUnits<T> - 1>(task, whole, from, to);
    }
}

}  // namespace pellucid::PELLUCID_ARCH
