"""Rows of the operation table: + − × ÷ and powers, the larger and the smaller of two, choosing.

Each works element by element with broadcasting.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid.tensor.dtypes import Array, Default, is_floating
from pellucid.tensor.operation import OUTPUT, Operation


def divide_true(x: Array, y: Array) -> Array:
    """Quotient with a fraction; whole numbers give the default dtype, as in PyTorch."""
    out: Array = np.true_divide(x, y)
    return out if is_floating(x.dtype) else out.astype(Default.dtype)


def raise_power(x: Array, y: Array) -> Array:
    """Power: x to the power y; a negative whole exponent of whole numbers is an error, as in PyTorch."""
    if x.dtype.kind in "iu" and np.any(np.less(y, 0)):
        msg = (
            "Integers to negative integer powers are not allowed. "
            "Make the base a number with a fraction: `base.float()`."
        )
        raise RuntimeError(msg)
    out: Array = np.power(x, y)
    return out


def power_by_base(gradient: Array, _out: Array, x: Array, y: Array) -> Array:
    """Y · x^(y−1), and 0 where y = 0 (also at x = 0)."""
    return np.where(np.equal(y, 0), 0, gradient * (y * np.power(x, y - 1))).astype(x.dtype)


def power_by_exponent(gradient: Array, out: Array, x: Array, y: Array) -> Array:
    """X^y · ln x, and 0 where x = 0 and y ≥ 0."""
    is_flat = np.equal(x, 0) & np.greater_equal(y, 0)
    return np.where(is_flat, 0, gradient * (out * np.log(x))).astype(y.dtype)


def by_larger(gradient: Array, _out: Array, x: Array, y: Array) -> Any:
    """All of the gradient where x is the larger, half of it at a tie."""
    return gradient * ((x > y) + 0.5 * (x == y)).astype(x.dtype)


def by_smaller(gradient: Array, _out: Array, x: Array, y: Array) -> Any:
    """All of the gradient where x is the smaller, half of it at a tie."""
    return gradient * ((x < y) + 0.5 * (x == y)).astype(x.dtype)


def check_divisor(x: Array, y: Array) -> None:
    """Raise if whole numbers are divided by 0, as in PyTorch."""
    if x.dtype.kind in "biu" and np.any(np.equal(y, 0)):
        raise RuntimeError(
            "ZeroDivisionError: whole numbers cannot be divided by 0. Make the dividend a number "
            "with a fraction: `x.float()`."
        )


def divide_floor(x: Array, y: Array) -> Any:
    """The quotient, rounded down."""
    check_divisor(x, y)
    return np.floor_divide(x, y)


def divide_rest(x: Array, y: Array) -> Any:
    """What is left over of x, with the sign of y."""
    check_divisor(x, y)
    return np.remainder(x, y)


add = Operation(
    "add",
    "AddBackward0",
    np.add,
    (lambda gradient, _out, _x, _y: gradient, lambda gradient, _out, _x, _y: gradient),
    "x + y; by x: 1, by y: 1",
)

subtract = Operation(
    "subtract",
    "SubBackward0",
    np.subtract,
    (lambda gradient, _out, _x, _y: gradient, lambda gradient, _out, _x, _y: -gradient),
    "x − y; by x: 1, by y: −1",
)

subtract_from = Operation(
    "subtract_from",
    "RsubBackward1",
    lambda x, y: np.subtract(y, x),
    (lambda gradient, _out, _x, _y: -gradient, lambda gradient, _out, _x, _y: gradient),
    "y − x; by x: −1, by y: 1",
)

multiply = Operation(
    "multiply",
    "MulBackward0",
    np.multiply,
    (lambda gradient, _out, _x, y: gradient * y, lambda gradient, _out, x, _y: gradient * x),
    "x · y; by x: y, by y: x",
    reads=((1,), (0,)),
)

divide = Operation(
    "divide",
    "DivBackward0",
    divide_true,
    (
        lambda gradient, _out, _x, y: gradient / y,
        lambda gradient, _out, x, y: -gradient * ((x / y) / y),
    ),
    "x ÷ y; by x: 1 ÷ y, by y: −x ÷ y²",
    reads=((1,), (0, 1)),
)

divide_into = Operation(
    "divide_into",
    "MulBackward0",
    lambda x, y: divide_true(y, x),
    (
        lambda gradient, _out, x, y: -gradient * ((y / x) / x),
        lambda gradient, _out, x, _y: gradient / x,
    ),
    "y ÷ x; by x: −y ÷ x², by y: 1 ÷ x",
    reads=((0, 1), (0,)),
)

floor_divide = Operation(
    "floor_divide",
    "FloorDivideBackward0",
    divide_floor,
    (
        lambda gradient, _out, _x, _y: np.zeros_like(gradient),
        lambda gradient, _out, _x, _y: np.zeros_like(gradient),
    ),
    "⌊x ÷ y⌋; by both: 0, since it is flat between its steps",
)

remainder = Operation(
    "remainder",
    "RemainderBackward0",
    divide_rest,
    (
        lambda gradient, _out, _x, _y: gradient,
        lambda gradient, _out, x, y: -gradient * np.floor_divide(x, y),
    ),
    "x − y · ⌊x ÷ y⌋; by x: 1, by y: −⌊x ÷ y⌋",
    reads=((), (0, 1)),
)

negate = Operation(
    "negate",
    "NegBackward0",
    np.negative,
    (lambda gradient, _out, _x: -gradient,),
    "−x; by x: −1",
)

power = Operation(
    "power",
    "PowBackward0",
    raise_power,
    (power_by_base, power_by_exponent),
    "x^y; by x: y · x^(y−1), by y: x^y · ln x",
    reads=((0, 1), (OUTPUT, 0, 1)),
)

power_of = Operation(
    "power_of",
    "PowBackward2",
    lambda x, y: raise_power(y, x),
    (
        lambda gradient, out, x, y: power_by_exponent(gradient, out, y, x),
        lambda gradient, out, x, y: power_by_base(gradient, out, y, x),
    ),
    "y^x; by x: y^x · ln y, by y: x · y^(x−1)",
    reads=((OUTPUT, 0, 1), (0, 1)),
)

maximum = Operation(
    "maximum",
    "MaximumBackward0",
    np.maximum,
    (by_larger, lambda gradient, out, x, y: by_larger(gradient, out, y, x)),
    "the larger of x and y; by the larger: 1, at a tie one half each",
    reads=((0, 1), (0, 1)),
)

minimum = Operation(
    "minimum",
    "MinimumBackward0",
    np.minimum,
    (by_smaller, lambda gradient, out, x, y: by_smaller(gradient, out, y, x)),
    "the smaller of x and y; by the smaller: 1, at a tie one half each",
    reads=((0, 1), (0, 1)),
)

where = Operation(
    "where",
    "WhereBackward0",
    np.where,
    (
        None,
        lambda gradient, _out, condition, _x, _y: np.where(condition, gradient, 0),
        lambda gradient, _out, condition, _x, _y: np.where(condition, 0, gradient),
    ),
    "x where the condition holds, else y; by the chosen one: 1, by the other: 0",
    reads=((), (0,), (0,)),
)

ROWS = (
    add,
    subtract,
    subtract_from,
    multiply,
    divide,
    divide_into,
    floor_divide,
    remainder,
    negate,
    power,
    power_of,
    maximum,
    minimum,
    where,
)
