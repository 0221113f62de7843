"""What every engine offers: the same step, executed one way or another.

The engines themselves live in `native` and `eager`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np

from pellucid.engine.plateau import Plateau
from pellucid.engine.program import Program
from pellucid.engine.rates import Rates
from pellucid.engine.state import State
from pellucid.engine.trace import Trace
from pellucid.engine.watch import Watch

Array = np.ndarray[Any, Any]


class Engine(Protocol):
    """A way to execute programs.

    `inputs` are (n, in), C-ordered, of the program's dtype. `targets` are (n, out) of that dtype,
    or (n,) int64 classes for losses of classes. Data is never changed.

    Attributes:
        name: 'native' or 'eager'.
        exact: whether the same call gives the same bits always.
        arithmetic: what the bits depend on: 'fma' or 'plain'.
    """

    name: str
    exact: bool
    arithmetic: str

    def run(
        self,
        program: Program,
        state: State,
        inputs: Array,
        targets: Array,
        *,
        steps: int,
        batch_size: int,
        shuffle: bool = True,
        rows: Array | None = None,
        losses: Array | None = None,
        threads: int | None = None,
        watch: Watch | None = None,
        stop: Callable[[], object] | None = None,
        interrupted: Callable[[State], object] | None = None,
        row_weights: Array | None = None,
        rates: Rates | None = None,
        plateau: Plateau | None = None,
    ) -> State:
        """Do `steps` steps, across the ends of epochs, and return the new state.

        Each epoch starts with the draws of PyTorch's `DataLoader`; its last batch may be short.

        Args:
            program: what a step computes.
            state: where to start; it is not changed.
            inputs: (n, in).
            targets: (n, out) or (n,).
            steps: how many, 0 or more.
            batch_size: rows of a batch, 1 or more.
            shuffle: a new random order every epoch.
            rows: (k,) int64, the rows that take part; all if None.
            losses: (steps,) float64, filled with each step's batch loss, if given.
            threads: None lets the engine choose; the result does not depend on it.
            watch: what is looked at when an epoch ends. If its patience is over, no further step is
                done.
            stop: asked now and then, such as `threading.Event().is_set`; once it gives something
                true, the state between two steps that was reached is returned.
            interrupted: called with the state that was reached if Ctrl-C, or whatever `stop`
                raises, ends the call; that is then raised.
            row_weights: (n,), how much each row counts: a batch's loss is Σ w · l ÷ Σ w. Rows of
                weight 0 take no part.
            rates: what a schedule has written for each step; None: the state's learning rates.
            plateau: by what rule the learning rates fall at the ends of epochs, if by any.

        Raises:
            TrainingError: at the first step whose loss or parameters are no longer finite.
        """
        ...

    def trace(
        self,
        program: Program,
        state: State,
        inputs: Array,
        targets: Array,
        *,
        batch_size: int,
        shuffle: bool = True,
        rows: Array | None = None,
        row_weights: Array | None = None,
        rates: Rates | None = None,
    ) -> Trace:
        """Do one step as `run` does it, and keep all its numbers."""
        ...

    def forward(
        self,
        program: Program,
        parameters: Mapping[str, Array],
        inputs: Array,
        *,
        threads: int | None = None,
    ) -> dict[str, Array]:
        """Every buffer's values (n, units) in evaluation mode, the inputs among them."""
        ...

    def predict(
        self,
        program: Program,
        parameters: Mapping[str, Array],
        inputs: Array,
        *,
        threads: int | None = None,
    ) -> Array:
        """The last buffer, (n, out), in bounded memory; a row's bits depend on that row alone."""
        ...

    def evaluate(
        self,
        program: Program,
        parameters: Mapping[str, Array],
        inputs: Array,
        targets: Array,
        *,
        threads: int | None = None,
    ) -> tuple[float, Array]:
        """The loss over all rows, by the program's reduction, and each row's own loss (n,)."""
        ...
