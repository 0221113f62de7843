"""A batch's loss when rows count more or less: Σ w · l ÷ Σ w, from each row's own loss l.

A row of weight 2 then counts as if it stood in the batch twice. For losses that weigh classes the
divisor is Σ w · (weight of the row's class), as PyTorch's is without row weights.
"""

from __future__ import annotations

from copy import copy
from typing import Any

import numpy as np

from pellucid.errors import InputError
from pellucid.nn.classification import ClassLoss
from pellucid.tensor import criteria
from pellucid.tensor.tensor import Tensor

Array = np.ndarray[Any, Any]


def weighted_loss(loss_function: Any, prediction: Tensor, target: Tensor, weights: Array) -> Tensor:
    """Σ w · l ÷ Σ w over the rows of a batch, or Σ w · l for a loss with reduction 'sum'.

    Args:
        loss_function: a loss that has a `reduction`.
        prediction: (n, …).
        target: (n, …).
        weights: (n,), of the prediction's dtype.

    Raises:
        InputError: the loss has no `reduction`, so that rows cannot be told apart.

    Example:
        >>> from pellucid.nn.loss import MSELoss
        >>> from pellucid.tensor.creation import tensor
        >>> x, y = tensor([[1.0], [3.0]]), tensor([[0.0], [0.0]])
        >>> weighted_loss(MSELoss(), x, y, np.array([2.0, 1.0], np.float32))
        tensor(3.6667)
    """
    losses = losses_of_rows(loss_function, prediction, target)
    total: Tensor = (losses * Tensor(weights)).sum()
    if loss_function.reduction == "sum":
        return total
    return total / Tensor(np.add.reduce(weights * class_weights(loss_function, target, weights)))


def losses_of_rows(loss_function: Any, prediction: Tensor, target: Tensor) -> Tensor:
    """Each row's own loss, (n,): over its outputs the mean or the sum, as the loss does it."""
    reduction = getattr(loss_function, "reduction", None)
    if reduction not in ("mean", "sum"):
        name = getattr(loss_function, "__name__", type(loss_function).__name__)
        raise InputError(
            "Rows can be weighed only with a loss that has `reduction='mean'` or 'sum', so that "
            f"it can be asked for each row's own loss. Got {name}."
        )
    single = copy(loss_function)
    single.reduction = "none"
    losses: Tensor = single(prediction, target)
    if losses.ndim == 1:
        return losses
    flat = losses.reshape(len(losses), -1)
    return flat.mean(1) if reduction == "mean" else flat.sum(1)


def class_weights(loss_function: Any, target: Tensor, like: Array) -> Array:
    """How much the class of each row counts in a mean: 1 for losses without classes."""
    if not isinstance(loss_function, ClassLoss) or target.dtype.kind == "f":
        return np.ones_like(like)
    weight = None if loss_function.weight is None else loss_function.weight.array
    return criteria.weights_of(target.array, loss_function.ignore_index, weight, like.dtype)
