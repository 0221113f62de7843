"""The formulas of losses: what one output costs on one row, and how that grows with the output.

Each rule takes the prediction, the truth, and the loss's settings behind them. How the costs of
outputs and rows become the loss of a step is made in `row_loss` and `loss`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from pellucid.explain.curves import sigmoid, softplus

Rule = Callable[[Sequence[float]], float]

LOWEST_LOG = -100.0  # PyTorch's floor of a logarithm in BCELoss
SMALLEST_SPREAD = 1e-12  # PyTorch's floor of p × (1 − p) in its derivative


def log_of(chance: float) -> float:
    """The logarithm, not below −100.

    Example:
        >>> log_of(0.0), log_of(1.0)
        (-100.0, 0.0)
    """
    return max(math.log(chance), LOWEST_LOG) if chance > 0.0 else LOWEST_LOG


def _huber(p: Sequence[float]) -> float:
    away, delta = abs(p[0] - p[1]), p[2]
    return 0.5 * away * away if away < delta else delta * (away - 0.5 * delta)


def _smooth_l1(p: Sequence[float]) -> float:
    away, beta = abs(p[0] - p[1]), p[2]
    return 0.5 * away * away / beta if away < beta else away - 0.5 * beta


def _quantile(p: Sequence[float]) -> float:
    away, quantile = p[1] - p[0], p[2]
    return max(quantile * away, (quantile - 1.0) * away)


def _sign(number: float) -> float:
    return (number > 0) - (number < 0)


def _stirling(truth: float) -> float:
    """PyTorch's approximation of ln(truth!), left out for small counts."""
    if truth <= 1.0:
        return 0.0
    return truth * math.log(truth) - truth + 0.5 * math.log(2.0 * math.pi * truth)


def _bce(p: Sequence[float]) -> float:
    chance, truth = p
    return -(truth * log_of(chance) + (1.0 - truth) * log_of(1.0 - chance))


def _logit(p: Sequence[float]) -> float:
    z, truth, weight = p
    return (1.0 - truth) * z + (1.0 + (weight - 1.0) * truth) * softplus(-z)


def _logit_slope(p: Sequence[float]) -> float:
    z, truth, weight = p
    return (1.0 - truth) - (1.0 + (weight - 1.0) * truth) * sigmoid(-z)


COSTS: dict[str, tuple[Rule, str]] = {
    "mse": (lambda p: (p[0] - p[1]) ** 2, "(prediction − truth)²"),
    "l1": (lambda p: abs(p[0] - p[1]), "|prediction − truth|"),
    "huber": (_huber, "½ × distance² if distance < δ, else δ × (distance − ½ × δ)"),
    "smooth_l1": (_smooth_l1, "½ × distance² ÷ β if distance < β, else distance − ½ × β"),
    "quantile": (
        _quantile,
        "the larger of q × (truth − prediction), (q − 1) × (truth − prediction)",
    ),
    "poisson_log": (
        lambda p: math.exp(p[0]) - p[1] * p[0],
        "e^prediction − truth × prediction",
    ),
    "poisson_log_full": (
        lambda p: math.exp(p[0]) - p[1] * p[0] + _stirling(p[1]),
        "e^prediction − truth × prediction + Stirling's ln(truth!)",
    ),
    "poisson": (
        lambda p: p[0] - p[1] * math.log(p[0] + p[2]),
        "prediction − truth × ln(prediction + ε)",
    ),
    "poisson_full": (
        lambda p: p[0] - p[1] * math.log(p[0] + p[2]) + _stirling(p[1]),
        "prediction − truth × ln(prediction + ε) + Stirling's ln(truth!)",
    ),
    "bce": (_bce, "−(truth × ln(p) + (1 − truth) × ln(1 − p))"),
    "bce_with_logits": (
        _logit,
        "(1 − truth) × z + (1 + (weight of yes − 1) × truth) × ln(1 + e^−z)",
    ),
}
"""What one output costs on one row."""


COST_SLOPES: dict[str, tuple[Rule, str]] = {
    "mse_slope": (lambda p: 2.0 * (p[0] - p[1]), "2 × (prediction − truth)"),
    "l1_slope": (lambda p: _sign(p[0] - p[1]), "1 above the truth, −1 below it"),
    "huber_slope": (
        lambda p: max(-p[2], min(p[2], p[0] - p[1])),
        "prediction − truth, brought into ±δ",
    ),
    "smooth_l1_slope": (
        lambda p: max(-1.0, min(1.0, (p[0] - p[1]) / p[2])),
        "(prediction − truth) ÷ β, brought into ±1",
    ),
    "quantile_slope": (
        lambda p: -p[2] if p[1] > p[0] else (1.0 - p[2] if p[1] < p[0] else 0.0),
        "−q below the truth, 1 − q above it",
    ),
    "poisson_log_slope": (lambda p: math.exp(p[0]) - p[1], "e^prediction − truth"),
    "poisson_slope": (lambda p: 1.0 - p[1] / (p[0] + p[2]), "1 − truth ÷ (prediction + ε)"),
    "bce_slope": (
        lambda p: (p[0] - p[1]) / max((1.0 - p[0]) * p[0], SMALLEST_SPREAD),
        "(p − truth) ÷ (p × (1 − p))",
    ),
    "bce_with_logits_slope": (
        _logit_slope,
        "(1 − truth) − (1 + (weight of yes − 1) × truth) × (1 − sigmoid(z))",
    ),
}
"""How the cost grows with the output."""
