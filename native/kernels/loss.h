// Losses: each row's loss and the derivative by the prediction, in one pass. Here those that
// compare numbers, unit by unit; those of classes are in class_loss.h.
#pragma once

#include "kernels/class_loss.h"
#include "kernels/gradient.h"
#include "kernels/kernels.h"
#include "kernels/layout.h"
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

// Each rule is made once for a task; `at` compares predictions x and targets y of one unit.

template <class T>
struct Squared {
    explicit Squared(const LossTask<T>&) {}
    PELLUCID_INLINE LossAndSlope<T> at(V<T> x, V<T> y, size_t) const {
        const V<T> miss = x - y;
        return {miss * miss, miss + miss};
    }
};

// -1, 0 or 1; NaN stays.
template <class T>
PELLUCID_INLINE V<T> sign(V<T> x) {
    return select<T>(x > T(0), broadcast<T>(T(1)), select<T>(x < T(0), broadcast<T>(T(-1)), x));
}

template <class T>
struct Absolute {
    explicit Absolute(const LossTask<T>&) {}
    PELLUCID_INLINE LossAndSlope<T> at(V<T> x, V<T> y, size_t) const {
        return {absolute<T>(x - y), sign<T>(x - y)};
    }
};

// A square up to a distance of delta, then a straight line.
template <class T>
struct Huber {
    explicit Huber(const LossTask<T>& task) : delta(broadcast<T>(task.setting)) {}
    PELLUCID_INLINE LossAndSlope<T> at(V<T> x, V<T> y, size_t) const {
        const V<T> miss = x - y;
        const V<T> distance = absolute<T>(miss);
        const V<T> square = T(0.5) * distance * distance;
        const V<T> line = delta * (distance - T(0.5) * delta);
        return {select<T>(distance <= delta, square, line),
                at_most<T>(at_least<T>(miss, -delta), delta)};
    }
    V<T> delta;
};

// Huber's loss divided by its delta, here beta.
template <class T>
struct SmoothAbsolute {
    explicit SmoothAbsolute(const LossTask<T>& task) : beta(broadcast<T>(task.setting)) {}
    PELLUCID_INLINE LossAndSlope<T> at(V<T> x, V<T> y, size_t) const {
        const V<T> one = broadcast<T>(T(1));
        const V<T> miss = x - y;
        const V<T> distance = absolute<T>(miss);
        const V<T> square = T(0.5) * distance * distance / beta;
        return {select<T>(distance < beta, square, distance - T(0.5) * beta),
                at_most<T>(at_least<T>(miss / beta, -one), one)};
    }
    V<T> beta;
};

// q times what was predicted too low, 1 - q times what was predicted too high.
template <class T>
struct Quantile {
    explicit Quantile(const LossTask<T>& task) : quantiles(task.weights) {}
    PELLUCID_INLINE LossAndSlope<T> at(V<T> x, V<T> y, size_t unit) const {
        const V<T> low = broadcast<T>(quantiles[unit]);
        const V<T> high = T(1) - low;
        const V<T> miss = x - y;
        const V<T> slope = select<T>(miss < T(0), -low, select<T>(miss > T(0), high, miss));
        return {slope * miss, slope};
    }
    const T* quantiles;
};

// Stirling's approximation of log y!, 0 up to 1.
template <class T>
PELLUCID_INLINE V<T> stirling(V<T> y) {
    const V<T> term = y * log<T>(y) - y + T(0.5) * log<T>(T(6.283185307179586) * y);
    return select<T>(y <= T(1), V<T>{}, term);
}

template <class T>
struct Poisson {
    explicit Poisson(const LossTask<T>& task) : eps(task.setting), is_full(task.is_full) {}
    PELLUCID_INLINE LossAndSlope<T> at(V<T> x, V<T> y, size_t) const {
        const V<T> raised = x + eps;
        const V<T> loss = x - y * log<T>(raised);
        return {is_full ? loss + stirling<T>(y) : loss, T(1) - y / raised};
    }
    T eps;
    bool is_full;
};

template <class T>
struct PoissonOfLog {
    explicit PoissonOfLog(const LossTask<T>& task) : is_full(task.is_full) {}
    PELLUCID_INLINE LossAndSlope<T> at(V<T> x, V<T> y, size_t) const {
        const V<T> mean = exp<T>(x);
        const V<T> loss = mean - y * x;
        return {is_full ? loss + stirling<T>(y) : loss, mean - y};
    }
    bool is_full;
};

// Logarithms are held at -100 and the slope's divisor at the float 1e-12, as in PyTorch.
template <class T>
struct Binary {
    explicit Binary(const LossTask<T>&) {}
    PELLUCID_INLINE LossAndSlope<T> at(V<T> x, V<T> y, size_t) const {
        const V<T> lowest = broadcast<T>(T(-100));
        const V<T> yes = at_least<T>(log<T>(x), lowest);
        const V<T> no = at_least<T>(log1p<T>(-x), lowest);
        const V<T> spread = at_least<T>((T(1) - x) * x, broadcast<T>(T(1e-12F)));
        return {(y - T(1)) * no - y * yes, (x - y) / spread};
    }
};

// log sigmoid(x), which overflows for no x.
template <class T>
PELLUCID_INLINE V<T> log_sigmoid(V<T> x) {
    return at_most<T>(x, V<T>{}) - log1p<T>(exp<T>(-absolute<T>(x)));
}

