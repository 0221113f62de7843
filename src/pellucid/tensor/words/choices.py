"""Numbers chosen by place, by order or by a mask: `gather`, `sort`, `topk`, `masked_fill` and their kin.

Each is a word of the library and a method of a tensor: `pellucid.sort(x)` is `x.sort()`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pellucid.errors import ShapeError
from pellucid.tensor import choices
from pellucid.tensor.axes import broadcast_message, read_dim
from pellucid.tensor.dtypes import c_name

if TYPE_CHECKING:
    from pellucid.tensor.tensor import Tensor


class Chosen(NamedTuple):
    """Numbers along an axis, and where they stood."""

    values: Tensor
    indices: Tensor


def gather(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """For each place in `index` the number that stands there along an axis.

    out[i][j] = input[index[i][j]][j] for dim 0, input[i][index[i][j]] for dim 1.

    Args:
        input: the numbers.
        dim: the axis that the places count along.
        index: whole numbers from 0; as many axes as `input`, along the others no larger.

    Raises:
        RuntimeError: places that are fractions or do not exist; shapes that do not fit.

    Example:
        >>> import pellucid
        >>> scores = pellucid.tensor([[0.1, 0.9], [0.7, 0.3]])
        >>> scores.gather(1, pellucid.tensor([[1], [0]]))
        tensor([[0.9000],
                [0.7000]])
    """
    axis = read_dim(dim, input.ndim)
    if index.array.size == 0:
        return input.reshape(-1)[:0].reshape(index.shape)
    if input.ndim == 0 or index.ndim == 0:
        return gather(input.reshape(-1), 0, index.reshape(-1)).reshape(index.shape)
    check_places("gather", input.shape, index, axis)
    return input.apply(choices.gather, index, axis=axis)


def check_places(name: str, shape: tuple[int, ...], index: Tensor, axis: int) -> None:
    """Raise PyTorch's sentence if places along an axis do not fit a tensor.

    Raises:
        RuntimeError: they are fractions, of other axes, too many, or do not exist.
    """
    places = index.array
    if places.dtype.kind not in "iu":
        raise RuntimeError(f"{name}(): Expected dtype int32/int64 for index. Use `.long()`.")
    if places.ndim != len(shape):
        raise ShapeError(
            "Index tensor must have the same number of dimensions as input tensor. "
            f"Got {places.ndim} and {len(shape)}."
        )
    for other, (size, room) in enumerate(zip(places.shape, shape, strict=False)):
        if other != axis and size > room:
            raise ShapeError(
                f"Size does not match at dimension {other} expected index {list(places.shape)} to "
                f"be no larger than self {list(shape)} apart from dimension {axis}"
            )
    check_range(places, axis, shape[axis])


def check_range(places: Any, axis: int, size: int) -> None:
    """Raise if a place along an axis does not exist."""
    wrong = places[(places < 0) | (places >= size)]
    if wrong.size:
        raise IndexOutOfRangeError(
            f"index {wrong.reshape(-1)[0]} is out of bounds for dimension {axis} with size {size}"
        )


class IndexOutOfRangeError(RuntimeError, IndexError):
    """A place that does not exist; PyTorch raises sometimes the one, sometimes the other."""


def index_select(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """Slices of an axis by their numbers, in any order and as often as wanted.

    Args:
        input: the numbers.
        dim: the axis.
        index: whole numbers from 0, one axis.

    Raises:
        IndexError: fractions; several axes; a place that does not exist.

    Example:
        >>> import pellucid
        >>> table = pellucid.tensor([[1, 2], [3, 4], [5, 6]])
        >>> table.index_select(0, pellucid.tensor([2, 0]))
        tensor([[5, 6],
                [1, 2]])
    """
    axis = read_dim(dim, input.ndim)
    places = index.array.reshape(-1) if index.ndim == 0 else index.array
    if places.ndim > 1:
        raise IndexError("index_select(): Index is supposed to be a vector")
    if places.dtype.kind not in "iu":
        raise RuntimeError("index_select(): Expected dtype int32 or int64 for index")
    if input.ndim == 0:
        return index_select(input.reshape(1), 0, index.reshape(-1)).reshape(())
    if np.any((places < 0) | (places >= input.shape[axis])):
        raise IndexOutOfRangeError(
            f"index out of range in self. Axis {axis} has {input.shape[axis]} places."
        )
    return input.apply(choices.index_select, index.reshape(-1), axis=axis)


def masked_fill(input: Tensor, mask: Tensor, value: Any) -> Tensor:
    """The numbers, but one value wherever a mask holds.

    Args:
        input: the numbers.
        mask: True or False; it is broadcast.
        value: a number, or a tensor without axes; it takes on the dtype of `input`.

    Raises:
        RuntimeError: a mask of numbers; a value with axes.

    Example:
        >>> import pellucid
        >>> scores = pellucid.tensor([1.0, 2.0, 3.0])
        >>> scores.masked_fill(scores > 2, 0.0)
        tensor([1., 2., 0.])
    """
    check_mask(mask, value)
    number = value.to(input.dtype) if hasattr(value, "array") else input.beside(value)
    message = broadcast_message(mask.shape, input.shape)
    if message is not None:
        raise ShapeError(f"{message}. Got shapes {mask.shape} and {input.shape}.")
    return input.apply(choices.masked_fill, mask, number.to(input.dtype))


def check_mask(mask: Tensor, value: Any) -> None:
    """Raise PyTorch's sentence for a mask of numbers, and for a value with axes."""
    if mask.dtype.kind != "b":
        raise RuntimeError(
            "masked_fill_ only supports boolean masks, but got mask with dtype "
            f"{c_name(mask.dtype)}. Use `.bool()`."
        )
    if getattr(value, "ndim", 0):
        raise RuntimeError(
            "masked_fill_ only supports a 0-dimensional value tensor, but got tensor with "
            f"{value.ndim} dimension(s)."
        )


