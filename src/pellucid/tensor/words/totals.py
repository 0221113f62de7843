"""Many numbers in one, or in running totals: `sum`, `mean`, `var`, `prod`, `cumsum`, `norm` and their kin.

Each is a word of the library and a method of a tensor: `pellucid.sum(x)` is `x.sum()`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

from pellucid.tensor import accumulations, reductions
from pellucid.tensor.axes import read_dim, read_dims
from pellucid.tensor.dtypes import Dtype, scalar_name
from pellucid.tensor.operation import Operation

if TYPE_CHECKING:
    from pellucid.tensor.tensor import Tensor


Dims: TypeAlias = int | Sequence[int] | None


def sum(  # noqa: A001 (PyTorch's word)
    input: Tensor, dim: Dims = None, keepdim: bool = False, *, dtype: Dtype | None = None
) -> Tensor:
    """The sum of all numbers, or along axes.

    Args:
        input: the numbers.
        dim: an axis or several; all numbers if None.
        keepdim: whether the axes stay, with size 1.
        dtype: the kind that the numbers are converted to before.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1.0, 2.0]).sum()
        tensor(3.)
    """
    numbers = input if dtype is None else input.to(dtype)
    axis = read_dims(dim, input.array.ndim)
    return numbers.apply(reductions.sum_, axis=axis, keepdims=keepdim)


def mean(
    input: Tensor, dim: Dims = None, keepdim: bool = False, *, dtype: Dtype | None = None
) -> Tensor:
    """The mean of all numbers, or along axes; NaN for none.

    Args:
        input: numbers with a fraction.
        dim: an axis or several; all numbers if None.
        keepdim: whether the axes stay, with size 1.
        dtype: the kind that the numbers are converted to before.

    Raises:
        RuntimeError: numbers without a fraction.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1.0, 2.0]).mean()
        tensor(1.5000)
    """
    numbers = input if dtype is None else input.to(dtype)
    if numbers.array.dtype.kind != "f":
        which = "Input" if dtype is None else "Optional"
        raise RuntimeError(
            f"mean(): could not infer output dtype. {which} dtype must be either a floating point "
            f"or complex dtype. Got: {scalar_name(numbers.array.dtype)}. Use `.float().mean()`."
        )
    axis = read_dims(dim, input.array.ndim)
    return numbers.apply(reductions.mean, axis=axis, keepdims=keepdim)


def var(
    input: Tensor,
    dim: Dims = None,
    unbiased: bool = True,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> Tensor:
    """The mean squared distance from the mean; n − 1 in the divisor, or n − correction.

    Args:
        input: numbers with a fraction.
        dim: an axis or several; all numbers if None.
        unbiased: whether 1 is taken off the count.
        keepdim: whether the axes stay, with size 1.
        correction: what is taken off the count instead.

    Raises:
        RuntimeError: numbers without a fraction.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1.0, 3.0]).var()
        tensor(2.)
    """
    return spread(
        reductions.variance,
        input,
        dim,
        unbiased if correction is None else correction,
        keepdim=keepdim,
    )


def std(
    input: Tensor,
    dim: Dims = None,
    unbiased: bool = True,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> Tensor:
    """The square root of `var`, told the same.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1.0, 3.0]).std()
        tensor(1.4142)
    """
    return spread(
        reductions.deviation,
        input,
        dim,
        unbiased if correction is None else correction,
        keepdim=keepdim,
    )


def spread(row: Operation, input: Tensor, dim: Dims, correction: float, *, keepdim: bool) -> Tensor:
    """The variance or its root."""
    if input.array.dtype.kind != "f":
        raise RuntimeError(
            "std and var only support floating point and complex dtypes. Use `.float()` first."
        )
    axis = read_dims(dim, input.array.ndim)
    return input.apply(row, axis=axis, keepdims=keepdim, correction=float(correction))


def prod(
    input: Tensor, dim: int | None = None, keepdim: bool = False, *, dtype: Dtype | None = None
) -> Tensor:
    """The product of all numbers, or along an axis; 1 for none.

    Args:
        input: the numbers.
        dim: the axis; all numbers if None.
        keepdim: whether the axis stays, with size 1.
        dtype: the kind that the numbers are converted to before.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([[1, 2], [3, 4]]).prod(dim=1)
        tensor([ 2, 12])
    """
    numbers = input if dtype is None else input.to(dtype)
    axis = read_dims(dim, input.ndim)
    return numbers.apply(accumulations.product, axis=axis, keepdims=keepdim)


def cumsum(input: Tensor, dim: int, *, dtype: Dtype | None = None) -> Tensor:
    """Each number plus all before it along an axis.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1, 2, 3]).cumsum(0)
        tensor([1, 3, 6])
    """
    numbers = input if dtype is None else input.to(dtype)
    return numbers.apply(accumulations.cumsum, axis=read_dim(dim, input.ndim))


def norm(
    input: Tensor,
    p: float | str | None = "fro",
    dim: Dims = None,
    keepdim: bool = False,
    dtype: Dtype | None = None,
) -> Tensor:
    """The length of the numbers as one vector, or along axes: (Σ |x|^p)^(1/p).

    Args:
        input: numbers with a fraction.
        p: 2 or "fro" (Euclid), 1 (the sum of |x|), ∞ (the largest |x|), 0 (how many are not 0), or
            any other power.
        dim: the axes; all numbers if None.
        keepdim: whether the axes stay, with size 1.
        dtype: the kind that the numbers are converted to before.

    Raises:
        RuntimeError: numbers without a fraction; the nuclear norm, which pellucid does not have.

    Example:
        >>> import pellucid
        >>> x = pellucid.tensor([3.0, -4.0])
        >>> x.norm(), x.norm(1), x.norm(float("inf"))
        (tensor(5.), tensor(7.), tensor(4.))
    """
    numbers = input if dtype is None else input.to(dtype)
    if numbers.array.dtype.kind != "f":
        raise RuntimeError(
            "linalg.vector_norm: Expected a floating point or complex tensor as input. "
            f"Got {scalar_name(numbers.array.dtype)}. Use `.float().norm()`."
        )
    if isinstance(p, str) and p != "fro":
        raise RuntimeError(f"norm takes 'fro' or a number for p. Got '{p}'.")
    power = 2.0 if p is None or isinstance(p, str) else float(p)
    axis = read_dims(dim, input.ndim)
    if math.isinf(power) and not numbers.array.size:
        raise RuntimeError(
            f"linalg.vector_norm cannot compute the {power} norm on an empty tensor because the "
            "operation does not have an identity. There is no number to be the largest."
        )
    return numbers.apply(accumulations.norm, p=power, axis=axis, keepdims=keepdim)


def logsumexp(input: Tensor, dim: int | Sequence[int], keepdim: bool = False) -> Tensor:
    """The logarithm of Σ e^x along axes, without overflow.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1000.0, 1000.0]).logsumexp(0)
        tensor(1000.6932)
    """
    axis = read_dims(dim, input.ndim)
    return input.floating().apply(accumulations.logsumexp, axis=axis, keepdims=keepdim)
