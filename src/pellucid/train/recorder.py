"""Writing a run while it trains: the recipe before the first step, then losses and states.

The loop tells the recorder how far it is; what the records say is decided by the caller. The
folder's life is `runs.writer`'s, the encoding `runs.store`'s, `runs.states`' and `runs.journal`'s.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec
import numpy as np

from pellucid.data.table import Table
from pellucid.engine.state import State
from pellucid.errors import InputError, RunError
from pellucid.runs import journal, states, store
from pellucid.runs.keeper import StateKeeper
from pellucid.runs.recipe import Outcome, Recipe
from pellucid.runs.run import Run
from pellucid.runs.writer import RunWriter
from pellucid.train.loop import Progress, Training
from pellucid.train.past import Past

Array = np.ndarray[Any, Any]
SaveModel = Callable[[Path], object]

PYTHON = "The module has learnt up to there, too: make room and call `fit` again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """All that a run holds before its first step.

    Args:
        recipe: what was decided.
        arrays: the prepared data, under the names that `Run.data` explains.
        table: the raw columns that are used; None if the arrays are all that there was.
        past: what came before its first state, in a branch.
        state: the first one.
        save_model: writes the model with the first weights to a path.
    """

    recipe: Recipe
    arrays: Mapping[str, Array]
    table: Table | None
    past: Past
    state: State
    save_model: SaveModel


class Recorder:
    """Writes what a training tells into a run's folder.

    Args:
        writer: the folder, published.
        budget: megabytes for the states along the run.
        past: what the folder holds already; what lies behind it is cut off.
        steps: done so far.
        cure: what to do if the folder cannot be written any more.

    Raises:
        RunError: the folder cannot be written.
    """

    def __init__(
        self, writer: RunWriter, budget: int, past: Past, steps: int, *, cure: str = ""
    ) -> None:
        self._writer, self._step, self._best = writer, steps, -1
        resume = f"Make room there, then `pellucid train --resume {writer.folder}` goes on."
        self._cure = cure or resume
        with self._told():
            states.cut(writer.folder, steps)
            epochs = len(past.validation_losses)
            self._journal = journal.Journal(writer.folder, len(past.losses), epochs)
            self._keeper = StateKeeper(writer.folder, budget, past.seconds)

    @property
    def folder(self) -> Path:
        """Where the run lies."""
        return self._writer.folder

    def __enter__(self) -> Recorder:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let go of the folder; what is there stays."""
        self._journal.close()
        self._writer.release()

    def update(self, told: Progress) -> None:
        """Write how far the training is, if it is time.

        Raises:
            RunError: the folder cannot be written.
        """
        if self._keeper.is_due(told.elapsed):
            began = time.perf_counter()
            self.write(
                told.losses, told.validation_losses, told.state, told.best, seconds=told.elapsed
            )
            self._keeper.wait(told.elapsed, began)

    def end(self, training: Training) -> None:
        """Write everything up to the last step; the judgement may take its time.

        Raises:
            RunError: the folder cannot be written.
        """
        best = training.best if training.best_epoch else None
        self.write(
            training.losses,
            training.validation_losses,
            training.last,
            best,
            seconds=training.seconds,
        )

    def finish(self, outcome: Outcome, save_model: SaveModel) -> Run:
        """Write what came out, seal the folder and let go of it.

        Raises:
            RunError: the folder cannot be written.
        """
        folder = self._writer.folder
        with self._told():
            self._journal.close()
            save_model(folder / store.MODEL)
            _write_json(folder / store.OUTCOME, outcome)
            (folder / store.START).unlink(missing_ok=True)
            self._writer.finish()
        return Run(folder)

    def tell(self, event: journal.Event) -> None:
        """Write an event.

        Raises:
            RunError: the folder cannot be written.
        """
        with self._told():
            self._journal.tell(event)

    def write(
        self,
        losses: Array,
        validation_losses: Array,
        state: State,
        best: State | None,
        *,
        seconds: float,
    ) -> None:
        """Write how far the training is: losses first, so that no state stands there without them.

        Args:
            losses: of all steps so far.
            validation_losses: of the first state and all epochs so far.
            state: after the last of these steps.
            best: at the end of the best epoch; None if there is none.
            seconds: that the training took.

        Raises:
            RunError: the folder cannot be written.
        """
        with self._told():
            self._journal.append(losses, validation_losses)
            self._keeper.keep(state, seconds)
            if best is not None and best.step != self._best:
                states.write_state(self._writer.folder / states.BEST, best, seconds)
                self._best = best.step
        self._step = state.step

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what the disk refuses into one sentence that says what is kept."""
        folder = self._writer.folder
        try:
            yield
        except (OSError, InputError) as error:
            if not folder.exists():
                raise RunError(
                    f"The folder {folder} has gone while its run was written, so the training"
                    f" ended after step {self._step:,}. Nothing of it is kept."
                ) from error
            reason = str(error).rstrip(".")
            if isinstance(error, OSError):
                reason = (error.strerror or str(error)).lower()
            raise RunError(
                f"The run cannot be written to {folder}: {reason}. It is kept up to step"
                f" {self._step:,}. {self._cure}"
            ) from error


def begin(writer: RunWriter, beginning: Beginning) -> Recorder:
    """Write what is known before the first step, and publish the folder.

    Raises:
        InputError: the folder cannot be written; nothing is left of it.
    """
    write_beginning(writer, beginning)
    return publish(writer, beginning)


def write_beginning(writer: RunWriter, beginning: Beginning) -> None:
    """Write what is known before the first step into the folder, which stays hidden.

    Raises:
        InputError: the folder cannot be written.
    """
    folder, past = writer.folder, beginning.past
    try:
        store.write_arrays(folder / store.DATA, beginning.arrays)
        if beginning.table is not None:
            store.write_table(folder / store.TABLE, beginning.table)
        beginning.save_model(folder / store.START)
        _write_json(folder / store.RECIPE, beginning.recipe)
        (folder / states.FOLDER).mkdir()
        path = states.state_path(folder, beginning.state.step)
        states.write_state(path, beginning.state, past.seconds)
        started = journal.Journal(folder)
        started.append(past.losses, past.validation_losses)
        started.close()
        writer.seal()
    except OSError as error:
        raise _refused(folder, error) from error


def publish(writer: RunWriter, beginning: Beginning) -> Recorder:
    """Give the folder its name, and go on writing to it.

    Args:
        writer: of a folder that holds the beginning.
        beginning: the same.

    Raises:
        InputError: the folder cannot be written.
    """
    try:
        writer.publish()
    except OSError as error:
        raise _refused(writer.folder, error) from error
    recipe, state = beginning.recipe, beginning.state
    cure = PYTHON if recipe.recorded == "arrays" else ""
    return Recorder(writer, recipe.budget, beginning.past, state.step, cure=cure)


def _refused(folder: Path, error: OSError) -> InputError:
    reason = (error.strerror or str(error)).lower()
    return InputError(
        f"The run cannot be written to {folder.parent}: {reason}. Name another place with --out."
    )


def _write_json(path: Path, record: Recipe | Outcome) -> None:
    path.write_bytes(msgspec.json.format(msgspec.json.encode(record), indent=2))
