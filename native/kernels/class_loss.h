// Losses of classes: of each row, how unlikely its class was, and the derivative by the scores.
#pragma once

#include "kernels/kernels.h"
#include "kernels/layout.h"
#include "kernels/softmax.h"
#include "math/exp.h"
#include "math/log.h"
#include "simd/vector.h"

namespace pellucid::PELLUCID_ARCH {

// What the slopes of the rows of one register are multiplied by.
template <class T>
PELLUCID_INLINE V<T> scale_of_rows(const LossTask<T>& task, size_t row) {
    const V<T> scale = broadcast<T>(task.scale);
    return task.row_weights == nullptr ? scale : load<T>(task.row_weights + row) * scale;
}

// The true classes of the rows of one register.
template <class T>
struct TrueClasses {
    T score[kWidth<T>] = {};
    T weight[kWidth<T>] = {};      // of the class
    T counts[kWidth<T>] = {};      // 1, or 0 where the row is left out
    size_t place[kWidth<T>] = {};  // of the score, among those of the first lane

    PELLUCID_INLINE TrueClasses(const LossTask<T>& task, const T* scores, size_t row) {
        for (size_t l = 0; l < kWidth<T> && row + l < task.rows; ++l) {
            const std::int32_t found = task.classes[row + l];
            if (found < 0) {
                continue;
            }
            place[l] = static_cast<size_t>(found) * kLanes + l;
            score[l] = scores[place[l]];
            counts[l] = T(1);
            weight[l] = task.weights == nullptr ? T(1) : task.weights[found];
        }
    }
};

// Every class counts alike, and so does every row.
template <class T>
PELLUCID_INLINE bool has_plain_classes(const LossTask<T>& task) {
    return task.weights == nullptr && task.setting == T(0) && !task.leaves_out;
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
            const V<T> scale = scale_of_rows<T>(task, row);
            T scales[kWidth<T>];
            store<T>(scales, scale);
            for (size_t unit = 0; unit < task.units; ++unit) {
                T* here = e + unit * kLanes;
                store<T>(here, keep_rows<T>(load<T>(here) / total * scale, row, task.rows));
            }
            for (size_t l = 0; l < kWidth<T> && row + l < task.rows; ++l) {
                e[static_cast<size_t>(task.classes[row + l]) * kLanes + l] -= scales[l];
            }
        }
    }
}

// With s the smoothing, w the true class's weight and C classes:
// (1 - s)·w·(-log softmax(z)[class]) + s/C · Σ weight·(-log softmax(z)).
template <class T>
PELLUCID_INLINE void weighted_cross_entropy_of(const LossTask<T>& task, size_t at, size_t row) {
    const T* z = task.prediction + at;
    T* e = task.delta + at;
    const TrueClasses<T> truth(task, z, row);
    const V<T> counts = load<T>(truth.counts);
    const V<T> part = (T(1) - task.setting) * load<T>(truth.weight);
    const V<T> spread = task.setting / static_cast<T>(task.units) * counts;
    const V<T> high = largest<T>(z, task.units);
    const V<T> total = exponentials<T>(z, task.units, high, e);
    const V<T> log_total = log<T>(total);
    UnitSum<T> losses, weights;
    for (size_t unit = 0; unit < task.units; ++unit) {
        const V<T> weight = broadcast<T>(task.weights == nullptr ? T(1) : task.weights[unit]);
        losses.add(unit, weight * (log_total - (load<T>(z + unit * kLanes) - high)));
        weights.add(unit, weight);
    }
    const V<T> all = part + spread * weights.total();
    const V<T> own = log_total - (load<T>(truth.score) - high);
    V<T> loss = part * own + spread * losses.total();
    loss = select<T>(counts == T(0), V<T>{}, loss);
    store<T>(task.row_losses + row, keep_rows<T>(loss, row, task.rows));
    const V<T> scale = scale_of_rows<T>(task, row);
    for (size_t unit = 0; unit < task.units; ++unit) {
        const T weight = task.weights == nullptr ? T(1) : task.weights[unit];
        T* here = e + unit * kLanes;
        const V<T> slope = load<T>(here) / total * all - spread * weight;
        store<T>(here, keep_rows<T>(slope * scale, row, task.rows));
    }
    T taken[kWidth<T>];
    store<T>(taken, part * scale);
    for (size_t l = 0; l < kWidth<T> && row + l < task.rows; ++l) {
        if (truth.counts[l] != T(0)) {
            e[truth.place[l]] -= taken[l];
        }
    }
}

