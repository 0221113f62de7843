"""Many numbers in one, or in running totals: `prod`, `cumsum`, `norm`, `logsumexp`.

Each is a word of the library and a method of a tensor: `pellucid.prod(x)` is `x.prod()`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pellucid.tensor import accumulations
from pellucid.tensor.axes import read_dim, read_dims
from pellucid.tensor.dtypes import Dtype, scalar_name

if TYPE_CHECKING:
    from pellucid.tensor.tensor import Tensor


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
    dim: int | Sequence[int] | None = None,
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
        tensor(1000.6931)
    """
    axis = read_dims(dim, input.ndim)
    return input.floating().apply(accumulations.logsumexp, axis=axis, keepdims=keepdim)
