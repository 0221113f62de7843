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

// A tile's sums go to its weights: over what was there before the block, or added to it.
template <class T, size_t N>
PELLUCID_INLINE void keep_whole(const V<T>* sums, T* weight, bool is_first) {
    for (size_t n = 0; n < N; ++n) {
        T* out = weight + n * kWidth<T>;
        store<T>(out, is_first ? sums[n] : load<T>(out) + sums[n]);
    }
}

template <class T, size_t N>
PELLUCID_INLINE void keep_some(const V<T>* sums, T* weight, size_t count, bool is_first) {
    T lanes[N * kWidth<T>];
    for (size_t n = 0; n < N; ++n) {
        store<T>(lanes + n * kWidth<T>, sums[n]);
    }
    for (size_t l = 0; l < count; ++l) {
        weight[l] = is_first ? lanes[l] : weight[l] + lanes[l];
    }
}

// M units × 16 inputs, over the rows from … to - 1 of one block.
template <class T, size_t M>
PELLUCID_INLINE void gradient_tile(const Gradient<T>& task, size_t unit, size_t k, size_t from,
                                   size_t to) {
    constexpr size_t kN = kParts<T>;
    const size_t delta_panel = task.units * kLanes;
    const size_t stride = task.stride;
    const T* values = task.row_major + from * stride + k;
    V<T> sums[M][kN];
    for (size_t i = 0; i < M; ++i) {
        for (size_t n = 0; n < kN; ++n) {
            sums[i][n] = V<T>{};
        }
    }
    const T* panel = task.delta + from / kLanes * delta_panel + unit * kLanes;
    for (size_t row = from; row < to; row += kLanes, panel += delta_panel) {
        const T* end = panel + smaller(kLanes, to - row);
        for (const T* delta = panel; delta < end; ++delta, values += stride) {
            V<T> x[kN];
            for (size_t n = 0; n < kN; ++n) {
                x[n] = load<T>(values + n * kWidth<T>);
            }
            for (size_t i = 0; i < M; ++i) {
                const V<T> d = broadcast<T>(delta[i * kLanes]);
                for (size_t n = 0; n < kN; ++n) {
                    sums[i][n] = fma<T>(d, x[n], sums[i][n]);
                }
            }
        }
    }
    const size_t inputs = task.inputs;
    T* weight = task.weight + unit * inputs + k;
    for (size_t i = 0; i < M; ++i, weight += inputs) {
        if (k + kLanes <= inputs) {
            keep_whole<T, kN>(sums[i], weight, from == 0);
        } else {
            keep_some<T, kN>(sums[i], weight, inputs - k, from == 0);
        }
    }
}

// Inputs whose values stay in the first cache while the units pass by.
constexpr size_t kStrip = 64;

struct Strip {
    size_t first;
    size_t end;
};

// A tile is as many numbers wide as a panel, which `stride` is padded to.
template <class T, size_t M>
void gradient_units(const Gradient<T>& task, size_t unit, Strip strip, size_t from, size_t to) {
    for (size_t k = strip.first; k < strip.end; k += kLanes) {
        gradient_tile<T, M>(task, unit, k, from, to);
    }
}

template <class T, size_t M>
PELLUCID_INLINE void gradient_rest(const Gradient<T>& task, size_t unit, Strip strip, size_t from,
                                   size_t to) {
    if constexpr (M > 0) {
        if (task.end - unit == M) {
            gradient_units<T, M>(task, unit, strip, from, to);
        } else {
            gradient_rest<T, M - 1>(task, unit, strip, from, to);
        }
    }
}

template <class T>
void large_gradient(const Gradient<T>& task) {
    constexpr size_t kM = clamp_tile(kTileRegisters / kParts<T>, 12);
    for (size_t from = 0; from < task.rows; from += kBlockRows) {
        const size_t to = smaller(from + kBlockRows, task.rows);
        for (size_t k = 0; k < task.inputs; k += kStrip) {
            const size_t end = smaller(k + kStrip, task.inputs);
            size_t unit = task.first;
            for (; unit + kM <= task.end; unit += kM) {
                gradient_units<T, kM>(task, unit, {k, end}, from, to);
            }
            gradient_rest<T, kM - 1>(task, unit, {k, end}, from, to);
        }
    }
    for (size_t unit = task.first; unit < task.end; ++unit) {
        unit_gradient<T>(task, unit, false);
    }
}

}  // namespace pellucid::PELLUCID_ARCH
