// The standard normal distribution, for vectors: its density and the share of it below x.
//
// The share is erfc(-x / √2) / 2, with Cody's fractions of polynomials in three ranges ("Rational
// Chebyshev approximations for the error function", 1969), so that it is exact far below 0 too,
// where (1 + erf) / 2 would lose all its digits.
#pragma once

#include "math/exp.h"
#include "simd/vector.h"

namespace pellucid::PELLUCID_ARCH {

// Coefficients, highest power first; below each line a leading 1.
// |t| <= 0.46875, in t²: erf t = t · fraction.
constexpr double kErfNear[] = {1.85777706184603153e-1, 3.16112374387056560e0, 1.13864154151050156e2,
                               3.77485237685302021e2, 3.20937758913846947e3};
constexpr double kErfNearBelow[] = {1.0, 2.36012909523441209e1, 2.44024637934444173e2,
                                    1.28261652607737228e3, 2.84423683343917062e3};
// 0.46875 < t <= 4, in t: erfc t = e^(-t²) · fraction.
constexpr double kErfcMiddle[] = {
    2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594e0,
    6.61191906371416295e1,  2.98635138197400131e2,  8.81952221241769090e2,
    1.71204761263407058e3,  2.05107837782607147e3,  1.23033935479799725e3};
constexpr double kErfcMiddleBelow[] = {1.0,
                                       1.57449261107098347e1,
                                       1.17693950891312499e2,
                                       5.37181101862009858e2,
                                       1.62138957456669019e3,
                                       3.29079923573345963e3,
                                       4.36261909014324716e3,
                                       3.43936767414372164e3,
                                       1.23033935480374942e3};
// t > 4, in s = 1 / t²: erfc t = e^(-t²) · (1/√π - s · fraction) / t.
constexpr double kErfcFar[] = {1.63153871373020978e-2, 3.05326634961232344e-1,
                               3.60344899949804439e-1, 1.25781726111229246e-1,
                               1.60837851487422766e-2, 6.58749161529837803e-4};
constexpr double kErfcFarBelow[] = {1.0,
                                    2.56852019228982242e0,
                                    1.87295284992346047e0,
                                    5.27905102951428412e-1,
                                    6.05183413124413191e-2,
                                    2.33520497626869185e-3};

template <class T, size_t N>
PELLUCID_INLINE V<T> polynomial(const double (&coefficients)[N], V<T> x) {
    V<T> sum = broadcast<T>(static_cast<T>(coefficients[0]));
    for (size_t i = 1; i < N; ++i) {
        sum = fma<T>(sum, x, static_cast<T>(coefficients[i]));
    }
    return sum;
}

// e^(-t²); what rounding takes from t² is given back where the arithmetic can tell.
template <class T>
PELLUCID_INLINE V<T> exp_of_minus_square(V<T> t) {
    const V<T> square = t * t;
    const V<T> lost = fma<T>(t, t, -square);
    const V<T> power = exp<T>(-square);
    return fma<T>(-power, lost, power);
}

// The share of a standard normal distribution below x.
template <class T>
PELLUCID_INLINE V<T> normal_below(V<T> x) {
    constexpr T kNear = T(0.46875);
    const V<T> scaled = x * T(0.70710678118654752440);
    const V<T> t = at_most<T>(absolute<T>(scaled), broadcast<T>(T(30)));  // 0 is left of it there
    const V<T> near = at_most<T>(t, broadcast<T>(kNear));
    const V<T> square = near * near;
    const V<T> erf =
        near * (polynomial<T>(kErfNear, square) / polynomial<T>(kErfNearBelow, square));
    const V<T> high = at_least<T>(t, broadcast<T>(T(4)));
    const V<T> s = T(1) / (high * high);
    const V<T> fraction = polynomial<T>(kErfcFar, s) / polynomial<T>(kErfcFarBelow, s);
    const V<T> far = fma<T>(-s, fraction, T(0.56418958354775628695)) / high;
    const V<T> low = at_most<T>(t, broadcast<T>(T(4)));
    const V<T> middle = polynomial<T>(kErfcMiddle, low) / polynomial<T>(kErfcMiddleBelow, low);
    const V<T> tail = exp_of_minus_square<T>(t) * select<T>(t > T(4), far, middle) * T(0.5);
    const V<T> half = broadcast<T>(T(0.5));
    const V<T> signed_erf = select<T>(x < T(0), -erf, erf);
    const V<T> outside = select<T>(x < T(0), tail, T(1) - tail);
    return select<T>(t <= kNear, fma<T>(half, signed_erf, half), outside);
}

// The density at x.
template <class T>
PELLUCID_INLINE V<T> normal_density(V<T> x) {
    return exp<T>(x * x * T(-0.5)) * T(0.39894228040143267794);
}

}  // namespace pellucid::PELLUCID_ARCH
