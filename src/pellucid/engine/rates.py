"""What a schedule has written for a stretch of steps, as a table that every engine can read.

The table is made in `schedule`, from the schedule itself; without one the state's learning rates hold
for all steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pellucid.engine.state import State
from pellucid.errors import InputError

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Rates:
    """Learning rates, one row for each step.

    Args:
        first: `State.step` of the state that the first row is for.
        learning_rates: (steps, groups) float64.
        momenta: (steps, groups) float64, `momentum` or β₁ where a schedule changes it; None: those
            of the optimizer's settings.

    Example:
        >>> Rates(10, np.array([[0.1], [0.2]])).of(11)
        (array([0.2]), None)
    """

    first: int
    learning_rates: Array
    momenta: Array | None = None

    def of(self, step: int) -> tuple[Array, Array | None]:
        """The rates and momenta of the groups in the step that follows so many."""
        row = step - self.first
        return self.learning_rates[row], None if self.momenta is None else self.momenta[row]

    def check(self, state: State, steps: int, groups: int) -> None:
        """See that there is a row for each step from a state on.

        Raises:
            InputError: there is not, or it has not one number for each group.
        """
        tables = [self.learning_rates] + ([] if self.momenta is None else [self.momenta])
        place = state.step - self.first
        for table in tables:
            is_fit = table.dtype == np.float64 and table.ndim == 2 and table.shape[1] == groups
            if not is_fit or not 0 <= place <= len(table) - steps:
                raise InputError(
                    f"`rates` must have float64 rows of {groups} for the steps {state.step + 1} to "
                    f"{state.step + steps}. Got {table.dtype} of shape {table.shape} from step "
                    f"{self.first + 1} on."
                )


def rows_of(rates: Rates | None, state: State, steps: int) -> tuple[Array, Array | None]:
    """The tables for the compiled module: (steps, groups), or (1, groups) if all steps agree."""
    if rates is None or steps == 0:
        return state.learning_rates()[None, :], None
    place = slice(state.step - rates.first, state.step - rates.first + steps)
    momenta = None if rates.momenta is None else np.ascontiguousarray(rates.momenta[place])
    return np.ascontiguousarray(rates.learning_rates[place]), momenta
