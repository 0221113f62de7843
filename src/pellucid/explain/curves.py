"""The curves of activations: height and slope at a weighted sum, as plain arithmetic.

Each rule takes the sum first and the layer's settings behind it. Which rule a node of a tree names
is decided in `neurons`; all functions that a node may name are in `functions`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

Rule = Callable[[Sequence[float]], float]

SELU_ALPHA = 1.6732632423543772
SELU_SCALE = 1.0507009873554805
GELU_CUBE = 0.044715


def sigmoid(z: float) -> float:
    """1 ÷ (1 + e^−z), without overflow at either end.

    Example:
        >>> sigmoid(0.0), round(sigmoid(1.127), 3)
        (0.5, 0.755)
    """
    if z >= 0:
        return 1.0 / (1.0 + math.exp(-z))
    grown = math.exp(z)
    return grown / (1.0 + grown)


def softplus(z: float) -> float:
    """ln(1 + e^z), without overflow.

    Example:
        >>> round(softplus(0.0), 4), softplus(1000.0)
        (0.6931, 1000.0)
    """
    return max(z, 0.0) + math.log1p(math.exp(-abs(z)))


def normal_share(z: float) -> float:
    """The share of the standard normal distribution below z.

    Example:
        >>> normal_share(0.0)
        0.5
    """
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


def normal_density(z: float) -> float:
    """The height of the standard normal distribution at z."""
    return math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)


def log_softmax_first(z: Sequence[float]) -> float:
    """The first number less ln(sum of e^z of all).

    Example:
        >>> round(log_softmax_first([1.0, 1.0]), 4)
        -0.6931
    """
    largest = max(z)
    return z[0] - largest - math.log(math.fsum(math.exp(each - largest) for each in z))


def _elu(p: Sequence[float]) -> float:
    return p[0] if p[0] > 0 else p[1] * math.expm1(p[0])


def _selu(p: Sequence[float]) -> float:
    return SELU_SCALE * (p[0] if p[0] > 0 else SELU_ALPHA * math.expm1(p[0]))


def _selu_slope(p: Sequence[float]) -> float:
    return SELU_SCALE * (1.0 if p[0] > 0 else SELU_ALPHA * math.exp(p[0]))


def _gelu_inner(z: float) -> float:
    return math.sqrt(2.0 / math.pi) * (z + GELU_CUBE * z**3)


def _gelu_tanh_slope(p: Sequence[float]) -> float:
    z = p[0]
    bent = math.tanh(_gelu_inner(z))
    steep = math.sqrt(2.0 / math.pi) * (1.0 + 3.0 * GELU_CUBE * z * z)
    return 0.5 * (1.0 + bent) + 0.5 * z * (1.0 - bent * bent) * steep


def _mish_slope(p: Sequence[float]) -> float:
    bent = math.tanh(softplus(p[0]))
    return bent + p[0] * (1.0 - bent * bent) * sigmoid(p[0])


def _softplus(p: Sequence[float]) -> float:
    z, beta, threshold = p
    return z if z * beta > threshold else softplus(z * beta) / beta


def _softplus_slope(p: Sequence[float]) -> float:
    z, beta, threshold = p
    return 1.0 if z * beta > threshold else sigmoid(z * beta)


HEIGHTS: dict[str, tuple[Rule, str]] = {
    "leaky_relu": (lambda p: p[0] if p[0] > 0 else p[0] * p[1], "a = z if z > 0, else z × slope"),
    "elu": (_elu, "a = z if z > 0, else α × (e^z − 1)"),
    "selu": (_selu, "a = 1.0507 × (z if z > 0, else 1.6733 × (e^z − 1))"),
    "gelu": (lambda p: p[0] * normal_share(p[0]), "a = z × Φ(z)"),
    "gelu_tanh": (
        lambda p: 0.5 * p[0] * (1.0 + math.tanh(_gelu_inner(p[0]))),
        "a = z ÷ 2 × (1 + tanh(0.7979 × (z + 0.044715 × z³)))",
    ),
    "silu": (lambda p: p[0] * sigmoid(p[0]), "a = z × sigmoid(z)"),
    "mish": (lambda p: p[0] * math.tanh(softplus(p[0])), "a = z × tanh(ln(1 + e^z))"),
    "softplus": (_softplus, "a = ln(1 + e^(β × z)) ÷ β"),
    "log_softmax": (log_softmax_first, "a = z − ln(sum of e^z over the classes)"),
}
"""The height of each curve, with its formula in symbols."""

SLOPES: dict[str, tuple[Rule, str]] = {
    "leaky_relu_slope": (lambda p: 1.0 if p[0] > 0 else p[1], "1 if z > 0, else the slope"),
    "elu_slope": (
        lambda p: 1.0 if p[0] > 0 else p[1] * math.exp(p[0]),
        "1 if z > 0, else α × e^z",
    ),
    "selu_slope": (_selu_slope, "1.0507 × (1 if z > 0, else 1.6733 × e^z)"),
    "gelu_slope": (
        lambda p: normal_share(p[0]) + p[0] * normal_density(p[0]),
        "Φ(z) + z × φ(z)",
    ),
    "gelu_tanh_slope": (_gelu_tanh_slope, "(1 + t) ÷ 2 + z ÷ 2 × (1 − t²) × slope of t's inside"),
    "silu_slope": (
        lambda p: sigmoid(p[0]) * (1.0 + p[0] * sigmoid(-p[0])),
        "s × (1 + z × (1 − s)), s = sigmoid(z)",
    ),
    "mish_slope": (_mish_slope, "t + z × (1 − t²) × sigmoid(z), t = tanh(ln(1 + e^z))"),
    "softplus_slope": (_softplus_slope, "sigmoid(β × z)"),
}
"""The slope of each curve, from the sum and the settings."""

READS_SUM = (*SLOPES, "relu_slope")
"""The slopes that are told from z; the others are told from a."""
