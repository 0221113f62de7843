// Gradients of a linear layer: sums over the rows of a batch, in blocks of 1,024 rows.
// Large layers: one chain of multiply-adds an element, rows ascending. Small layers and biases:
// 16 partial sums, row mod 16, added by a fixed tree.
#pragma once

#include "kernels/kernels.h"
#include "kernels/product.h"
#include "simd/vector.h"

namespace pellucid::PELLUCID_ARCH {

constexpr size_t kBlockPanels = kBlockRows / kPanelRows;

PELLUCID_INLINE size_t panels_of(size_t rows) {
    return (rows + kLanes - 1) / kLanes;
}

PELLUCID_INLINE size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

// Σ over the rows of a block of delta (· value, if given).
template <class T>
PELLUCID_INLINE T row_sum(const T* delta, size_t delta_stride, const T* value, size_t value_stride,
                          size_t panels) {
    Sixteen<T> sums{};
    for (size_t p = 0; p < panels; ++p) {
        for (size_t i = 0; i < kParts<T>; ++i) {
            const V<T> d = load<T>(delta + p * delta_stride + i * kWidth<T>);
            if (value != nullptr) {
                const V<T> x = load<T>(value + p * value_stride + i * kWidth<T>);
                sums.part[i] = fma<T>(d, x, sums.part[i]);
            } else {
                sums.part[i] += d;
            }
        }
    }
    return sums.total();
}

// One unit's bias and, for small layers, its weights.
template <class T>
PELLUCID_INLINE void unit_gradient(const Gradient<T>& task, size_t unit, bool has_weights) {
    const size_t delta_stride = task.units * kLanes;
    const size_t value_stride = task.inputs * kLanes;
    const size_t panels = panels_of(task.rows);
    T* weight = task.weight + unit * task.inputs;
    for (size_t block = 0; block == 0 || block < panels; block += kBlockPanels) {
        const size_t count = smaller(kBlockPanels, panels - block);
        const T* delta = task.delta + block * delta_stride + unit * kLanes;
        const T* values = task.values + block * value_stride;
        for (size_t k = 0; has_weights && k < task.inputs; ++k) {
            const T sum = row_sum<T>(delta, delta_stride, values + k * kLanes, value_stride, count);
            weight[k] = block == 0 ? sum : weight[k] + sum;
        }
        if (task.bias != nullptr) {
            const T sum = row_sum<T>(delta, delta_stride, nullptr, 0, count);
            task.bias[unit] = block == 0 ? sum : task.bias[unit] + sum;
        }
    }
}

template <class T>
void small_gradient(const Gradient<T>& task) {
    for (size_t unit = task.first; unit < task.end; ++unit) {
        unit_gradient<T>(task, unit, true);
    }
}

// M units × N registers of weights, over the rows from … to - 1 of one block.
template <class T, size_t M, size_t N>
PELLUCID_INLINE void gradient_tile(const Gradient<T>& task, size_t unit, size_t k, size_t from,
                                   size_t to) {
    const size_t delta_panel = task.units * kLanes;
    V<T> sums[M][N] = {};
    const T* values = task.row_major + from * task.stride + k;
    for (size_t row = from; row < to;) {
        const T* delta = task.delta + row / kLanes * delta_panel + unit * kLanes;
        const size_t lanes = smaller(kLanes, to - row);
        for (size_t lane = 0; lane < lanes; ++lane, values += task.stride) {
            V<T> x[N];
            for (size_t n = 0; n < N; ++n) {
                x[n] = load<T>(values + n * kWidth<T>);
            }
            for (size_t i = 0; i < M; ++i) {
                const V<T> d = broadcast<T>(delta[i * kLanes + lane]);
                for (size_t n = 0; n < N; ++n) {
                    sums[i][n] = fma<T>(d, x[n], sums[i][n]);
                }
            }
        }
        row += lanes;
    }
    for (size_t i = 0; i < M; ++i) {
        for (size_t n = 0; n < N; ++n) {
            T* out = task.weight + (unit + i) * task.inputs + k + n * kWidth<T>;
            const size_t left =
                task.inputs > k + n * kWidth<T> ? task.inputs - k - n * kWidth<T> : 0;
            if (left >= kWidth<T>) {
                store<T>(out, from == 0 ? sums[i][n] : load<T>(out) + sums[i][n]);
            } else {
                T last[kWidth<T>];
                store<T>(last, sums[i][n]);
                for (size_t l = 0; l < left; ++l) {
                    out[l] = from == 0 ? last[l] : out[l] + last[l];
                }
            }
        }
    }
}

template <class T, size_t M>
void gradient_units(const Gradient<T>& task, size_t unit, size_t k, size_t from, size_t to) {
    // A tile is as many numbers wide as a panel, which `stride` is padded to.
    gradient_tile<T, M, kParts<T>>(task, unit, k, from, to);
}

template <class T, size_t M>
PELLUCID_INLINE void gradient_rest(const Gradient<T>& task, size_t unit, size_t k, size_t from,
                                   size_t to) {
    if constexpr (M > 0) {
        if (task.end - unit == M) {
            gradient_units<T, M>(task, unit, k, from, to);
        } else {
            gradient_rest<T, M - 1>(task, unit, k, from, to);
        }
    }
}

template <class T>
void large_gradient(const Gradient<T>& task) {
    constexpr size_t kM = clamp_tile(kTileRegisters / kParts<T>, 12);
    for (size_t from = 0; from < task.rows; from += kBlockRows) {
        const size_t to = smaller(from + kBlockRows, task.rows);
        for (size_t k = 0; k < task.inputs; k += kLanes) {
            size_t unit = task.first;
            for (; unit + kM <= task.end; unit += kM) {
                gradient_units<T, kM>(task, unit, k, from, to);
            }
            gradient_rest<T, kM - 1>(task, unit, k, from, to);
        }
    }
    for (size_t unit = task.first; unit < task.end; ++unit) {
        unit_gradient<T>(task, unit, false);
    }
}

}  // namespace pellucid::PELLUCID_ARCH
