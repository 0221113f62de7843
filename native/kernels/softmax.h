// Softmax over the units of each row, its logarithm, and their derivatives.
#pragma once

#include "kernels/kernels.h"
#include "math/exp.h"
#include "math/log.h"
#include "simd/vector.h"

namespace pellucid::PELLUCID_ARCH {

// A sum over units, row by row: 16 partial sums, unit mod 16, and the fixed tree. It runs through
// all units; only sums over rows are made in blocks.
template <class T>
struct UnitSum {
    V<T> part[kLanes] = {};

    PELLUCID_INLINE void add(size_t unit, V<T> value) { part[unit % kLanes] += value; }

    PELLUCID_INLINE V<T> total() {
        for (size_t half = kLanes / 2; half > 0; half /= 2) {
            for (size_t i = 0; i < half; ++i) {
                part[i] += part[i + half];
            }
        }
        return part[0];
    }
};

// The largest unit of each row of one register; NaN if one of them is NaN.
template <class T>
PELLUCID_INLINE V<T> largest(const T* z, size_t units) {
    V<T> high = load<T>(z);
    for (size_t unit = 1; unit < units; ++unit) {
        const V<T> x = load<T>(z + unit * kLanes);
        high = select<T>((x > high) | (x != x), x, high);
    }
    return high;
}

// e[unit] = exp(z[unit] - high); gives their sum.
template <class T>
PELLUCID_INLINE V<T> exponentials(const T* z, size_t units, V<T> high, T* e) {
    UnitSum<T> sum;
    for (size_t unit = 0; unit < units; ++unit) {
        const V<T> value = exp<T>(load<T>(z + unit * kLanes) - high);
        store<T>(e + unit * kLanes, value);
        sum.add(unit, value);
    }
    return sum.total();
}

template <class T>
void softmax(const T* z, T* a, size_t units, Panels panels) {
    for (size_t p = panels.first; p < panels.end; ++p) {
        for (size_t i = 0; i < kParts<T>; ++i) {
            const size_t at = p * units * kLanes + i * kWidth<T>;
            const V<T> total = exponentials<T>(z + at, units, largest<T>(z + at, units), a + at);
            for (size_t unit = 0; unit < units; ++unit) {
                T* out = a + at + unit * kLanes;
                store<T>(out, load<T>(out) / total);
            }
        }
    }
}

// delta_z = a · (delta_a - Σ a · delta_a).
template <class T>
void softmax_back(const T* a, const T* delta_a, T* delta_z, size_t units, Panels panels) {
    for (size_t p = panels.first; p < panels.end; ++p) {
        for (size_t i = 0; i < kParts<T>; ++i) {
            const size_t at = p * units * kLanes + i * kWidth<T>;
            UnitSum<T> sum;
            for (size_t unit = 0; unit < units; ++unit) {
                const size_t here = at + unit * kLanes;
                sum.add(unit, load<T>(a + here) * load<T>(delta_a + here));
            }
            const V<T> total = sum.total();
            for (size_t unit = 0; unit < units; ++unit) {
                const size_t here = at + unit * kLanes;
                store<T>(delta_z + here, load<T>(a + here) * (load<T>(delta_a + here) - total));
            }
        }
    }
}

// a = z - high - log Σ e^(z - high).
template <class T>
void log_softmax(const T* z, T* a, size_t units, Panels panels) {
    for (size_t p = panels.first; p < panels.end; ++p) {
        for (size_t i = 0; i < kParts<T>; ++i) {
            const size_t at = p * units * kLanes + i * kWidth<T>;
            const V<T> high = largest<T>(z + at, units);
            UnitSum<T> sum;
            for (size_t unit = 0; unit < units; ++unit) {
                sum.add(unit, exp<T>(load<T>(z + at + unit * kLanes) - high));
            }
            const V<T> log_total = log<T>(sum.total());
            for (size_t unit = 0; unit < units; ++unit) {
                const size_t here = at + unit * kLanes;
                store<T>(a + here, load<T>(z + here) - high - log_total);
            }
        }
    }
}

// delta_z = delta_a - e^a · Σ delta_a.
template <class T>
void log_softmax_back(const T* a, const T* delta_a, T* delta_z, size_t units, Panels panels) {
    for (size_t p = panels.first; p < panels.end; ++p) {
        for (size_t i = 0; i < kParts<T>; ++i) {
            const size_t at = p * units * kLanes + i * kWidth<T>;
            UnitSum<T> sum;
            for (size_t unit = 0; unit < units; ++unit) {
                sum.add(unit, load<T>(delta_a + at + unit * kLanes));
            }
            const V<T> total = sum.total();
            for (size_t unit = 0; unit < units; ++unit) {
                const size_t here = at + unit * kLanes;
                store<T>(delta_z + here,
                         fma<T>(-exp<T>(load<T>(a + here)), total, load<T>(delta_a + here)));
            }
        }
    }
}

}  // namespace pellucid::PELLUCID_ARCH
