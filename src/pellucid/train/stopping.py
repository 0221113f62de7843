"""Which epoch was the best so far, and whether waiting for a better one still makes sense.

A `Watch` is a value: seeing an epoch gives a new one, so whoever is interrupted between two
epochs still holds a consistent one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from pellucid.engine.state import State


@dataclass(frozen=True, slots=True)
class Watch:
    """What has been seen at the ends of the epochs.

    Attributes:
        patience: how many epochs in a row may pass without a better one; None waits for ever.
        epoch: epochs seen.
        best_epoch: the epoch with the lowest validation loss, the earliest if several have it;
            0 while no epoch has been seen.
        best_loss: its validation loss.
        best: the state at its end.
    """

    patience: int | None = None
    epoch: int = 0
    best_epoch: int = 0
    best_loss: float = math.inf
    best: State | None = None

    def seen(self, validation_loss: float, state: State) -> Watch:
        """Give the watch after one more epoch; a loss that is no number is never the best.

        Args:
            validation_loss: the loss on the validation rows at the epoch's end.
            state: the state at the epoch's end.

        Example:
            >>> watch = Watch(patience=2)
            >>> for loss in (0.6, 0.5, 0.7, math.nan):
            ...     watch = watch.seen(loss, state=None)
            >>> watch.best_epoch, watch.best_loss, watch.is_over
            (2, 0.5, True)
        """
        epoch = self.epoch + 1
        if validation_loss < self.best_loss or self.epoch == 0:
            loss = math.inf if math.isnan(validation_loss) else validation_loss
            return replace(self, epoch=epoch, best_epoch=epoch, best_loss=loss, best=state)
        return replace(self, epoch=epoch)

    @property
    def is_over(self) -> bool:
        """Whether `patience` epochs in a row have brought nothing better."""
        return self.patience is not None and self.epoch - self.best_epoch >= self.patience
