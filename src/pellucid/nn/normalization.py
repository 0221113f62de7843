"""Layers that keep numbers near mean 0 and variance 1: `BatchNorm1d` and `LayerNorm`.

The formulas stand in the operation table (`tensor.normalization`); here are the parameters, the
running statistics, and the checks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pellucid.nn.mistakes import (
    LayerInputError,
    LayerValueError,
    check_floating,
    check_tensor,
)
from pellucid.nn.module import Module
from pellucid.nn.parameter import Parameter
from pellucid.tensor import normalization
from pellucid.tensor.axes import read_room
from pellucid.tensor.device import check_device
from pellucid.tensor.dtypes import Default, Dtype
from pellucid.tensor.tensor import Tensor


class Normalization(Module):
    """What both layers share: a weight and a bias that start as 1 and 0. Abstract."""

    weight: Parameter | None
    bias: Parameter | None

    def make_affine(
        self, shape: tuple[int, ...], dtype: Dtype | None, *, has_weight: bool, has_bias: bool
    ) -> None:
        """Make the parameters, or register that there are none."""
        kind = Default.dtype if dtype is None else np.dtype(dtype)
        shape = read_room(shape)
        self.register_parameter("weight", Parameter(np.ones(shape, kind)) if has_weight else None)
        self.register_parameter(
            "bias", Parameter(np.zeros(shape, kind)) if has_weight and has_bias else None
        )

    def reset_parameters(self) -> None:
        """Set weight and bias to 1 and 0 (again)."""
        for parameter, value in ((self.weight, 1), (self.bias, 0)):
            if parameter is not None:
                parameter.array[...] = value
                parameter.edits[0] += 1

    def scales(self) -> tuple[Parameter, ...]:
        """Weight and bias, as far as there are any."""
        return tuple(each for each in (self.weight, self.bias) if each is not None)

    def check_dtype(self, input: Tensor, kernel: str, other: Tensor | None) -> None:
        """Raise PyTorch's sentences if the input is of another dtype than the layer."""
        if other is None:
            check_floating(input, kernel)
        elif input.dtype != other.dtype:
            raise LayerInputError(
                "mixed dtype (CPU): all inputs must share same datatype.",
                self,
                f"the input is {input.dtype}, the layer {other.dtype}. Convert the input with "
                f"`.to('{other.dtype}')`.",
            )


class BatchNorm1d(Normalization):
    """Each column at mean 0 and variance 1 over the batch, then times a weight, plus a bias.

    (x − mean) ÷ √(variance + eps) · weight + bias. While training goes on, mean and variance are the
    batch's own, and running statistics follow them; in `eval` mode the running ones are taken.

    Args:
        num_features: columns.
        eps: keeps the root above 0.
        momentum: the part of a batch in the running statistics: running · (1 − momentum) +
            batch · momentum, with the variance divided by n − 1. None: the mean over all batches.
        affine: whether there are weight and bias.
        track_running_stats: whether there are running statistics.
        device: "cpu" or None.
        dtype: float32 or float64.
        bias: whether there is a bias beside the weight.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> layer = BatchNorm1d(1)
        >>> layer(tensor([[1.0], [3.0]])).detach()
        tensor([[-1.0000],
                [ 1.0000]])
        >>> layer.running_mean, layer.running_var
        (tensor([0.2000]), tensor([1.1000]))

    Source:
        Ioffe & Szegedy (2015), "Batch normalization: accelerating deep network training by reducing
        internal covariate shift".
    """

    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None

    def __init__(  # noqa: PLR0917 (PyTorch's signature)
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: Dtype | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        check_device(device)
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats
        self.make_affine((num_features,), dtype, has_weight=affine, has_bias=bias)
        kind = Default.dtype if dtype is None else np.dtype(dtype)
        is_kept = track_running_stats
        start = np.zeros(num_features, kind), np.ones(num_features, kind), np.array(0)
        names = ("running_mean", "running_var", "num_batches_tracked")
        for name, array in zip(names, start, strict=True):
            self.register_buffer(name, Tensor(array) if is_kept else None)

    def reset_running_stats(self) -> None:
        """Set the running statistics back to mean 0, variance 1, no batches."""
        for buffer, value in (
            (self.running_mean, 0),
            (self.running_var, 1),
            (self.num_batches_tracked, 0),
        ):
            if buffer is not None:
                buffer.fill_(value)

    def forward(self, input: Tensor) -> Tensor:
        """The columns of (n, columns) or (n, columns, length), normalized, in the same shape."""
        self.check(input)
        if self.training and self.num_batches_tracked is not None:
            self.num_batches_tracked += 1
        if input.array.size == 0:
            return self.scale_nothing(input)
        mean, variance = self.running_mean, self.running_var
        if self.training or mean is None or variance is None:
            if self.training and mean is not None and variance is not None:
                self.follow(input, mean, variance)
            settings: dict[str, Any] = {"mean": None, "variance": None}
        else:
            settings = {"mean": mean.array.copy(), "variance": variance.array.copy()}
        return input.apply(normalization.batch_norm, *self.scales(), eps=self.eps, **settings)

    def scale_nothing(self, input: Tensor) -> Tensor:
        """A batch without rows, connected to the parameters."""
        weight, bias = self.weight, self.bias
        out = input.clone() if weight is None else input * weight[0]
        return out if bias is None else out + bias[0]

    def follow(self, input: Tensor, mean: Tensor, variance: Tensor) -> None:
        """Let the running statistics move towards the batch's."""
        part = self.momentum
        if part is None and self.num_batches_tracked is not None:
            part = 1 / int(self.num_batches_tracked.array)
        x = input.array
        own_mean, own_variance = normalization.moments(x, normalization.rows_of(x))
        count = x.size // x.shape[1]
        unbiased = own_variance * (count / (count - 1))
        for running, own in ((mean, own_mean), (variance, unbiased)):
            running.copy_((part or 0) * own.reshape(-1) + (1 - (part or 0)) * running.array)

    def check(self, input: Tensor) -> None:
        """Raise what PyTorch says about an input that does not fit, and say how to mend it."""
        check_tensor(input, "batch_norm")
        cure = f"`input` must have shape (n, {self.num_features}). Got {input.shape}."
        if input.ndim not in (2, 3):
            raise LayerValueError(f"expected 2D or 3D input (got {input.ndim}D input)", self, cure)
        if self.training and input.shape[0] * int(np.prod(input.shape[2:], dtype=np.int64)) == 1:
            raise LayerValueError(
                "Expected more than 1 value per channel when training, got input size "
                f"torch.Size({list(input.shape)})",
                self,
                "one row has no variance. Train with batches of 2 rows or more (`drop_last=True` "
                "leaves out a last one of 1 row), or call `.eval()` before predicting.",
            )
        if self.eps < 0 or (self.training and self.eps == 0):
            sign = "positive during training" if self.training else "non-negative"
            raise ValueError(f"batch_norm eps must be {sign}, but got {self.eps}")
        self.check_columns(input, cure)

    def check_columns(self, input: Tensor, cure: str) -> None:
        """Raise if the number of columns or the dtype is not the layer's."""
        name = "running_mean" if self.running_mean is not None else "weight"
        own = self.running_mean if self.running_mean is not None else self.weight
        if own is not None and input.shape[1] != self.num_features:
            raise LayerInputError(
                f"{name} should contain {input.shape[1]} elements not {self.num_features}",
                self,
                cure,
            )
        check_floating(input, "batch_norm")
        self.check_dtype(input, "batch_norm", own)

    def extra_repr(self) -> str:
        """Columns and settings."""
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, "
            f"affine={self.affine}, bias={self.bias is not None}, "
            f"track_running_stats={self.track_running_stats}"
        )


