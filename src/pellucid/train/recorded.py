"""A training by `Trainer.fit` that is kept as a run: stretches of steps, and the record in between.

The steps are those of the same `fit` without a record; what the record holds is `recording`'s.
"""

from __future__ import annotations

import re
import time
import warnings
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from pellucid.engine.job import Job
from pellucid.engine.obstacle import CannotLower
from pellucid.engine.origin import STARTED
from pellucid.engine.state import State
from pellucid.engine.watch import unwatched
from pellucid.errors import InputError, RunError
from pellucid.nn.mistakes import callers_level
from pellucid.optim.lr_scheduler.plateau import ReduceLROnPlateau
from pellucid.random import default_generator
from pellucid.runs import store
from pellucid.runs.recipe import Outcome
from pellucid.runs.writer import RunWriter
from pellucid.train.examples import Examples
from pellucid.train.history import History
from pellucid.train.loop import Progress, stretch_seconds
from pellucid.train.own_task import own_task
from pellucid.train.recorder import Recorder
from pellucid.train.recording import beginning_of, read_recording
from pellucid.train.started import started_run
from pellucid.train.task import Plan, Preparation, Task, prepare_task

if TYPE_CHECKING:
    from pellucid.train.trainer import Trainer

Array = np.ndarray[Any, Any]
Ending = Literal["epochs", "patience", "interrupted", "stopped"]


def fit_recorded(trainer: Trainer, dataset: Examples, plan: Plan, record: Any) -> History:
    """Train, and keep it as a run.

    Args:
        trainer: whose module.
        dataset: the rows to learn from.
        plan: how.
        record: what `Trainer.fit` was given: True, a folder, or a `Recording`.

    Raises:
        InputError: the folder cannot be written, or this training cannot be recorded.
        TrainingError: numbers were no longer finite; nothing is kept.
    """
    recording = read_recording(record)
    if isinstance(dataset.targets, dict):
        raise InputError("A training with several losses cannot be recorded yet. Leave it out.")
    if len(dataset.inputs) > 1 or dataset.inputs[0].array.dtype.kind != "f":
        raise InputError(
            "A training with several inputs, or with categories for embeddings, cannot be recorded "
            "yet. Leave `record` out."
        )
    if isinstance(trainer.scheduler, ReduceLROnPlateau):
        raise InputError(
            "A training whose learning rate follows its loss (ReduceLROnPlateau) cannot be recorded"
            " yet. Take a schedule that is known before, such as StepLR."
        )
    try:
        task = prepare_task(trainer, dataset, plan, default_generator, Preparation())
    except CannotLower as obstacle:
        task = own_task(trainer, dataset, plan, default_generator, obstacle.reason)
    task = replace(task, job=_from_step_0(task.job))
    beginning = beginning_of(task, recording, dataset)
    own = beginning.recipe.own
    if own is not None and STARTED in own.obstacle:
        warnings.warn(
            "The run will open with its losses and its weights, but its steps cannot be done again:"
            f" {own.obstacle}.",
            stacklevel=callers_level(),
        )
    out = None if recording.folder is None else Path(recording.folder)
    stem = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", type(trainer.model).__name__).lower()
    writer = RunWriter(stem, out)
    with started_run(writer, beginning) as recorder:
        history = _Recorded(task, recorder).train()
    return replace(history, run=writer.folder)


def _from_step_0(job: Job) -> Job:
    """The job with steps counted from its own first one, whatever the optimizer did before."""
    rates = None if job.rates is None else replace(job.rates, first=0)
    return replace(job, state=replace(job.state, step=0), rates=rates)


