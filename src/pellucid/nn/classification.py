"""Losses of classes: cross-entropy, and the negative log-likelihood that it ends with.

The formulas stand in the operation table (`tensor.criteria`); here the arguments are checked. Losses
of yes and no are in `loss`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid.errors import ShapeError
from pellucid.nn.loss import InputSizeError, WeightedLoss
from pellucid.nn.mistakes import warn_of_repetition
from pellucid.tensor import criteria, functions
from pellucid.tensor.creation import where
from pellucid.tensor.dtypes import scalar_name
from pellucid.tensor.tensor import Tensor

ONE_SOFTMAX = (
    "Numbers between 0 and 1 go in, so even a sure and right answer costs 0.31 with 2 classes, "
    "1.46 with 10, and learning is slow. Leave out the softmax; ask for shares with `.softmax(1)` "
    "when you predict."
)
CURE = "Targets are the numbers of the classes, 0 to C − 1, int64, shape (n,)."


class ClassLoss(WeightedLoss):
    """What losses of classes share: weights of classes and a class to leave out. Abstract.

    Args:
        weight: (C,), how much each class counts; a mean is then divided by the sum of the rows'
            weights, not by their number.
        ignore_index: rows of this class do not count.
        reduction: 'mean' over the rows that count, 'sum', or 'none'.
    """

    def __init__(
        self, weight: Tensor | None = None, *, ignore_index: int = -100, reduction: str = "mean"
    ) -> None:
        super().__init__(weight, reduction=reduction)
        self.ignore_index = ignore_index

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """The loss of scores (n, C, …) or (C,) and classes (n, …) or (), counted from 0."""
        self.check_arguments(input, target)
        if input.ndim != 1:
            return self.judge(input, target)
        if target.array.size != 1 or target.ndim > 1:
            raise InputSizeError(
                "For 1D input, 1D target must have size 1, but got target size: "
                f"{target.array.size}. {CURE}"
            )
        out = self.judge(input.unsqueeze(0), target.reshape(1))
        return out.reshape(()) if self.reduction == "none" else out

    def judge(self, input: Tensor, target: Tensor) -> Tensor:
        """The loss of scores (n, C, …) and classes (n, …)."""
        raise NotImplementedError

    def surprise(self, log_shares: Tensor, target: Tensor) -> Tensor:
        """−(log-share of the true class), weighted and reduced."""
        return log_shares.apply(
            criteria.nll_loss,
            target,
            reduction=self.reduction,
            ignore_index=self.ignore_index,
            weight=None if self.weight is None else self.weight.array,
        )

    def check(self, input: Tensor, target: Tensor) -> None:
        """Raise PyTorch's sentences if scores and classes do not fit together."""
        if input.ndim == 0:
            raise InputSizeError(f"Expected 1 or more dimensions (got 0). {CURE}")
        if input.ndim == 2 and target.ndim != 1:
            raise ShapeError(
                f"0D or 1D target tensor expected, multi-target not supported. Got shape "
                f"{target.shape}. {CURE} `target.reshape(-1)` makes a column a row of classes."
            )
        if input.shape[:1] != target.shape[:1]:
            raise InputSizeError(
                f"Expected input batch_size ({input.shape[0]}) to match target batch_size "
                f"({target.shape[0] if target.ndim else 0})."
            )
        wanted = [input.shape[0], *input.shape[2:]]
        if input.ndim > 2 and list(target.shape) != wanted:
            raise ShapeError(f"Expected target size {wanted}, got {list(target.shape)}. {CURE}")
        if target.dtype.name not in ("int64", "uint8"):
            raise RuntimeError(
                f"expected target dtype to be Long or Byte, but got {scalar_name(target.dtype)}. "
                f"{CURE} `.long()` converts."
            )
        self.check_weight(input.shape[1])
        if self.weight is not None and self.weight.dtype != input.dtype:
            raise RuntimeError(
                f"expected scalar type {scalar_name(input.dtype)} but found "
                f"{scalar_name(self.weight.dtype)}. Convert `weight` with `.to('{input.dtype}')`."
            )
        self.check_range(target.array, input.shape[1])

    def check_weight(self, count: int, place: str = "") -> None:
        """Raise if there is not one weight for each of `count` classes."""
        if self.weight is not None and self.weight.shape != (count,):
            raise ShapeError(
                f"{place}weight tensor should be defined either for all {count} classes or no "
                f"classes but got weight tensor of shape: {list(self.weight.shape)}"
            )

    def check_range(self, classes: Any, count: int) -> None:
        """Raise if a class is not one of 0 … count − 1."""
        is_wrong = ((classes < 0) | (classes >= count)) & (classes != self.ignore_index)
        if np.any(is_wrong):
            raise IndexError(
                f"Target {int(classes[is_wrong][0])} is out of bounds. The prediction has {count} "
                f"classes, numbered 0 to {count - 1}."
            )


