"""The same numbers in another shape: `reshape`, `flatten`, `squeeze`, `transpose` and their kin.

Most are a word of the library and a method of a tensor: `pellucid.reshape(x, (2, 3))` is
`x.reshape(2, 3)`; `view` and the like are methods only, as in PyTorch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.errors import ShapeError
from pellucid.tensor import shapes
from pellucid.tensor.axes import read_dim, read_shape, read_sizes

if TYPE_CHECKING:
    from pellucid.tensor.tensor import Tensor


def reshape(input: Tensor, *shape: Any) -> Tensor:
    """The same numbers in the same order, in another shape; one size may be −1.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1, 2, 3, 4]).reshape(2, -1)
        tensor([[1, 2],
                [3, 4]])
    """
    return input.apply(shapes.reshape, shape=read_shape(shape, input.array.size))


def view(input: Tensor, *shape: Any) -> Tensor:
    """The same numbers in the same memory, in another shape; one size may be −1.

    Raises:
        ShapeError: the numbers do not lie as that shape needs them.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1, 2, 3, 4]).view(2, 2)
        tensor([[1, 2],
                [3, 4]])
    """
    result = reshape(input, *shape)
    if result.array.size and not np.may_share_memory(result.array, input.array):
        raise ShapeError(
            "view size is not compatible with input tensor's size and stride (at least one "
            "dimension spans across two contiguous subspaces). Use .reshape(...) instead."
        )
    return result


def view_as(input: Tensor, other: Tensor) -> Tensor:
    """`view` in another tensor's shape."""
    return view(input, other.shape)


def reshape_as(input: Tensor, other: Tensor) -> Tensor:
    """`reshape` to another tensor's shape."""
    return reshape(input, other.shape)


def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """The axes from `start_dim` to `end_dim` in one.

    Raises:
        RuntimeError: the last comes before the first.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([[1, 2], [3, 4]]).flatten()
        tensor([1, 2, 3, 4])
    """
    start, end = read_dim(start_dim, input.ndim), read_dim(end_dim, input.ndim)
    if start > end:
        raise RuntimeError(
            "flatten() has invalid args: start_dim cannot come after end_dim. "
            f"Got {start_dim} and {end_dim} for {input.ndim} axes."
        )
    if start == end and input.ndim:
        return input
    return reshape(input, (*input.shape[:start], -1, *input.shape[end + 1 :]))


def squeeze(input: Tensor, dim: int | None = None) -> Tensor:
    """Without the axes of size 1, or without one of them.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([[1, 2]]).squeeze()
        tensor([1, 2])
    """
    shape = input.shape
    chosen = range(len(shape)) if dim is None else (read_dim(dim, len(shape)),)
    kept = tuple(n for i, n in enumerate(shape) if n != 1 or i not in chosen)
    return input.apply(shapes.squeeze, shape=kept)


def unsqueeze(input: Tensor, dim: int) -> Tensor:
    """With one more axis, of size 1, at place `dim`.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1, 2]).unsqueeze(0)
        tensor([[1, 2]])
    """
    place = read_dim(dim, input.ndim + 1)
    shape = input.shape
    return input.apply(shapes.unsqueeze, shape=(*shape[:place], 1, *shape[place:]))


def permute(input: Tensor, *dims: Any) -> Tensor:
    """The axes in another order.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([[1, 2]]).permute(1, 0)
        tensor([[1],
                [2]])
    """
    axes = tuple(read_dim(each, input.ndim) for each in read_sizes(dims))
    return input.apply(shapes.permute, axes=axes)


def transpose(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """Two axes exchanged.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([[1, 2]]).transpose(0, 1)
        tensor([[1],
                [2]])
    """
    axes = list(range(input.ndim))
    first, second = read_dim(dim0, len(axes)), read_dim(dim1, len(axes))
    if axes:
        axes[first], axes[second] = axes[second], axes[first]
    return input.apply(shapes.transpose, axes=tuple(axes))


def t(input: Tensor) -> Tensor:
    """A matrix with rows and columns exchanged; with fewer axes as it is.

    Raises:
        RuntimeError: more than two axes.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([[1, 2]]).t()
        tensor([[1],
                [2]])
    """
    if input.ndim > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {input.ndim}D")
    return transpose(input, 0, 1) if input.ndim == 2 else input
