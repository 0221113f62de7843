"""A run as it is found on disk: its recipe, states, losses and data, each read when it is needed.

Finding runs by name lives here too. Going to a moment of a run is `train`'s work.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np

from pellucid.data.table import Table
from pellucid.engine.fingerprint import fingerprint
from pellucid.engine.state import State
from pellucid.errors import ModelFileError, did_you_mean
from pellucid.runs import checks, store
from pellucid.runs.recipe import FORMAT, Outcome, Recipe
from pellucid.runs.seal import check_seal, damaged
from pellucid.runs.writer import ROOT

Array = np.ndarray[Any, Any]
Record = TypeVar("Record", Recipe, Outcome)


class _Format(msgspec.Struct):
    format: int
    version: str


class Run:
    """A folder that holds a run.

    Args:
        folder: where it lies.

    Raises:
        ModelFileError: the folder is no run, is damaged, or was written by a later pellucid.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.recipe = self._read_recipe()

    @property
    def name(self) -> str:
        """The folder's name, by which commands find the run."""
        return self.folder.name

    @property
    def reference(self) -> str:
        """What to type to name this run from here: its name, or its path if it lies elsewhere."""
        inside = self.folder.absolute().parent == ROOT.absolute()
        return self.folder.name if inside else str(self.folder)

    @cached_property
    def model_path(self) -> Path:
        """The file of the trained model, as it was written.

        Raises:
            ModelFileError: it is gone or was changed.
        """
        path = self.folder / store.MODEL
        check_seal(path)
        return path

    @cached_property
    def outcome(self) -> Outcome:
        """What came out."""
        path = self.folder / store.OUTCOME
        outcome = self._read_json(path, Outcome)
        with _fitting(path):
            checks.check_outcome(outcome, self._curves)
        return outcome

    @cached_property
    def states(self) -> dict[str, State]:
        """The states that were kept: "first", "best" and "last"."""
        path = self.folder / store.STATES
        states = store.read_states(path)
        with _fitting(path):
            checks.check_states(states, self.recipe, self.outcome.steps)
        return states

    @property
    def losses(self) -> Array:
        """The loss of every step's batch: shape (steps,), float64."""
        return self._curves["training"]

    @property
    def validation_losses(self) -> Array:
        """Of the first state and at each epoch's end: shape (epochs + 1,), float64."""
        return self._curves["validation"]

    @cached_property
    def data(self) -> dict[str, Array]:
        """The prepared arrays: "inputs", "targets" (training rows) and "rows.training" … .

        Raises:
            ModelFileError: the bytes are not those that the run was trained on.
        """
        path = self.folder / store.DATA
        arrays, _ = store.read_arrays(path)
        if fingerprint(arrays) != self.recipe.data_sha256:
            raise damaged(path)
        with _fitting(path):
            checks.check_data(arrays, self.recipe)
        return arrays

    @cached_property
    def table(self) -> Table:
        """The raw columns that the run used, every row of the table."""
        path = self.folder / store.TABLE
        table = store.read_table_columns(path)
        if len(table) != self.recipe.table.rows:
            raise damaged(path)
        return table

    @cached_property
    def _curves(self) -> dict[str, Array]:
        path = self.folder / store.LOSSES
        curves, _ = store.read_arrays(path)
        with _fitting(path):
            checks.check_losses(curves)
        return curves

    def _read_recipe(self) -> Recipe:
        path = self.folder / store.RECIPE
        if not path.is_file():
            raise ModelFileError(
                f"{self.folder} is no run: it holds no {store.RECIPE}."
                " Name a folder that `pellucid train` has written."
            )
        try:
            known = msgspec.json.decode(path.read_bytes(), type=_Format)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise damaged(path, error) from error
        if known.format > FORMAT:
            raise ModelFileError(
                f"{self.folder} was written by pellucid {known.version}, whose runs this one"
                " cannot read. Install that version or a later one."
            )
        recipe = self._read_json(path, Recipe)
        with _fitting(path):
            checks.check_recipe(recipe)
        return recipe

    def _read_json(self, path: Path, record: type[Record]) -> Record:
        check_seal(path)
        try:
            return msgspec.json.decode(path.read_bytes(), type=record)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise damaged(path, error) from error


@contextmanager
def _fitting(path: Path) -> Iterator[None]:
    """Name the file when what it says does not fit the rest of the run."""
    try:
        yield
    except (checks.Misfit, KeyError) as error:
        raise damaged(path, error) from error


def open_run(name: str | Path | None = None) -> Run:
    """Open a run by its name, its folder, or the latest one.

    Args:
        name: "students-1", a path, or None for the run written last.

    Raises:
        ModelFileError: there is none; the nearest names are given.
    """
    if name is None:
        return Run(_latest())
    for folder in (ROOT / name, Path(name)):
        if (folder / store.RECIPE).is_file():
            return Run(folder)
    if Path(name).is_dir():
        return Run(Path(name))
    known = [each.name for each in list_runs()]
    near = did_you_mean(str(name), known)
    there = f" Runs here: {', '.join(known[:5])}." if known and not near else ""
    hint = near or there or f" There are no runs in {ROOT.absolute()}; `pellucid train` writes one."
    raise ModelFileError(f"There is no run '{name}'.{hint}")


def list_runs() -> list[Path]:
    """The folders of all runs here, the latest first."""
    if not ROOT.is_dir():
        return []
    found = [
        each
        for each in ROOT.iterdir()
        if not each.name.startswith(".") and (each / store.RECIPE).is_file()
    ]
    return sorted(found, key=lambda each: (each / store.RECIPE).stat().st_mtime_ns, reverse=True)


def _latest() -> Path:
    runs = list_runs()
    if not runs:
        raise ModelFileError(
            f"There are no runs in {ROOT.absolute()} yet."
            " `pellucid train students --target passed` makes one."
        )
    return runs[0]
