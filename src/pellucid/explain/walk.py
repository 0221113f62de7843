"""Walking along a whole run, moment by moment, so that what happened in it can be found.

A look holds one moment only; nothing is stored. What is noticed on the way is in `sightings`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from pellucid.engine.state import State
from pellucid.engine.trace import Trace
from pellucid.runs.run import Run
from pellucid.train.replay import do_steps, engine_of, state_after, trace_step

Array = np.ndarray[Any, Any]

MOST_LOOKS = 1_000
FEWEST_LOOKS = 50
WORK = 20_000_000  # rows · learned numbers of all looks together, a fraction of a second
MOST_ROWS = 2_000
TRACES = 24
MANY_STATES = 40  # so many on disk mean seconds of training, which are not done again


@dataclass(frozen=True, slots=True)
class Look:
    """One moment of a run as it is walked past.

    Args:
        step: how many steps are done.
        state: after them.
        values: every buffer's numbers of the rows looked at: (rows, units).
        trace: of the step that comes next, at some of the moments.
    """

    step: int
    state: State
    values: dict[str, Array]
    trace: Trace | None


class Walk:
    """A run's moments from its first state to its last, a handful or all of them.

    Args:
        run: the run.

    Attributes:
        rows: which of the training rows are looked at, from 0.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        count = len(run.data["inputs"])
        self.rows = spread_over(count, MOST_ROWS)

    @cached_property
    def steps(self) -> list[int]:
        """After how many steps a look is taken, ascending; small networks are seen at every step."""
        run = self.run
        learned = sum(int(np.prod(shape)) for _, shape in run.recipe.program.parameters)
        most = min(MOST_LOOKS, max(FEWEST_LOOKS, WORK // max(1, learned * len(self.rows))))
        if len(run.kept_steps) > MANY_STATES:
            kept = run.kept_steps
            return [kept[each] for each in spread_over(len(kept), most)]
        start = run.first_step - 1
        return [start + int(each) for each in spread_over(run.steps - start + 1, most)]

    @property
    def is_whole(self) -> bool:
        """Whether no step lies between two looks."""
        return len(self.steps) == self.run.steps - self.run.first_step + 2

    def table_row(self, position: int) -> int:
        """The table's row, from 1, of the row at a place among those looked at."""
        return int(self.run.data["rows.training"][self.rows[position]]) + 1

    def looks(self) -> Iterator[Look]:
        """Every moment, in order."""
        run, engine = self.run, engine_of(self.run)
        program, chosen = run.recipe.program, run.data["inputs"][self.rows]
        traced = {self.steps[each] for each in spread_over(len(self.steps), TRACES)}
        state = None
        for step in self.steps:
            if state is None or len(run.kept_steps) > MANY_STATES:
                state = state_after(run, step)
            elif step > state.step:
                state = do_steps(run, state, step - state.step)
            values = engine.forward(program, state.values(), chosen)
            trace = None
            if step in traced and step < run.steps:
                trace = trace_step(run, state)
            yield Look(step, state, values, trace)

    def address(self, step: int, place: str) -> str:
        """The address of a number after so many steps."""
        return f"@last {place}" if step >= self.run.steps else f"@{step + 1} {place}"

    def when(self, step: int) -> str:
        """In words: "at step 12" where every step is seen, "by step 12" where not all are."""
        return f"{'at' if self.is_whole else 'by'} step {step:,}"


def spread_over(count: int, most: int) -> Array:
    """At most so many places out of `count`, evenly spread, the first and the last among them.

    Example:
        >>> spread_over(5, 10).tolist(), spread_over(9, 3).tolist()
        ([0, 1, 2, 3, 4], [0, 4, 8])
    """
    if count <= most:
        return np.arange(count)
    return np.linspace(0, count - 1, most).astype(np.int64)
