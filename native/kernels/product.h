// Matrix products: forward values and deltas. Each element is one chain of multiply-adds, the
// inner index ascending; a tile of elements is kept in registers.
#pragma once

#include "kernels/kernels.h"
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
constexpr size_t kBlockTiles = 16;

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
        if (task.m - m == M) {
            product_units<T, M>(task, m, task.m, from, to);
        } else {
            product_rest<T, M - 1>(task, m, from, to);
        }
    }
}

template <class T>
void product(const Product<T>& task) {
    constexpr size_t kM = kTileUnits<T>;
    constexpr size_t kBlock = kM * kBlockTiles;
    const size_t whole = task.m / kM * kM;
    for (size_t from = 0; from == 0 || from < task.k; from += kDepth) {
        const size_t to = from + kDepth < task.k ? from + kDepth : task.k;
        for (size_t m = 0; m < whole; m += kBlock) {
            const size_t end = m + kBlock < whole ? m + kBlock : whole;
            product_units<T, kM>(task, m, end, from, to);
        }
        product_rest<T, kM - 1>(task, whole, from, to);
    }
}

}  // namespace pellucid::PELLUCID_ARCH