template <class T>
PELLUCID_INLINE void weighted_cross_entropy(const LossTask<T>& task) {
    for (size_t p = task.panels.first; p < task.panels.end; ++p) {
        for (size_t i = 0; i < kParts<T>; ++i) {
            weighted_cross_entropy_of<T>(task, p * task.units * kLanes + i * kWidth<T>,
                                         p * kLanes + i * kWidth<T>);
        }
    }
}

// With y the chances, smoothed, and the classes' weights: Σ weight·y·(-log softmax(z)).
template <class T>
PELLUCID_INLINE void soft_cross_entropy_of(const LossTask<T>& task, size_t at, size_t row) {
    const T* z = task.prediction + at;
    T* e = task.delta + at;
    const T even = task.setting / static_cast<T>(task.units);
    const auto wanted = [&](size_t unit) {
        const V<T> chance = load<T>(task.targets + at + unit * kLanes);
        const T weight = task.weights == nullptr ? T(1) : task.weights[unit];
        return weight * (chance * (T(1) - task.setting) + even);
    };
    const V<T> high = largest<T>(z, task.units);
    const V<T> total = exponentials<T>(z, task.units, high, e);
    const V<T> log_total = log<T>(total);
    UnitSum<T> losses, shares;
    for (size_t unit = 0; unit < task.units; ++unit) {
        const V<T> share = wanted(unit);
        losses.add(unit, share * (log_total - (load<T>(z + unit * kLanes) - high)));
        shares.add(unit, share);
    }
    store<T>(task.row_losses + row, keep_rows<T>(losses.total(), row, task.rows));
    const V<T> all = shares.total();
    const V<T> scale = scale_of_rows<T>(task, row);
    for (size_t unit = 0; unit < task.units; ++unit) {
        T* here = e + unit * kLanes;
        const V<T> slope = load<T>(here) / total * all - wanted(unit);
        store<T>(here, keep_rows<T>(slope * scale, row, task.rows));
    }
}

template <class T>
PELLUCID_INLINE void soft_cross_entropy(const LossTask<T>& task) {
    for (size_t p = task.panels.first; p < task.panels.end; ++p) {
        for (size_t i = 0; i < kParts<T>; ++i) {
            soft_cross_entropy_of<T>(task, p * task.units * kLanes + i * kWidth<T>,
                                     p * kLanes + i * kWidth<T>);
        }
    }
}

// -z[class], times the class's weight; the prediction is the logarithm of the classes' chances.
template <class T>
PELLUCID_INLINE void log_likelihood(const LossTask<T>& task) {
    for (size_t p = task.panels.first; p < task.panels.end; ++p) {
        for (size_t i = 0; i < kParts<T>; ++i) {
            const size_t row = p * kLanes + i * kWidth<T>;
            const size_t at = p * task.units * kLanes + i * kWidth<T>;
            const TrueClasses<T> truth(task, task.prediction + at, row);
            const V<T> weight = load<T>(truth.weight);
            store<T>(task.row_losses + row, -(weight * load<T>(truth.score)));
            for (size_t unit = 0; unit < task.units; ++unit) {
                store<T>(task.delta + at + unit * kLanes, V<T>{});
            }
            T slopes[kWidth<T>];
            store<T>(slopes, weight * scale_of_rows<T>(task, row));
            for (size_t l = 0; l < kWidth<T> && row + l < task.rows; ++l) {
                if (truth.counts[l] != T(0)) {
                    task.delta[at + truth.place[l]] = -slopes[l];
                }
            }
        }
    }
}

}  // namespace pellucid::PELLUCID_ARCH
