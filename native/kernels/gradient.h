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

// The first `count` of a tile's numbers in one unit: all of them, or those of the last inputs.
template <class T, size_t N>
PELLUCID_INLINE void read_tile(V<T>* sums, const T* weight, size_t count) {
    T lanes[N * kWidth<T>] = {};
    if (count < N * kWidth<T>) {
        for (size_t l = 0; l < count; ++l) {
            lanes[l] = weight[l];
        }
        weight = lanes;
    }
    for (size_t n = 0; n < N; ++n) {
        sums[n] = load<T>(weight + n * kWidth<T>);
    }
}

template <class T, size_t N>
PELLUCID_INLINE void write_tile(const V<T>* sums, T* weight, size_t count) {
    T lanes[N * kWidth<T>];
    T* out = count < N * kWidth<T> ? lanes : weight;
    for (size_t n = 0; n < N; ++n) {
        store<T>(out + n * kWidth<T>, sums[n]);
    }
    for (size_t l = 0; out == lanes && l < count; ++l) {
        weight[l] = lanes[l];
    }
}

// Some rows of a block and, of their values, the inputs `first` … `end - 1`.
template <class T>
struct Piece {
    size_t from;
    size_t to;
    size_t first;
    size_t end;
    const T* values;
    size_t stride;
};

// M units × 16 inputs, over the rows of a piece. The first block's chains go on from the weights;
// a later block is one piece, and its sums are added to them.
template <class T, size_t M>
PELLUCID_INLINE void gradient_tile(const Gradient<T>& task, size_t unit, size_t k,
                                   const Piece<T>& piece) {
    constexpr size_t kN = kParts<T>;
    const size_t delta_panel = task.units * kLanes;
    const size_t count = smaller(kLanes, task.inputs - k);
    T* weight = task.weight + unit * task.inputs + k;
    V<T> sums[M][kN];
    for (size_t i = 0; i < M; ++i) {
        for (size_t n = 0; n < kN; ++n) {
            sums[i][n] = V<T>{};
        }
        if (piece.from % kBlockRows > 0) {
            read_tile<T, kN>(sums[i], weight + i * task.inputs, count);
        }
    }
    const T* values = piece.values + (k - piece.first);
    const T* panel = task.delta + piece.from / kLanes * delta_panel + unit * kLanes;
    for (size_t row = piece.from; row < piece.to; row += kLanes, panel += delta_panel) {
        const T* end = panel + smaller(kLanes, piece.to - row);
        for (const T* delta = panel; delta < end; ++delta, values += piece.stride) {
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
    for (size_t i = 0; i < M; ++i, weight += task.inputs) {
        if (piece.from >= kBlockRows) {
            V<T> before[kN];
            read_tile<T, kN>(before, weight, count);
            for (size_t n = 0; n < kN; ++n) {
                sums[i][n] = before[n] + sums[i][n];
            }
        }
        write_tile<T, kN>(sums[i], weight, count);
    }
}

// A tile is as many numbers wide as a panel, which `stride` is padded to.
template <class T, size_t M>
void gradient_units(const Gradient<T>& task, size_t unit, const Piece<T>& piece) {
    for (size_t k = piece.first; k < piece.end; k += kLanes) {
        gradient_tile<T, M>(task, unit, k, piece);
    }
}

template <class T, size_t M>
PELLUCID_INLINE void gradient_rest(const Gradient<T>& task, size_t unit, const Piece<T>& piece) {
    if constexpr (M > 0) {
        if (task.end - unit == M) {
            gradient_units<T, M>(task, unit, piece);
        } else {
            gradient_rest<T, M - 1>(task, unit, piece);
        }
    }
}

// Inputs and rows whose values stay in the caches while the units pass by.
constexpr size_t kStrip = 64;
constexpr size_t kPieceRows = 128;
// Rows of a wide layer lie in as many pages of memory, more than a processor has at hand: a strip
// of them is copied side by side, which many units repay.
constexpr size_t kFewRows = 32;
constexpr size_t kFewUnits = 48;

template <class T>
PELLUCID_INLINE void gather_strip(T* strip, Piece<T>& piece) {
    const T* values = piece.values;
    for (size_t row = piece.from; row < piece.to; ++row, values += piece.stride) {
        for (size_t k = 0; k < kStrip; k += kWidth<T>) {
            store<T>(strip + (row - piece.from) * kStrip + k, load<T>(values + k));
        }
    }
    piece.values = strip;
    piece.stride = kStrip;
}

template <class T>
void gradient_piece(const Gradient<T>& task, Piece<T> piece) {
    constexpr size_t kM = clamp_tile(kTileRegisters / kParts<T>, 12);
    alignas(64) T strip[kStrip * kPieceRows];
    const size_t rows = piece.to - piece.from;
    const bool is_whole = piece.end - piece.first == kStrip;
    if (is_whole && rows > kFewRows && rows <= kPieceRows && task.end - task.first > kFewUnits) {
        gather_strip<T>(strip, piece);
    }
    size_t unit = task.first;
    for (; unit + kM <= task.end; unit += kM) {
        gradient_units<T, kM>(task, unit, piece);
    }
    gradient_rest<T, kM - 1>(task, unit, piece);
}

template <class T>
void large_gradient(const Gradient<T>& task) {
    size_t to = 0;
    for (size_t from = 0; from < task.rows; from = to) {
        to = smaller(from + (from < kBlockRows ? kPieceRows : kBlockRows), task.rows);
        for (size_t k = 0; k < task.inputs; k += kStrip) {
            const T* values = task.row_major + from * task.stride + k;
            gradient_piece<T>(task,
                              {from, to, k, smaller(k + kStrip, task.inputs), values, task.stride});
        }
    }
    for (size_t unit = task.first; unit < task.end; ++unit) {
        unit_gradient<T>(task, unit, false);
    }
}

}  // namespace pellucid::PELLUCID_ARCH
