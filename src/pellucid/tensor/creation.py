"""Making tensors: from Python's and numpy's numbers, filled with one number, or from several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pellucid.errors import ShapeError
from pellucid.tensor import arithmetic, dtypes, shapes
from pellucid.tensor.axes import read_dim, read_room
from pellucid.tensor.device import check_device
from pellucid.tensor.dtypes import Array, Default, Dtype
from pellucid.tensor.tensor import Tensor


def tensor(
    data: Any, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """A tensor with a copy of `data`.

    Args:
        data: a number, nested lists of numbers, a numpy array, anything that numpy reads.
        dtype: by default Python's fractions become float32, whole numbers int64, True and False
            bool; an array keeps its own.
        device: "cpu" or None.
        requires_grad: whether `backward` shall fill `.grad`.

    Returns:
        A tensor of the shape of `data`.

    Raises:
        ValueError: lists of unequal lengths.
        TypeError: something that is not a number.

    Example:
        >>> tensor([[1.0, 2.0], [3.0, 4.0]])
        tensor([[1., 2.],
                [3., 4.]])
        >>> tensor([1, 2]).dtype
        dtype('int64')
    """
    check_device(device)
    return Tensor(read_array(data, dtype), requires_grad)


def read_array(data: Any, dtype: Dtype | None = None) -> Array:
    """A fresh array of the numbers in `data`, in the dtype that PyTorch would choose."""
    if isinstance(data, Tensor):
        data = data.array
    try:
        array = np.array(data)
    except ValueError:
        check_even(data, 0)
        raise
    if array.dtype.kind not in "biuf":
        raise TypeError(
            f"new(): invalid data type '{kind_of(data)}'. Give numbers, or turn text and missing "
            "values into numbers first."
        )
    if dtype is None and array.dtype == np.float64 and has_python_numbers(data):
        dtype = Default.dtype
    with np.errstate(over="ignore"):  # 1e39 is infinite in float32
        return array if dtype is None else array.astype(dtype, copy=False)


def has_python_numbers(data: Any) -> bool:
    """Whether the first number is Python's own (or there is none), not one of numpy's."""
    while isinstance(data, list | tuple):
        if not data:
            return True
        data = data[0]
    return isinstance(data, int | float) and not isinstance(data, np.generic)


def kind_of(data: Any) -> str:
    """The type's name of the first thing in `data` that is not a number."""
    if isinstance(data, list | tuple):
        for each in data:
            if not isinstance(each, int | float):
                return kind_of(each)
    return f"{data.dtype}" if isinstance(data, np.ndarray) else type(data).__name__


def check_even(data: Any, dim: int) -> None:
    """Raise PyTorch's sentence if nested lists have unequal lengths."""
    if not isinstance(data, list | tuple) or not data or not isinstance(data[0], list | tuple):
        return
    for each in data:
        if not isinstance(each, list | tuple) or len(each) != len(data[0]):
            got = len(each) if isinstance(each, list | tuple) else type(each).__name__
            raise ValueError(
                f"expected sequence of length {len(data[0])} at dim {dim + 1} (got {got})"
            )
        check_even(each, dim + 1)


def from_numpy(array: Array) -> Tensor:
    """A tensor that shares its memory with a numpy array.

    Example:
        >>> numbers = np.zeros(2)
        >>> shared = from_numpy(numbers)
        >>> numbers[0] = 5
        >>> shared
        tensor([5., 0.], dtype=pellucid.float64)
    """
    return Tensor(array)


def as_tensor(data: Any, dtype: Dtype | None = None, device: Any = None) -> Tensor:
    """A tensor of `data`, which shares its memory where that is possible.

    Args:
        data: a tensor, which is given back if it has the dtype; a numpy array, whose memory is
            shared if it has the dtype; or anything that `tensor` takes.
        dtype: as for `tensor`.
        device: "cpu" or None.

    Example:
        >>> numbers = np.zeros(2)
        >>> shared = as_tensor(numbers)
        >>> numbers[0] = 5
        >>> shared
        tensor([5., 0.], dtype=pellucid.float64)
    """
    check_device(device)
    if isinstance(data, np.ndarray) and data.dtype.kind in "biuf":
        data = from_numpy(data)
    if isinstance(data, Tensor):
        return data if dtype is None else data.to(dtype)
    return tensor(data, dtype)