class NLLLoss(ClassLoss):
    """−(log-share of the true class), for a network that ends in `LogSoftmax`.

    Args:
        weight: (C,), how much each class counts.
        ignore_index: rows of this class do not count.
        reduction: 'mean' over the rows that count, 'sum', or 'none'.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> NLLLoss()(tensor([[-0.5, -1.0, -3.0]]), tensor([1]))
        tensor(1.)
    """

    def judge(self, input: Tensor, target: Tensor) -> Tensor:
        """The loss of log-shares (n, C, …) and classes (n, …)."""
        self.check(input, target)
        return self.surprise(input, target)


class CrossEntropyLoss(ClassLoss):
    """−ln of the share that a softmax gives to the true class.

    Args:
        weight: (C,), how much each class counts.
        ignore_index: rows of this class do not count.
        reduction: 'mean' over the rows that count, 'sum', or 'none'.
        label_smoothing: from 0 to 1; this part of the truth is spread evenly over all classes.

    Targets are classes, or chances of all classes in the input's shape.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> CrossEntropyLoss()(tensor([[2.0, 0.0, 0.0]]), tensor([0]))
        tensor(0.2395)
    """

    def __init__(
        self,
        weight: Tensor | None = None,
        *,
        ignore_index: int = -100,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(weight, ignore_index=ignore_index, reduction=reduction)
        self.label_smoothing = label_smoothing

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """The loss of scores (n, C, …) or (C,), and classes (n, …) or () or chances."""
        self.check_arguments(input, target)
        self.notice_repetition(input)
        if input.ndim and input.array.shape == target.array.shape:
            return self.judge_chances(input, target)
        return super().forward(input, target)

    def notice_repetition(self, input: Tensor) -> None:
        """Warn once if a softmax comes before this loss."""
        warn_of_repetition(self, input, functions.softmax, ONE_SOFTMAX)

    def judge(self, input: Tensor, target: Tensor) -> Tensor:
        """The loss of scores (n, C, …) and classes (n, …)."""
        if self.label_smoothing > 0:
            self.check_smoothing()
        self.check(input, target)
        log_shares = input.apply(functions.log_softmax, axis=1)
        loss = self.surprise(log_shares, target)
        if self.label_smoothing > 0:
            even = self.evenly(log_shares, target) * (self.label_smoothing / input.shape[1])
            loss = (1 - self.label_smoothing) * loss + even
        return loss

    def evenly(self, log_shares: Tensor, target: Tensor) -> Tensor:
        """The loss if all classes were true, which smoothing mixes in."""
        classes, weight = target.array, self.weight
        array = None if weight is None else weight.array
        counts = criteria.weights_of(classes, self.ignore_index, array, log_shares.dtype)
        is_counted = Tensor(criteria.counted(classes, self.ignore_index))
        losses = where(is_counted, -self.weighted(log_shares, 1).sum(1), 0.0)
        if self.reduction == "none":
            return losses
        total = losses.sum()
        return total / Tensor(counts).sum() if self.reduction == "mean" else total

    def judge_chances(self, input: Tensor, target: Tensor) -> Tensor:
        """−Σ chance · ln share, for chances of the classes in the input's shape."""
        if target.dtype.kind != "f":
            raise RuntimeError(
                "Expected floating point type for target with class probabilities, got "
                f"{scalar_name(target.dtype)}. {CURE}"
            )
        if self.ignore_index >= 0:
            raise RuntimeError("ignore_index is not supported for floating point target")
        self.check_smoothing()
        axis = min(input.ndim - 1, 1)
        count = input.shape[axis]
        self.check_weight(count, "cross_entropy: ")
        if self.label_smoothing > 0:
            target = target * (1 - self.label_smoothing) + self.label_smoothing / count
        log_shares = input.apply(functions.log_softmax, axis=axis)
        losses = -self.weighted(log_shares * target, axis).sum(axis)
        if self.reduction == "none":
            return losses
        total = losses.sum()
        return total / (input.array.size / count) if self.reduction == "mean" else total

    def weighted(self, values: Tensor, axis: int) -> Tensor:
        """Values times the weights of the classes, which stand along an axis."""
        if self.weight is None:
            return values
        return values * self.weight.reshape(-1, *(1,) * (values.ndim - axis - 1))

    def check_smoothing(self) -> None:
        """Raise if what is spread over all classes is no share."""
        if not 0 <= self.label_smoothing <= 1:
            raise RuntimeError(
                f"label_smoothing must be between 0.0 and 1.0. Got: {self.label_smoothing}"
            )
