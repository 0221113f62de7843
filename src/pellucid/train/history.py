"""What a training by `Trainer.fit` leaves behind: the loss of every step, and who did the steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, repr=False)
class History:
    """The losses of a training.

    Args:
        losses: (steps,) float64, the loss of each step's batch.
        epoch_losses: (epochs,) float64, the mean over the rows of an epoch, each judged when its
            batch had its turn.
        engine: 'native', or 'eager' for the loop in Python.
        reason: why it was not the native engine; '' if it was.
        validation_losses: (epochs,) float64, on the validation rows at each epoch's end; empty if
            there are none.
        best_epoch: the one with the lowest of them, counted from 1; 0 without validation.
        ending: 'epochs' (all done), 'patience', 'stopped' by the stop flag, or 'failed'.
        run: the folder of the run, if the training was recorded; `pellucid.open_run` opens it.
        losses_by_name: of each of several losses, (steps,) before it was weighted; else empty.
        validation_losses_by_name: likewise (epochs,), on the validation rows.
        failure: for one of `fit_many`'s networks whose numbers ran away: what happened.
    """

    losses: Array
    epoch_losses: Array
    engine: str
    reason: str = ""
    validation_losses: Array = field(default_factory=lambda: np.empty(0))
    best_epoch: int = 0
    ending: str = "epochs"
    failure: str = ""
    run: Path | None = None
    losses_by_name: dict[str, Array] = field(default_factory=dict)
    validation_losses_by_name: dict[str, Array] = field(default_factory=dict)

    @property
    def steps(self) -> int:
        """How many steps were done."""
        return len(self.losses)

    @property
    def epochs(self) -> int:
        """How many epochs were done."""
        return len(self.epoch_losses)

    def __repr__(self) -> str:
        why = f", because {self.reason}" if self.reason else ""
        who = f"{self.engine} engine{why}"
        if self.failure:
            return f"History(failed: {self.failure})"
        if not self.steps:
            return f"History(no steps; {who})"
        return (
            f"History({self.steps} steps in {self.epochs} epochs, loss {self.losses[0]:.4g} → "
            f"{self.losses[-1]:.4g}; {who})"
        )


def mean_by_epoch(losses: Array, rows: int, batch_size: int) -> Array:
    """The loss of each epoch from the losses of its batches, the last of which may be short.

    Example:
        >>> mean_by_epoch(np.array([1.0, 2.0, 4.0, 3.0, 3.0, 3.0]), rows=5, batch_size=2)
        array([2., 3.])
    """
    batches = -(-rows // batch_size)
    sizes = np.minimum(batch_size, rows - batch_size * np.arange(batches))
    means: Array = losses.reshape(-1, batches) @ sizes / rows
    return means
