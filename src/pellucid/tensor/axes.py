"""Reading what a person says about axes, shapes and places: checked, and in numpy's terms."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from pellucid.errors import ShapeError
from pellucid.tensor.dtypes import Array, c_name
from pellucid.tensor.operation import Operation
from pellucid.tensor.shapes import cut, is_basic, select, take


def read_dim(dim: int, ndim: int) -> int:
    """An axis, counted from the front; negative ones count from the end.

    Raises:
        IndexError: there is no such axis.
        TypeError: not a whole number.
    """
    if not isinstance(dim, int | np.integer):
        raise TypeError(f"argument 'dim' must be int, not {type(dim).__name__}")
    room = max(ndim, 1)
    if not -room <= dim < room:
        raise IndexError(
            f"Dimension out of range (expected to be in range of [{-room}, {room - 1}], "
            f"but got {dim})"
        )
    return dim % room


def read_dims(dim: int | Sequence[int] | None, ndim: int) -> tuple[int, ...] | None:
    """Axes as a tuple, or None for all."""
    if dim is None:
        return None
    dims = tuple(read_dim(each, ndim) for each in (dim if isinstance(dim, Sequence) else (dim,)))
    for each in dims:
        if dims.count(each) > 1:
            raise RuntimeError(f"dim {each} appears multiple times in the list of dims")
    return dims if ndim and dims else None


def read_sizes(sizes: tuple[Any, ...]) -> tuple[int, ...]:
    """`f(2, 3)` and `f((2, 3))` both as (2, 3).

    Raises:
        TypeError: something that is no whole number.
    """
    if len(sizes) == 1 and not isinstance(sizes[0], int | str):
        is_list = isinstance(sizes[0], Iterable) and getattr(sizes[0], "ndim", 1) != 0
        sizes = tuple(sizes[0]) if is_list else sizes  # a tensor without axes is a number
    try:
        return tuple(map(operator.index, sizes))
    except TypeError:
        wrong = next(each for each in sizes if not hasattr(each, "__index__"))
        raise TypeError(
            f"Sizes and axes must be whole numbers. Got {wrong!r} of {type(wrong).__name__} "
            f"among {list(sizes)}."
        ) from None


def read_room(*sizes: Any) -> tuple[int, ...]:
    """The shape of something that is to be made: whole numbers from 0.

    Example:
        >>> read_room(2, 3), read_room((2, 3))
        ((2, 3), (2, 3))

    Raises:
        TypeError: something that is no whole number.
        ShapeError: a size below 0.
    """
    shape = read_sizes(sizes)
    for size in shape:
        if size < 0:
            raise ShapeError(
                f"Trying to create tensor with negative dimension {size}: {list(shape)}"
            )
    return shape


def read_shape(sizes: tuple[Any, ...], count: int) -> tuple[int, ...]:
    """A shape that holds `count` numbers; one size may be −1 and is then worked out.

    Raises:
        ShapeError: it does not hold them.
    """
    shape = read_sizes(sizes)
    known = int(np.prod([each for each in shape if each != -1], dtype=np.int64))
    if shape.count(-1) > 1:
        raise ShapeError("only one dimension can be inferred")
    if -1 in shape and known and count % known == 0:
        return tuple(count // known if each == -1 else each for each in shape)
    if -1 in shape and known == count == 0:
        raise ShapeError(
            f"cannot reshape tensor of 0 elements into shape {list(shape)} because the unspecified "
            "dimension size -1 can be any value and is ambiguous"
        )
    if known != count or -1 in shape:
        raise ShapeError(f"shape '{list(shape)}' is invalid for input of size {count}")
    return shape


def read_index(index: Any, shape: tuple[int, ...]) -> tuple[Operation, Any]:
    """The operation that takes out what `tensor[index]` says, and the index in numpy's terms.

    Raises:
        IndexError: a place that does not exist; a fraction.
        TypeError: text.
        ValueError: a slice that runs backwards.
    """
    parts = tuple(map(read_part, index if isinstance(index, tuple) else (index,)))
    for part in parts:
        if isinstance(part, slice) and part.step is not None and part.step <= 0:
            raise ValueError("step must be greater than zero")
    if not is_basic(parts):
        return take, parts
    counted = [part for part in parts if part is not None and part is not Ellipsis]
    if len(counted) > len(shape):
        raise IndexError(f"too many indices for tensor of dimension {len(shape)}")
    is_one_place = any(isinstance(part, int | np.integer) for part in parts[-1:])
    # With an ellipsis numpy gives a view of a single number too, not a copy of it.
    whole = parts if Ellipsis in parts else (*parts, Ellipsis)
    return (select if is_one_place else cut), whole


def read_part(part: Any) -> Any:
    """One part of an index; tensors and lists as arrays."""
    if hasattr(part, "array"):
        part = part.array
        if part.ndim == 0 and part.dtype.kind in "iu":
            return int(part)
    if isinstance(part, list | range):
        numbers = [getattr(each, "array", each) for each in part]
        part = np.asarray(numbers, dtype=None if numbers else np.int64)
    if isinstance(part, str):
        raise TypeError("new(): invalid data type 'str'")
    if isinstance(part, float | np.floating):
        raise IndexError(
            "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are "
            f"valid indices (got {type(part).__name__}). `int()` makes a place of a fraction."
        )
    if isinstance(part, np.ndarray) and part.dtype.kind == "f":
        raise IndexError(
            "tensors used as indices must be long, int, byte or bool tensors. `.long()` converts."
        )
    return part


def broadcast_message(left: tuple[int, ...], right: tuple[int, ...]) -> str | None:
    """PyTorch's sentence for two shapes that do not fit together; None if they do.

    Example:
        >>> broadcast_message((2,), (3,))
        'The size of tensor a (2) must match the size of tensor b (3) at non-singleton dimension 0'
    """
    ndim = max(len(left), len(right))
    first = (1,) * (ndim - len(left)) + left
    second = (1,) * (ndim - len(right)) + right
    for dim in reversed(range(ndim)):
        if first[dim] != second[dim] and 1 not in (first[dim], second[dim]):
            return (
                f"The size of tensor a ({first[dim]}) must match the size of tensor b "
                f"({second[dim]}) at non-singleton dimension {dim}"
            )
    return None


def check_product(left: Array, right: Array) -> None:
    """Raise PyTorch's sentence if two arrays cannot be multiplied as matrices.

    Raises:
        ShapeError: the inner sizes differ, or one has no axis.
        RuntimeError: the dtypes differ.
    """
    if left.ndim == 0 or right.ndim == 0:
        raise ShapeError(
            f"both arguments to matmul need to be at least 1D, but they are {left.ndim}D and "
            f"{right.ndim}D"
        )
    if left.dtype != right.dtype:
        raise RuntimeError(
            f"expected m1 and m2 to have the same dtype, but got: {c_name(left.dtype)} != {c_name(right.dtype)}"
        )
    inner = right.shape[-2] if right.ndim > 1 else right.shape[0]
    if left.shape[-1] == inner:
        return
    if left.ndim == 1 and right.ndim == 1:
        raise ShapeError(
            f"inconsistent tensor size, expected tensor [{left.shape[0]}] and src "
            f"[{right.shape[0]}] to have the same number of elements, but got {left.shape[0]} and "
            f"{right.shape[0]} elements respectively"
        )
    if right.ndim == 1:
        raise ShapeError(
            f"size mismatch, got input ({left.shape[0]}), mat ({by(left.shape)}), vec ({inner})"
        )
    raise ShapeError(
        f"mat1 and mat2 shapes cannot be multiplied ({by(as_matrix(left.shape))} and "
        f"{by(right.shape[-2:])}). The first must have as many columns as the second has rows: "
        f"got {left.shape} and {right.shape}."
    )


def as_matrix(shape: tuple[int, ...]) -> tuple[int, int]:
    """The shape with all axes but the last in one."""
    return int(np.prod(shape[:-1], dtype=np.int64)), shape[-1]


def by(shape: tuple[int, ...]) -> str:
    """A shape as PyTorch writes it in these sentences: '4x5'."""
    return "x".join(map(str, shape))
