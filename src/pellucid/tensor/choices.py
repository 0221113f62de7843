"""Rows of the operation table: numbers chosen by place, by order, or by a mask."""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid.tensor.dtypes import Array
from pellucid.tensor.operation import Operation


def index_along(places: Array, axis: int) -> tuple[Array, ...]:
    """The whole index of what `places` names along an axis: its own place along all others."""
    index = list(np.ogrid[tuple(slice(size) for size in places.shape)])
    index[axis] = places
    return tuple(index)


def pick_along(x: Array, places: Array, *, axis: int) -> Any:
    """For each place the number that stands there along an axis."""
    return x[index_along(places, axis)]


def pick_along_derivative(
    gradient: Array, _out: Array, x: Array, places: Array, *, axis: int
) -> Array:
    """The gradient at the chosen places, added up where one was chosen several times."""
    result = np.zeros(x.shape, x.dtype)
    np.add.at(result, index_along(places, axis), gradient)
    return result


def take_slices_derivative(
    gradient: Array, _out: Array, x: Array, places: Array, *, axis: int
) -> Array:
    """The gradient at the chosen slices, added up where one was chosen several times."""
    result = np.zeros(x.shape, x.dtype)
    np.add.at(np.moveaxis(result, axis, 0), places, np.moveaxis(gradient, axis, 0))
    return result


def put_in_order(x: Array, *, axis: int, descending: bool) -> Array:
    """Where the numbers stand in order; equals keep their order, NaN counts as the largest."""
    if not descending:
        return np.argsort(x, axis=axis, stable=True)
    backwards = np.argsort(np.flip(x, axis), axis=axis, stable=True)
    order: Array = x.shape[axis] - 1 - np.flip(backwards, axis)
    return order


gather = Operation(
    "gather",
    "GatherBackward0",
    pick_along,
    (pick_along_derivative, None),
    "the numbers at given places along an axis; by a number: 1 for every time that it was chosen",
    reads=((1,), ()),
)

index_select = Operation(
    "index_select",
    "IndexSelectBackward0",
    lambda x, places, *, axis: np.take(x, places, axis=axis),
    (take_slices_derivative, None),
    "the chosen slices of an axis; by a slice: 1 for every time that it was chosen",
    reads=((1,), ()),
)

masked_fill = Operation(
    "masked_fill",
    "MaskedFillBackward0",
    lambda x, mask, value: np.where(mask, value, x),
    (
        lambda gradient, _out, _x, mask, _value: np.where(mask, 0, gradient),
        None,
        lambda gradient, _out, _x, mask, _value: np.where(mask, gradient, 0),
    ),
    "x, but one value where the mask holds; by x: 1, there 0; by the value: 1 there",
    reads=((1,), (), (1,)),
)

argsort = Operation(
    "argsort",
    "ArgsortBackward0",
    put_in_order,
    (None,),
    "the places of the numbers in order along an axis (equals as they stand)",
)

sort = Operation(
    "sort",
    "SortBackward0",
    gather.forward,
    gather.derivatives,
    "the numbers in order along an axis; by each: the gradient at its new place",
    reads=gather.reads,
)

topk = Operation(
    "topk",
    "TopkBackward0",
    gather.forward,
    gather.derivatives,
    "the k largest or smallest along an axis; by each of them: the gradient at its new place",
    reads=gather.reads,
)

ROWS = (gather, index_select, masked_fill, argsort, sort, topk)
