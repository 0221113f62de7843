"""Training from a first state to the best epoch: arrays, a program and a state in, a record out.

The steps, the judgement at each epoch's end, the best epoch and patience are the engine's. Here lies
what happens between two calls of it: the record, the word to whoever watches, and a stop by Ctrl-C
that leaves something usable. Nothing is printed and nothing is stored.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from pellucid.engine.engine import Engine
from pellucid.engine.program import Program
from pellucid.engine.state import State
from pellucid.engine.watch import Watch, unwatched
from pellucid.errors import InputError
from pellucid.train.past import Past, best_epoch

Array = np.ndarray[Any, np.dtype[Any]]
Ending = Literal["epochs", "patience", "interrupted"]

STRETCH_SECONDS = 0.05  # steps between two looks at the clock, where a state is small
SMALL_STATE = 500_000  # bytes; every call of the engine packs and unpacks the state
LONGEST_STRETCH = 1.0  # seconds: a live view should move
MOST_STEPS = 1_000_000_000  # the loss of every step is kept, which then takes 8 GB


@dataclass(frozen=True, slots=True)
class Examples:
    """Rows as an engine wants them.

    Attributes:
        inputs: shape (n, in), C-ordered, of the program's dtype.
        targets: shape (n, out) of the same dtype, or (n,) int64 for cross-entropy.
    """

    inputs: Array
    targets: Array

    def __len__(self) -> int:
        return len(self.inputs)


@dataclass(frozen=True, slots=True)
class Plan:
    """How long to train and in which portions.

    Attributes:
        batch_size: rows a step, at least 1; an epoch's last batch may be smaller.
        epochs: how often every row is used, at least 0.
        patience: stop after so many epochs in a row without a better validation loss; None: never.
        shuffle: whether each epoch has an order of its own.
        threads: at most so many; None leaves the choice to the engine. The numbers do not change.
    """

    batch_size: int
    epochs: int
    patience: int | None = None
    shuffle: bool = True
    threads: int | None = None

    def steps_per_epoch(self, rows: int) -> int:
        """Give rows ÷ batch size, rounded up.

        Example:
            >>> Plan(batch_size=100, epochs=50).steps_per_epoch(1000)
            10
        """
        return -(-rows // self.batch_size)

    def check(self, rows: int) -> None:
        """Refuse more steps than losses can be kept of.

        Raises:
            InputError: there are too many epochs for so many rows; says how many there may be.
        """
        steps = self.steps_per_epoch(rows)
        most = MOST_STEPS // max(steps, 1)
        if self.epochs > most:
            raise InputError(
                f"epochs must be at most {most:,} for {rows:,} training rows in batches of"
                f" {self.batch_size:,}: the loss of every step is kept. Got {self.epochs:,}."
            )


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a training is, told after each stretch of steps.

    Attributes:
        step: steps done.
        steps: steps planned.
        epoch: epochs finished.
        epochs: epochs planned.
        losses: shape (step,), the loss of every step so far; a view, to be read only.
        validation_losses: shape (epoch + 1,), of the first state and at each epoch's end; a view.
        elapsed: seconds since the start.
        state: the state after `step`; a value, never changed afterwards.
        best_epoch: the epoch with the lowest validation loss so far; 0 if none is finished.
        best: the state at its end; None if none is finished.
    """

    step: int
    steps: int
    epoch: int
    epochs: int
    losses: Array
    validation_losses: Array
    elapsed: float
    state: State
    best_epoch: int
    best: State | None

    @property
    def validation_loss(self) -> float:
        """At the end of the last finished epoch (before step 1: of the first state)."""
        return float(self.validation_losses[-1])


@dataclass(frozen=True, slots=True)
class Training:
    """What a training leaves.

    Attributes:
        first: the state before step 1.
        best: the state at the end of the best epoch; the last state while no epoch is finished.
        last: the state after the last step.
        losses: shape (steps,), float64, the loss of each step's batch.
        validation_losses: shape (epochs + 1,), float64, of the first state and at each epoch's end.
        best_epoch: counts from 1; 0 if no epoch was finished.
        ending: "epochs" (all done), "patience" or "interrupted".
        seconds: from the first step to the last.
    """

    first: State
    best: State
    last: State
    losses: Array
    validation_losses: Array
    best_epoch: int
    ending: Ending
    seconds: float

    @property
    def steps(self) -> int:
        """Steps done."""
        return len(self.losses)

    @property
    def epochs(self) -> int:
        """Epochs finished."""
        return len(self.validation_losses) - 1


def train(
    engine: Engine,
    program: Program,
    state: State,
    *,
    training: Examples,
    validation: Examples,
    plan: Plan,
    progress: Callable[[Progress], object] | None = None,
    past: Past | None = None,
    leave: Callable[[int], int] | None = None,
) -> Training:
    """Train epoch by epoch and keep the best epoch's state beside the last one.

    Args:
        engine: does the steps.
        program: the network, its loss and its optimizer.
        state: where to start; left untouched.
        training: the rows to learn from.
        validation: the rows that choose the best epoch; no step sees them.
        plan: how long and in which portions.
        progress: called before the first step and after each stretch of steps, which takes about
            50 ms and may hold many epochs.
        past: what came before `state`, where it is the middle of a training that goes on.
        leave: asked before each stretch, with the steps done, how many may follow at most; it may
            wait, which counts as no training, and 0 ends the training as Ctrl-C does.

    Returns:
        The record. Ctrl-C ends the training as if it had been planned so far and is not raised.

    Raises:
        TrainingError: a loss or a parameter is no longer a finite number.
        InputError: there are more steps than losses can be kept of.
    """
    plan.check(len(training))
    run = _Run(
        engine,
        program,
        state,
        training=training,
        validation=validation,
        plan=plan,
        progress=progress,
        past=past or Past(state),
        leave=leave,
    )
    ending: Ending = "interrupted"
    with suppress(KeyboardInterrupt):
        ending = run.go()
    return run.record(ending)


