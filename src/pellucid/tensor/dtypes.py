"""What kinds of numbers a tensor can hold, and which kind comes out when two kinds meet.

The dtypes are numpy's own; only the rules of mixing are PyTorch's. Nothing here computes.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray[Any, Any]
Dtype: TypeAlias = "np.dtype[Any] | type | str"

float32 = np.dtype(np.float32)
float64 = np.dtype(np.float64)
int64 = np.dtype(np.int64)
int32 = np.dtype(np.int32)
uint8 = np.dtype(np.uint8)
bool_ = np.dtype(np.bool_)


class Default:
    """The dtype of numbers with a fraction where nobody says one; `set_default_dtype` changes it."""

    dtype: np.dtype[Any] = float32


def get_default_dtype() -> np.dtype[Any]:
    """The dtype that Python's fractions become, and what `zeros`, `rand` and layers are made of.

    Example:
        >>> get_default_dtype()
        dtype('float32')
    """
    return Default.dtype


def set_default_dtype(d: Dtype) -> None:
    """Say of which dtype numbers with a fraction are from now on where nobody says one.

    Args:
        d: float32 or float64.

    Raises:
        TypeError: a dtype without fractions.

    Example:
        >>> set_default_dtype("float64")
        >>> get_default_dtype()
        dtype('float64')
        >>> set_default_dtype("float32")
    """
    dtype = np.dtype(d)
    if dtype not in (float32, float64):
        raise TypeError(
            f"only floating-point types are supported as the default type. Got {dtype}: say "
            "float32 or float64."
        )
    Default.dtype = dtype


# PyTorch's own words for the kinds, as they stand in its messages.
SCALAR_NAMES = {
    "float16": "Half",
    "float32": "Float",
    "float64": "Double",
    "int8": "Char",
    "uint8": "Byte",
    "int16": "Short",
    "int32": "Int",
    "int64": "Long",
    "bool": "Bool",
}


def is_floating(dtype: np.dtype[Any]) -> bool:
    """Whether numbers of this dtype have a fraction, and so can have a gradient."""
    return dtype.kind == "f"


def scalar_name(dtype: np.dtype[Any]) -> str:
    """PyTorch's word for a dtype in its messages: 'Float', 'Double' or 'Long'."""
    return SCALAR_NAMES.get(dtype.name, dtype.name)


def c_name(dtype: np.dtype[Any]) -> str:
    """The dtype in C's word, as PyTorch writes it in some of its messages."""
    name: str = dtype.name
    return {"float32": "float", "float64": "double", "int64": "long long"}.get(name, name)


def category(dtype: np.dtype[Any]) -> int:
    """0 for yes/no, 1 for whole numbers, 2 for numbers with a fraction."""
    return {"b": 0, "f": 2}.get(dtype.kind, 1)


def promote(left: Array, right: Array) -> np.dtype[Any]:
    """The dtype of a result of two arrays, by PyTorch's rules.

    The higher category wins (yes/no < whole < fraction); within one category an array with axes
    outranks one without, and otherwise the dtype that can hold both wins. numpy differs: there
    float32 with int64 gives float64.

    Example:
        >>> promote(np.ones(2, np.float32), np.ones(2, np.int64))
        dtype('float32')
    """
    first, second = category(left.dtype), category(right.dtype)
    if first != second:
        is_left_chosen = first > second
    elif (left.ndim == 0) != (right.ndim == 0):
        is_left_chosen = right.ndim == 0
    else:
        return np.promote_types(left.dtype, right.dtype)
    chosen: np.dtype[Any] = left.dtype if is_left_chosen else right.dtype
    return chosen


def as_number(value: Any, dtype: np.dtype[Any]) -> Array:
    """A Python number as an array without axes; infinite if it is beyond the dtype."""
    with np.errstate(over="ignore"):
        return np.asarray(value, dtype)


def scalar_dtype(value: Any, other: np.dtype[Any]) -> np.dtype[Any]:
    """The dtype that a Python number takes on beside a tensor of dtype `other`.

    Example:
        >>> scalar_dtype(2.5, int64), scalar_dtype(2, float64)
        (dtype('float32'), dtype('float64'))
    """
    if isinstance(value, bool | np.bool_):
        return other
    if isinstance(value, int | np.integer):
        return int64 if other.kind == "b" else other
    return other if is_floating(other) else Default.dtype
