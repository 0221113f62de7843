// Between panels (rows across the lanes) and rows as they lie in a table.
#pragma once

#include "kernels/kernels.h"
#include "simd/vector.h"

namespace pellucid::PELLUCID_ARCH {

template <class T>
void to_rows(const T* panels, size_t units, T* rows, size_t stride, Panels range) {
    for (size_t p = range.first; p < range.end; ++p) {
        for (size_t lane = 0; lane < kLanes; ++lane) {
            T* out = rows + (p * kLanes + lane) * stride;
            const T* in = panels + p * units * kLanes + lane;
            for (size_t unit = 0; unit < units; ++unit) {
                out[unit] = in[unit * kLanes];
            }
        }
    }
}

template <class T>
void to_panels(const T* rows, size_t stride, T* panels, size_t units, Panels range) {
    for (size_t p = range.first; p < range.end; ++p) {
        T* out = panels + p * units * kLanes;
        for (size_t unit = 0; unit < units; ++unit) {
            for (size_t lane = 0; lane < kLanes; ++lane) {
                out[unit * kLanes + lane] = rows[(p * kLanes + lane) * stride + unit];
            }
        }
    }
}

}  // namespace pellucid::PELLUCID_ARCH
