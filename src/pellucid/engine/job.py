"""A training that is to be done: what to compute, from where, on which data, how far.

Engines run one job or many side by side; a job knows no engine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pellucid.engine.plateau import Plateau
from pellucid.engine.program import Program
from pellucid.engine.rates import Rates
from pellucid.engine.state import State
from pellucid.engine.watch import Watch
from pellucid.errors import InputError

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Job:
    """What `Engine.run` is asked for, as one value; see there.

    Args:
        program: what a step computes.
        state: where to start; it is not changed.
        inputs: (n, in), or one array for each of several inputs.
        targets: (n, out) or (n,).
        steps: how many, 0 or more.
        batch_size: rows of a batch, 1 or more.
        shuffle: a new random order every epoch.
        rows: (k,) int64, the rows that take part; all if None.
        losses: (steps,) float64, filled with each step's batch loss, if given.
        watch: what is looked at when an epoch ends, if anything.
        row_weights: (n,), how much each row counts; None for all alike.
        rates: what a schedule has written for each step; None: the state's learning rates.
        plateau: by what rule the learning rates fall at the ends of epochs, if by any.
    """

    program: Program
    state: State
    inputs: Any
    targets: Array
    steps: int
    batch_size: int
    shuffle: bool = True
    rows: Array | None = None
    losses: Array | None = None
    watch: Watch | None = None
    row_weights: Array | None = None
    rates: Rates | None = None
    plateau: Plateau | None = None

    def check_plateau(self) -> None:
        """See that learning rates come from one schedule, and that it knows all groups.

        Raises:
            InputError: they do not.
        """
        if self.plateau is None:
            return
        if self.rates is not None:
            raise InputError(
                "`plateau` and `rates` both say what the learning rates are. Give one."
            )
        groups = 1 + len(self.state.further_rates)
        if len(self.plateau.lowest) != groups:
            raise InputError(
                f"`plateau` must have a lowest rate for each of the {groups} groups. Got "
                f"{len(self.plateau.lowest)}."
            )
