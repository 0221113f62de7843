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


def cross_entropy_of_logit(z: Array, y: Array, *, reduction: str) -> Any:
    """(1 − y) · z + ln(1 + e^−z), written so that nothing overflows."""
    softened = np.log1p(np.exp(-np.abs(z))) + np.maximum(-z, 0)
    return reduce((1 - y) * z + softened, reduction)


def cross_entropy_by_logit(
    gradient: Array, _out: Array, z: Array, y: Array, *, reduction: str
) -> Any:
    """σ(z) − y, divided by the count for a mean."""
    return (1 / (1 + np.exp(-z)) - y) * share(gradient, z.size, reduction)


def cross_entropy_of_logit_by_answer(
    gradient: Array, _out: Array, z: Array, _y: Array, *, reduction: str
) -> Any:
    """−z, divided by the count for a mean."""
    return -z * share(gradient, z.size, reduction)


def counted(classes: Array, ignore_index: int) -> Any:
    """1 for every row whose class counts, else 0."""
    return classes != ignore_index


def surprise(scores: Array, classes: Array, *, reduction: str, ignore_index: int) -> Any:
    """−(log-probability of the true class): (n, C, …) and (n, …) to (n, …)."""
    is_counted = counted(classes, ignore_index)
    places = np.expand_dims(np.where(is_counted, classes, 0), 1)
    losses = np.where(is_counted, -np.take_along_axis(scores, places, 1)[:, 0], 0)
    if reduction == "none":
        return losses.astype(scores.dtype)
    total = np.add.reduce(losses, axis=None, dtype=scores.dtype)
    return total / scores.dtype.type(is_counted.sum()) if reduction == "mean" else total


def surprise_derivative(
    gradient: Array,
    _out: Array,
    scores: Array,
    classes: Array,
    *,
    reduction: str,
    ignore_index: int,
) -> Array:
    """−1 at the true class, else 0; divided by the count of rows for a mean."""
    is_counted = counted(classes, ignore_index)
    each = share(gradient, int(is_counted.sum()), reduction)
    result = np.zeros(scores.shape, dtype=scores.dtype)
    places = np.expand_dims(np.where(is_counted, classes, 0), 1)
    values = np.expand_dims(np.where(is_counted, -each, 0).astype(scores.dtype), 1)
    np.put_along_axis(result, places, values, 1)
    return result


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
    (cross_entropy_by_logit, cross_entropy_of_logit_by_answer),
    "−(y · ln σ(z) + (1 − y) · ln(1 − σ(z))), then the mean; by z: (σ(z) − y) ÷ n",
    reads=((0, 1), (0,)),
)

nll_loss = Operation(
    "nll_loss",
    "NllLossBackward0",
    surprise,
    (surprise_derivative, None),
    "−(log-probability of the true class), then the mean; by it: −1 ÷ n, by the others: 0",
    reads=((1,), ()),
)

ROWS = (mse_loss, binary_cross_entropy, binary_cross_entropy_with_logits, nll_loss)
