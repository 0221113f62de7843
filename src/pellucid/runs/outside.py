"""A table that was too large to be copied into a run: read again from where it lay, and prepared anew.

Nothing is believed that its SHA-256 does not confirm. Smaller tables lie in the run; see `store`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from pellucid.data.preparation import Preparation
from pellucid.data.reading import read_table
from pellucid.data.table import Table
from pellucid.data.target import Target
from pellucid.errors import InputError, ModelFileError
from pellucid.runs.recipe import Recipe

Array = np.ndarray[Any, Any]

ROWS = ("rows.training", "rows.validation", "rows.test")


def read_outside(recipe: Recipe, run: str) -> Table:
    """The used columns of a run's table, from where it lay.

    Args:
        recipe: of the run.
        run: its name, for sentences.

    Raises:
        ModelFileError: the table is gone, or is another one than it was.
    """
    source = recipe.table
    lost = (
        f"it was too large to be copied into {run}, so rows and steps cannot be opened. Put it back as"
        " it was; until then the losses, the model and the stored states still open."
    )
    if not Path(source.path).is_file():
        raise ModelFileError(f"{source.path} is no longer there, and {lost}")
    try:
        table = read_table(source.path, header=bool(recipe.preparation.get("is_named", True)))
        same = table.fingerprint() == source.sha256
    except InputError as error:
        raise ModelFileError(
            f"{source.path} cannot be read any more ({error}), and {lost}"
        ) from error
    if not same:
        raise ModelFileError(f"{source.path} has changed since, and {lost}")
    used = [each.name for each in recipe.columns if each.kind in ("number", "category", "target")]
    return table.select(used)


def prepare_again(recipe: Recipe, table: Table, rows: Mapping[str, Array]) -> dict[str, Array]:
    """The arrays that a run was trained on.

    Args:
        recipe: says how cells become numbers.
        table: the used columns.
        rows: which rows are for training, for validation and for the test.
    """
    preparation = msgspec.convert(recipe.preparation, Preparation)
    target = msgspec.convert(recipe.decoding, Target)
    arrays = {name: rows[name] for name in ROWS}
    for prefix, name in (("", "rows.training"), ("validation.", "rows.validation")):
        chosen = table.take(rows[name])
        inputs = preparation.inputs(chosen, recipe.dtype)
        arrays[f"{prefix}inputs"] = np.ascontiguousarray(inputs)
        targets = target.encode(table, rows[name], recipe.dtype)
        arrays[f"{prefix}targets"] = np.ascontiguousarray(targets)
    return arrays
