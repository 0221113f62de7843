"""Rows of the operation table: the activations that are more than ReLU, sigmoid and tanh.

Each is applied to every number; the layers that carry them (`LeakyReLU` …) live in
`nn.activation`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from pellucid.tensor.dtypes import Array
from pellucid.tensor.erf import erf
from pellucid.tensor.operation import Operation

# The tanh that stands for erf in GELU: √(2 ÷ π) · (x + 0.044715 · x³).
TANH_FACTOR = math.sqrt(2 / math.pi)
TANH_CUBIC = 0.044715


def logistic(x: Array) -> Any:
    """σ(x) = 1 ÷ (1 + e^−x)."""
    return 1 / (1 + np.exp(-x))


def leak(x: Array, *, slope: float) -> Array:
    """X where x > 0, else slope · x."""
    return np.where(x > 0, x, x * slope)


def leak_derivative(gradient: Array, _out: Array, x: Array, *, slope: float) -> Array:
    """1 where x > 0, else the slope."""
    return np.where(x > 0, gradient, gradient * slope)


def level_off(x: Array, *, alpha: float, scale: float) -> Array:
    """Scale · x where x ≥ 0, else scale · alpha · (e^x − 1)."""
    return np.where(x < 0, np.expm1(np.minimum(x, 0)) * (alpha * scale), x * scale)


def level_off_derivative(
    gradient: Array, _out: Array, x: Array, *, alpha: float, scale: float
) -> Array:
    """Scale where x > 0, else scale · alpha · e^x."""
    falling = np.exp(np.minimum(x, 0)) * (alpha * scale)
    return np.where(x <= 0, gradient * falling, gradient * scale)


def below(x: Array) -> Array:
    """The share of a standard normal distribution that lies below x: (1 + erf(x ÷ √2)) ÷ 2."""
    wide = x.astype(np.float64, copy=False)
    return np.asarray(0.5 * (1 + erf(wide * math.sqrt(0.5)))).astype(x.dtype)


def bell(x: Array) -> Any:
    """The density of a standard normal distribution at x."""
    return np.exp(-0.5 * x * x) * (1 / math.sqrt(2 * math.pi))


def weigh_by_normal(x: Array, *, approximate: str) -> Any:
    """X times the share of a standard normal distribution below x, exactly or by a tanh."""
    if approximate == "none":
        return x * below(x)
    return 0.5 * x * (1 + np.tanh(TANH_FACTOR * (x + TANH_CUBIC * (x * x * x))))


def weigh_by_normal_derivative(gradient: Array, _out: Array, x: Array, *, approximate: str) -> Any:
    """The share below x, plus x times its slope."""
    if approximate == "none":
        return gradient * (below(x) + x * bell(x))
    bent = np.tanh(TANH_FACTOR * (x + TANH_CUBIC * (x * x * x)))
    slope = TANH_FACTOR * (1 + 3 * TANH_CUBIC * (x * x))
    return gradient * (0.5 * (1 + bent) + 0.5 * x * (1 - bent * bent) * slope)


def swish_derivative(gradient: Array, _out: Array, x: Array) -> Any:
    """σ(x) · (1 + x · (1 − σ(x)))."""
    share = logistic(x)
    return gradient * (share * (1 + x * (1 - share)))


def mish_derivative(gradient: Array, _out: Array, x: Array) -> Any:
    """T + x · σ(x) · (1 − t²) with t = tanh(ln(1 + e^x))."""
    bent = np.tanh(np.log1p(np.exp(x)))
    return gradient * (bent + x * logistic(x) * (1 - bent * bent))


def soften(x: Array, *, beta: float, threshold: float) -> Array:
    """Ln(1 + e^(beta · x)) ÷ beta; x itself where beta · x > threshold."""
    scaled = x * beta
    return np.where(scaled > threshold, x, np.log1p(np.exp(scaled)) / beta)


def soften_derivative(
    gradient: Array, _out: Array, x: Array, *, beta: float, threshold: float
) -> Array:
    """σ(beta · x); 1 where beta · x > threshold."""
    power = np.exp(x * beta)
    return np.where(x * beta > threshold, gradient, gradient * power / (power + 1))


leaky_relu = Operation(
    "leaky_relu",
    "LeakyReluBackward0",
    leak,
    (leak_derivative,),
    "x where x > 0, else slope · x; by x: 1 where x > 0, else the slope (also at 0)",
    reads=((0,),),
)

elu = Operation(
    "elu",
    "EluBackward0",
    level_off,
    (level_off_derivative,),
    "scale · x where x > 0, else scale · alpha · (e^x − 1); by x: scale, or scale · alpha · e^x",
    reads=((0,),),
)

gelu = Operation(
    "gelu",
    "GeluBackward0",
    weigh_by_normal,
    (weigh_by_normal_derivative,),
    "x · Φ(x), Φ(x) = (1 + erf(x ÷ √2)) ÷ 2; by x: Φ(x) + x · e^(−x² ÷ 2) ÷ √(2π)",
    reads=((0,),),
)

silu = Operation(
    "silu",
    "SiluBackward0",
    lambda x: x / (1 + np.exp(-x)),
    (swish_derivative,),
    "x · σ(x); by x: σ(x) · (1 + x · (1 − σ(x)))",
    reads=((0,),),
)

mish = Operation(
    "mish",
    "MishBackward0",
    lambda x: x * np.tanh(np.log1p(np.exp(x))),
    (mish_derivative,),
    "x · tanh(ln(1 + e^x)) = x · t; by x: t + x · σ(x) · (1 − t²)",
    reads=((0,),),
)

softplus = Operation(
    "softplus",
    "SoftplusBackward0",
    soften,
    (soften_derivative,),
    "ln(1 + e^(beta · x)) ÷ beta, or x where beta · x > threshold; by x: σ(beta · x), or 1",
    reads=((0,),),
)

ROWS = (leaky_relu, elu, gelu, silu, mish, softplus)
