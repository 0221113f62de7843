"""Arrays that a run was recorded with, as the table that they are: a column for each input.

Runs that were trained on a table keep its raw cells instead; see `store`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from pellucid.data.table import Column, Table
from pellucid.errors import ModelFileError
from pellucid.runs.recipe import Recipe

Array = np.ndarray[Any, Any]

MOST_SHORTENED = 100_000  # cells of a column; more would take longer than a blink


def table_of_arrays(recipe: Recipe, data: Mapping[str, Array]) -> Table:
    """Inputs and targets as columns of numbers.

    Args:
        recipe: with the names of the inputs and of the target.
        data: the run's arrays.

    Raises:
        ModelFileError: a row of the inputs is no row of numbers, so that there are no columns.
    """
    inputs, targets = data["inputs"], data["targets"].reshape(len(data["inputs"]), -1)
    if inputs.ndim != 2:
        raise ModelFileError(
            f"The inputs of this run have shape {inputs.shape}, so they are no table of columns."
            ' `run.data["inputs"]` holds them.'
        )
    names = target_names(recipe.target, targets.shape[1])
    cells = [*inputs.T, *targets.T]
    columns = (
        Column(name, numbers=_cells(each))
        for name, each in zip((*recipe.inputs, *names), cells, strict=True)
    )
    return Table(tuple(columns), recipe.table.name, {})


def _cells(numbers: Array) -> Array:
    """Numbers as a table holds them: 0.1 for the float32 nearest to it, not 0.10000000149."""
    if numbers.dtype == np.float32 and len(numbers) <= MOST_SHORTENED:
        return numbers.astype(np.str_).astype(np.float64)
    return numbers.astype(np.float64)


def target_names(target: str, count: int) -> list[str]:
    """The target's name, with a number behind it where there are several.

    Example:
        >>> target_names("price", 2)
        ['price1', 'price2']
    """
    return [target] if count == 1 else [f"{target}{number + 1}" for number in range(count)]
