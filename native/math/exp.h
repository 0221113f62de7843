// The exponential function and what is made of it, for vectors.
//
// x = n·ln 2 + r with |r| <= ln 2 / 2; e^r by its Taylor series, long enough for half a unit in
// the last place; e^x = 2^n · e^r. Only +, -, ·, / and fma are used, so every machine that has them
// gives the same bits.
#pragma once

#include "simd/vector.h"

namespace pellucid::PELLUCID_ARCH {

template <class T>
struct ExpFacts;

template <>
struct ExpFacts<float> {
    static constexpr float kPerLn2 = 0x1.715476p+0F;
    // ln 2 in two parts; n times the first has no rounding.
    static constexpr float kLn2High = 0x1.62e4p-1F;
    static constexpr float kLn2Low = 0x1.7f7d1cp-20F;
    static constexpr float kRound = 0x1.8p+23F;  // adding it rounds to a whole number
    static constexpr std::int32_t kBias = 127;
    static constexpr int kMantissa = 23;
    static constexpr float kHighest = 89.0F;   // e^x is infinite from here on
    static constexpr float kLowest = -104.0F;  // and 0 below
    static constexpr float kTanhFlat = 20.0F;  // tanh is 1 from here on
    static constexpr int kTerms = 7;
};

template <>
struct ExpFacts<double> {
    static constexpr double kPerLn2 = 0x1.71547652b82fep+0;
    static constexpr double kLn2High = 0x1.62e42feep-1;
    static constexpr double kLn2Low = 0x1.a39ef35793c76p-33;
    static constexpr double kRound = 0x1.8p+52;
    static constexpr std::int64_t kBias = 1023;
    static constexpr int kMantissa = 52;
    static constexpr double kHighest = 710.0;
    static constexpr double kLowest = -746.0;
    static constexpr double kTanhFlat = 40.0;
    static constexpr int kTerms = 13;
};

// 1 / k! for k = 2 … 13.
constexpr double kInverseFactorial[] = {
    1.0 / 2,     1.0 / 6,      1.0 / 24,      1.0 / 120,      1.0 / 720,       1.0 / 5040,
    1.0 / 40320, 1.0 / 362880, 1.0 / 3628800, 1.0 / 39916800, 1.0 / 479001600, 1.0 / 6227020800};

// What e^x is made of: 2^half1 · 2^half2 · (1 + rest).
template <class T>
struct ExpParts {
    V<T> scale1;
    V<T> scale2;
    V<T> rest;
};

template <class T>
PELLUCID_INLINE ExpParts<T> exp_parts(V<T> x) {
    using F = ExpFacts<T>;
    const V<T> shifted = fma<T>(x, broadcast<T>(F::kPerLn2), F::kRound);
    const V<T> n = shifted - F::kRound;
    V<T> r = fma<T>(n, broadcast<T>(-F::kLn2High), x);
    r = fma<T>(n, broadcast<T>(-F::kLn2Low), r);
    V<T> series = broadcast<T>(static_cast<T>(kInverseFactorial[F::kTerms - 2]));
    for (int k = F::kTerms - 1; k >= 2; --k) {
        series = fma<T>(series, r, static_cast<T>(kInverseFactorial[k - 2]));
    }
    const V<T> rest = fma<T>(r * r, series, r);
    // The low bits of `shifted` are n. Two factors, so that 2^n may lie beyond the largest number.
    const Bits<T> whole =
        reinterpret_cast<Bits<T>>(shifted) - reinterpret_cast<Bits<T>>(broadcast<T>(F::kRound));
    const Bits<T> half = whole >> 1;
    return {reinterpret_cast<V<T>>((half + F::kBias) << F::kMantissa),
            reinterpret_cast<V<T>>((whole - half + F::kBias) << F::kMantissa), rest};
}

template <class T>
PELLUCID_INLINE V<T> exp(V<T> x) {
    using F = ExpFacts<T>;
    const V<T> inside =
        at_most<T>(at_least<T>(x, broadcast<T>(F::kLowest)), broadcast<T>(F::kHighest));
    const ExpParts<T> e = exp_parts<T>(inside);
    return (T(1) + e.rest) * e.scale1 * e.scale2;
}

// e^x - 1 without cancellation near 0; for x up to 0.
template <class T>
PELLUCID_INLINE V<T> exp_less_one(V<T> x) {
    const ExpParts<T> e = exp_parts<T>(at_least<T>(x, broadcast<T>(ExpFacts<T>::kLowest)));
    const V<T> scale = e.scale1 * e.scale2;
    return fma<T>(scale, e.rest, scale - T(1));
}

// 1 / (1 + e^-x).
template <class T>
PELLUCID_INLINE V<T> sigmoid(V<T> x) {
    return T(1) / (T(1) + exp<T>(-x));
}

// t / (t + 2) with t = e^(2|x|) - 1, and the sign of x.
template <class T>
PELLUCID_INLINE V<T> tanh(V<T> x) {
    using F = ExpFacts<T>;
    const V<T> size = at_most<T>(absolute<T>(x), broadcast<T>(F::kTanhFlat));
    const ExpParts<T> e = exp_parts<T>(size + size);
    const V<T> scale = e.scale1 * e.scale2;
    const V<T> t = fma<T>(scale, e.rest, scale - T(1));
    const V<T> result = t / (t + T(2));
    return select<T>(x < T(0), -result, select<T>(x == T(0), x, result));
}

}  // namespace pellucid::PELLUCID_ARCH
