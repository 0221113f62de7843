"""Rows of the operation table: the same numbers several times, turned round, or a part of them.

Views in another shape and pieces taken out by an index stand in `shapes`.
"""

from __future__ import annotations

import numpy as np

from pellucid.tensor.dtypes import Array
from pellucid.tensor.operation import Operation


def repeat_derivative(gradient: Array, _out: Array, x: Array, *, repeats: tuple[int, ...]) -> Array:
    """The gradients of all copies, added up."""
    sizes = (1,) * (len(repeats) - x.ndim) + x.shape
    pairs = [each for pair in zip(repeats, sizes, strict=True) for each in pair]
    copies: Array = gradient.reshape(pairs)
    result: Array = np.add.reduce(copies, axis=tuple(range(0, len(pairs), 2)))
    return result.reshape(x.shape)


def move_round(x: Array, *, shifts: tuple[int, ...], axis: tuple[int, ...] | None) -> Array:
    """The numbers moved along axes; what falls off one end comes in at the other."""
    return np.roll(x, shifts if axis is not None else shifts[0], axis)


def move_back(
    gradient: Array,
    _out: Array,
    _x: Array,
    *,
    shifts: tuple[int, ...],
    axis: tuple[int, ...] | None,
) -> Array:
    """The gradient moved the other way."""
    return move_round(gradient, shifts=tuple(-each for each in shifts), axis=axis)


expand = Operation(
    "expand",
    "ExpandBackward0",
    lambda x, *, shape: np.broadcast_to(x, shape),
    (lambda gradient, _out, _x, *, shape: gradient,),  # noqa: ARG005 (a derivative is given every setting of its operation)
    "the same numbers again along new axes and those of size 1; by each: its gradients added up",
    is_view=True,
)

repeat = Operation(
    "repeat",
    "RepeatBackward0",
    lambda x, *, repeats: np.tile(x, repeats),
    (repeat_derivative,),
    "the whole again and again along each axis; by each number: its gradients added up",
)

flip = Operation(
    "flip",
    "FlipBackward0",
    lambda x, *, axis: np.flip(x, axis).copy(),
    (lambda gradient, _out, _x, *, axis: np.flip(gradient, axis),),
    "the numbers in reverse order along some axes; by each: the gradient at its new place",
)

roll = Operation(
    "roll",
    "RollBackward0",
    move_round,
    (move_back,),
    "the numbers moved along axes, those at the end to the front; by each: the gradient there",
)

tril = Operation(
    "tril",
    "TrilBackward0",
    lambda x, *, diagonal: np.tril(x, diagonal),
    (lambda gradient, _out, _x, *, diagonal: np.tril(gradient, diagonal),),
    "the lower triangle of matrices, 0 above a diagonal; by what stays: 1, by the rest: 0",
)

triu = Operation(
    "triu",
    "TriuBackward0",
    lambda x, *, diagonal: np.triu(x, diagonal),
    (lambda gradient, _out, _x, *, diagonal: np.triu(gradient, diagonal),),
    "the upper triangle of matrices, 0 below a diagonal; by what stays: 1, by the rest: 0",
)

ROWS = (expand, repeat, flip, roll, tril, triu)
