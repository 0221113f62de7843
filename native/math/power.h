// Whole powers in double, by squaring: the same bits everywhere, unlike the C library's pow.
#pragma once

#include <cstdint>

namespace pellucid {

inline double power(double base, std::uint64_t exponent) {
    double result = 1;
    for (; exponent > 0; exponent >>= 1, base *= base) {
        if ((exponent & 1) != 0) {
            result *= base;
        }
    }
    return result;
}

}  // namespace pellucid
