"""Questions about numbers: `any`, `isnan`, `logical_and`, `equal`, `allclose` and their kin.

Each is a word of the library and a method of a tensor: `pellucid.isnan(x)` is `x.isnan()`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.tensor import comparisons
from pellucid.tensor.axes import read_dims
from pellucid.tensor.dtypes import scalar_name

if TYPE_CHECKING:
    from pellucid.tensor.tensor import Tensor
    from pellucid.tensor.words.totals import Dims


def any(input: Tensor, dim: Dims = None, keepdim: bool = False) -> Tensor:  # noqa: A001 (PyTorch's word)
    """Whether one number is not 0, of all or along axes.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([True, False]).any()
        tensor(True)
    """
    axis = read_dims(dim, input.ndim)
    return input.apply(comparisons.any_, axis=axis, keepdims=keepdim)


def all(input: Tensor, dim: Dims = None, keepdim: bool = False) -> Tensor:  # noqa: A001 (PyTorch's word)
    """Whether no number is 0, of all or along axes.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([True, False]).all()
        tensor(False)
    """
    axis = read_dims(dim, input.ndim)
    return input.apply(comparisons.all_, axis=axis, keepdims=keepdim)


def isnan(input: Tensor) -> Tensor:
    """Which are NaN, not a number.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1.0, float("nan")]).isnan()
        tensor([False,  True])
    """
    return input.apply(comparisons.isnan)


def isinf(input: Tensor) -> Tensor:
    """Which are infinite.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1.0, -float("inf")]).isinf()
        tensor([False,  True])
    """
    return input.apply(comparisons.isinf)


def isfinite(input: Tensor) -> Tensor:
    """Which are neither NaN nor infinite.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1.0, float("nan")]).isfinite()
        tensor([ True, False])
    """
    return input.apply(comparisons.isfinite)


def logical_not(input: Tensor) -> Tensor:
    """Which are 0 or False.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([0, 3]).logical_not()
        tensor([ True, False])
    """
    return input.apply(comparisons.logical_not)


def logical_and(input: Tensor, other: Tensor) -> Tensor:
    """Where neither of two is 0 or False.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([0, 3]).logical_and(pellucid.tensor([2, 2]))
        tensor([False,  True])
    """
    return input.apply_pair(comparisons.logical_and, other, "logical_and")


def logical_or(input: Tensor, other: Tensor) -> Tensor:
    """Where at least one of two is not 0 or False.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([0, 3]).logical_or(pellucid.tensor([0, 0]))
        tensor([False,  True])
    """
    return input.apply_pair(comparisons.logical_or, other, "logical_or")


def logical_xor(input: Tensor, other: Tensor) -> Tensor:
    """Where exactly one of two is not 0 or False.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([0, 3]).logical_xor(pellucid.tensor([2, 2]))
        tensor([ True, False])
    """
    return input.apply_pair(comparisons.logical_xor, other, "logical_xor")


def eq(input: Tensor, other: Any) -> Tensor:
    """Where the two are equal, as `==` says it.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1, 2]).eq(2)
        tensor([False,  True])
    """
    return input.apply_pair(comparisons.equal, other, "eq()")


def ne(input: Tensor, other: Any) -> Tensor:
    """Where the two are not equal, as `!=` says it.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1, 2]).ne(2)
        tensor([ True, False])
    """
    return input.apply_pair(comparisons.not_equal, other, "ne()")


def lt(input: Tensor, other: Any) -> Tensor:
    """Where the first is less, as `<` says it.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1, 2]).lt(2)
        tensor([ True, False])
    """
    return input.apply_pair(comparisons.less, other, "lt()")


def le(input: Tensor, other: Any) -> Tensor:
    """Where the first is not greater, as `<=` says it.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1, 3]).le(2)
        tensor([ True, False])
    """
    return input.apply_pair(comparisons.less_equal, other, "le()")


def gt(input: Tensor, other: Any) -> Tensor:
    """Where the first is greater, as `>` says it.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1, 3]).gt(2)
        tensor([False,  True])
    """
    return input.apply_pair(comparisons.greater, other, "gt()")


def ge(input: Tensor, other: Any) -> Tensor:
    """Where the first is not less, as `>=` says it.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1, 2]).ge(2)
        tensor([False,  True])
    """
    return input.apply_pair(comparisons.greater_equal, other, "ge()")


def equal(input: Tensor, other: Tensor) -> bool:
    """Whether two have the same shape and the same numbers.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1, 2]).equal(pellucid.tensor([1.0, 2.0]))
        True
    """
    return bool(np.array_equal(input.array, other.array))


def isclose(
    input: Tensor,
    other: Tensor,
    rtol: float = 1e-05,
    atol: float = 1e-08,
    equal_nan: bool = False,
) -> Tensor:
    """Where two are equal up to rounding: |x − y| ≤ atol + rtol · |y|.

    Args:
        input: x.
        other: y, of the same dtype.
        rtol: how far apart they may be in proportion to |y|.
        atol: how far apart they may be besides.
        equal_nan: whether NaN equals NaN.

    Raises:
        RuntimeError: the dtypes differ; a tolerance below 0.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1.0, 2.0]).isclose(pellucid.tensor([1.000001, 2.1]))
        tensor([ True, False])
    """
    if input.dtype != other.dtype:
        raise RuntimeError(f"{scalar_name(input.dtype)} did not match {scalar_name(other.dtype)}")
    for name, size in (("rtol", rtol), ("atol", atol)):
        if size < 0:
            raise RuntimeError(f"{name} must be greater than or equal to zero, but got {size}")
    with np.errstate(invalid="ignore"):
        close = np.isclose(input.array, other.array, rtol, atol, equal_nan)
    return type(input)(np.asarray(close))


def allclose(
    input: Tensor,
    other: Tensor,
    rtol: float = 1e-05,
    atol: float = 1e-08,
    equal_nan: bool = False,
) -> bool:
    """Whether all numbers of two are equal up to rounding; see `isclose`.

    Example:
        >>> import pellucid
        >>> pellucid.allclose(pellucid.tensor([1.0]), pellucid.tensor([1.000001]))
        True
    """
    return bool(isclose(input, other, rtol, atol, equal_nan).array.all())