// (1 - y)·x - log sigmoid(x).
template <class T>
struct BinaryWithLogits {
    explicit BinaryWithLogits(const LossTask<T>&) {}
    PELLUCID_INLINE LossAndSlope<T> at(V<T> x, V<T> y, size_t) const {
        return {fma<T>(T(1) - y, x, -log_sigmoid<T>(x)), sigmoid<T>(x) - y};
    }
};

// A yes counts `weights[unit]` times as much as a no.
template <class T>
struct WeightedLogits {
    explicit WeightedLogits(const LossTask<T>& task) : weights(task.weights) {}
    PELLUCID_INLINE LossAndSlope<T> at(V<T> x, V<T> y, size_t unit) const {
        const V<T> weight = fma<T>(y, broadcast<T>(weights[unit] - T(1)), broadcast<T>(T(1)));
        return {fma<T>(T(1) - y, x, -(weight * log_sigmoid<T>(x))),
                T(1) - y - weight * sigmoid<T>(-x)};
    }
    const T* weights;
};

// Another rule, times what the unit's losses are multiplied by.
template <class T, class Rule>
struct Multiplied {
    explicit Multiplied(const LossTask<T>& task) : rule(task), weights(task.element_weights) {}
    PELLUCID_INLINE LossAndSlope<T> at(V<T> x, V<T> y, size_t unit) const {
        const LossAndSlope<T> both = rule.at(x, y, unit);
        return {both.loss * weights[unit], both.slope * weights[unit]};
    }
    Rule rule;
    const T* weights;
};

// One element of 16 (or fewer) rows: its losses; its slopes go to `delta`.
template <class T, class Rule>
PELLUCID_INLINE V<T> element_loss(const LossTask<T>& task, const Rule& rule, V<T> scale, size_t at,
                                  size_t row, size_t unit) {
    const V<T> x = load<T>(task.prediction + at);
    const LossAndSlope<T> both = rule.at(x, load<T>(task.targets + at), unit);
    store<T>(task.delta + at, keep_rows<T>(both.slope * scale, row, task.rows));
    return both.loss;
}

template <class T, class Rule>
PELLUCID_INLINE void elementwise_loss(const LossTask<T>& task) {
    const Rule rule(task);
    for (size_t p = task.panels.first; p < task.panels.end; ++p) {
        for (size_t i = 0; i < kParts<T>; ++i) {
            const size_t row = p * kLanes + i * kWidth<T>;
            const size_t at = p * task.units * kLanes + i * kWidth<T>;
            const V<T> scale = scale_of_rows<T>(task, row);
            V<T> total;
            if (task.units == 1) {
                total = element_loss<T, Rule>(task, rule, scale, at, row, 0);
            } else {
                UnitSum<T> sum;
                for (size_t unit = 0; unit < task.units; ++unit) {
                    const size_t here = at + unit * kLanes;
                    sum.add(unit, element_loss<T, Rule>(task, rule, scale, here, row, unit));
                }
                total = sum.total() / task.share;
            }
            store<T>(task.row_losses + row, keep_rows<T>(total, row, task.rows));
        }
    }
}

// Losses of yes and no whose outputs do not count alike.
template <class T>
PELLUCID_INLINE void multiplied_loss(const LossTask<T>& task) {
    if (task.kind == LossKind::kBinary) {
        elementwise_loss<T, Multiplied<T, Binary<T>>>(task);
    } else if (task.weights == nullptr) {
        elementwise_loss<T, Multiplied<T, BinaryWithLogits<T>>>(task);
    } else {
        elementwise_loss<T, Multiplied<T, WeightedLogits<T>>>(task);
    }
}

template <class T>
void loss(const LossTask<T>& task) {
    if (task.element_weights != nullptr) {
        return multiplied_loss<T>(task);
    }
    switch (task.kind) {
        case LossKind::kSquared:
            return elementwise_loss<T, Squared<T>>(task);
        case LossKind::kAbsolute:
            return elementwise_loss<T, Absolute<T>>(task);
        case LossKind::kHuber:
            return elementwise_loss<T, Huber<T>>(task);
        case LossKind::kSmoothAbsolute:
            return elementwise_loss<T, SmoothAbsolute<T>>(task);
        case LossKind::kQuantile:
            return elementwise_loss<T, Quantile<T>>(task);
        case LossKind::kPoisson:
            return elementwise_loss<T, Poisson<T>>(task);
        case LossKind::kPoissonOfLog:
            return elementwise_loss<T, PoissonOfLog<T>>(task);
        case LossKind::kBinary:
            return elementwise_loss<T, Binary<T>>(task);
        case LossKind::kBinaryWithLogits:
            return task.weights == nullptr ? elementwise_loss<T, BinaryWithLogits<T>>(task)
                                           : elementwise_loss<T, WeightedLogits<T>>(task);
        case LossKind::kCrossEntropy:
            return has_plain_classes<T>(task) ? cross_entropy<T>(task)
                                              : weighted_cross_entropy<T>(task);
        case LossKind::kLogLikelihood:
            return log_likelihood<T>(task);
        case LossKind::kSoftCrossEntropy:
            return soft_cross_entropy<T>(task);
    }
}

// Σ values (· weights) in blocks of 1,024; the memory behind `values` is padded with 0 to whole
// panels, that behind `weights` with finite numbers.
template <class T>
T sum(const T* values, const T* weights, size_t count) {
    T total = T(0);
    for (size_t block = 0; block < count; block += kBlockRows) {
        const size_t panels = panels_of(smaller(kBlockRows, count - block));
        const T* factors = weights == nullptr ? nullptr : weights + block;
        total += row_sum<T>(values + block, kLanes, factors, kLanes, panels);
    }
    return total;
}

}  // namespace pellucid::PELLUCID_ARCH
