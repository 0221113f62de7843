"""What a caller's arrays must look like before an engine touches them, in words that help.

Both engines use these checks, so that they refuse the same things with the same sentences.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid.engine.inputs import Inputs, arrays_of
from pellucid.engine.program import Program
from pellucid.errors import InputError, ShapeError

Array = np.ndarray[Any, Any]


class CategoryError(InputError, IndexError):
    """A category that a table does not have; an IndexError too, because PyTorch raises that."""


def check_inputs(program: Program, inputs: Array | Inputs) -> Any:
    """The inputs, C-ordered; copied only if they were not.

    Raises:
        ShapeError: if they are not (rows, units of the program's input).
        InputError: if they have another dtype than the program, or no row.
        CategoryError: if an embedding has no such category.
    """
    if len(program.inputs) > 1 or program.categories:
        return _check_several(program, arrays_of(inputs))
    (inputs,) = arrays_of(inputs)
    _, width = program.inputs[0]
    if inputs.ndim != 2 or inputs.shape[1] != width:
        raise ShapeError(
            f"`inputs` must have shape (rows, inputs) = (any, {width}). Got {inputs.shape}."
        )
    _check_dtype("inputs", inputs, program.dtype)
    if len(inputs) == 0:
        raise InputError("`inputs` must have at least one row. Got none.")
    return np.ascontiguousarray(inputs)


def _check_several(program: Program, arrays: tuple[Array, ...]) -> Inputs:
    if len(arrays) != len(program.inputs):
        wanted = ", ".join(dict(program.inputs))
        raise ShapeError(f"There must be an array for each input ({wanted}). Got {len(arrays)}.")
    for (name, width), array in zip(program.inputs, arrays, strict=True):
        if array.ndim != 2 or array.shape[1] != width:
            raise ShapeError(
                f"`{name}` must have shape (rows, columns) = (any, {width}). Got {array.shape}."
            )
        if len(array) != len(arrays[0]) or len(array) == 0:
            counts = ", ".join(str(len(each)) for each in arrays)
            raise InputError(f"All inputs must have as many rows, at least one. Got {counts}.")
        _check_dtype(name, array, "int64" if name in program.categories else program.dtype)
        _check_categories(program, name, array)
    return Inputs([np.ascontiguousarray(each) for each in arrays])


def _check_categories(program: Program, name: str, array: Array) -> None:
    shapes = dict(program.parameters)
    for each in program.operations:
        if each.kind != "embedding" or each.inputs != (name,):
            continue
        count, size = shapes[each.parameters[0]]
        first = int(each.setting("column"))
        columns = array[:, first : first + each.width // size]
        if columns.min() >= 0 and columns.max() < count:
            continue
        row, column = (int(at[0]) for at in np.nonzero((columns < 0) | (columns >= count)))
        found = int(columns[row, column])
        layer = each.parameters[0].rpartition(".")[0]
        cure = f"give it num_embeddings={found + 1} or more, or " if found >= count else ""
        raise CategoryError(
            f"index out of range in self. Row {row}, column {first + column} of `{name}` (counted "
            f"from 0) holds {found}, but layer '{layer}', Embedding({count}, {size}), has the "
            f"categories 0 to {count - 1}: {cure}number the categories from 0."
        )


def check_targets(program: Program, targets: Array, count: int) -> Array:
    """The targets of `count` rows, C-ordered; copied only if they were not.

    Raises:
        ShapeError: if they are not (rows, outputs), or (rows,) for classes.
        InputError: if they have another dtype than the loss needs, or name an unknown class.
    """
    width = program.widths()[program.loss.prediction]
    if not program.loss.has_classes:
        if targets.shape != (count, width):
            wanted = f"(rows, outputs) = {(count, width)}"
            raise ShapeError(f"`targets` must have shape {wanted}. Got {targets.shape}.")
        _check_dtype("targets", targets, program.dtype)
        return np.ascontiguousarray(targets)
    if targets.shape != (count,):
        raise ShapeError(f"`targets` must have shape (rows,) = {(count,)}. Got {targets.shape}.")
    _check_dtype("targets", targets, "int64")
    _check_classes(targets, width, int(program.loss.setting("ignore_index")))
    return np.ascontiguousarray(targets)


def _check_classes(classes: Array, outputs: int, ignored: int) -> None:
    if classes.min() >= 0 and classes.max() < outputs:
        return
    counted = classes[classes != ignored]
    wrong = counted[(counted < 0) | (counted >= outputs)]
    if len(wrong):
        raise InputError(
            f"`targets` must be classes from 0 to {outputs - 1}, as there are {outputs} outputs. "
            f"Got {wrong[0]}."
        )


def check_rows(rows: Array | None, count: int) -> Array | None:
    """The chosen rows, or None for all.

    Raises:
        InputError: if there is none, or one lies outside the table.
    """
    if rows is None:
        return None
    _check_dtype("rows", rows, "int64")
    if rows.ndim != 1 or len(rows) == 0:
        raise ShapeError(f"`rows` must have shape (chosen rows,), at least (1,). Got {rows.shape}.")
    if rows.min() < 0 or rows.max() >= count:
        raise InputError(f"`rows` must lie between 0 and {count - 1}, as there are {count} rows.")
    return np.ascontiguousarray(rows)


def check_weights(
    weights: Array | None, rows: Array | None, count: int, dtype: str
) -> tuple[Array | None, Array | None]:
    """The weights of `count` rows, in the program's dtype, and the rows whose weight is not 0.

    Raises:
        ShapeError: if there is not one weight for each row.
        InputError: if one is negative or not finite, or none is above 0.
    """
    if weights is None:
        return None, rows
    if weights.shape != (count,):
        raise ShapeError(
            f"`row_weights` must have shape (rows,) = {(count,)}. Got {weights.shape}."
        )
    if weights.dtype.kind not in "biuf" or not np.isfinite(weights).all() or weights.min() < 0:
        raise InputError("`row_weights` must be finite numbers of at least 0.")
    given = np.ascontiguousarray(weights, dtype)
    chosen = np.arange(count) if rows is None else rows
    kept = chosen[given[chosen] > 0]
    if len(kept) == 0:
        raise InputError("`row_weights` must leave a row: at least one weight must be above 0.")
    return given, (kept if len(kept) < count else rows)


def check_batch(steps: int, batch_size: int) -> None:
    """Raise an InputError unless there is a batch to take and no negative step."""
    if batch_size < 1:
        raise InputError(f"`batch_size` must be 1 or more. Got {batch_size}.")
    if steps < 0:
        raise InputError(f"`steps` must be 0 or more. Got {steps}.")


def check_smallest_batch(program: Program, rows: int, batch_size: int) -> None:
    """Refuse what has no variance.

    Raises:
        InputError: an epoch of so many rows has a batch of one row, which batch normalization
            cannot learn from.
    """
    if min(rows, batch_size) > 1 and rows % batch_size != 1:
        return
    for each in program.operations:
        if each.kind == "batch_norm" and each.setting("training", 1) != 0:
            raise InputError(
                "Expected more than 1 value per channel when training, got input size "
                f"torch.Size([1, {each.width}]) in layer '{each.output}', batch_norm: with {rows} "
                f"rows and batch_size={batch_size} a batch has one row. Take another batch size."
            )


def _check_dtype(name: str, array: Array, dtype: str) -> None:
    if array.dtype != np.dtype(dtype):
        raise InputError(
            f"`{name}` must be of dtype {dtype}. Got {array.dtype}. "
            f"`{name}.astype('{dtype}')` converts them."
        )
