"""States of a visited stretch, kept in memory so that their neighbours open at once."""

from __future__ import annotations

from pellucid.engine.state import State

BUDGET = 256 * 2**20


class StateCache:
    """A few states by their step; the ones put in first go first.

    Args:
        budget: bytes to keep at most; the newest state always stays.

    Example:
        >>> StateCache().nearest(10) is None
        True
    """

    def __init__(self, budget: int = BUDGET) -> None:
        self._budget = budget
        self._states: dict[int, State] = {}
        self._bytes = 0

    def put(self, state: State) -> None:
        """Keep a state."""
        if state.step in self._states:
            return
        self._states[state.step] = state
        self._bytes += _size(state)
        while self._bytes > self._budget and len(self._states) > 1:
            oldest = self._states.pop(next(iter(self._states)))
            self._bytes -= _size(oldest)

    def nearest(self, step: int) -> State | None:
        """The latest kept state at or before a step."""
        before = [each for each in self._states if each <= step]
        return self._states[max(before)] if before else None


def _size(state: State) -> int:
    return sum(each.nbytes for each in state.to_arrays().values())
