// The natural logarithm, for vectors.
//
// x = 2^k · (1 + f) with 1 + f between √½ and √2; log(1 + f) = 2 artanh(s) with s = f / (2 + f),
// by its series in s². Only +, -, ·, / and fma are used.
#pragma once

#include "simd/vector.h"

namespace pellucid::PELLUCID_ARCH {

template <class T>
struct LogFacts;

template <>
struct LogFacts<float> {
    static constexpr std::int32_t kSqrtHalf = 0x3f3504f3;  // the bits of √½
    static constexpr std::int32_t kOne = 0x3f800000;
    static constexpr int kMantissa = 23;
    static constexpr float kRound = 0x1.8p+23F;
    static constexpr float kSmallest = 0x1p-126F;
    static constexpr float kInfinity = __builtin_inff();
    static constexpr float kLn2High = 0x1.62e4p-1F;
    static constexpr float kLn2Low = 0x1.7f7d1cp-20F;
    static constexpr int kTerms = 5;
};

template <>
struct LogFacts<double> {
    static constexpr std::int64_t kSqrtHalf = 0x3fe6a09e667f3bcd;
    static constexpr std::int64_t kOne = 0x3ff0000000000000;
    static constexpr int kMantissa = 52;
    static constexpr double kRound = 0x1.8p+52;
    static constexpr double kSmallest = 0x1p-1022;
    static constexpr double kInfinity = __builtin_inf();
    static constexpr double kLn2High = 0x1.62e42feep-1;
    static constexpr double kLn2Low = 0x1.a39ef35793c76p-33;
    static constexpr int kTerms = 11;
};

// log(x) + c for a small c, x being positive, finite and normal.
template <class T>
PELLUCID_INLINE V<T> log_plus(V<T> x, V<T> c) {
    using F = LogFacts<T>;
    const Bits<T> bits = reinterpret_cast<Bits<T>>(x);
    const Bits<T> exponent = (bits - F::kSqrtHalf) >> F::kMantissa;
    const V<T> f = reinterpret_cast<V<T>>(bits - (exponent << F::kMantissa)) - T(1);
    // The whole number as a number: through the low bits of a large one.
    const V<T> k =
        reinterpret_cast<V<T>>(exponent + reinterpret_cast<Bits<T>>(broadcast<T>(F::kRound))) -
        F::kRound;
    const V<T> s = f / (T(2) + f);
    const V<T> square = s * s;
    V<T> series = broadcast<T>(T(2) / T(2 * F::kTerms + 1));
    for (int i = F::kTerms - 1; i >= 1; --i) {
        series = fma<T>(series, square, T(2) / T(2 * i + 1));
    }
    // log(1 + f) = f - (f²/2 - s·(f²/2 + square·series)): the large part of f is not rounded.
    const V<T> half = f * f * T(0.5);
    const V<T> low =
        fma<T>(s, fma<T>(square, series, half), fma<T>(k, broadcast<T>(F::kLn2Low), c));
    return fma<T>(k, broadcast<T>(F::kLn2High), f - (half - low));
}

template <class T>
PELLUCID_INLINE V<T> log(V<T> x) {
    using F = LogFacts<T>;
    const V<T> infinity = broadcast<T>(F::kInfinity);
    V<T> result = log_plus<T>(x, V<T>{});
    result = select<T>(x == infinity, infinity, result);
    result = select<T>(x < F::kSmallest, -infinity, result);  // subnormal numbers count as 0
    const V<T> no_number = infinity - infinity;
    return select<T>((x <= -F::kSmallest) | (x != x), no_number, result);
}

// log(1 + x), exact for small x too: what 1 + x loses is added back.
template <class T>
PELLUCID_INLINE V<T> log1p(V<T> x) {
    using F = LogFacts<T>;
    const V<T> infinity = broadcast<T>(F::kInfinity);
    const V<T> one_more = T(1) + x;
    const V<T> lost = select<T>(one_more >= T(2), T(1) - (one_more - x), x - (one_more - T(1)));
    V<T> result = log_plus<T>(one_more, lost / one_more);
    result = select<T>(one_more == T(1), x, result);
    result = select<T>(x == T(-1), -infinity, result);
    result = select<T>(x == infinity, infinity, result);
    const V<T> no_number = infinity - infinity;
    return select<T>((x < T(-1)) | (x != x), no_number, result);
}

}  // namespace pellucid::PELLUCID_ARCH
