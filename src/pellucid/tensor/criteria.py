"""Rows of the operation table: how wrong a prediction is, as one number or one per element.

The layers that carry these (`MSELoss` …) live in `nn.loss`; they check shapes and settings.
`reduction` is 'mean', 'sum' or 'none'.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid.tensor.dtypes import Array
from pellucid.tensor.operation import Operation

# PyTorch's floor of a logarithm, so that a certain and wrong prediction costs 100, not infinity.
LOWEST_LOG = -100.0
# PyTorch's floor of p · (1 − p) in the derivative; it is a float32 number there.
SMALLEST_SPREAD = float(np.float32(1e-12))


def reduce(losses: Array, reduction: str) -> Any:
    """The mean, the sum, or the losses themselves."""
    if reduction == "none":
        return losses
    total = np.add.reduce(losses, axis=None)
    return total / losses.dtype.type(losses.size) if reduction == "mean" else total


def share(gradient: Array, count: int, reduction: str) -> Any:
    """What of the gradient falls to one element."""
    return gradient / np.asarray(gradient).dtype.type(count) if reduction == "mean" else gradient


def squared_error(x: Array, y: Array, *, reduction: str) -> Any:
    """(x − y)²."""
    difference = x - y
    return reduce(difference * difference, reduction)


def squared_error_by_x(gradient: Array, _out: Array, x: Array, y: Array, *, reduction: str) -> Any:
    """2 · (x − y), divided by the count for a mean."""
    difference = x - y
    return difference * (2 * share(gradient, difference.size, reduction))


def squared_error_by_y(gradient: Array, out: Array, x: Array, y: Array, *, reduction: str) -> Any:
    """−2 · (x − y), divided by the count for a mean."""
    return -squared_error_by_x(gradient, out, x, y, reduction=reduction)


def cross_entropy_of_chance(p: Array, y: Array, *, reduction: str) -> Any:
    """−(y · ln p + (1 − y) · ln(1 − p)), the logarithms not below −100."""
    log_yes = np.maximum(np.log(p), p.dtype.type(LOWEST_LOG))
    log_no = np.maximum(np.log1p(-p), p.dtype.type(LOWEST_LOG))
    return reduce((y - 1) * log_no - y * log_yes, reduction)


def cross_entropy_by_chance(
    gradient: Array, _out: Array, p: Array, y: Array, *, reduction: str
) -> Any:
    """(p − y) ÷ (p · (1 − p)), divided by the count for a mean."""
    spread = np.maximum((1 - p) * p, p.dtype.type(SMALLEST_SPREAD))
    return share(gradient, p.size, reduction) * (p - y) / spread


def cross_entropy_by_answer(
    gradient: Array, _out: Array, p: Array, y: Array, *, reduction: str
) -> Any:
    """ln(1 − p) − ln p, divided by the count for a mean."""
    return share(gradient, y.size, reduction) * (np.log1p(-p) - np.log(p))


def softened(z: Array) -> Any:
    """−ln σ(z) = ln(1 + e^−z), written so that nothing overflows."""
    return np.log1p(np.exp(-np.abs(z))) + np.maximum(-z, 0)


def weight_of_yes(y: Array, pos_weight: tuple[Array, ...]) -> Any:
    """What −ln σ(z) is multiplied by: 1, or 1 + (w − 1) · y with a weight w of the yes."""
    return 1 + (pos_weight[0] - 1) * y if pos_weight else 1


def cross_entropy_of_logit(z: Array, y: Array, *pos_weight: Array, reduction: str) -> Any:
    """(1 − y) · z + (1 + (w − 1) · y) · ln(1 + e^−z)."""
    return reduce((1 - y) * z + weight_of_yes(y, pos_weight) * softened(z), reduction)


def cross_entropy_by_logit(
    gradient: Array, _out: Array, z: Array, y: Array, *pos_weight: Array, reduction: str
) -> Any:
    """σ(z) − y, divided by the count for a mean; with a weight, 1 − y − (…) · σ(−z)."""
    each = share(gradient, z.size, reduction)
    if not pos_weight:
        return (1 / (1 + np.exp(-z)) - y) * each
    return (1 - y - weight_of_yes(y, pos_weight) / (1 + np.exp(z))) * each


def cross_entropy_of_logit_by_answer(
    gradient: Array, _out: Array, z: Array, _y: Array, *pos_weight: Array, reduction: str
) -> Any:
    """−z, divided by the count for a mean; with a weight, + (w − 1) · ln(1 + e^−z)."""
    each = share(gradient, z.size, reduction)
    return ((pos_weight[0] - 1) * softened(z) - z if pos_weight else -z) * each


def cross_entropy_of_logit_by_weight(
    gradient: Array, _out: Array, z: Array, y: Array, _weight: Array, *, reduction: str
) -> Any:
    """Y · ln(1 + e^−z), divided by the count for a mean."""
    return y * softened(z) * share(gradient, z.size, reduction)


def counted(classes: Array, ignore_index: int) -> Any:
    """1 for every row whose class counts, else 0."""
    return classes != ignore_index


def weights_of(
    classes: Array, ignore_index: int, weight: Array | None, dtype: np.dtype[Any]
) -> Array:
    """How much every row counts: its class's weight, 1 without weights, 0 where it is left out."""
    is_counted = counted(classes, ignore_index)
    if weight is None:
        return np.asarray(is_counted).astype(dtype)
    return np.where(is_counted, weight[np.where(is_counted, classes, 0)], 0).astype(dtype)


