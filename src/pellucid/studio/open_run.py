"""A run that is open in the studio: its moments as they are asked for, its training if it goes on.

Several pages may look at one run; its moments are made one after the other, under one lock.
"""

from __future__ import annotations

import copy
import threading
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from pellucid.data.table import Column, Table
from pellucid.data.typed_row import typed_row
from pellucid.engine.state import State
from pellucid.explain.moment import Moment
from pellucid.explain.subject import Subject
from pellucid.model.model import Model
from pellucid.model.of_run import model_of, prepared_of
from pellucid.model.prepared import Prepared, prepare_fit
from pellucid.report.record import beginning
from pellucid.runs.run import Run
from pellucid.runs.writer import ReopenedRun, RunWriter
from pellucid.studio.learning import Learning
from pellucid.train.past import past_of
from pellucid.train.recorder import Beginning, Recorder, publish, write_beginning
from pellucid.train.replay import engine_of, state_after

Array = np.ndarray[Any, np.dtype[Any]]

Lock: TypeAlias = AbstractContextManager[Any]
KEPT = 16  # moments visited last, whose neighbours are asked for next


class PlannedRun(Run):
    """A run whose steps can all be looked at, those too that were not done yet: each has its recipe.

    Attributes:
        planned: how many steps there will be.
    """

    planned: int

    @property
    def steps(self) -> int:
        """All that are planned."""
        return self.planned


