"""`pellucid train --resume RUN`: going on with a run that was cut off."""

from __future__ import annotations

import time
from dataclasses import replace

from pellucid.cli.recording import learn_and_record
from pellucid.errors import InputError
from pellucid.model.fit import Fitted
from pellucid.model.of_run import prepared_of
from pellucid.report.report import Report
from pellucid.runs.finding import open_run
from pellucid.runs.journal import Event
from pellucid.runs.run import Run
from pellucid.runs.store import MODEL
from pellucid.runs.writer import ReopenedRun
from pellucid.train.past import past_of
from pellucid.train.recorder import Recorder


def resume_run(name: str, *, shows: bool) -> tuple[Run, Fitted, Report, float]:
    """Finish a run; it ends with the bits of one that was never cut off.

    Args:
        name: of the run, or its folder.
        shows: whether the plan and a live view are printed.

    Returns:
        The run, its training, the judgement, and the seconds that it took.

    Raises:
        InputError: the run has nothing left to do, or another process is writing it.
    """
    started = time.perf_counter()
    folder = open_run(name).folder
    _check_open(open_run(folder))
    writer = ReopenedRun(folder)
    try:
        run = Run(folder)  # as it is now that nobody else writes it
        _check_open(run)
        past, state = past_of(run)
        prepared = replace(prepared_of(run), state=state)
        with Recorder(writer, run.recipe.budget, past, state.step) as recorder:
            recorder.tell(_resumed(state.step))
            done = learn_and_record(prepared, recorder, past, shows=shows)
    finally:
        writer.release()
    return *done, time.perf_counter() - started


def _check_open(run: Run) -> None:
    """See that there is something left to do.

    Raises:
        InputError: there is not.
    """
    if run.recipe.recorded == "arrays":
        raise InputError(
            f"{run.name} was recorded by `Trainer.fit`, so it goes on in Python only: load its"
            f" weights into the module ({run.folder}/{MODEL}) and call `fit` again."
        )
    if run.is_finished and run.outcome.ending != "interrupted":
        raise InputError(
            f"{run.name} is finished, so there is nothing to go on with."
            f" `pellucid branch {run.reference} @{max(run.steps, 1)} --epochs"
            f" {2 * max(run.recipe.epochs, 1)}` trains it further."
        )


def _resumed(step: int) -> Event:
    return Event(step=step, kind="resumed", text=f"Went on after step {step:,}.")
