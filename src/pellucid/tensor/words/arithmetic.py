"""Arithmetic by name: `add`, `sub`, `mul`, `div`, `pow`, `maximum`, `lerp`, `addcmul` and their kin.

Each is a word of the library and a method of a tensor: `pellucid.add(x, y)` is `x.add(y)`. The
symbols + − × ÷ stand in `operators`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pellucid.tensor import arithmetic, curves
from pellucid.tensor.dtypes import is_floating

if TYPE_CHECKING:
    from pellucid.tensor.tensor import Tensor


def add(input: Tensor, other: Any, *, alpha: float = 1) -> Tensor:
    """The sum, element by element: input + alpha · other.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1, 2]).add(3)
        tensor([4, 5])
    """
    return input.apply_pair(arithmetic.add, other if alpha == 1 else other * alpha, "+")


def sub(input: Tensor, other: Any, *, alpha: float = 1) -> Tensor:
    """The difference, element by element: input − alpha · other.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1, 2]).sub(3)
        tensor([-2, -1])
    """
    return input.apply_pair(arithmetic.subtract, other if alpha == 1 else other * alpha, "-")


def mul(input: Tensor, other: Any) -> Tensor:
    """The product, element by element.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1, 2]).mul(3)
        tensor([3, 6])
    """
    return input.apply_pair(arithmetic.multiply, other, "*")


def div(input: Tensor, other: Any, *, rounding_mode: str | None = None) -> Tensor:
    """The quotient, element by element.

    Args:
        input: what is divided.
        other: what it is divided by, a tensor or a number.
        rounding_mode: "floor" rounds down, "trunc" towards 0; None does not round.

    Raises:
        RuntimeError: another rounding.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1, -2]).div(2)
        tensor([ 0.5000, -1.0000])
        >>> pellucid.tensor([3, -3]).div(2, rounding_mode="floor")
        tensor([ 1, -2])
    """
    if rounding_mode is None:
        return input.apply_pair(arithmetic.divide, other, "/")
    if rounding_mode not in ("floor", "trunc"):
        raise RuntimeError(
            "div expected rounding_mode to be one of None, 'trunc', or 'floor' but found "
            f"'{rounding_mode}'"
        )
    down = input.apply_pair(arithmetic.floor_divide, other, "//")
    if rounding_mode == "floor":
        return down
    if is_floating(down.dtype):
        return input.apply_pair(arithmetic.divide, other, "/").apply(curves.trunc)
    up = -(-input).apply_pair(arithmetic.floor_divide, other, "//")
    return (down < 0).apply(arithmetic.where, up, down)


def pow(input: Any, exponent: Any) -> Tensor:  # noqa: A001 (PyTorch's word)
    """The first to the power of the second, element by element; one of them may be a number.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1, 2]).pow(3)
        tensor([1, 8])
    """
    result: Tensor = input**exponent
    return result


def neg(input: Tensor) -> Tensor:
    """Each number with the other sign.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1, 2]).neg()
        tensor([-1, -2])
    """
    return -input


def maximum(input: Tensor, other: Tensor) -> Tensor:
    """The larger of two, element by element.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1.0, 5.0]).maximum(pellucid.tensor([3.0, 4.0]))
        tensor([3., 5.])
    """
    return input.apply_pair(arithmetic.maximum, other, "maximum")


def minimum(input: Tensor, other: Tensor) -> Tensor:
    """The smaller of two, element by element.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1.0, 5.0]).minimum(pellucid.tensor([3.0, 4.0]))
        tensor([1., 4.])
    """
    return input.apply_pair(arithmetic.minimum, other, "minimum")


def lerp(input: Tensor, end: Tensor, weight: Tensor | float) -> Tensor:
    """A point on the way from one tensor to another: input + weight · (end − input).

    Example:
        >>> import pellucid
        >>> pellucid.tensor([0.0, 10.0]).lerp(pellucid.tensor([4.0, 20.0]), 0.25)
        tensor([ 1.0000, 12.5000])
    """
    return input + weight * (end - input)


def addcmul(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: float = 1) -> Tensor:
    """The sum input + value · tensor1 · tensor2.

    Example:
        >>> import pellucid
        >>> one, two = pellucid.tensor([1.0, 2.0]), pellucid.tensor([3.0, 4.0])
        >>> pellucid.tensor([10.0, 20.0]).addcmul(one, two, value=0.5)
        tensor([11.5000, 24.0000])
    """
    return input + value * tensor1 * tensor2


def addcdiv(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: float = 1) -> Tensor:
    """The sum input + value · tensor1 ÷ tensor2.

    Example:
        >>> import pellucid
        >>> one, two = pellucid.tensor([1.0, 2.0]), pellucid.tensor([2.0, 8.0])
        >>> pellucid.tensor([10.0, 20.0]).addcdiv(one, two)
        tensor([10.5000, 20.2500])
    """
    return input + value * (tensor1 / tensor2)
