// Losses: each row's loss and the derivative by the prediction, in one pass.
#pragma once

#include "kernels/gradient.h"
#include "kernels/kernels.h"
#include "kernels/softmax.h"
#include "math/exp.h"
#include "math/log.h"
#include "simd/vector.h"

namespace pellucid::PELLUCID_ARCH {

template <class T>
struct LossAndSlope {
    V<T> loss;
    V<T> slope;
};

struct Squared {
    template <class T>
    PELLUCID_INLINE static LossAndSlope<T> at(V<T> x, V<T> y) {
        const V<T> miss = x - y;
        return {miss * miss, miss + miss};
    }
};

// Logarithms are held at -100 and the slope's divisor at the float 1e-12, as in PyTorch.
struct Binary {
    template <class T>
    PELLUCID_INLINE static LossAndSlope<T> at(V<T> x, V<T> y) {
        const V<T> lowest = broadcast<T>(T(-100));
        const V<T> yes = at_least<T>(log<T>(x), lowest);
        const V<T> no = at_least<T>(log1p<T>(-x), lowest);
        const V<T> spread = at_least<T>((T(1) - x) * x, broadcast<T>(T(1e-12F)));
        return {(y - T(1)) * no - y * yes, (x - y) / spread};
    }
};

// (1 - y)·x - log sigmoid(x), which overflows for no x.
struct BinaryWithLogits {
    template <class T>
    PELLUCID_INLINE static LossAndSlope<T> at(V<T> x, V<T> y) {
        const V<T> log_sigmoid = at_most<T>(x, V<T>{}) - log1p<T>(exp<T>(-absolute<T>(x)));
        return {fma<T>(T(1) - y, x, -log_sigmoid), sigmoid<T>(x) - y};
    }
};

// 0 in the lanes that hold no row of the batch.
template <class T>
PELLUCID_INLINE V<T> keep_rows(V<T> value, size_t first_row, size_t rows) {
    if (first_row + kWidth<T> <= rows) {
        return value;
    }
    T lanes[kWidth<T>];
    store<T>(lanes, value);
    for (size_t l = rows > first_row ? rows - first_row : 0; l < kWidth<T>; ++l) {
        lanes[l] = T(0);
    }
    return load<T>(lanes);
}

// One element of 16 (or fewer) rows: its losses; its slopes go to `delta`.
template <class T, class Rule>
PELLUCID_INLINE V<T> element_loss(const LossTask<T>& task, size_t at, size_t row) {
    const V<T> x = load<T>(task.prediction + at);
    const LossAndSlope<T> both = Rule::template at<T>(x, load<T>(task.targets + at));
    store<T>(task.delta + at, keep_rows<T>(both.slope * task.scale, row, task.rows));
    return both.loss;
}

template <class T, class Rule>
PELLUCID_INLINE void elementwise_loss(const LossTask<T>& task) {
    for (size_t p = task.panels.first; p < task.panels.end; ++p) {
        for (size_t i = 0; i < kParts<T>; ++i) {
            const size_t row = p * kLanes + i * kWidth<T>;
            const size_t at = p * task.units * kLanes + i * kWidth<T>;
            V<T> total;
            if (task.units == 1) {
                total = element_loss<T, Rule>(task, at, row);
            } else {
                UnitSum<T> sum;
                for (size_t unit = 0; unit < task.units; ++unit) {
                    sum.add(unit, element_loss<T, Rule>(task, at + unit * kLanes, row));
                }
                total = sum.total() / task.share;
            }
            store<T>(task.row_losses + row, keep_rows<T>(total, row, task.rows));
        }
    }
}

// -log softmax(z)[class]; the slope is softmax(z), less 1 at the class.
template <class T>
PELLUCID_INLINE void cross_entropy(const LossTask<T>& task) {
    for (size_t p = task.panels.first; p < task.panels.end; ++p) {
        for (size_t i = 0; i < kParts<T>; ++i) {
            const size_t row = p * kLanes + i * kWidth<T>;
            const size_t at = p * task.units * kLanes + i * kWidth<T>;
            T* e = task.delta + at;
            const V<T> high = largest<T>(task.prediction + at, task.units);
            const V<T> total = exponentials<T>(task.prediction + at, task.units, high, e);
            T chosen[kWidth<T>] = {};
            for (size_t l = 0; l < kWidth<T> && row + l < task.rows; ++l) {
                chosen[l] =
                    task.prediction[at + static_cast<size_t>(task.classes[row + l]) * kLanes + l];
            }
            const V<T> loss = log<T>(total) - (load<T>(chosen) - high);
            store<T>(task.row_losses + row, keep_rows<T>(loss, row, task.rows));
            for (size_t unit = 0; unit < task.units; ++unit) {
                T* here = e + unit * kLanes;
                store<T>(here, keep_rows<T>(load<T>(here) / total * task.scale, row, task.rows));
            }
            for (size_t l = 0; l < kWidth<T> && row + l < task.rows; ++l) {
                e[static_cast<size_t>(task.classes[row + l]) * kLanes + l] -= task.scale;
            }
        }
    }
}

template <class T>
void loss(const LossTask<T>& task) {
    switch (task.kind) {
        case LossKind::kSquared:
            elementwise_loss<T, Squared>(task);
            break;
        case LossKind::kBinary:
            elementwise_loss<T, Binary>(task);
            break;
        case LossKind::kBinaryWithLogits:
            elementwise_loss<T, BinaryWithLogits>(task);
            break;
        case LossKind::kCrossEntropy:
            cross_entropy<T>(task);
            break;
    }
}

// Σ values in blocks of 1,024; the memory behind `values` is padded with 0 to whole panels.
template <class T>
T sum(const T* values, size_t count) {
    T total = T(0);
    for (size_t block = 0; block < count; block += kBlockRows) {
        const size_t panels = panels_of(smaller(kBlockRows, count - block));
        total += row_sum<T>(values + block, kLanes, nullptr, 0, panels);
    }
    return total;
}

}  // namespace pellucid::PELLUCID_ARCH
