"""The largest and the smallest, and where they stand: `max`, `amax`, `argmax` and the like.

Each is a word of the library and a method of a tensor: `pellucid.max(x)` is `x.max()`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pellucid.tensor import comparisons, reductions
from pellucid.tensor.axes import read_dim, read_dims
from pellucid.tensor.operation import Operation
from pellucid.tensor.words.arithmetic import maximum, minimum
from pellucid.tensor.words.choices import Chosen

if TYPE_CHECKING:
    from pellucid.tensor.tensor import Tensor
    from pellucid.tensor.words.totals import Dims


def amax(input: Tensor, dim: Dims = None, keepdim: bool = False) -> Tensor:
    """The largest number, or along axes; equals share the gradient.

    Args:
        input: the numbers.
        dim: an axis or several; all numbers if None.
        keepdim: whether the axes stay, with size 1.

    Raises:
        RuntimeError, IndexError: there is no number to choose from.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([[1, 4], [3, 2]]).amax(dim=1)
        tensor([4, 3])
    """
    axis = read_filled_dims("amax", input, dim)
    return input.apply(reductions.largest, axis=axis, keepdims=keepdim)


def amin(input: Tensor, dim: Dims = None, keepdim: bool = False) -> Tensor:
    """The smallest number, or along axes; equals share the gradient.

    Args:
        input: the numbers.
        dim: an axis or several; all numbers if None.
        keepdim: whether the axes stay, with size 1.

    Raises:
        RuntimeError, IndexError: there is no number to choose from.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([[1, 4], [3, 2]]).amin(dim=1)
        tensor([1, 2])
    """
    axis = read_filled_dims("amin", input, dim)
    return input.apply(reductions.smallest, axis=axis, keepdims=keepdim)


def max(input: Tensor, dim: Any = None, keepdim: bool = False) -> Any:  # noqa: A001 (PyTorch's word)
    """The largest number; along an axis: the pair (values, indices).

    Args:
        input: the numbers.
        dim: an axis; all numbers if None; or a second tensor, for the larger of two.
        keepdim: whether the axis stays, with size 1.

    Raises:
        RuntimeError: there is no number to choose from.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1, 4, 3]).max()
        tensor(4)
    """
    if hasattr(dim, "array"):
        return maximum(input, dim)
    if dim is None:
        check_not_empty("max", input)
        return amax(input)
    return extreme(comparisons.argmax, input, dim, keepdim=keepdim)


def min(input: Tensor, dim: Any = None, keepdim: bool = False) -> Any:  # noqa: A001 (PyTorch's word)
    """The smallest number; along an axis: the pair (values, indices).

    Args:
        input: the numbers.
        dim: an axis; all numbers if None; or a second tensor, for the smaller of two.
        keepdim: whether the axis stays, with size 1.

    Raises:
        RuntimeError: there is no number to choose from.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1, 4, 3]).min()
        tensor(1)
    """
    if hasattr(dim, "array"):
        return minimum(input, dim)
    if dim is None:
        check_not_empty("min", input)
        return amin(input)
    return extreme(comparisons.argmin, input, dim, keepdim=keepdim)


def argmax(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Where the largest number stands, along an axis or in the flattened tensor.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1, 4, 3]).argmax()
        tensor(1)
    """
    return input.apply(comparisons.argmax, axis=axis_or_all(input, dim), keepdims=keepdim)


def argmin(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Where the smallest number stands, along an axis or in the flattened tensor.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1, 4, 3]).argmin()
        tensor(0)
    """
    return input.apply(comparisons.argmin, axis=axis_or_all(input, dim), keepdims=keepdim)


def extreme(where: Operation, input: Tensor, dim: int, *, keepdim: bool) -> Chosen:
    """The picked numbers along an axis, and their places."""
    axis = read_dim(dim, input.ndim)
    places = input.apply(where, axis=axis if input.ndim else None, keepdims=False)
    values = input.apply(reductions.pick, places, axis=axis) if input.ndim else input.clone()
    if keepdim and input.ndim:
        return Chosen(values.unsqueeze(axis), places.unsqueeze(axis))
    return Chosen(values, places)


def axis_or_all(input: Tensor, dim: int | None) -> int | None:
    """An axis, checked; None for all numbers."""
    if dim is None:
        return None
    axis = read_dim(dim, input.ndim)
    return axis if input.ndim else None


def read_filled_dims(name: str, input: Tensor, dim: Dims) -> tuple[int, ...] | None:
    """Axes to choose along, or None for all; along each there must be a number."""
    axis = read_dims(dim, input.ndim)
    if axis is None:
        check_not_empty(name, input)
    for each in axis or ():
        if input.shape[each] == 0:
            raise IndexError(f"{name}(): Expected reduction dim {each} to have non-zero size.")
    return axis


def check_not_empty(name: str, input: Tensor) -> None:
    """Raise if there is no number to choose from."""
    if input.array.size == 0:
        raise RuntimeError(
            f"{name}(): Expected reduction dim to be specified for input.numel() == 0. "
            "Specify the reduction dim with the 'dim' argument."
        )
