"""The same numbers several times, turned round or in part: `expand`, `repeat`, `flip`, `tril`.

Each is a word of the library and a method of a tensor: `pellucid.flip(x, [0])` is `x.flip(0)`;
`expand` and `repeat` are methods only, as in PyTorch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.errors import ShapeError
from pellucid.tensor import arrangements
from pellucid.tensor.axes import read_dim, read_dims, read_sizes

if TYPE_CHECKING:
    from pellucid.tensor.tensor import Tensor


def expand(input: Tensor, *sizes: Any) -> Tensor:
    """The same memory in a larger shape: axes of size 1 are repeated, new ones come in front.

    Args:
        input: the numbers.
        *sizes: the shape; −1 keeps an axis as it is.

    Raises:
        ShapeError: an axis that is neither 1 nor of the wanted size; too few axes.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([[1], [2]]).expand(-1, 3)
        tensor([[1, 1, 1],
                [2, 2, 2]])
    """
    wanted, shape = read_sizes(sizes), input.shape
    if len(wanted) < len(shape):
        raise ShapeError(
            f"expand({input.type()}{{{list(shape)}}}, size={list(wanted)}): the number of sizes "
            f"provided ({len(wanted)}) must be greater or equal to the number of dimensions in the "
            f"tensor ({len(shape)})"
        )
    new = len(wanted) - len(shape)
    if -1 in wanted[:new]:
        raise ShapeError(
            "The expanded size of the tensor (-1) isn't allowed in a leading, non-existing "
            f"dimension {wanted.index(-1)}. Say its size."
        )
    own = (1,) * new + shape
    whole = tuple(size if each == -1 else each for each, size in zip(wanted, own, strict=True))
    for dim, (size, room) in enumerate(zip(own, whole, strict=True)):
        if size not in (1, room):
            raise ShapeError(
                f"The expanded size of the tensor ({room}) must match the existing size ({size}) "
                f"at non-singleton dimension {dim}.  Target sizes: {list(wanted)}.  Tensor sizes: "
                f"{list(shape)}"
            )
    return input.apply(arrangements.expand, shape=whole)


def expand_as(input: Tensor, other: Tensor) -> Tensor:
    """`expand` to another tensor's shape.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1, 2]).expand_as(pellucid.zeros(2, 2))
        tensor([[1, 2],
                [1, 2]])
    """
    return expand(input, other.shape)


def repeat(input: Tensor, *repeats: Any) -> Tensor:
    """The whole again and again along each axis, in memory of its own.

    Args:
        input: the numbers.
        *repeats: how often along each axis; more of them than axes make new axes in front.

    Raises:
        ShapeError: fewer of them than axes.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1, 2]).repeat(2, 2)
        tensor([[1, 2, 1, 2],
                [1, 2, 1, 2]])
    """
    counts = read_sizes(repeats)
    if len(counts) < input.ndim:
        raise ShapeError(
            "Number of dimensions of repeat dims can not be smaller than number of dimensions of "
            f"tensor. Got {len(counts)} counts for {input.ndim} axes."
        )
    return input.apply(arrangements.repeat, repeats=counts)


def repeat_interleave(input: Tensor, repeats: Any, dim: int | None = None) -> Tensor:
    """Each slice of an axis several times, one after the other.

    Args:
        input: the numbers.
        repeats: how often: a whole number, or a tensor with one for each slice.
        dim: the axis; the flattened tensor if None.

    Raises:
        RuntimeError: negative counts, or another number of them than of slices.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1, 2]).repeat_interleave(2)
        tensor([1, 1, 2, 2])
    """
    numbers = input.reshape(-1) if dim is None else input
    axis = read_dim(dim or 0, numbers.ndim)
    counts = np.asarray(getattr(repeats, "array", repeats)).reshape(-1)
    length = numbers.shape[axis] if numbers.ndim else 1
    if np.any(counts < 0):
        raise RuntimeError("Repeats must be non-negative")
    if len(counts) not in (1, length):
        raise RuntimeError(
            "repeats must have the same size as input along dim, but got repeats.size(0) = "
            f"{len(counts)} and input.size({axis}) = {length}"
        )
    places = np.repeat(np.arange(length), counts)
    return numbers.index_select(axis, type(input)(places))


def flip(input: Tensor, *axes: Any, dims: Sequence[int] = ()) -> Tensor:
    """The numbers in reverse order along some axes, given one by one or as a list.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([[1, 2], [3, 4]]).flip(1)
        tensor([[2, 1],
                [4, 3]])
    """
    chosen = read_sizes(axes or (dims,))
    axis = (read_dims(chosen, input.ndim) or ()) if chosen else ()
    return input.apply(arrangements.flip, axis=axis)


def roll(input: Tensor, shifts: int | Sequence[int], dims: int | Sequence[int] = ()) -> Tensor:
    """The numbers moved along axes; what falls off one end comes in at the other.

    Args:
        input: the numbers.
        shifts: by how many places; one for each axis.
        dims: the axes; without any the flattened tensor is moved.

    Raises:
        RuntimeError: another number of shifts than of axes.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1, 2, 3]).roll(1)
        tensor([3, 1, 2])
    """
    moves = (shifts,) if isinstance(shifts, int) else tuple(shifts)
    axes = (dims,) if isinstance(dims, int) else tuple(dims)
    if not moves:
        raise RuntimeError("`shifts` required")
    if len(axes) != len(moves) and (axes or len(moves) > 1):
        raise RuntimeError(
            f"shifts and dimensions must align. shifts: {len(moves)}, dims:{len(axes)}"
        )
    if axes and input.ndim == 0:
        raise IndexError(f"Dimension specified as {axes[0]} but tensor has no dimensions")
    axis = tuple(read_dim(each, input.ndim) for each in axes) or None
    return input.apply(arrangements.roll, shifts=moves, axis=axis)


def tril(input: Tensor, diagonal: int = 0) -> Tensor:
    """The lower triangle of a matrix, or of each of several; 0 above the diagonal.

    Args:
        input: at least two axes; the last two are the matrix.
        diagonal: the last one that stays: 0 the main one, 1 the next above, −1 the next below.

    Raises:
        RuntimeError: fewer than two axes.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([[1, 2], [3, 4]]).tril()
        tensor([[1, 0],
                [3, 4]])
    """
    check_matrices("tril", input)
    return input.apply(arrangements.tril, diagonal=diagonal)


def triu(input: Tensor, diagonal: int = 0) -> Tensor:
    """The upper triangle of a matrix, or of each of several; 0 below the diagonal.

    Args:
        input: at least two axes; the last two are the matrix.
        diagonal: the first one that stays: 0 the main one, 1 the next above, −1 the next below.

    Raises:
        RuntimeError: fewer than two axes.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([[1, 2], [3, 4]]).triu()
        tensor([[1, 2],
                [0, 4]])
    """
    check_matrices("triu", input)
    return input.apply(arrangements.triu, diagonal=diagonal)


def check_matrices(name: str, input: Tensor) -> None:
    """Raise PyTorch's sentence if there are fewer than two axes."""
    if input.ndim < 2:
        raise RuntimeError(
            f"{name}: input tensor must have at least 2 dimensions. Got shape {input.shape}."
        )
