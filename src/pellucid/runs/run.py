"""A run as it is found on disk: its recipe, states, losses and data, each read when it is needed.

A run that is still being written can be read too; what is read belongs to its newest state. Finding
runs by name is `finding`'s work, going to a moment of a run `train`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np

from pellucid.data.table import Table
from pellucid.engine.fingerprint import fingerprint
from pellucid.engine.own import OwnEngine
from pellucid.engine.state import State
from pellucid.errors import ModelFileError
from pellucid.runs import checks, journal, lock, states, store
from pellucid.runs.arrays import table_of_arrays
from pellucid.runs.cache import StateCache
from pellucid.runs.outside import prepare_again, read_outside
from pellucid.runs.recipe import FORMAT, OLDEST, Outcome, Recipe
from pellucid.runs.seal import check_seal, damaged, read_seal
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

    Attributes:
        visited: states that were computed again, in memory.
        own_engine: what does its steps, if their code is a person's own and was found again.
        on_wait: called with (steps done, steps to do) while many steps are done again.

    Raises:
        ModelFileError: the folder is no run, is damaged, or was written by a later pellucid.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.is_finished = lock.is_finished(folder)
        self.recipe = self._read_recipe()
        self.visited = StateCache()
        self.own_engine: OwnEngine | None = None
        self.on_wait: Callable[[int, int], object] | None = None

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
            ModelFileError: it is gone or was changed, or the run is not finished.
        """
        if not self.is_finished:
            raise ModelFileError(
                f"{self.name} is not finished, so it has no model yet."
                f" `pellucid train --resume {self.reference}` goes on from step {self.steps:,}."
            )
        path = self.folder / store.MODEL
        check_seal(path)
        return path

    @property
    def steps(self) -> int:
        """Steps done; of an unfinished run: until its newest state."""
        return self.outcome.steps

    @property
    def first_step(self) -> int:
        """The first step that the run did itself, counted from 1; a branch's parent did others."""
        return 1 + (0 if self.recipe.parent is None else self.recipe.parent.step)

    @cached_property
    def outcome(self) -> Outcome:
        """What came out; of an unfinished run: what has so far."""
        if not self.is_finished:
            return self._outcome_so_far()
        path = self.folder / store.OUTCOME
        outcome = self._read_json(path, Outcome)
        with _fitting(path):
            checks.check_outcome(outcome, self.kept_steps[-1])
        return outcome

    @cached_property
    def kept_steps(self) -> tuple[int, ...]:
        """The steps whose states are on disk, ascending.

        Raises:
            ModelFileError: the first state is not among them.
        """
        if self.is_finished:
            sealed = read_seal(self.folder).sha256
            found = states.steps_of(each.removeprefix(f"{states.FOLDER}/") for each in sealed)
        else:
            found = states.kept_steps(self.folder)
        if not found or found[0] != self.first_step - 1:
            raise damaged(states.state_path(self.folder, self.first_step - 1), FileNotFoundError())
        return tuple(found)

    @cached_property
    def states(self) -> dict[str, State]:
        """The states "first", "best" (at the end of the best epoch so far) and "last"."""
        return {
            "first": self._state(self.kept_steps[0]),
            "best": self._best(),
            "last": self._newest[0],
        }

    def nearest_state(self, step: int) -> State:
        """The latest state at or before a step that need not be computed.

        A damaged state in between costs time only: an earlier one takes its place.

        Raises:
            ModelFileError: the first state is damaged.
        """
        visited = self.visited.nearest(step)
        before = [each for each in self.kept_steps if each <= step]
        for each in reversed(before[1:]):
            if visited is not None and visited.step >= each:
                return visited
            with suppress(ModelFileError):
                return self._state(each)
        return visited or self._state(self.kept_steps[0])

    @cached_property
    def losses(self) -> Array:
        """The loss of every step's batch: shape (steps,), float64."""
        return self._curve(journal.LOSSES, self.steps)

    @cached_property
    def validation_losses(self) -> Array:
        """Of the first state and at each epoch's end: shape (epochs + 1,), float64."""
        return self._curve(journal.VALIDATION, self.outcome.finished_epochs + 1)

    @cached_property
    def incidents(self) -> tuple[journal.Event, ...]:
        """What happened to the training from outside, in order: interrupted, resumed."""
        path = self.folder / journal.EVENTS
        if self.is_finished:
            check_seal(path)
        return tuple(each for each in journal.read_events(self.folder) if each.step <= self.steps)

    @cached_property
    def data(self) -> dict[str, Array]:
        """The prepared arrays: "inputs", "targets" (training rows) and "rows.training" … .

        Raises:
            ModelFileError: the bytes are not those that the run was trained on, or a table that
                was too large to be copied is gone or has changed.
        """
        path = self.folder / store.DATA
        arrays, _ = store.read_arrays(path)
        if self.recipe.outside:
            with _fitting(path):
                arrays = prepare_again(self.recipe, self.table, arrays)
        if fingerprint(arrays) != self.recipe.data_sha256:
            raise damaged(path)
        with _fitting(path):
            checks.check_data(arrays, self.recipe)
        return arrays

    @cached_property
    def table(self) -> Table:
        """The raw columns that the run used, every row of the table.

        Raises:
            ModelFileError: a file is gone or damaged, or the arrays are no table, or a table that
                was too large to be copied is gone or has changed.
        """
        if self.recipe.recorded == "arrays":
            return table_of_arrays(self.recipe, self.data)
        if self.recipe.outside:
            return read_outside(self.recipe, self.name)
        path = self.folder / store.TABLE
        table = store.read_table_columns(path)
        if len(table) != self.recipe.table.rows:
            raise damaged(path)
        return table

    @property
    def seconds(self) -> float:
        """That the training took, until its newest state."""
        return self._newest[1]

    @cached_property
    def _newest(self) -> tuple[State, float]:
        """The newest state, and the seconds until then; it is whole, and so are the losses."""
        if self.is_finished:
            return self._state(self.kept_steps[-1]), self.outcome.seconds
        losses = len(self._numbers(journal.LOSSES))
        for step in reversed(self.kept_steps[1:]):
            if step <= losses:
                with suppress(ModelFileError):  # an accident's newest state may be damaged
                    return states.read_state(states.state_path(self.folder, step))
        return self._state(self.kept_steps[0]), 0.0

    def _outcome_so_far(self) -> Outcome:
        state, seconds = self._newest
        best = 0
        with suppress(ModelFileError):
            best = states.read_state(self.folder / states.BEST)[0].epoch
        return Outcome(
            steps=state.step,
            finished_epochs=state.epoch,
            best_epoch=best if best <= state.epoch else 0,
            ending="unfinished",
            seconds=seconds,
            fingerprint=state.fingerprint(),
            sentences=(
                f"The training is not finished: {state.step:,} steps are done. Unless it still goes"
                f" on, `pellucid train --resume {self.reference}` finishes it.",
            ),
        )

    def _best(self) -> State:
        """The state at the end of the best epoch; the newest one if there is none yet."""
        if not self.outcome.best_epoch:
            return self._newest[0]
        return self._read_state(self.folder / states.BEST)

    def _state(self, step: int) -> State:
        return self._read_state(states.state_path(self.folder, step))

    def _read_state(self, path: Path) -> State:
        state, _ = states.read_state(path)
        if self.is_finished:
            name = path.relative_to(self.folder).as_posix()
            if state.fingerprint() != read_seal(self.folder).sha256.get(name):
                raise damaged(path)
        with _fitting(path):
            checks.check_state(state, self.recipe)
            checks.check_name(state, path.stem)
        return state

    def _curve(self, name: str, count: int) -> Array:
        """A curve of the journal, as long as the states say."""
        path = self.folder / name
        if self.is_finished:
            check_seal(path)
        curve = self._numbers(name)
        is_new = not self.steps and not len(curve)  # nothing has been judged before the first step
        if (len(curve) < count and not is_new) or (self.is_finished and len(curve) != count):
            raise damaged(path)
        return curve[:count]

    def _numbers(self, name: str) -> Array:
        path = self.folder / name
        try:
            return journal.read_numbers(path)
        except OSError as error:
            raise damaged(path, error) from error

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
        if not OLDEST <= known.format <= FORMAT:
            cure = "Install that version or a later one."
            if known.format < OLDEST:
                cure = "Train again, or install that version."
            raise ModelFileError(
                f"{self.folder} was written by pellucid {known.version}, whose runs this one"
                f" cannot read. {cure}"
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
