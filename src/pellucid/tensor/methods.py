"""The named operations of a tensor, as PyTorch names them: `sum`, `reshape`, `exp`, `softmax`.

Each reads what it was told and applies a row of the operation table; how a row is applied and
remembered is `Tensor`'s affair.
"""

from __future__ import annotations

import builtins
import itertools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from pellucid.errors import ShapeError
from pellucid.tensor import comparisons, functions, reductions, shapes
from pellucid.tensor.axes import read_dim, read_dims, read_index, read_shape, read_sizes
from pellucid.tensor.dtypes import scalar_dtype, scalar_name
from pellucid.tensor.operation import Operation
from pellucid.tensor.words.words import Words

if TYPE_CHECKING:
    from pellucid.tensor.tensor import Tensor

Dims: TypeAlias = int | Sequence[int] | None


class Extreme(NamedTuple):
    """Largest or smallest numbers along an axis, and where they stand."""

    values: Tensor
    indices: Tensor


class Methods(Words):
    """What can be asked of a tensor by name. Abstract: `Tensor` is what people hold."""

    __slots__ = ()

    # Many numbers to few ------------------------------------------------------------------------

    def sum(self, dim: Dims = None, keepdim: bool = False) -> Tensor:
        """The sum of all numbers, or along axes."""
        axis = read_dims(dim, self.array.ndim)
        return self.apply(reductions.sum_, axis=axis, keepdims=keepdim)

    def mean(self, dim: Dims = None, keepdim: bool = False) -> Tensor:
        """The mean of all numbers, or along axes; NaN for none."""
        if self.array.dtype.kind != "f":
            raise RuntimeError(
                "mean(): could not infer output dtype. Input dtype must be either a floating point "
                f"or complex dtype. Got: {scalar_name(self.array.dtype)}. Use `.float().mean()`."
            )
        axis = read_dims(dim, self.array.ndim)
        return self.apply(reductions.mean, axis=axis, keepdims=keepdim)

    def var(
        self,
        dim: Dims = None,
        unbiased: builtins.bool = True,
        keepdim: builtins.bool = False,
        *,
        correction: builtins.float | None = None,
    ) -> Tensor:
        """The mean squared distance from the mean; n − 1 in the divisor, or n − correction."""
        return self.spread(reductions.variance, dim, unbiased, keepdim, correction)

    def std(
        self,
        dim: Dims = None,
        unbiased: builtins.bool = True,
        keepdim: builtins.bool = False,
        *,
        correction: builtins.float | None = None,
    ) -> Tensor:
        """The square root of `var`."""
        return self.spread(reductions.deviation, dim, unbiased, keepdim, correction)

    def spread(
        self,
        row: Operation,
        dim: Dims,
        unbiased: builtins.bool,
        keepdim: builtins.bool,
        correction: builtins.float | None,
    ) -> Tensor:
        """The variance or its root."""
        if self.array.dtype.kind != "f":
            raise RuntimeError(
                "std and var only support floating point and complex dtypes. Use `.float()` first."
            )
        axis = read_dims(dim, self.array.ndim)
        less = builtins.float(unbiased if correction is None else correction)
        return self.apply(row, axis=axis, keepdims=keepdim, correction=less)

    def any(self, dim: Dims = None, keepdim: builtins.bool = False) -> Tensor:
        """Whether one number is not 0, of all or along axes."""
        axis = read_dims(dim, self.array.ndim)
        return self.apply(comparisons.any_, axis=axis, keepdims=keepdim)

    def all(self, dim: Dims = None, keepdim: builtins.bool = False) -> Tensor:
        """Whether no number is 0, of all or along axes."""
        axis = read_dims(dim, self.array.ndim)
        return self.apply(comparisons.all_, axis=axis, keepdims=keepdim)

    def amax(self, dim: Dims = None, keepdim: bool = False) -> Tensor:
        """The largest number, or along axes; equals share the gradient."""
        axis = self.axes_with_numbers("amax", dim)
        return self.apply(reductions.largest, axis=axis, keepdims=keepdim)

    def amin(self, dim: Dims = None, keepdim: bool = False) -> Tensor:
        """The smallest number, or along axes; equals share the gradient."""
        axis = self.axes_with_numbers("amin", dim)
        return self.apply(reductions.smallest, axis=axis, keepdims=keepdim)

    def max(self, dim: int | None = None, keepdim: bool = False) -> Any:
        """The largest number; along an axis: the pair (values, indices)."""
        if dim is None:
            self.check_not_empty("max")
            return self.amax()
        return self.extreme(comparisons.argmax, dim, keepdim=keepdim)

    def min(self, dim: int | None = None, keepdim: bool = False) -> Any:
        """The smallest number; along an axis: the pair (values, indices)."""
        if dim is None:
            self.check_not_empty("min")
            return self.amin()
        return self.extreme(comparisons.argmin, dim, keepdim=keepdim)

    def axes_with_numbers(self, name: str, dim: Dims) -> tuple[int, ...] | None:
        """Axes to choose along, or None for all; along each there must be a number."""
        axis = read_dims(dim, self.array.ndim)
        if axis is None:
            self.check_not_empty(name)
        for each in axis or ():
            if self.array.shape[each] == 0:
                raise IndexError(f"{name}(): Expected reduction dim {each} to have non-zero size.")
        return axis

    def check_not_empty(self, name: str) -> None:
        """Raise if there is no number to choose from."""
        if self.array.size == 0:
            raise RuntimeError(
                f"{name}(): Expected reduction dim to be specified for input.numel() == 0. "
                "Specify the reduction dim with the 'dim' argument."
            )

    def extreme(self, where: Operation, dim: int, *, keepdim: bool) -> Extreme:
        """The picked numbers along an axis, and their places."""
        axis = read_dim(dim, self.array.ndim)
        places = self.apply(where, axis=axis if self.array.ndim else None, keepdims=False)
        values = self.apply(reductions.pick, places, axis=axis) if self.array.ndim else self.clone()
        if keepdim and self.array.ndim:
            return Extreme(values.unsqueeze(axis), places.unsqueeze(axis))
        return Extreme(values, places)

    def argmax(self, dim: int | None = None, keepdim: bool = False) -> Tensor:
        """Where the largest number stands, along an axis or in the flattened tensor."""
        return self.apply(comparisons.argmax, axis=self.axis_or_all(dim), keepdims=keepdim)

    def argmin(self, dim: int | None = None, keepdim: bool = False) -> Tensor:
        """Where the smallest number stands, along an axis or in the flattened tensor."""
        return self.apply(comparisons.argmin, axis=self.axis_or_all(dim), keepdims=keepdim)

    def axis_or_all(self, dim: int | None) -> int | None:
        """An axis, checked; None for all numbers."""
        if dim is None:
            return None
        axis = read_dim(dim, self.array.ndim)
        return axis if self.array.ndim else None

    # The same numbers in another shape ----------------------------------------------------------

    def reshape(self, *shape: Any) -> Tensor:
        """The same numbers in the same order, in another shape; one size may be −1."""
        return self.apply(shapes.reshape, shape=read_shape(shape, self.array.size))

    def view(self, *shape: Any) -> Tensor:
        """The same numbers in the same memory, in another shape; one size may be −1."""
        result = self.reshape(*shape)
        if result.array.size and not np.may_share_memory(result.array, self.array):
            raise ShapeError(
                "view size is not compatible with input tensor's size and stride (at least one "
                "dimension spans across two contiguous subspaces). Use .reshape(...) instead."
            )
        return result

    def view_as(self, other: Tensor) -> Tensor:
        """`view` in another tensor's shape."""
        return self.view(other.shape)

    def reshape_as(self, other: Tensor) -> Tensor:
        """`reshape` to another tensor's shape."""
        return self.reshape(other.shape)

    def flatten(self, start_dim: int = 0, end_dim: int = -1) -> Tensor:
        """The axes from `start_dim` to `end_dim` in one."""
        ndim = self.array.ndim
        start, end = read_dim(start_dim, ndim), read_dim(end_dim, ndim)
        if start > end:
            raise RuntimeError(
                "flatten() has invalid args: start_dim cannot come after end_dim. "
                f"Got {start_dim} and {end_dim} for {ndim} axes."
            )
        shape = self.array.shape
        return self.reshape((*shape[:start], -1, *shape[end + 1 :]))

    def split(
        self, split_size: builtins.int | Sequence[builtins.int], dim: builtins.int = 0
    ) -> tuple[Tensor, ...]:
        """Parts along an axis, each of one size but perhaps the last, or of the sizes of a list."""
        axis = read_dim(dim, self.array.ndim)
        length = self.array.shape[axis] if self.array.ndim else 0
        if isinstance(split_size, builtins.int):
            if split_size < 0 or (split_size == 0 and length):
                raise RuntimeError(
                    "split expects split_size be non-negative, but got split_size="
                    f"{split_size}. Parts need a size of 1 or more."
                )
            starts = range(0, length, split_size) if length else range(1)
            sizes = [builtins.min(split_size, length - start) for start in starts]
        else:
            sizes = list(split_size)
            if builtins.sum(sizes) != length:
                raise RuntimeError(
                    f"split_with_sizes expects split_sizes to sum exactly to {length} (input "
                    f"tensor's size at dimension {axis}), but got split_sizes={sizes}"
                )
        ends = list(itertools.accumulate(sizes))
        place = (slice(None),) * axis
        pairs = zip(ends, sizes, strict=True)
        return tuple(self[(*place, slice(end - size, end))] for end, size in pairs)

    def chunk(self, chunks: builtins.int, dim: builtins.int = 0) -> tuple[Tensor, ...]:
        """At most this many parts of equal size along an axis; the last may be smaller."""
        if chunks <= 0:
            raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
        length = self.array.shape[read_dim(dim, self.array.ndim)]
        return self.split(builtins.max(-(-length // chunks), 1), dim)

    def squeeze(self, dim: int | None = None) -> Tensor:
        """Without the axes of size 1, or without one of them."""
        shape = self.array.shape
        chosen = range(len(shape)) if dim is None else (read_dim(dim, len(shape)),)
        kept = tuple(n for i, n in enumerate(shape) if n != 1 or i not in chosen)
        return self.apply(shapes.squeeze, shape=kept)

    def unsqueeze(self, dim: int) -> Tensor:
        """With one more axis, of size 1, at place `dim`."""
        place = read_dim(dim, self.array.ndim + 1)
        shape = self.array.shape
        return self.apply(shapes.unsqueeze, shape=(*shape[:place], 1, *shape[place:]))

    def permute(self, *dims: Any) -> Tensor:
        """The axes in another order."""
        axes = tuple(read_dim(each, self.array.ndim) for each in read_sizes(dims))
        return self.apply(shapes.permute, axes=axes)

    def transpose(self, dim0: int, dim1: int) -> Tensor:
        """Two axes exchanged."""
        axes = list(range(self.array.ndim))
        first, second = read_dim(dim0, len(axes)), read_dim(dim1, len(axes))
        if axes:
            axes[first], axes[second] = axes[second], axes[first]
        return self.apply(shapes.transpose, axes=tuple(axes))

    def t(self) -> Tensor:
        """A matrix with rows and columns exchanged; with fewer axes as it is."""
        ndim = self.array.ndim
        if ndim > 2:
            raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {ndim}D")
        return self.transpose(0, 1) if ndim == 2 else self.itself()

    @property
    def T(self) -> Tensor:  # noqa: N802 (PyTorch's name)
        """The axes in reverse order."""
        return self.apply(shapes.permute, axes=tuple(reversed(range(self.array.ndim))))

    def __getitem__(self, index: Any) -> Tensor:
        operation, place = read_index(index, self.array.shape)
        try:
            return self.apply(operation, index=place)
        except IndexError as error:
            raise IndexError(str(error).replace("axis", "dimension")) from None

    def __iter__(self) -> Iterator[Tensor]:
        if self.array.ndim == 0:
            raise TypeError("iteration over a 0-d tensor")
        return (self[i] for i in range(len(self.array)))

    # Functions of every number ------------------------------------------------------------------

    def exp(self) -> Tensor:
        """E to the power of each number."""
        return self.apply(functions.exp)

    def log(self) -> Tensor:
        """The natural logarithm; −inf at 0, NaN below."""
        return self.apply(functions.log)

    def sqrt(self) -> Tensor:
        """The square root; NaN below 0."""
        return self.apply(functions.sqrt)

    def __abs__(self) -> Tensor:
        return self.apply(functions.absolute)

    def abs(self) -> Tensor:
        """The distance from 0."""
        return self.apply(functions.absolute)

    def clamp(self, min: float | None = None, max: float | None = None) -> Tensor:
        """Not below `min` and not above `max`."""
        if min is None and max is None:
            raise RuntimeError("torch.clamp: At least one of 'min' or 'max' must not be None")
        if not isinstance(min, int | builtins.float | None) or not isinstance(
            max, int | builtins.float | None
        ):
            raise TypeError(
                "clamp takes numbers as bounds. Use `maximum` and `minimum` for tensors."
            )
        dtype = self.array.dtype
        for bound in (min, max):
            dtype = dtype if bound is None else scalar_dtype(bound, dtype)
        return self.to(dtype).apply(functions.clamp, low=min, high=max)

    clip = clamp

    def relu(self) -> Tensor:
        """The larger of each number and 0."""
        return self.apply(functions.relu)

    def sigmoid(self) -> Tensor:
        """1 ÷ (1 + e^−x) of each number x."""
        return self.apply(functions.sigmoid)

    def tanh(self) -> Tensor:
        """The hyperbolic tangent."""
        return self.apply(functions.tanh)

    def softmax(self, dim: int) -> Tensor:
        """Shares that add up to 1 along an axis: e^x ÷ Σ e^x."""
        return self.floating().apply(functions.softmax, axis=read_dim(dim, self.array.ndim))

    def log_softmax(self, dim: int) -> Tensor:
        """The logarithms of `softmax`, without overflow."""
        return self.floating().apply(functions.log_softmax, axis=read_dim(dim, self.array.ndim))

    def __invert__(self) -> Tensor:
        return self.apply(comparisons.invert)