class _Recorded:
    """The moving parts of a recorded training."""

    def __init__(self, task: Task, recorder: Recorder) -> None:
        self.task, self.recorder = task, recorder
        self.state = task.job.state
        self.judged = np.full(task.plan.epochs + 1, np.nan)
        self.losses = np.empty(0) if task.job.losses is None else task.job.losses
        self.seconds, self.started = 0.0, time.perf_counter()
        self.stretch = 64  # nobody knows the speed yet
        watch = task.job.watch
        if watch is not None:
            job, values = task.job, task.job.state.values()
            first, _ = task.engine.evaluate(job.program, values, watch.inputs, watch.targets)
            self.judged[0] = first

    def train(self) -> History:
        """Do all stretches; what Ctrl-C cuts off is kept as an interrupted run."""
        ending: Ending = "interrupted"
        try:
            ending = self.go()
        except KeyboardInterrupt:
            self.task.keep(self.state)
            self.end("interrupted")
            raise
        except RunError:  # the disk is full: what was learnt is not lost
            self.task.keep(self.state)
            raise
        self.end(ending)
        return self.task.finish(self.state)

    def go(self) -> Ending:
        """Stretch by stretch; says why it ended."""
        task, job = self.task, self.task.job
        watch, stop = job.watch, task.plan.stop
        self.tell()
        while self.done < job.steps:
            if watch is not None and watch.is_over(self.state):
                return "patience"
            count = min(job.steps - self.done, self.stretch)
            before, clock = self.done, time.perf_counter()
            self.state = task.run(self.part(count), self.reach)
            took = max(time.perf_counter() - clock, 1e-6)
            if self.done - before < count and not (watch and watch.is_over(self.state)):
                return "stopped"
            fitting = int(count * stretch_seconds(self.state) / took)
            self.stretch = max(1, min(2 * self.stretch, fitting))
            self.tell()
            if stop is not None and self.done < job.steps and stop():
                return "stopped"
        return "epochs"

    @property
    def done(self) -> int:
        """Steps done."""
        return self.state.step - self.task.job.state.step

    @property
    def epochs(self) -> int:
        """Epochs finished."""
        return self.state.epoch - self.task.job.state.epoch

    def reach(self, state: State) -> None:
        """Take over a state that an interruption has left."""
        self.state = state

    def part(self, count: int) -> Job:
        """The job of the next steps."""
        job, done = self.task.job, self.done
        watch = job.watch
        if watch is not None:
            watch = replace(watch, losses=self.judged[self.epochs + 1 :])
        losses = self.losses[done : done + count]
        return replace(job, state=self.state, steps=count, losses=losses, watch=watch)

    def tell(self) -> None:
        """Let the recorder write, if it is time."""
        best = self.state.best
        self.recorder.update(
            Progress(
                step=self.done,
                steps=self.task.job.steps,
                epoch=self.epochs,
                epochs=self.task.plan.epochs,
                losses=self.losses[: self.done],
                validation_losses=self.judged[: self.epochs + 1],
                elapsed=time.perf_counter() - self.started,
                state=unwatched(self.state),
                best_epoch=self.best_epoch,
                best=best,
            )
        )

    @property
    def best_epoch(self) -> int:
        """The best epoch so far; 0 if nobody judges."""
        best = self.state.best
        return 0 if best is None else best.epoch - self.task.job.state.epoch

    def end(self, ending: Ending) -> None:
        """Write everything up to the last step, and what came out."""
        last = unwatched(self.state)
        watch = self.task.job.watch
        if watch is not None and watch.losses is not None:
            watch.losses[: self.epochs] = self.judged[1 : self.epochs + 1]
        seconds = time.perf_counter() - self.started
        best = self.state.best
        judged = self.judged[: self.epochs + 1]
        self.recorder.write(self.losses[: self.done], judged, last, best, seconds=seconds)
        kept = best if best is not None and self.task.plan.restore_best else last
        outcome = Outcome(
            steps=self.done,
            finished_epochs=self.epochs,
            best_epoch=self.best_epoch,
            ending=ending,
            seconds=seconds,
            fingerprint=last.fingerprint(),
        )
        self.recorder.finish(outcome, lambda path: store.write_arrays(path, kept.values()))
