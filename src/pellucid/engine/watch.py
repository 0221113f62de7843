"""What is looked at when an epoch ends: the loss on rows that no step learns from.

Which epoch was the best so far and how long none was better are part of the `State`; here lies the
rule by which an epoch's loss changes them. The native engine has the same rule in C++.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pellucid.engine.state import State
from pellucid.errors import InputError

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Watch:
    """Rows to judge the network by at each epoch's end, and when to stop.

    Args:
        inputs: (m, in), like the inputs of the training.
        targets: (m, out) or (m,), like its targets.
        patience: stop after so many epochs in a row without a lower loss, 1 or more; None: never.
        losses: float64, filled with the loss of each epoch that ends in the call; it has room for
            all of them. None if nobody wants them.
    """

    inputs: Any
    targets: Array
    patience: int | None = None
    losses: Array | None = None

    def is_over(self, state: State) -> bool:
        """Whether `patience` epochs in a row have brought nothing better."""
        return self.patience is not None and state.waiting >= self.patience

    def check(self, epochs: int) -> None:
        """See that there is room for the losses of `epochs` epochs.

        Raises:
            InputError: there is not, or `patience` is not 1 or more.
        """
        if self.patience is not None and self.patience < 1:
            raise InputError(f"`patience` must be 1 or more, or None. Got {self.patience}.")
        losses = self.losses
        if losses is not None and (
            losses.ndim != 1 or len(losses) < epochs or losses.dtype != np.float64
        ):
            raise InputError(
                f"A watch's `losses` must be float64 of shape ({epochs},), one for each epoch that "
                f"ends. Got {losses.dtype} of shape {losses.shape}."
            )


def judged(state: State, loss: float) -> State:
    """The state when the loss at its epoch's end is known.

    The first epoch that is judged is the best so far, whatever its loss; then the one with the
    lowest loss is, the earliest if several have it. A loss that is no number is never lower.

    Args:
        state: at the end of an epoch.
        loss: on the watched rows.

    Example:
        >>> state = State({}, {}, 0, 0, 0, 0, np.zeros(625, np.uint32), 0.1, 0.0)
        >>> for epoch, loss in enumerate((0.6, 0.5, 0.7, math.nan), 1):
        ...     state = judged(replace(state, epoch=epoch), loss)
        >>> state.best.epoch, state.best_loss, state.waiting
        (2, 0.5, 2)
    """
    if state.best is not None and not loss < state.best_loss:
        return replace(state, waiting=state.waiting + 1)
    best = unwatched(state)
    return replace(
        state, best=best, best_loss=math.inf if math.isnan(loss) else float(loss), waiting=0
    )


def unwatched(state: State) -> State:
    """The same moment of a training that nobody watches."""
    return replace(state, best=None, best_loss=math.inf, waiting=0)