def stretch_seconds(state: State) -> float:
    """How long a stretch of steps should take, so that what a call costs beside them is little.

    Ctrl-C does not wait for it: the engine looks for that between two steps.
    """
    size = sum(each.nbytes for each in (*state.values().values(), *state.memory.values()))
    return min(STRETCH_SECONDS * max(1.0, size / SMALL_STATE), LONGEST_STRETCH)


class _Run:
    """The moving parts of one training: the current state and the curves."""

    def __init__(
        self,
        engine: Engine,
        program: Program,
        state: State,
        *,
        training: Examples,
        validation: Examples,
        plan: Plan,
        progress: Callable[[Progress], object] | None,
        past: Past,
        leave: Callable[[int], int] | None,
    ) -> None:
        self.engine, self.program, self.plan = engine, program, plan
        self.training, self.validation, self.progress = training, validation, progress
        self.past, self.start, self.leave = past, state, leave
        self.state = past.resume(state.copy())
        self.first = self.state if past.first is state else past.first
        self.per_epoch = plan.steps_per_epoch(len(training))
        self.origin = state.step - len(past.losses)  # the step that `losses` begins after
        # The step at which epoch 0 would have begun, were all epochs of this length.
        zero = len(past.losses) - state.position - self.per_epoch * past.epochs
        steps = max(zero + self.per_epoch * plan.epochs, len(past.losses))
        try:
            self.losses = np.empty(steps, np.float64)
            self.validation_losses = np.empty(max(plan.epochs, past.epochs) + 1, np.float64)
        except MemoryError as error:
            raise InputError(
                f"There is not enough memory to keep the losses of {plan.epochs:,} epochs;"
                " take fewer epochs."
            ) from error
        self.losses[: len(past.losses)] = past.losses
        if len(past.validation_losses):
            self.validation_losses[: past.epochs + 1] = past.validation_losses
        else:
            self.validation_losses[0] = self._validate()
        self.started = time.perf_counter() - past.seconds
        self.stretch = min(self.per_epoch, 64)  # the first one is short: nobody knows its speed yet

    @property
    def step(self) -> int:
        """Steps done, those of the past included."""
        return self.state.step - self.origin

    @property
    def epoch(self) -> int:
        """Epochs finished, those of the past included."""
        return self.past.epochs + self.state.epoch - self.start.epoch

    @property
    def best_epoch(self) -> int:
        """The epoch at whose end `state.best` was; the last one of the past if there is none."""
        best = self.state.best
        if best is None:
            return self.past.epochs
        if best is self.past.best:
            return best_epoch(self.past.validation_losses, self.past.since)
        return self.past.epochs + best.epoch - self.start.epoch

    def go(self) -> Ending:
        """Do the planned epochs, or fewer if patience ends them."""
        watch = self._watch()
        self._tell()
        while self.step < len(self.losses) and not watch.is_over(self.state):
            steps = min(len(self.losses) - self.step, self.stretch, self._allowed())
            if steps <= 0:
                return "interrupted"
            self._run(steps)
            self._tell()
        return "patience" if watch.is_over(self.state) else "epochs"

    def record(self, ending: Ending) -> Training:
        """Put the record together from what has been done so far."""
        last = unwatched(self.state)
        return Training(
            first=self.first,
            best=last if self.state.best is None else self.state.best,
            last=last,
            losses=self.losses[: self.step].copy(),
            validation_losses=self.validation_losses[: self.epoch + 1].copy(),
            best_epoch=self.best_epoch,
            ending=ending,
            seconds=time.perf_counter() - self.started,
        )

    def _allowed(self) -> int:
        """How many steps may follow; the time until that is known does not count."""
        if self.leave is None:
            return len(self.losses)
        began = time.perf_counter()
        steps = self.leave(self.step)
        self.started += time.perf_counter() - began
        return steps

    def _watch(self) -> Watch:
        losses = self.validation_losses[self.epoch + 1 :]
        return Watch(self.validation.inputs, self.validation.targets, self.plan.patience, losses)

    def _keep(self, state: State) -> None:
        self.state = state

    def _run(self, steps: int) -> None:
        began, before = time.perf_counter(), self.step
        self.state = self.engine.run(
            self.program,
            self.state,
            self.training.inputs,
            self.training.targets,
            steps=steps,
            batch_size=self.plan.batch_size,
            shuffle=self.plan.shuffle,
            losses=self.losses[before : before + steps],
            threads=self.plan.threads,
            watch=self._watch(),
            interrupted=self._keep,
        )
        seconds = max(time.perf_counter() - began, 1e-6)
        fitting = int(steps * stretch_seconds(self.state) / seconds)
        self.stretch = max(1, min(fitting, 2 * self.stretch))

    def _validate(self) -> float:
        loss, _ = self.engine.evaluate(
            self.program, self.state.values(), self.validation.inputs, self.validation.targets
        )
        return float(loss)

    def _tell(self) -> None:
        if self.progress is None:
            return
        self.progress(
            Progress(
                step=self.step,
                steps=len(self.losses),
                epoch=self.epoch,
                epochs=self.plan.epochs,
                losses=self.losses[: self.step],
                validation_losses=self.validation_losses[: self.epoch + 1],
                elapsed=time.perf_counter() - self.started,
                state=unwatched(self.state),
                best_epoch=self.best_epoch,
                best=self.state.best,
            )
        )