def zeros(
    *size: Any, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """A tensor of zeros, float32 by default (see `set_default_dtype`).

    Example:
        >>> zeros(2, 2)
        tensor([[0., 0.],
                [0., 0.]])
    """
    check_device(device)
    return Tensor(np.zeros(read_room(*size), dtype or Default.dtype), requires_grad)


empty = zeros  # PyTorch leaves what was in memory before; nobody can rely on that


def ones(
    *size: Any, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """A tensor of ones, float32 by default (see `set_default_dtype`).

    Example:
        >>> ones(2)
        tensor([1., 1.])
    """
    check_device(device)
    return Tensor(np.ones(read_room(*size), dtype or Default.dtype), requires_grad)


def full(
    size: Any,
    fill_value: Any,
    *,
    dtype: Dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """A tensor of one number over and over, by default in the number's own dtype.

    Example:
        >>> full((2,), 7)
        tensor([7, 7])
    """
    check_device(device)
    sizes = read_room(size)
    with np.errstate(over="ignore"):  # 1e39 is infinite in float32
        array = np.full(sizes, fill_value, dtype or tensor(fill_value).dtype)
    return Tensor(array, requires_grad)


def eye(
    n: int,
    m: int | None = None,
    *,
    dtype: Dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """A matrix with 1 on the diagonal and 0 elsewhere.

    Example:
        >>> eye(2)
        tensor([[1., 0.],
                [0., 1.]])
    """
    check_device(device)
    rows, columns = read_room(n, n if m is None else m)
    return Tensor(np.eye(rows, columns, dtype=dtype or Default.dtype), requires_grad)


def zeros_like(
    input: Tensor,
    *,
    dtype: Dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Zeros in the shape and dtype of another tensor.

    Example:
        >>> zeros_like(tensor([1, 2]))
        tensor([0, 0])
    """
    check_device(device)
    return Tensor(np.zeros(input.shape, dtype or input.dtype), requires_grad)


def ones_like(
    input: Tensor,
    *,
    dtype: Dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Ones in the shape and dtype of another tensor.

    Example:
        >>> ones_like(tensor([1.5, 2.0]))
        tensor([1., 1.])
    """
    check_device(device)
    return Tensor(np.ones(input.shape, dtype or input.dtype), requires_grad)


def arange(
    *range_: float,
    dtype: Dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Numbers from start (0) up to but not including end, in steps (1).

    Example:
        >>> arange(0, 1, 0.25)
        tensor([0.0000, 0.2500, 0.5000, 0.7500])
    """
    check_device(device)
    if dtype is None:
        dtype = Default.dtype if any(isinstance(each, float) for each in range_) else dtypes.int64
    return Tensor(np.arange(*range_).astype(dtype), requires_grad)


def linspace(
    start: float,
    end: float,
    steps: int,
    *,
    dtype: Dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """`steps` numbers at equal distances, from start to end, both included.

    Example:
        >>> linspace(0, 1, 5)
        tensor([0.0000, 0.2500, 0.5000, 0.7500, 1.0000])
    """
    check_device(device)
    values = np.linspace(start, end, steps, dtype=np.float64)
    return Tensor(values.astype(dtype or Default.dtype), requires_grad)


class NothingToJoinError(ShapeError, ValueError):
    """There are no tensors to join; a ValueError too, because PyTorch raises that."""


def stack(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Tensors of one shape side by side along a new axis.

    Example:
        >>> stack([tensor([1.0, 2.0]), tensor([3.0, 4.0])])
        tensor([[1., 2.],
                [3., 4.]])
    """
    if not tensors:
        raise ShapeError("stack expects a non-empty TensorList")
    first, *others = tensors
    for place, each in enumerate(tensors):
        if each.shape != first.shape:
            raise ShapeError(
                f"stack expects each tensor to be equal size, but got {list(first.shape)} at "
                f"entry 0 and {list(each.shape)} at entry {place}"
            )
    first, *others = of_one_dtype(tensors)
    return first.apply(shapes.stack, *others, axis=read_dim(dim, first.ndim + 1))


def cat(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Tensors one after another along an axis.

    Example:
        >>> cat([tensor([1.0]), tensor([2.0, 3.0])])
        tensor([1., 2., 3.])
    """
    if not tensors:
        raise NothingToJoinError("expected a non-empty list of Tensors")
    join = getattr(tensors[0], "join", None)
    if join is not None:  # a symbol, see `engine.sketch`, only notes that it is called
        joined: Tensor = join(tensors, dim)
        return joined
    # A tensor of shape (0,) fits beside any other, as in PyTorch.
    alike = of_one_dtype(tensors)
    kept = [each for each in alike if each.shape != (0,)] or alike
    for place, each in enumerate(kept):
        if each.ndim == 0:
            raise ShapeError(
                f"zero-dimensional tensor (at position {place}) cannot be concatenated. "
                "Use `stack`."
            )
    first, *others = kept
    axis = read_dim(dim, first.ndim)
    for place, each in enumerate(kept):
        if each.ndim != first.ndim:
            raise ShapeError(
                f"Tensors must have same number of dimensions: got {first.ndim} and {each.ndim}"
            )
        sizes = zip(first.shape, each.shape, strict=True)
        for other, (wanted, got) in enumerate(sizes):
            if other != axis and wanted != got:
                raise ShapeError(
                    f"Sizes of tensors must match except in dimension {axis}. Expected size "
                    f"{wanted} but got size {got} for tensor number {place} in the list."
                )
    return first.apply(shapes.concatenate, *others, axis=axis)


def of_one_dtype(tensors: Sequence[Tensor]) -> list[Tensor]:
    """Tensors in the one dtype that PyTorch would take for all of them.

    Example:
        >>> [each.dtype.name for each in of_one_dtype([tensor([1]), tensor([2.0])])]
        ['float32', 'float32']
    """
    for place, each in enumerate(tensors):
        if not isinstance(each, Tensor):
            raise TypeError(
                f"expected Tensor as element {place} in argument 0, but got {type(each).__name__}"
            )
    dtype = tensors[0].dtype
    for each in tensors[1:]:
        dtype = dtypes.promote(np.empty(1, dtype), np.empty(1, each.dtype))
    return [each.to(dtype) for each in tensors]


def where(condition: Tensor, input: Tensor | float, other: Tensor | float) -> Tensor:
    """`input` where the condition holds, else `other`.

    Example:
        >>> numbers = tensor([-1.0, 2.0])
        >>> where(numbers > 0, numbers, 0.0)
        tensor([0., 2.])
    """
    return condition.apply(arithmetic.where, *as_pair(input, other))


def as_pair(left: Tensor | float, right: Tensor | float) -> tuple[Tensor, Tensor]:
    """Two tensors of one dtype, where one of them may be a number."""
    if isinstance(left, Tensor) and isinstance(right, Tensor):
        dtype = dtypes.promote(left.array, right.array)
        return left.to(dtype), right.to(dtype)
    if isinstance(left, Tensor):
        return left, tensor(right, dtypes.scalar_dtype(right, left.dtype))
    if isinstance(right, Tensor):
        return tensor(left, dtypes.scalar_dtype(left, right.dtype)), right
    return tensor(left), tensor(right)
