"""How wrong predictions are, as a number to make small: MSE, BCE, BCE with logits.

The formulas stand in the operation table (`tensor.criteria`); here the arguments are checked.
Losses of classes are in `classification`, the other losses of numbers in `regression`.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from pellucid.errors import ShapeError
from pellucid.nn.mistakes import callers_level, check_tensor, warn_of_repetition
from pellucid.nn.module import Module
from pellucid.tensor import criteria, functions
from pellucid.tensor.axes import broadcast_message
from pellucid.tensor.dtypes import category, promote, scalar_name
from pellucid.tensor.tensor import Tensor

REDUCTIONS = ("mean", "sum", "none")
ONE_SIGMOID = (
    "Numbers between 0 and 1 go in, so even a sure no costs 0.69 and learning is slow. Leave out "
    "the sigmoid, or use `nn.BCELoss`; ask for chances with `.sigmoid()` when you predict."
)


class Loss(Module):
    """What all losses share: a reduction. Abstract.

    Args:
        reduction: 'mean' over all elements, their 'sum', or 'none': each one's own loss.
    """

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__()
        self.reduction = reduction
        self.has_warned = False

    def notice_repetition(self, input: Tensor) -> None:
        """Warn if the input comes from a function that this loss applies itself; most apply none."""

    def check_arguments(self, input: Any, target: Any) -> None:
        """Raise PyTorch's sentences for what is no tensor and for an unknown reduction."""
        check_tensor(input, type(self).__name__)
        check_tensor(target, type(self).__name__, "target", 2)
        if self.reduction not in REDUCTIONS:
            raise ValueError(
                f"{self.reduction} is not a valid value for reduction. Use 'mean', 'sum' or 'none'."
            )


