"""The error function, which numpy does not have: erf x = 2 ÷ √π · ∫ e^(−t²) dt from 0 to x.

The GELU activation needs it. It is computed from fractions of polynomials in three ranges.
"""

from __future__ import annotations

import numpy as np

from pellucid.tensor.dtypes import Array

# Coefficients of the fractions, highest power first: above the line, below the line.
# |x| ≤ 0.46875, a fraction in x²: erf x = x · fraction.
SMALL = (
    (
        1.85777706184603153e-1,
        3.16112374387056560e0,
        1.13864154151050156e2,
        3.77485237685302021e2,
        3.20937758913846947e3,
    ),
    (
        1.0,
        2.36012909523441209e1,
        2.44024637934444173e2,
        1.28261652607737228e3,
        2.84423683343917062e3,
    ),
)
# 0.46875 < x ≤ 4, a fraction in x: 1 − erf x = e^(−x²) · fraction.
MIDDLE = (
    (
        2.15311535474403846e-8,
        5.64188496988670089e-1,
        8.88314979438837594e0,
        6.61191906371416295e1,
        2.98635138197400131e2,
        8.81952221241769090e2,
        1.71204761263407058e3,
        2.05107837782607147e3,
        1.23033935479799725e3,
    ),
    (
        1.0,
        1.57449261107098347e1,
        1.17693950891312499e2,
        5.37181101862009858e2,
        1.62138957456669019e3,
        3.29079923573345963e3,
        4.36261909014324716e3,
        3.43936767414372164e3,
        1.23033935480374942e3,
    ),
)
HIGHEST_SMALL = 0.46875
# From here on erf is 1 in float64: 1 − erf 6 is 2·10⁻¹⁷, less than half a step of numbers below 1.
HIGHEST = 6.0


def fraction(parts: tuple[tuple[float, ...], tuple[float, ...]], x: Array) -> Array:
    """One polynomial divided by another, both by Horner's rule."""
    above, below = parts
    return polynomial(above, x) / polynomial(below, x)


def polynomial(coefficients: tuple[float, ...], x: Array) -> Array:
    """Σ coefficient · x^power, the highest power first."""
    out = np.full_like(x, coefficients[0])
    for each in coefficients[1:]:
        out = out * x + each
    return out


def erf(x: Array) -> Array:
    """The error function of every number, to the last digits of float64.

    erf x = 2 ÷ √π · ∫ e^(−t²) dt from 0 to x.

    Args:
        x: any shape; NaN stays NaN, ±∞ gives ±1.

    Returns:
        Numbers from −1 to 1 in the same shape, float64, at most 4 units in the last place off.

    Example:
        >>> erf(np.array([0.0, 0.5, -1.0])).round(6).tolist()
        [0.0, 0.5205, -0.842701]

    Source:
        Cody (1969), "Rational Chebyshev approximations for the error function", tables II and III.
        His third fraction, for x > 4, is not needed: the second is as good for erf itself.
    """
    x = np.asarray(x, np.float64)
    distance = np.minimum(np.abs(x), HIGHEST)
    near = np.minimum(distance, HIGHEST_SMALL)
    small = near * fraction(SMALL, near * near)
    far = np.maximum(distance, HIGHEST_SMALL)
    large = 1 - np.exp(-far * far) * fraction(MIDDLE, far)
    out: Array = np.copysign(np.where(distance <= HIGHEST_SMALL, small, large), x)
    return out
