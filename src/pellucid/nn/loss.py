"""How wrong predictions are, as a number to make small: MSE, BCE, BCE with logits, cross-entropy.

The formulas stand in the operation table (`tensor.criteria`); here the arguments are checked.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from pellucid.errors import ShapeError
from pellucid.nn.mistakes import check_tensor
from pellucid.nn.module import Module
from pellucid.tensor import criteria, functions
from pellucid.tensor.dtypes import category, scalar_name
from pellucid.tensor.tensor import Tensor

REDUCTIONS = ("mean", "sum", "none")


class Loss(Module):
    """What all losses share: a reduction. Abstract.

    Args:
        reduction: 'mean' over all elements, their 'sum', or 'none': each one's own loss.
    """

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__()
        self.reduction = reduction

    def check_arguments(self, input: Any, target: Any) -> None:
        """Raise PyTorch's sentences for what is no tensor and for an unknown reduction."""
        check_tensor(input, type(self).__name__)
        check_tensor(target, type(self).__name__, "target", 2)
        if self.reduction not in REDUCTIONS:
            raise ValueError(
                f"{self.reduction} is not a valid value for reduction. Use 'mean', 'sum' or 'none'."
            )


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
        if input.array.shape != target.array.shape:
            warnings.warn(
                f"Using a target size ({size(target)}) that is different to the input size "
                f"({size(input)}). This will likely lead to incorrect results due to "
                "broadcasting. Please ensure they have the same size. "
                "Give the target the input's shape: `target.reshape(input.shape)`.",
                UserWarning,
                stacklevel=3,
            )
        return input.apply_pair(criteria.mse_loss, target, "mse_loss", reduction=self.reduction)


class BCELoss(Loss):
    """Binary cross-entropy: −(y · ln p + (1 − y) · ln(1 − p)), the logarithms not below −100.

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
        return input.apply(criteria.binary_cross_entropy, target, reduction=self.reduction)


class BCEWithLogitsLoss(Loss):
    """Binary cross-entropy of a weighted sum z that has not gone through a sigmoid yet.

    −(y · ln σ(z) + (1 − y) · ln(1 − σ(z))), computed so that nothing overflows.
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """The loss of weighted sums and answers, of one shape."""
        self.check_arguments(input, target)
        if input.array.shape != target.array.shape:
            raise InputSizeError(
                f"Target size ({size(target)}) must be the same as input size ({size(input)}). "
                "Give the target the input's shape: `target.reshape(input.shape)`."
            )
        if category(target.dtype) < category(input.dtype):
            raise RuntimeError(
                f"result type {scalar_name(input.dtype)} can't be cast to the desired output type "
                f"{scalar_name(target.dtype)}. Convert the target with `.to('{input.dtype}')`."
            )
        row = criteria.binary_cross_entropy_with_logits
        return input.apply_pair(row, target, row.name, reduction=self.reduction)


class CrossEntropyLoss(Loss):
    """−ln of the share that a softmax gives to the true class.

    Args:
        ignore_index: rows of this class do not count.
        reduction: 'mean' over the rows that count, 'sum', or 'none'.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> CrossEntropyLoss()(tensor([[2.0, 0.0, 0.0]]), tensor([0]))
        tensor(0.2395)
    """

    def __init__(self, ignore_index: int = -100, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.ignore_index = ignore_index

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """The loss of scores (n, C, …) or (C,) and classes (n, …) or (), counted from 0."""
        self.check_arguments(input, target)
        if input.ndim == 1:
            alone = target.ndim == 0
            target = target.reshape(1) if alone else target
            out = self.forward(input.unsqueeze(0), target)
            return out.reshape(()) if alone and self.reduction == "none" else out
        self.check(input, target)
        scores = input.apply(functions.log_softmax, axis=1)
        return scores.apply(
            criteria.nll_loss, target, reduction=self.reduction, ignore_index=self.ignore_index
        )

    def check(self, input: Tensor, target: Tensor) -> None:
        """Raise PyTorch's sentences if scores and classes do not fit together."""
        cure = "Targets are the numbers of the classes, 0 to C − 1, int64, shape (n,)."
        if target.ndim == input.ndim and (target.dtype.kind == "f" or target.ndim > 2):
            raise ShapeError(
                f"only classes are understood as targets here, not chances. Got {target.dtype} of "
                f"shape {target.shape}. {cure}"
            )
        if input.ndim == 2 and target.ndim != 1:
            raise ShapeError(
                f"0D or 1D target tensor expected, multi-target not supported. Got shape "
                f"{target.shape}. {cure} `target.reshape(-1)` makes a column a row of classes."
            )
        if input.shape[:1] != target.shape[:1]:
            raise InputSizeError(
                f"Expected input batch_size ({input.shape[0]}) to match target batch_size "
                f"({target.shape[0]})."
            )
        if target.dtype.name not in ("int64", "uint8"):
            raise RuntimeError(
                f"expected target dtype to be Long or Byte, but got {scalar_name(target.dtype)}. "
                f"{cure} `.long()` converts."
            )
        self.check_range(target.array, input.shape[1])

    def check_range(self, classes: Any, count: int) -> None:
        """Raise if a class is not one of 0 … count − 1."""
        is_wrong = ((classes < 0) | (classes >= count)) & (classes != self.ignore_index)
        if np.any(is_wrong):
            raise IndexError(
                f"Target {int(classes[is_wrong][0])} is out of bounds. The prediction has {count} "
                f"classes, numbered 0 to {count - 1}."
            )


class InputSizeError(ShapeError, ValueError):
    """Two sizes differ; a ValueError too, because PyTorch raises that."""


def size(tensor: Tensor) -> str:
    """A shape as PyTorch writes it."""
    return f"torch.Size({list(tensor.array.shape)})"


def check_share(tensor: Tensor, name: str, cure: str) -> None:
    """Raise if a number is not between 0 and 1; NaN is let through, as in PyTorch's sums."""
    array = tensor.array
    if array.size and (array.min() < 0 or array.max() > 1):
        raise RuntimeError(f"all elements of {name} should be between 0 and 1. {cure}")
