"""Rows of the operation table: the same numbers in another order or shape. Nothing is computed."""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid.tensor.dtypes import Array
from pellucid.tensor.operation import Operation


def is_basic(index: Any) -> bool:
    """Whether an index picks each element at most once (numbers, slices, None, Ellipsis)."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(
        part is None or part is Ellipsis or isinstance(part, int | np.integer | slice)
        for part in parts
    )


def take_derivative(gradient: Array, _out: Array, x: Array, *, index: Any) -> Array:
    """Zero, but the gradient at the chosen places, added up where a place was chosen twice."""
    result = np.zeros(x.shape, dtype=x.dtype)
    if is_basic(index):
        result[index] = gradient
    else:
        np.add.at(result, index, gradient)
    return result


def part_derivative(
    gradient: Array, _out: Array, *inputs: Array, position: int, axis: int
) -> Array:
    """The part of the gradient where the argument at `position` stands."""
    start = sum(each.shape[axis] for each in inputs[:position])
    stop = start + inputs[position].shape[axis]
    part: Array = gradient[(slice(None),) * axis + (slice(start, stop),)]
    return part


def layer_derivative(
    gradient: Array, _out: Array, *_inputs: Array, position: int, axis: int
) -> Array:
    """The slice of the gradient where the argument at `position` stands."""
    part: Array = np.take(gradient, position, axis=axis)
    return part


def put_values(x: Array, values: Array, *, places: Array) -> Array:
    """A copy of x with the values at some places of the flattened x."""
    result: Array = np.array(x, order="C")  # also of a single number, which cannot be written
    result.reshape(-1)[places] = values
    return result


def put_derivative(gradient: Array, _out: Array, _x: Array, _values: Array, *, places: Any) -> Any:
    """The gradient, but 0 where something was written over x."""
    return put_values(gradient, np.zeros((), gradient.dtype), places=places)


reshape = Operation(
    "reshape",
    "ViewBackward0",
    lambda x, *, shape: x.reshape(shape),
    (lambda gradient, _out, x, *, shape: np.reshape(gradient, x.shape),),  # noqa: ARG005 (a derivative is given every setting of its operation)
    "the same numbers in the same order, in another shape",
    is_view=True,
)

squeeze = Operation(
    "squeeze",
    "SqueezeBackward0",
    reshape.forward,
    reshape.derivatives,
    "the same numbers without axes of size 1",
    is_view=True,
)

unsqueeze = Operation(
    "unsqueeze",
    "UnsqueezeBackward0",
    reshape.forward,
    reshape.derivatives,
    "the same numbers with one more axis, of size 1",
    is_view=True,
)

permute = Operation(
    "permute",
    "PermuteBackward0",
    lambda x, *, axes: x.transpose(axes),
    (lambda gradient, _out, _x, *, axes: np.transpose(gradient, np.argsort(axes)),),
    "the axes in another order",
    is_view=True,
)

transpose = Operation(
    "transpose",
    "TransposeBackward0",
    permute.forward,
    permute.derivatives,
    "two axes exchanged",
    is_view=True,
)

take = Operation(
    "take",
    "IndexBackward0",
    lambda x, *, index: x[index],
    (take_derivative,),
    "the chosen elements; by a chosen one: 1 for every time that it was chosen, else 0",
)

select = Operation(
    "select",
    "SelectBackward0",
    take.forward,
    take.derivatives,
    "one slice of an axis; by it: 1, by the others: 0",
    is_view=True,
)

cut = Operation(
    "slice",
    "SliceBackward0",
    take.forward,
    take.derivatives,
    "a range of an axis; by each inside: 1, by the others: 0",
    is_view=True,
)


put = Operation(
    "put",
    "CopySlices",
    put_values,
    (
        put_derivative,
        lambda gradient, _out, _x, values, *, places: gradient.reshape(-1)[places].astype(
            values.dtype
        ),
    ),
    "x with values written over some places; by x: 1 elsewhere, 0 there; by the values: 1",
)

concatenate = Operation(
    "concatenate",
    "CatBackward0",
    lambda *inputs, axis: np.concatenate(inputs, axis=axis),
    (part_derivative,),
    "the arguments one after another along an axis; by each: its part of the gradient",
    is_variadic=True,
)

stack = Operation(
    "stack",
    "StackBackward0",
    lambda *inputs, axis: np.stack(inputs, axis=axis),
    (layer_derivative,),
    "the arguments side by side along a new axis; by each: its slice of the gradient",
    is_variadic=True,
)

ROWS = (
    reshape,
    squeeze,
    unsqueeze,
    permute,
    transpose,
    take,
    select,
    cut,
    put,
    concatenate,
    stack,
)
