"""What lies behind a state in the middle of a training: the losses so far and the best epoch.

A state alone says what comes next; with its past a training that goes on leaves the same record as
one that was never interrupted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from pellucid.engine.state import State
from pellucid.engine.watch import unwatched
from pellucid.runs.run import Run
from pellucid.train.replay import state_after

Array = np.ndarray[Any, np.dtype[Any]]


def _nothing() -> Array:
    return np.empty(0, np.float64)


@dataclass(frozen=True, slots=True)
class Past:
    """What came before a state.

    Attributes:
        first: the state before step 1.
        losses: shape (steps,), float64, of every step so far.
        validation_losses: shape (epochs + 1,), of the first state and at each epoch's end; empty
            if nothing was done.
        best: the state at the end of the best epoch; None if none is finished.
        since: the epoch before which no epoch can be the best one: that of a branch's first state.
        seconds: the training took so far.
    """

    first: State
    losses: Array = field(default_factory=_nothing)
    validation_losses: Array = field(default_factory=_nothing)
    best: State | None = None
    since: int = 0
    seconds: float = 0.0

    @property
    def epochs(self) -> int:
        """Epochs finished."""
        return max(len(self.validation_losses) - 1, 0)

    def resume(self, state: State) -> State:
        """The state that goes on, with what has been judged until then."""
        if self.best is None:
            return unwatched(state)
        best = best_epoch(self.validation_losses, self.since)
        loss = float(self.validation_losses[best])
        return replace(
            state,
            best=self.best,
            best_loss=math.inf if math.isnan(loss) else loss,
            waiting=self.epochs - best,
        )


def past_of(run: Run) -> tuple[Past, State]:
    """What a run on disk has behind it, and the state to go on from.

    Raises:
        ModelFileError: a file is damaged.
        RunError: the best epoch's state must be computed, and this processor cannot.
    """
    first, last = run.states["first"], run.states["last"]
    since = 0 if run.recipe.parent is None else first.epoch + 1
    validation_losses = run.validation_losses
    best = best_epoch(validation_losses, since)
    past = Past(
        first,
        run.losses,
        validation_losses,
        _state_of_epoch(run, best, first) if best else None,
        since,
        run.seconds,
    )
    return past, last


def _state_of_epoch(run: Run, epoch: int, first: State) -> State:
    """The state at an epoch's end: stored, or done again if an accident came in between."""
    stored = run.states["best"]
    if stored.epoch == epoch and not stored.position:
        return stored
    each = -(-len(run.data["inputs"]) // run.recipe.batch_size)
    return state_after(run, first.step - first.position + each * (epoch - first.epoch))


def best_epoch(validation_losses: Array, since: int = 0) -> int:
    """The epoch with the lowest validation loss, the earliest of several; 0 if none is finished.

    Args:
        validation_losses: shape (epochs + 1,), of the first state and at each epoch's end.
        since: the epoch to begin with, where earlier ones belong to another network.

    Example:
        >>> best_epoch(np.array([0.7, 0.6, 0.5, 0.5, np.nan]))
        2
    """
    start = max(since, 1)
    after = validation_losses[start:]
    if not len(after):
        return 0
    return start + int(np.argmin(np.where(np.isnan(after), np.inf, after)))