def surprise(
    scores: Array,
    classes: Array,
    *,
    reduction: str,
    ignore_index: int,
    weight: Array | None = None,
) -> Any:
    """−(log-probability of the true class): (n, C, …) and (n, …) to (n, …)."""
    weights = weights_of(classes, ignore_index, weight, scores.dtype)
    places = np.expand_dims(np.where(counted(classes, ignore_index), classes, 0), 1)
    picked = -np.take_along_axis(scores, places, 1)[:, 0]
    losses = np.where(counted(classes, ignore_index), picked * weights, 0)
    if reduction == "none":
        return losses.astype(scores.dtype)
    total = np.add.reduce(losses, axis=None, dtype=scores.dtype)
    return total / np.add.reduce(weights, axis=None) if reduction == "mean" else total


def surprise_derivative(
    gradient: Array,
    _out: Array,
    scores: Array,
    classes: Array,
    *,
    reduction: str,
    ignore_index: int,
    weight: Array | None = None,
) -> Array:
    """−1 (or −weight) at the true class, else 0; divided by the sum of the weights for a mean."""
    weights = weights_of(classes, ignore_index, weight, scores.dtype)
    each = gradient / np.add.reduce(weights, axis=None) if reduction == "mean" else gradient
    result = np.zeros(scores.shape, dtype=scores.dtype)
    is_counted = counted(classes, ignore_index)
    places = np.expand_dims(np.where(is_counted, classes, 0), 1)
    values = np.where(is_counted, -each * weights, 0).astype(scores.dtype)
    np.put_along_axis(result, places, np.expand_dims(values, 1), 1)
    return result


def bent_error(x: Array, y: Array, *, reduction: str, delta: float) -> Any:
    """(x − y)² ÷ 2 up to a distance of delta, from there on delta · (|x − y| − delta ÷ 2)."""
    distance = np.abs(x - y)
    square = 0.5 * distance * distance
    return reduce(np.where(distance <= delta, square, delta * (distance - 0.5 * delta)), reduction)


def bent_error_by_x(
    gradient: Array, _out: Array, x: Array, y: Array, *, reduction: str, delta: float
) -> Any:
    """X − y, but not below −delta and not above delta; divided by the count for a mean."""
    difference = x - y
    slope = np.minimum(np.maximum(difference, -delta), delta)
    return slope * share(gradient, difference.size, reduction)


def bent_error_by_y(
    gradient: Array, out: Array, x: Array, y: Array, *, reduction: str, delta: float
) -> Any:
    """The derivative by x with the other sign."""
    return -bent_error_by_x(gradient, out, x, y, reduction=reduction, delta=delta)


def smooth_error(x: Array, y: Array, *, reduction: str, beta: float) -> Any:
    """(x − y)² ÷ (2 · beta) below a distance of beta, from there on |x − y| − beta ÷ 2."""
    distance = np.abs(x - y)
    square = 0.5 * distance * distance / beta
    return reduce(np.where(distance < beta, square, distance - 0.5 * beta), reduction)


def smooth_error_by_x(
    gradient: Array, _out: Array, x: Array, y: Array, *, reduction: str, beta: float
) -> Any:
    """(x − y) ÷ beta, but not below −1 and not above 1; divided by the count for a mean."""
    difference = x - y
    slope = np.minimum(np.maximum(difference / beta, -1), 1)
    return slope * share(gradient, difference.size, reduction)


def smooth_error_by_y(
    gradient: Array, out: Array, x: Array, y: Array, *, reduction: str, beta: float
) -> Any:
    """The derivative by x with the other sign."""
    return -smooth_error_by_x(gradient, out, x, y, reduction=reduction, beta=beta)


mse_loss = Operation(
    "mse_loss",
    "MseLossBackward0",
    squared_error,
    (squared_error_by_x, squared_error_by_y),
    "(x − y)², then the mean; by x: 2 · (x − y) ÷ n",
    reads=((0, 1), (0, 1)),
)

binary_cross_entropy = Operation(
    "binary_cross_entropy",
    "BinaryCrossEntropyBackward0",
    cross_entropy_of_chance,
    (cross_entropy_by_chance, cross_entropy_by_answer),
    "−(y · ln p + (1 − y) · ln(1 − p)), then the mean; by p: (p − y) ÷ (p · (1 − p)) ÷ n",
    reads=((0, 1), (0,)),
)

binary_cross_entropy_with_logits = Operation(
    "binary_cross_entropy_with_logits",
    "BinaryCrossEntropyWithLogitsBackward0",
    cross_entropy_of_logit,
    (
        cross_entropy_by_logit,
        cross_entropy_of_logit_by_answer,
        cross_entropy_of_logit_by_weight,
    ),
    "−(y · ln σ(z) + (1 − y) · ln(1 − σ(z))), then the mean; by z: (σ(z) − y) ÷ n",
    reads=((0, 1, 2), (0, 2), (0, 1)),
)

nll_loss = Operation(
    "nll_loss",
    "NllLossBackward0",
    surprise,
    (surprise_derivative, None),
    "−(log-probability of the true class), then the mean; by it: −1 ÷ n, by the others: 0",
    reads=((1,), ()),
)

huber_loss = Operation(
    "huber_loss",
    "HuberLossBackward0",
    bent_error,
    (bent_error_by_x, bent_error_by_y),
    "(x − y)² ÷ 2, or δ · (|x − y| − δ ÷ 2) beyond δ, then the mean; by x: (x − y) ÷ n within ±δ",
    reads=((0, 1), (0, 1)),
)

smooth_l1_loss = Operation(
    "smooth_l1_loss",
    "SmoothL1LossBackward0",
    smooth_error,
    (smooth_error_by_x, smooth_error_by_y),
    "(x − y)² ÷ 2β, or |x − y| − β ÷ 2 from β on, then the mean; by x: (x − y) ÷ β ÷ n within ±1",
    reads=((0, 1), (0, 1)),
)

ROWS = (
    mse_loss,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    nll_loss,
    huber_loss,
    smooth_l1_loss,
)
