// Between panels (rows across the lanes) and rows as they lie in a table.
#pragma once

#include "kernels/kernels.h"
#include "simd/square.h"
#include "simd/vector.h"

namespace pellucid::PELLUCID_ARCH {

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

// Units from `unit` on, as many as make whole squares; gives the first that is left.
template <class T, size_t N>
PELLUCID_INLINE size_t gather_squares(const T* const* rows, T* panel, size_t unit, size_t units) {
    for (; unit + N <= units; unit += N) {
        for (size_t lane = 0; lane < kLanes; lane += N) {
            turn_square<T, N>([&](size_t j) { return rows[lane + j] + unit; },
                              [&](size_t i) { return panel + (unit + i) * kLanes + lane; });
        }
    }
    return unit;
}

// panel[unit][lane] = rows[lane][unit].
template <class T>
void gather(const T* const* rows, T* panel, size_t units) {
    size_t unit = gather_squares<T, kSquare<T>>(rows, panel, 0, units);
    unit = gather_squares<T, kSmallSquare<T>>(rows, panel, unit, units);
    for (; unit < units; ++unit) {
        for (size_t lane = 0; lane < kLanes; ++lane) {
            panel[unit * kLanes + lane] = rows[lane][unit];
        }
    }
}

template <class T, size_t N>
PELLUCID_INLINE size_t spread_squares(const T* panel, size_t unit, size_t units, T* rows,
                                      size_t stride) {
    for (; unit + N <= units; unit += N) {
        for (size_t lane = 0; lane < kLanes; lane += N) {
            turn_square<T, N>([&](size_t j) { return panel + (unit + j) * kLanes + lane; },
                              [&](size_t i) { return rows + (lane + i) * stride + unit; });
        }
    }
    return unit;
}

// rows[lane · stride + unit] = panel[unit][lane], for each panel and its 16 rows.
template <class T>
void to_rows(const T* panels, size_t units, T* rows, size_t stride, Panels range) {
    for (size_t p = range.first; p < range.end; ++p) {
        const T* panel = panels + p * units * kLanes;
        T* out = rows + p * kLanes * stride;
        size_t unit = spread_squares<T, kSquare<T>>(panel, 0, units, out, stride);
        unit = spread_squares<T, kSmallSquare<T>>(panel, unit, units, out, stride);
        for (; unit < units; ++unit) {
            for (size_t lane = 0; lane < kLanes; ++lane) {
                out[lane * stride + unit] = panel[unit * kLanes + lane];
            }
        }
    }
}

}  // namespace pellucid::PELLUCID_ARCH
