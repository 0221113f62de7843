"""Rows of the operation table: products, running sums, lengths, and ln Σ e^x along axes.

`axis` and `keepdims` mean what they mean in `reductions`, which has sums, means and extremes.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from pellucid.tensor.dtypes import Array
from pellucid.tensor.operation import OUTPUT, Operation
from pellucid.tensor.reductions import Axes, total, with_axes


def multiply_up(x: Array, *, axis: Axes, keepdims: bool) -> Any:
    """The product; whole numbers and yes/no multiply as int64."""
    dtype = x.dtype if x.dtype.kind == "f" else np.dtype(np.int64)
    reduce: Any = np.multiply.reduce
    return reduce(x, axis=axis, keepdims=keepdims, dtype=dtype)


def multiply_up_derivative(
    gradient: Array, _out: Array, x: Array, *, axis: Axes, keepdims: bool
) -> Array:
    """The product of the others: those before times those behind, so that 0 does no harm."""
    rows = x.reshape(1, -1) if axis is None else np.moveaxis(x, axis[0], -1)
    before, behind = np.ones_like(rows), np.ones_like(rows)
    np.cumprod(rows[..., :-1], axis=-1, out=before[..., 1:])
    np.cumprod(rows[..., :0:-1], axis=-1, out=behind[..., -2::-1])
    others = before * behind
    others = others.reshape(x.shape) if axis is None else np.moveaxis(others, -1, axis[0])
    result: Array = with_axes(gradient, x.shape, axis, keepdims=keepdims) * others
    return result


def add_along(x: Array, *, axis: int) -> Array:
    """Each number plus all before it; whole numbers and yes/no as int64."""
    dtype = x.dtype if x.dtype.kind == "f" else np.dtype(np.int64)
    return np.cumsum(np.atleast_1d(x), axis=axis, dtype=dtype).reshape(x.shape)


def add_along_derivative(gradient: Array, _out: Array, x: Array, *, axis: int) -> Array:
    """The sum of the gradient here and at all places behind."""
    backwards = np.flip(np.atleast_1d(gradient), axis)
    return np.flip(np.cumsum(backwards, axis=axis), axis).reshape(x.shape)


def measure(x: Array, *, p: float, axis: Axes, keepdims: bool) -> Any:
    """(Σ |x|^p)^(1/p); for p = ∞ the largest |x|, for 0 how many are not 0."""
    if p == 2:
        return np.sqrt(total(x * x, axis=axis, keepdims=keepdims))
    if math.isinf(p):
        reduce: Any = np.maximum.reduce if p > 0 else np.minimum.reduce
        return reduce(np.abs(x), axis=axis, keepdims=keepdims)
    if p == 0:
        return total(np.not_equal(x, 0), axis=axis, keepdims=keepdims, dtype=x.dtype)
    return total(np.abs(x) ** p, axis=axis, keepdims=keepdims) ** (1 / p)


def measure_derivative(
    gradient: Array, out: Array, x: Array, *, p: float, axis: Axes, keepdims: bool
) -> Any:
    """Sign x · (|x| ÷ out)^(p−1), 0 where out is 0; for p = ∞ shared among the largest."""
    length = with_axes(out, x.shape, axis, keepdims=keepdims)
    share = with_axes(gradient, x.shape, axis, keepdims=keepdims)
    if p == 0:
        return np.zeros_like(x)
    if math.isinf(p):
        is_extreme = np.abs(x) == length
        count = total(is_extreme, axis=axis, keepdims=True, dtype=x.dtype)
        return np.where(is_extreme, np.sign(x) * (share / count), 0).astype(x.dtype)
    slope = x / length if p == 2 else np.sign(x) * (np.abs(x) / length) ** (p - 1)
    is_flat = np.equal(length, 0) | (np.equal(x, 0) & (p < 1))
    return np.where(is_flat, 0, share * slope).astype(x.dtype)


def add_powers(x: Array, *, axis: Axes, keepdims: bool) -> Any:
    """Ln Σ e^x; the largest x is taken off first, so that nothing overflows."""
    reduce: Any = np.maximum.reduce
    largest = reduce(x, axis=axis, keepdims=True, initial=-np.inf)
    largest = np.where(np.isinf(largest), 0, largest).astype(x.dtype)
    out = np.log(total(np.exp(x - largest), axis=axis, keepdims=True)) + largest
    return out if keepdims else out.squeeze(axis)


def add_powers_derivative(
    gradient: Array, out: Array, x: Array, *, axis: Axes, keepdims: bool
) -> Any:
    """E^(x − out)."""
    level = with_axes(out, x.shape, axis, keepdims=keepdims)
    return with_axes(gradient, x.shape, axis, keepdims=keepdims) * np.exp(x - level)


product = Operation(
    "prod",
    "ProdBackward0",
    multiply_up,
    (multiply_up_derivative,),
    "x₁ · x₂ · …; by each: the product of the others",
    reads=((0,),),
)

cumsum = Operation(
    "cumsum",
    "CumsumBackward0",
    add_along,
    (add_along_derivative,),
    "x₁, x₁ + x₂, x₁ + x₂ + …; by each: the gradient here and at all places behind, added up",
)

norm = Operation(
    "norm",
    "LinalgVectorNormBackward0",
    measure,
    (measure_derivative,),
    "(Σ |x|^p)^(1/p), p = ∞: the largest |x|; by each: sign x · (|x| ÷ out)^(p−1), 0 at out = 0; "
    "p = ∞: the sign of the largest, shared among equals",
    reads=((OUTPUT, 0),),
)

logsumexp = Operation(
    "logsumexp",
    "LogsumexpBackward0",
    add_powers,
    (add_powers_derivative,),
    "ln Σ e^x; by each: e^x ÷ Σ e^x",
    reads=((OUTPUT, 0),),
)

ROWS = (product, cumsum, norm, logsumexp)
