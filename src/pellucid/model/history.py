"""How a model learned, as numbers to keep with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pellucid.train.loop import Ending, Training

Array = np.ndarray[Any, np.dtype[Any]]


def _no_losses() -> Array:
    return np.empty(0, np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelHistory:
    """How a model learned.

    Attributes:
        steps: steps done.
        epochs: epochs finished.
        best_epoch: the epoch whose weights the model has, counted from 1; 0 if none was finished.
        ending: "epochs" (all done), "patience" or "interrupted".
        seconds: the training took.
        validation_losses: of the first state and at each epoch's end: epochs + 1 numbers.
        losses: shape (steps,), the loss of each step's batch; not stored in a model file, so empty
            in a loaded model (a run keeps them).
    """

    steps: int
    epochs: int
    best_epoch: int
    ending: Ending
    seconds: float
    validation_losses: tuple[float, ...]
    losses: Array = field(default_factory=_no_losses, compare=False, repr=False)

    @classmethod
    def of(cls, training: Training) -> ModelHistory:
        """Give the history of a training."""
        return cls(
            steps=training.steps,
            epochs=training.epochs,
            best_epoch=training.best_epoch,
            ending=training.ending,
            seconds=training.seconds,
            validation_losses=tuple(training.validation_losses.tolist()),
            losses=training.losses,
        )
