"""Rows of the operation table: many numbers to few. Sum, mean, largest and smallest.

`axis` is None for all numbers, or a tuple of non-negative axes; `keepdims` keeps them with size 1.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from pellucid.tensor.dtypes import Array
from pellucid.tensor.operation import OUTPUT, Operation

total: Any = np.add.reduce  # numpy's own types do not know a `keepdims` that is a variable

Axes: TypeAlias = "tuple[int, ...] | None"


def with_axes(values: Array, shape: tuple[int, ...], axis: Axes, *, keepdims: bool) -> Array:
    """`values` with the reduced axes put back at size 1, so that it broadcasts to `shape`."""
    if keepdims or axis is None:
        return values
    return np.asarray(values).reshape([1 if i in axis else n for i, n in enumerate(shape)])


def count_of(shape: tuple[int, ...], axis: Axes) -> int:
    """How many numbers go into one result."""
    sizes = shape if axis is None else [shape[each] for each in axis]
    return int(np.prod(sizes, dtype=np.int64))


def add_up(x: Array, *, axis: Axes, keepdims: bool) -> Any:
    """The sum; whole numbers and yes/no add up as int64."""
    if x.dtype.kind == "f":
        return total(x, axis=axis, keepdims=keepdims)
    return total(x, axis=axis, keepdims=keepdims, dtype=np.int64)


def add_up_derivative(
    gradient: Array, _out: Array, x: Array, *, axis: Axes, keepdims: bool
) -> Array:
    """Every summand gets the gradient."""
    return np.broadcast_to(with_axes(gradient, x.shape, axis, keepdims=keepdims), x.shape)


def average(x: Array, *, axis: Axes, keepdims: bool) -> Any:
    """The sum divided by the count; NaN for nothing."""
    return total(x, axis=axis, keepdims=keepdims) / x.dtype.type(count_of(x.shape, axis))


def average_derivative(
    gradient: Array, _out: Array, x: Array, *, axis: Axes, keepdims: bool
) -> Array:
    """Every one gets the gradient ÷ count."""
    share = with_axes(gradient, x.shape, axis, keepdims=keepdims)
    return np.broadcast_to(share / x.dtype.type(count_of(x.shape, axis)), x.shape)


def extreme_derivative(
    gradient: Array, out: Array, x: Array, *, axis: Axes, keepdims: bool
) -> Array:
    """The gradient in equal shares to all that equal the result."""
    extreme = with_axes(out, x.shape, axis, keepdims=keepdims)
    is_extreme = (x == extreme) | (np.isnan(x) & np.isnan(extreme))
    count = total(is_extreme, axis=axis, keepdims=True, dtype=x.dtype)
    share = with_axes(gradient, x.shape, axis, keepdims=keepdims)
    return np.where(is_extreme, share / count, 0).astype(x.dtype)


def pick_derivative(gradient: Array, _out: Array, x: Array, picks: Array, *, axis: int) -> Array:
    """The gradient to the picked one alone."""
    result = np.zeros(x.shape, dtype=x.dtype)
    np.put_along_axis(result, np.expand_dims(picks, axis), np.expand_dims(gradient, axis), axis)
    return result


def spread_out(x: Array, *, axis: Axes, keepdims: bool, correction: float) -> Any:
    """Σ (x − mean)² ÷ (n − correction); NaN if that is not above 0 and nothing differs."""
    centred = x - average(x, axis=axis, keepdims=True)
    room = x.dtype.type(max(count_of(x.shape, axis) - correction, 0))
    return total(centred * centred, axis=axis, keepdims=keepdims) / room


def spread_out_derivative(
    gradient: Array, _out: Array, x: Array, *, axis: Axes, keepdims: bool, correction: float
) -> Array:
    """Gradient · 2 (x − mean) ÷ (n − correction)."""
    room = x.dtype.type(max(count_of(x.shape, axis) - correction, 0))
    share = with_axes(gradient, x.shape, axis, keepdims=keepdims)
    result: Array = share * ((x - average(x, axis=axis, keepdims=True)) * 2 / room)
    return result


def deviate(x: Array, *, axis: Axes, keepdims: bool, correction: float) -> Any:
    """The square root of the variance."""
    return np.sqrt(spread_out(x, axis=axis, keepdims=keepdims, correction=correction))


def deviate_derivative(
    gradient: Array, out: Array, x: Array, *, axis: Axes, keepdims: bool, correction: float
) -> Array:
    """That of the variance ÷ (2 · out), and 0 where all are equal."""
    half = np.asarray(gradient / (out * 2))
    share = np.where(np.equal(out, 0), 0, half).astype(x.dtype)
    return spread_out_derivative(share, out, x, axis=axis, keepdims=keepdims, correction=correction)


sum_ = Operation(
    "sum",
    "SumBackward0",
    add_up,
    (add_up_derivative,),
    "x₁ + x₂ + …; by each: 1",
)

mean = Operation(
    "mean",
    "MeanBackward0",
    average,
    (average_derivative,),
    "(x₁ + x₂ + …) ÷ n; by each: 1 ÷ n",
)

variance = Operation(
    "variance",
    "VarBackward0",
    spread_out,
    (spread_out_derivative,),
    "Σ (x − mean)² ÷ (n − correction); by each: 2 (x − mean) ÷ (n − correction)",
    reads=((0,),),
)

deviation = Operation(
    "deviation",
    "StdBackward0",
    deviate,
    (deviate_derivative,),
    "√(Σ (x − mean)² ÷ (n − correction)); by each: (x − mean) ÷ ((n − correction) · out)",
    reads=((OUTPUT, 0),),
)

largest = Operation(
    "largest",
    "MaxBackward1",
    lambda x, *, axis, keepdims: np.maximum.reduce(x, axis=axis, keepdims=keepdims),
    (extreme_derivative,),
    "the largest; by it: 1, shared equally among equals; by the others: 0",
    reads=((OUTPUT, 0),),
)

smallest = Operation(
    "smallest",
    "MinBackward1",
    lambda x, *, axis, keepdims: np.minimum.reduce(x, axis=axis, keepdims=keepdims),
    (extreme_derivative,),
    "the smallest; by it: 1, shared equally among equals; by the others: 0",
    reads=((OUTPUT, 0),),
)

pick = Operation(
    "pick",
    "MaxBackward0",
    lambda x, picks, *, axis: np.take_along_axis(x, np.expand_dims(picks, axis), axis).squeeze(
        axis
    ),
    (pick_derivative, None),
    "the element at a given place along an axis; by it: 1, by the others: 0",
    reads=((1,), ()),
)

ROWS = (sum_, mean, variance, deviation, largest, smallest, pick)
