"""Which states of a run stay on disk: one every 50 ms of training, within a budget.

When the budget is used up, every second state goes and the interval doubles, so that a run of any
length has its states spread evenly. The first and the newest one always stay.
"""

from __future__ import annotations

import time
from pathlib import Path

from pellucid.engine.state import State
from pellucid.runs.states import FOLDER, kept_steps, state_path, write_state

INTERVAL = 0.05  # seconds of training between two states
MOST_STATES = 1024  # small ones too: a run shall not be a heap of files
SHARE = 50  # writing takes at most a 50th of the training's time
BLOCK = 4096  # what a file takes on disk is a multiple of this
MEGABYTE = 10**6


class StateKeeper:
    """Writes states and removes those that are too many.

    Args:
        folder: of the run.
        budget: megabytes for all states together.
        seconds: that the training has taken so far.
    """

    def __init__(self, folder: Path, budget: int, seconds: float = 0.0) -> None:
        self._folder, self._budget = folder, budget * MEGABYTE
        (folder / FOLDER).mkdir(exist_ok=True)
        self._sizes = {
            step: _on_disk(state_path(folder, step).stat().st_size) for step in kept_steps(folder)
        }
        self._interval = max(INTERVAL, seconds / max(len(self._sizes), 1))
        self._due = seconds

    def is_due(self, seconds: float) -> bool:
        """Whether it is time for the next state."""
        return seconds >= self._due

    def keep(self, state: State, seconds: float) -> None:
        """Write a state, if it is not there yet.

        Args:
            state: the moment.
            seconds: that the training has taken so far.

        Raises:
            OSError: there is no room, or the folder is gone.
        """
        if state.step in self._sizes:
            return
        size = write_state(state_path(self._folder, state.step), state, seconds)
        self._sizes[state.step] = _on_disk(size)
        while len(self._sizes) > 2 and self._is_full():
            self._thin()

    def wait(self, seconds: float, began: float) -> None:
        """Choose when the next state is due.

        Args:
            seconds: that the training has taken so far.
            began: when writing began, by `time.perf_counter`.
        """
        took = time.perf_counter() - began
        self._due = seconds + took + max(self._interval, SHARE * took)

    def _is_full(self) -> bool:
        return len(self._sizes) > MOST_STATES or sum(self._sizes.values()) > self._budget

    def _thin(self) -> None:
        """Remove every second state between the first and the newest one."""
        for step in sorted(self._sizes)[1:-1:2]:
            state_path(self._folder, step).unlink(missing_ok=True)
            del self._sizes[step]
        self._interval *= 2


def _on_disk(size: int) -> int:
    return -(-size // BLOCK) * BLOCK