class LayerNorm(Normalization):
    """Each row at mean 0 and variance 1 over its own numbers, then times a weight, plus a bias.

    (x − mean) ÷ √(variance + eps) · weight + bias; the same in training and in `eval` mode.

    Args:
        normalized_shape: the sizes of the last axes, over which mean and variance are taken.
        eps: keeps the root above 0.
        elementwise_affine: whether there are weight and bias, in `normalized_shape`.
        bias: whether there is a bias beside the weight.
        device: "cpu" or None.
        dtype: float32 or float64.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> LayerNorm(3)(tensor([[1.0, 2.0, 3.0]])).detach()
        tensor([[-1.2247,  0.0000,  1.2247]])

    Source:
        Ba et al. (2016), "Layer normalization".
    """

    def __init__(  # noqa: PLR0917 (PyTorch's signature)
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: Any = None,
        dtype: Dtype | None = None,
    ) -> None:
        super().__init__()
        check_device(device)
        if isinstance(normalized_shape, int):
            normalized_shape = (normalized_shape,)
        self.normalized_shape = tuple(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        self.make_affine(self.normalized_shape, dtype, has_weight=elementwise_affine, has_bias=bias)

    def forward(self, input: Tensor) -> Tensor:
        """The rows of (…, *normalized_shape), normalized, in the same shape."""
        check_tensor(input, "layer_norm")
        wanted = self.normalized_shape
        if not wanted:
            raise RuntimeError(
                "Expected normalized_shape to be at least 1-dimensional, i.e., containing at least "
                "one element, but got normalized_shape = []"
            )
        if input.shape[-len(wanted) :] != wanted:
            stars = ", ".join(["*", *map(str, wanted)])
            raise LayerInputError(
                f"Given normalized_shape={list(wanted)}, expected input with shape [{stars}], but "
                f"got input of size{list(input.shape)}",
                self,
                f"`input` must have shape (…, {', '.join(map(str, wanted))}). Got {input.shape}.",
            )
        self.check_dtype(input, "LayerNormKernelImpl", self.weight)
        return input.apply(normalization.layer_norm, *self.scales(), eps=self.eps, dims=len(wanted))

    def extra_repr(self) -> str:
        """Shape and settings."""
        return (
            f"{self.normalized_shape}, eps={self.eps}, "
            f"elementwise_affine={self.elementwise_affine}, bias={self.bias is not None}"
        )