class WeightedLoss(Loss):
    """What losses with a weight share: a buffer for it. Abstract.

    Args:
        weight: how much each element (or each class) counts; None for all the same.
        reduction: as in `Loss`.
    """

    weight: Tensor | None

    def __init__(self, weight: Tensor | None = None, *, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.register_buffer("weight", weight)

    def reduced(self, losses: Tensor) -> Tensor:
        """Losses of single elements times their weights, reduced."""
        if self.weight is not None:
            losses = losses * self.weight
        if self.reduction == "none":
            return losses
        return losses.mean() if self.reduction == "mean" else losses.sum()


class MSELoss(Loss):
    """The squared error: (prediction − target)², and its mean.

    Shapes that differ but broadcast only warn, as in PyTorch; the result is rarely what is meant.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> MSELoss()(tensor([400000.0]), tensor([450000.0]))
        tensor(2.5000e+09)
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """The loss of predictions and targets of one shape."""
        self.check_arguments(input, target)
        warn_of_sizes(input, target)
        return input.apply_pair(criteria.mse_loss, target, "mse_loss", reduction=self.reduction)


class BCELoss(WeightedLoss):
    """Binary cross-entropy: −(y · ln p + (1 − y) · ln(1 − p)), the logarithms not below −100.

    Args:
        weight: what each element's loss is multiplied by; broadcast to the input's shape.
        reduction: 'mean', 'sum' or 'none'.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> BCELoss()(tensor([0.3]), tensor([1.0]))
        tensor(1.2040)
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """The loss of chances between 0 and 1 and answers, of one shape."""
        self.check_arguments(input, target)
        if input.array.shape != target.array.shape:
            raise InputSizeError(
                f"Using a target size ({size(target)}) that is different to the input size "
                f"({size(input)}) is deprecated. Please ensure they have the same size. "
                "Give the target the input's shape: `target.reshape(input.shape)`."
            )
        if input.array.dtype != target.array.dtype:
            raise RuntimeError(
                f"Found dtype {scalar_name(target.dtype)} but expected {scalar_name(input.dtype)}. "
                f"Convert the target with `.to('{input.dtype}')`."
            )
        check_share(input, "input", "Put a `nn.Sigmoid()` last, or use `nn.BCEWithLogitsLoss`.")
        check_share(target, "target", "Answers are 0 for no and 1 for yes.")
        row = criteria.binary_cross_entropy
        if self.weight is not None:
            return self.reduced(input.apply(row, target, reduction="none"))
        return input.apply(row, target, reduction=self.reduction)


class BCEWithLogitsLoss(WeightedLoss):
    """Binary cross-entropy of a weighted sum z that has not gone through a sigmoid yet.

    −(w · y · ln σ(z) + (1 − y) · ln(1 − σ(z))), computed so that nothing overflows.

    Args:
        weight: what each element's loss is multiplied by; broadcast to the input's shape.
        reduction: 'mean', 'sum' or 'none'.
        pos_weight: w, how much a yes counts beside a no; broadcast to the input's shape. Above 1 it
            finds more of the yeses, at the price of more false alarms.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> z, y = tensor([0.0, 0.0]), tensor([1.0, 0.0])
        >>> BCEWithLogitsLoss(pos_weight=tensor(3.0), reduction="none")(z, y)
        tensor([2.0794, 0.6931])
    """

    pos_weight: Tensor | None

    def __init__(
        self,
        weight: Tensor | None = None,
        *,
        reduction: str = "mean",
        pos_weight: Tensor | None = None,
    ) -> None:
        super().__init__(weight, reduction=reduction)
        self.register_buffer("pos_weight", pos_weight)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """The loss of weighted sums and answers, of one shape."""
        self.check_arguments(input, target)
        if input.array.shape != target.array.shape:
            raise InputSizeError(
                f"Target size ({size(target)}) must be the same as input size ({size(input)}). "
                "Give the target the input's shape: `target.reshape(input.shape)`."
            )
        self.notice_repetition(input)
        if category(target.dtype) < category(input.dtype):
            raise RuntimeError(
                f"result type {scalar_name(input.dtype)} can't be cast to the desired output type "
                f"{scalar_name(target.dtype)}. Convert the target with `.to('{input.dtype}')`."
            )
        if self.weight is not None:
            return self.reduced(self.losses(input, target, "none"))
        return self.losses(input, target, self.reduction)

    def notice_repetition(self, input: Tensor) -> None:
        """Warn once if a sigmoid comes before this loss."""
        warn_of_repetition(self, input, functions.sigmoid, ONE_SIGMOID)

    def losses(self, input: Tensor, target: Tensor, reduction: str) -> Tensor:
        """The loss without weights of elements."""
        row = criteria.binary_cross_entropy_with_logits
        weight = self.pos_weight
        if weight is None:
            return input.apply_pair(row, target, row.name, reduction=reduction)
        message = broadcast_message(weight.shape, input.shape)
        if message is not None or np.broadcast_shapes(weight.shape, input.shape) != input.shape:
            message = message or f"output with shape {list(input.shape)} doesn't match pos_weight"
            raise ShapeError(
                f"{message}. `pos_weight` must broadcast to the input: got {weight.shape} and "
                f"{input.shape}."
            )
        kind = promote(input.array, target.array)
        return input.to(kind).apply(row, target.to(kind), weight.to(kind), reduction=reduction)


class InputSizeError(ShapeError, ValueError):
    """Two sizes differ; a ValueError too, because PyTorch raises that."""


def warn_of_sizes(input: Tensor, target: Tensor) -> None:
    """Warn as PyTorch does if prediction and target have different shapes."""
    if input.array.shape != target.array.shape:
        warnings.warn(
            f"Using a target size ({size(target)}) that is different to the input size "
            f"({size(input)}). This will likely lead to incorrect results due to "
            "broadcasting. Please ensure they have the same size. "
            "Give the target the input's shape: `target.reshape(input.shape)`.",
            UserWarning,
            stacklevel=callers_level(),
        )


def size(tensor: Tensor) -> str:
    """A shape as PyTorch writes it."""
    return f"torch.Size({list(tensor.array.shape)})"


def check_share(tensor: Tensor, name: str, cure: str) -> None:
    """Raise if a number is not between 0 and 1; NaN is let through, as in PyTorch's sums."""
    array = tensor.array
    if array.size and (array.min() < 0 or array.max() > 1):
        raise RuntimeError(f"all elements of {name} should be between 0 and 1. {cure}")
