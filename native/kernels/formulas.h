// Activations whose derivative is taken from the weighted sum x, not from the activation's value:
// each with its value and its slope. How they are applied to buffers is in activation.h.
#pragma once

#include "math/exp.h"
#include "math/log.h"
#include "math/normal.h"
#include "simd/vector.h"

namespace pellucid::PELLUCID_ARCH {

// x, or slope · x where x is not above 0.
struct LeakyRelu {
    template <class T>
    PELLUCID_INLINE static V<T> value(V<T> x, T slope, T) {
        return select<T>(x > T(0), x, x * slope);
    }
    template <class T>
    PELLUCID_INLINE static V<T> slope(V<T> x, T slope, T) {
        return select<T>(x > T(0), broadcast<T>(T(1)), broadcast<T>(slope));
    }
};

// scale · x, or scale · alpha · (e^x - 1) below 0.
struct Elu {
    template <class T>
    PELLUCID_INLINE static V<T> value(V<T> x, T alpha, T scale) {
        const V<T> low = exp_less_one<T>(at_most<T>(x, V<T>{})) * (alpha * scale);
        return select<T>(x < T(0), low, x * scale);
    }
    template <class T>
    PELLUCID_INLINE static V<T> slope(V<T> x, T alpha, T scale) {
        const V<T> low = exp<T>(at_most<T>(x, V<T>{})) * (alpha * scale);
        return select<T>(x <= T(0), low, broadcast<T>(scale));
    }
};

// x · the share of a standard normal distribution below x.
struct Gelu {
    template <class T>
    PELLUCID_INLINE static V<T> value(V<T> x, T, T) {
        return x * normal_below<T>(x);
    }
    template <class T>
    PELLUCID_INLINE static V<T> slope(V<T> x, T, T) {
        return fma<T>(x, normal_density<T>(x), normal_below<T>(x));
    }
};

// x · (1 + tanh u) / 2 with u = √(2/π) · (x + 0.044715 · x³); (1 + tanh u) / 2 is sigmoid(2u).
struct GeluTanh {
    template <class T>
    PELLUCID_INLINE static V<T> share(V<T> x) {
        const V<T> u = fma<T>(x * x * x, broadcast<T>(T(0.044715)), x) * T(kFactor);
        return sigmoid<T>(u + u);
    }
    template <class T>
    PELLUCID_INLINE static V<T> value(V<T> x, T, T) {
        return x * share<T>(x);
    }
    template <class T>
    PELLUCID_INLINE static V<T> slope(V<T> x, T, T) {
        const V<T> s = share<T>(x);
        const V<T> by_x = fma<T>(x * x, broadcast<T>(T(3 * 0.044715)), T(1)) * T(kFactor);
        return fma<T>(x + x, s * (T(1) - s) * by_x, s);
    }

  private:
    static constexpr double kFactor = 0.79788456080286535588;
};

// x · sigmoid(x).
struct Silu {
    template <class T>
    PELLUCID_INLINE static V<T> value(V<T> x, T, T) {
        return x / (T(1) + exp<T>(-x));
    }
    template <class T>
    PELLUCID_INLINE static V<T> slope(V<T> x, T, T) {
        const V<T> s = sigmoid<T>(x);
        return s * fma<T>(x, T(1) - s, T(1));
    }
};

// x · t, t = tanh(ln(1 + e^x)) = n / (n + 2) with n = e^x · (e^x + 2).
struct Mish {
    template <class T>
    PELLUCID_INLINE static V<T> value(V<T> x, T, T) {
        const V<T> e = exp<T>(capped<T>(x));
        const V<T> n = e * (e + T(2));
        return x * (n / (n + T(2)));
    }
    // t + x · 4 · e^x · (1 + e^x) / (n + 2)².
    template <class T>
    PELLUCID_INLINE static V<T> slope(V<T> x, T, T) {
        const V<T> e = exp<T>(capped<T>(x));
        const V<T> n = e * (e + T(2));
        const V<T> below = n + T(2);
        const V<T> rise = capped<T>(x) * (e / below) * ((T(1) + e) / below);
        return fma<T>(rise, broadcast<T>(T(4)), n / below);
    }

  private:
    // From here on t is 1.
    template <class T>
    PELLUCID_INLINE static V<T> capped(V<T> x) {
        return at_most<T>(x, broadcast<T>(ExpFacts<T>::kTanhFlat));
    }
};

// ln(1 + e^(beta·x)) / beta, or x where beta·x is above the threshold.
struct Softplus {
    template <class T>
    PELLUCID_INLINE static V<T> value(V<T> x, T beta, T threshold) {
        const V<T> scaled = x * beta;
        const V<T> soft =
            (at_least<T>(scaled, V<T>{}) + log1p<T>(exp<T>(-absolute<T>(scaled)))) / beta;
        return select<T>(scaled > threshold, x, soft);
    }
    template <class T>
    PELLUCID_INLINE static V<T> slope(V<T> x, T beta, T threshold) {
        const V<T> scaled = x * beta;
        return select<T>(scaled > threshold, broadcast<T>(T(1)), sigmoid<T>(scaled));
    }
};

}  // namespace pellucid::PELLUCID_ARCH
