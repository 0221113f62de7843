"""Writing a finished training into a run's folder.

What the records say is decided by the caller; the folder's life is `runs.writer`'s, the encoding
`runs.store`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from pellucid.data.table import Table
from pellucid.errors import InputError
from pellucid.runs import store
from pellucid.runs.recipe import Outcome, Recipe
from pellucid.runs.run import Run
from pellucid.runs.writer import RunWriter
from pellucid.train.loop import Training

Array = np.ndarray[Any, Any]


def record_run(
    writer: RunWriter,
    *,
    recipe: Recipe,
    outcome: Outcome,
    training: Training,
    arrays: Mapping[str, Array],
    table: Table,
    save_model: Callable[[Path], object],
) -> Run:
    """Write every file of a run, then give the folder its name.

    Args:
        writer: the folder.
        recipe: what was decided before the first step.
        outcome: what came out.
        training: states and losses.
        arrays: the prepared data, under the names that `Run.data` explains.
        table: the raw columns that were used.
        save_model: writes the model to a path.

    Raises:
        InputError: the folder cannot be written; nothing is left of it.
    """
    folder = writer.folder
    losses = {"training": training.losses, "validation": training.validation_losses}
    states = {"first": training.first, "best": training.best, "last": training.last}
    try:
        store.write_arrays(folder / store.DATA, arrays)
        store.write_arrays(folder / store.LOSSES, losses)
        store.write_states(folder / store.STATES, states)
        store.write_table(folder / store.TABLE, table)
        save_model(folder / store.MODEL)
        _write_json(folder / store.OUTCOME, outcome)
        _write_json(folder / store.RECIPE, recipe)
        return Run(writer.commit())
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(
            f"The run cannot be written to {folder.parent}: {reason}. Name another place with --out."
        ) from error


def _write_json(path: Path, record: Recipe | Outcome) -> None:
    path.write_bytes(msgspec.json.format(msgspec.json.encode(record), indent=2))