def argsort(
    input: Tensor,
    dim: int = -1,
    descending: bool = False,
    stable: bool = True,  # noqa: ARG001 (PyTorch's signature)
) -> Tensor:
    """The places of the numbers in order along an axis; NaN counts as the largest.

    Args:
        input: the numbers.
        dim: the axis; the last by default.
        descending: whether the largest comes first.
        stable: whether equals keep their order; here they always do.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([3, 1, 2]).argsort()
        tensor([1, 2, 0])
    """
    axis = read_dim(dim, input.ndim)
    if input.ndim == 0:
        return argsort(input.reshape(1), 0).reshape(())
    return input.apply(choices.argsort, axis=axis, descending=descending)


def sort(
    input: Tensor,
    dim: int = -1,
    descending: bool = False,
    stable: bool = True,  # noqa: ARG001 (PyTorch's signature)
) -> Chosen:
    """The numbers in order along an axis, and their places: the pair (values, indices).

    Args:
        input: the numbers; NaN counts as the largest.
        dim: the axis; the last by default.
        descending: whether the largest comes first.
        stable: whether equals keep their order; here they always do.

    Example:
        >>> import pellucid
        >>> values, indices = pellucid.tensor([3, 1, 2]).sort()
        >>> values, indices
        (tensor([1, 2, 3]), tensor([1, 2, 0]))
    """
    axis = read_dim(dim, input.ndim)
    places = argsort(input, dim, descending)
    if input.ndim == 0:
        return Chosen(input.clone(), places)
    return Chosen(input.apply(choices.sort, places, axis=axis), places)


def topk(
    input: Tensor,
    k: int,
    dim: int = -1,
    largest: bool = True,
    sorted: bool = True,  # noqa: ARG001 (PyTorch's signature)
) -> Chosen:
    """The k largest or smallest numbers along an axis, and their places.

    Args:
        input: the numbers; NaN counts as the largest.
        k: how many; 0 to the size of the axis.
        dim: the axis; the last by default.
        largest: whether the largest are meant, not the smallest.
        sorted: whether the outermost comes first; here it always does.

    Raises:
        RuntimeError: there are not so many.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([3, 1, 2]).topk(2).values
        tensor([3, 2])
    """
    axis = read_dim(dim, input.ndim)
    if not 0 <= k <= (input.shape[axis] if input.ndim else 1):
        raise RuntimeError(
            f"selected index k out of range. Got {k} of {input.shape[axis] if input.ndim else 1}."
        )
    if input.ndim == 0:
        return Chosen(input.clone(), argsort(input))
    order = argsort(input, dim, descending=largest)
    places = order[(slice(None),) * axis + (slice(k),)]
    return Chosen(input.apply(choices.topk, places, axis=axis), places)