class OpenRun:
    """A run that is open in the studio.

    Args:
        stored: on disk; of one that can go on a `PlannedRun`.
        model: gives the preparation and the target.
        learning: the training, where it can go on.

        lock: that the training holds while it moves the run's folder.

    Attributes:
        key: by which pages ask for it.
        lock: to be held while its moments are made or opened.
    """

    def __init__(
        self,
        stored: Run,
        model: Model,
        learning: Learning | None = None,
        lock: Lock | None = None,
    ) -> None:
        self.stored, self.model, self.learning = stored, model, learning
        self.key = ""
        self.lock: Lock = lock or threading.RLock()
        self.engine = engine_of(stored)
        self._moments: OrderedDict[tuple[int, Any], Moment] = OrderedDict()

    @property
    def name(self) -> str:
        """The name of the run's folder; "" while it is kept nowhere."""
        if self.learning is not None and not self.learning.writer.is_published:
            return ""
        return self._folder.name

    @property
    def _folder(self) -> Path:
        return self.stored.folder if self.learning is None else self.learning.writer.folder

    @property
    def first(self) -> int:
        """The first step that the run does itself, from 1."""
        return self.stored.first_step

    @property
    def steps(self) -> int:
        """The last step that is planned; of a training that patience has ended, that was done."""
        kept = None if self.learning is None else self.learning.run
        return self.stored.steps if kept is None else kept.steps

    @property
    def done(self) -> int:
        """The last step that was trained."""
        return self.stored.steps if self.learning is None else self._origin + self.learning.done

    @property
    def _origin(self) -> int:
        """The steps before those that `losses` tells of."""
        return self.first - 1

    @property
    def is_over(self) -> bool:
        """Whether no step will follow."""
        return self.learning is None or self.learning.is_over

    @property
    def losses(self) -> Array:
        """The loss of every step that was trained."""
        return self.stored.losses if self.learning is None else self.learning.losses

    @cached_property
    def subject(self) -> Subject:
        """The network and what its numbers mean."""
        recipe = self.stored.recipe
        return Subject(recipe.program, self.model.preparation, self.model.target, self.stored.table)

    @cached_property
    def per_epoch(self) -> int:
        """Steps of an epoch."""
        return -(-len(self.stored.data["inputs"]) // self.stored.recipe.batch_size)

    @cached_property
    def uses(self) -> Mapping[str, frozenset[int]]:
        """The rows (from 1) for "training", "validation" and "test"."""
        data = self.stored.data
        names = ("training", "validation", "test")
        return {each: frozenset((data[f"rows.{each}"] + 1).tolist()) for each in names}

    def want(self, steps: int) -> None:
        """Let the training go on until the step with this number is done."""
        if self.learning is not None:
            self.learning.want(min(steps, self.steps) - self._origin)

    def moment(self, step: int, typed: Mapping[str, str] | None = None) -> Moment:
        """The moment before a step; the lock must be held.

        Args:
            step: from `first`; `steps` + 1 for the moment after the last one.
            typed: the cells of a row that stands behind those of the table.
        """
        key = (step, None if typed is None else tuple(typed.items()))
        if key not in self._moments:
            self._moments[key] = self._make_moment(step, typed)
            if len(self._moments) > KEPT:
                self._moments.popitem(last=False)
        self._moments.move_to_end(key)
        return self._moments[key]

    def state(self, steps: int) -> State:
        """The state after so many steps; the lock must be held."""
        if self.learning is not None and steps == self.done:
            return self.learning.state
        self._refresh()
        return state_after(self.stored, steps)

    def table_with(self, typed: Mapping[str, str]) -> Table:
        """The table with a typed row behind its last one.

        Raises:
            ColumnError: a cell is none that its column can have.
        """
        row = typed_row(self.model.preparation, typed)
        table = self.stored.table
        return replace(table, data=tuple(_appended(each, row) for each in table.data))

    def close(self) -> None:
        """End its training."""
        if self.learning is not None:
            self.learning.close()

    def _make_moment(self, step: int, typed: Mapping[str, str] | None) -> Moment:
        self._refresh()
        place = step if step <= self.steps else None
        if typed is None:
            return Moment(self.stored, self.model, place)
        stored = copy.copy(self.stored)
        stored.__dict__["table"] = self.table_with(typed)
        moment, known = Moment(stored, self.model, place), self.moment(step)
        if place is not None:
            moment.__dict__["trace"] = known.trace  # the same step, done once
        return moment

    def _refresh(self) -> None:
        """Let the run know what its training has done meanwhile."""
        if self.learning is None:
            return
        self.stored.folder = self._folder  # it gets its name with the first step
        self.stored.__dict__.pop("kept_steps", None)
        if isinstance(self.stored, PlannedRun):
            self.stored.planned = self.steps
        while self.learning.visited:
            self.stored.visited.put(self.learning.visited.popleft())


def begin_run(table: Any, typed: str, target: str, **settings: Any) -> OpenRun:
    """Prepare a run; its folder stays hidden until the first step is wanted.

    Args:
        table: anything that `fit` reads.
        typed: what to call its source.
        target: the column to predict.
        settings: those of `fit`.

    Raises:
        PellucidError: the table cannot be learnt from, or the folder cannot be written.
    """
    prepared = prepare_fit(table, target, **settings)
    writer = RunWriter(Path(prepared.table.source).stem)
    try:
        facts = beginning(prepared, typed)
        write_beginning(writer, facts)
        lock = threading.RLock()
        learning = Learning(prepared, writer, lambda: _publish(writer, facts, lock))
        return OpenRun(_planned(writer.folder, prepared), _model(prepared), learning, lock)
    except BaseException:
        writer.discard()
        raise


def _publish(writer: RunWriter, facts: Beginning, lock: Lock) -> Recorder:
    """Give the folder its name while nobody reads it."""
    with lock:
        return publish(writer, facts)


def reopen(run: Run) -> OpenRun:
    """Open a run that lies on disk; one that was cut off can go on.

    Raises:
        ModelFileError: a file is gone or damaged.
    """
    if run.is_finished:
        return OpenRun(run, model_of(run))
    past, state = past_of(run)
    first = prepared_of(run)
    writer = _Reopened(run.folder)
    prepared = replace(first, state=state)

    def start() -> Recorder:
        return Recorder(writer.open(), run.recipe.budget, past, state.step)

    planned = _planned(run.folder, first)
    return OpenRun(planned, _model(first), Learning(prepared, writer, start, past))


class _Reopened(ReopenedRun):
    """An unfinished run's folder, locked only when it is written on."""

    def __init__(self, folder: Path) -> None:
        self.stem, self.out, self.folder, self._lock = folder.name, None, folder, None

    @property
    def is_published(self) -> bool:
        """It has its name."""
        return True

    def open(self) -> RunWriter:
        """Lock it."""
        ReopenedRun.__init__(self, self.folder)
        return self


def _planned(folder: Path, prepared: Prepared) -> PlannedRun:
    run = PlannedRun(folder)
    method = prepared.method
    run.planned = run.first_step - 1 + prepared_steps(prepared, method.batch_size, method.epochs)
    return run


def prepared_steps(prepared: Prepared, batch_size: int, epochs: int) -> int:
    """How many steps are planned."""
    return -(-len(prepared.training) // batch_size) * epochs


def _model(prepared: Prepared) -> Model:
    return Model(prepared.preparation, prepared.target, prepared.network, prepared.method)


def _appended(column: Column, row: Table) -> Column:
    """A column with the cell of a typed row behind it; what was not typed is missing."""
    cell = row.column(column.name).cell(0) if column.name in row else None
    if column.numbers is not None:
        number = float("nan") if cell is None else float(cell)
        return replace(column, numbers=np.append(column.numbers, number))
    level = str(cell) if cell is not None else ""
    levels = column.levels if cell is None or level in column.levels else (*column.levels, level)
    code = -1 if cell is None else levels.index(level)
    return replace(column, codes=np.append(column.codes, np.int32(code)), levels=levels)
