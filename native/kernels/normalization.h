// Batch and layer normalization: y = x̂ · weight + bias with x̂ = (x - mean) / √(variance + eps).
// Moments of a unit are sums over the rows of the batch, in blocks of 1,024; moments of a row are
// sums over its units.
#pragma once

#include "kernels/gradient.h"
#include "kernels/kernels.h"
#include "kernels/layout.h"
#include "kernels/softmax.h"
#include "simd/vector.h"

namespace pellucid::PELLUCID_ARCH {

// Σ over the rows of term(panel, part of the panel).
template <class T, class Term>
PELLUCID_INLINE T sum_over_rows(size_t rows, Term term) {
    const size_t panels = panels_of(rows);
    T total = T(0);
    for (size_t block = 0; block < panels; block += kBlockPanels) {
        Sixteen<T> sums{};
        const size_t end = smaller(block + kBlockPanels, panels);
        for (size_t p = block; p < end; ++p) {
            for (size_t i = 0; i < kParts<T>; ++i) {
                sums.part[i] += keep_rows<T>(term(p, i), p * kLanes + i * kWidth<T>, rows);
            }
        }
        const T sum = sums.total();
        total = block == 0 ? sum : total + sum;
    }
    return total;
}

template <class T>
PELLUCID_INLINE size_t place(const NormTask<T>& task, size_t panel, size_t part, size_t unit) {
    return (panel * task.units + unit) * kLanes + part * kWidth<T>;
}

template <class T>
void measure_units(const NormTask<T>& task) {
    const T count = static_cast<T>(task.rows);
    for (size_t unit = task.share.first; unit < task.share.end; ++unit) {
        const T mean = sum_over_rows<T>(task.rows,
                                        [&](size_t p, size_t i) {
                                            return load<T>(task.x + place(task, p, i, unit));
                                        }) /
                       count;
        const T squares = sum_over_rows<T>(task.rows, [&](size_t p, size_t i) {
            const V<T> distance = load<T>(task.x + place(task, p, i, unit)) - mean;
            return distance * distance;
        });
        task.own_mean[unit] = mean;
        task.own_variance[unit] = squares / count;
    }
}

template <class T>
void measure_rows(const NormTask<T>& task) {
    const T count = static_cast<T>(task.units);
    for (size_t p = task.panels.first; p < task.panels.end; ++p) {
        for (size_t i = 0; i < kParts<T>; ++i) {
            UnitSum<T> sum;
            for (size_t unit = 0; unit < task.units; ++unit) {
                sum.add(unit, load<T>(task.x + place(task, p, i, unit)));
            }
            const V<T> mean = sum.total() / count;
            UnitSum<T> squares;
            for (size_t unit = 0; unit < task.units; ++unit) {
                const V<T> distance = load<T>(task.x + place(task, p, i, unit)) - mean;
                squares.add(unit, distance * distance);
            }
            const size_t row = p * kLanes + i * kWidth<T>;
            const V<T> inverse = T(1) / sqrt<T>(squares.total() / count + task.eps);
            store<T>(task.own_mean + row, mean);
            store<T>(task.inverse + row, keep_rows<T>(inverse, row, task.rows));
        }
    }
}

// 1 / √(variance + eps) of a unit.
template <class T>
PELLUCID_INLINE V<T> inverse_of(const NormTask<T>& task, size_t unit) {
    return T(1) / sqrt<T>(broadcast<T>(task.variance[unit]) + task.eps);
}

// The walk over all numbers: visit(panel, part, unit, x̂, 1 / √(variance + eps)).
template <class T, class Visit>
PELLUCID_INLINE void visit_units(const NormTask<T>& task, size_t unit, Panels panels, Visit visit) {
    const V<T> inverse = task.by_row ? V<T>{} : inverse_of(task, unit);
    for (size_t p = panels.first; p < panels.end; ++p) {
        for (size_t i = 0; i < kParts<T>; ++i) {
            const V<T> x = load<T>(task.x + place(task, p, i, unit));
            const size_t row = p * kLanes + i * kWidth<T>;
            if (task.by_row) {
                const V<T> own = load<T>(task.inverse + row);
                visit(p, i, (x - load<T>(task.mean + row)) * own, own);
            } else {
                visit(p, i, (x - task.mean[unit]) * inverse, inverse);
            }
        }
    }
}

template <class T>
void normalize(const NormTask<T>& task) {
    for (size_t unit = 0; unit < task.units; ++unit) {
        const T weight = task.weight != nullptr ? task.weight[unit] : T(1);
        const T bias = task.bias != nullptr ? task.bias[unit] : T(0);
        visit_units<T>(task, unit, task.panels, [&](size_t p, size_t i, V<T> standard, V<T>) {
            store<T>(task.y + place(task, p, i, unit),
                     fma<T>(standard, broadcast<T>(weight), bias));
        });
    }
}

// The gradients of weight and bias of units `share`.
template <class T>
void normalize_sums(const NormTask<T>& task) {
    for (size_t unit = task.share.first; unit < task.share.end; ++unit) {
        const V<T> inverse = task.by_row ? V<T>{} : inverse_of(task, unit);
        const auto delta = [&](size_t p, size_t i) {
            return load<T>(task.delta_y + place(task, p, i, unit));
        };
        if (task.by_weight != nullptr) {
            task.by_weight[unit] = sum_over_rows<T>(task.rows, [&](size_t p, size_t i) {
                const V<T> x = load<T>(task.x + place(task, p, i, unit));
                const size_t row = p * kLanes + i * kWidth<T>;
                const V<T> standard =
                    task.by_row ? (x - load<T>(task.mean + row)) * load<T>(task.inverse + row)
                                : (x - task.mean[unit]) * inverse;
                return delta(p, i) * standard;
            });
        }
        if (task.by_bias != nullptr) {
            task.by_bias[unit] = sum_over_rows<T>(task.rows, delta);
        }
    }
}

// delta_x = weight / √(variance + eps) · (delta_y - mean delta_y - x̂ · mean(delta_y · x̂)); with
// given moments the means are left out.
template <class T>
void normalize_units_back(const NormTask<T>& task) {
    const T count = static_cast<T>(task.rows);
    for (size_t unit = 0; unit < task.units; ++unit) {
        const T weight = task.weight != nullptr ? task.weight[unit] : T(1);
        const T mean_delta = task.is_fixed ? T(0) : task.by_bias[unit] / count;
        const T mean_product = task.is_fixed ? T(0) : task.by_weight[unit] / count;
        visit_units<T>(
            task, unit, task.panels, [&](size_t p, size_t i, V<T> standard, V<T> inverse) {
                const size_t at = place(task, p, i, unit);
                V<T> d = load<T>(task.delta_y + at);
                if (!task.is_fixed) {
                    d = d - mean_delta - standard * mean_product;
                }
                store<T>(task.delta_x + at,
                         keep_rows<T>(inverse * weight * d, p * kLanes + i * kWidth<T>, task.rows));
            });
    }
}

// delta_x = (g - mean g - x̂ · mean(g · x̂)) / √(variance + eps) with g = delta_y · weight.
template <class T>
void normalize_rows_back(const NormTask<T>& task) {
    const T count = static_cast<T>(task.units);
    for (size_t p = task.panels.first; p < task.panels.end; ++p) {
        for (size_t i = 0; i < kParts<T>; ++i) {
            const size_t row = p * kLanes + i * kWidth<T>;
            const V<T> mean = load<T>(task.mean + row);
            const V<T> inverse = load<T>(task.inverse + row);
            const auto standard = [&](size_t unit) {
                return (load<T>(task.x + place(task, p, i, unit)) - mean) * inverse;
            };
            const auto weighted = [&](size_t unit) {
                const V<T> d = load<T>(task.delta_y + place(task, p, i, unit));
                return task.weight != nullptr ? d * task.weight[unit] : d;
            };
            UnitSum<T> sum;
            UnitSum<T> products;
            for (size_t unit = 0; unit < task.units; ++unit) {
                const V<T> g = weighted(unit);
                sum.add(unit, g);
                products.add(unit, g * standard(unit));
            }
            const V<T> mean_g = sum.total() / count;
            const V<T> mean_product = products.total() / count;
            for (size_t unit = 0; unit < task.units; ++unit) {
                const V<T> along = standard(unit) * mean_product;
                store<T>(task.delta_x + place(task, p, i, unit),
                         inverse * (weighted(unit) - mean_g - along));
            }
        }
    }
}

}  // namespace pellucid::PELLUCID_ARCH
