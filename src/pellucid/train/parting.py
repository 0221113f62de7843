"""Where two runs part: the first step that leaves different weights, and what may have made it.

Losses narrow the search; between two steps it is the states that tell, computed again where they
were not kept.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pellucid.engine.fingerprint import fingerprint
from pellucid.runs.recipe import Recipe
from pellucid.runs.run import Run
from pellucid.train.replay import state_after

SETTINGS = (
    ("target", "target"),
    ("inputs", "inputs"),
    ("layers", "layers"),
    ("activation", "activation"),
    ("loss", "loss"),
    ("learning_rate", "learning rate"),
    ("batch_size", "batch size"),
    ("seed", "seed"),
    ("dtype", "dtype"),
    ("engine", "engine"),
    ("arithmetic", "arithmetic"),
)


@dataclass(frozen=True, slots=True)
class Parting:
    """What two runs have in common.

    Attributes:
        together: steps after which both have the same weights; None if their first weights differ
            already, or their networks cannot be compared.
        shared: steps that both have done.
        differences: what their recipes say differently, in words.
    """

    together: int | None
    shared: int
    differences: tuple[str, ...]

    @property
    def step(self) -> int | None:
        """The first step that leaves different weights; None if no shared one does."""
        return None if self.together in (None, self.shared) else (self.together or 0) + 1


def part(one: Run, other: Run) -> Parting:
    """Find the first step at which two runs part.

    Raises:
        ModelFileError: a file of a run is damaged.
        RunError: states must be computed, and this processor has not a run's arithmetic.
    """
    differences = tuple(_differences(one.recipe, other.recipe))
    start = max(one.first_step, other.first_step) - 1
    shared = min(one.steps, other.steps)
    if start > shared:
        return Parting(None, shared, differences)
    if _is_branch(one, other, start) or _is_branch(other, one, start):
        return Parting(_together(one, other, start, shared), shared, differences)
    if not _agree(one, other, start):
        return Parting(None, shared, differences)
    return Parting(_together(one, other, start, shared), shared, differences)


def _together(one: Run, other: Run, start: int, shared: int) -> int:
    """Steps after which both have the same weights, at least `start`."""
    unequal = np.flatnonzero(one.losses[start:shared] != other.losses[start:shared])
    high = start + int(unequal[0]) + 1 if len(unequal) else shared
    if not len(unequal) and _agree(one, other, shared):
        return shared
    low = start
    while high - low > 1:  # equal after `low`, not after `high`
        middle = (low + high) // 2
        low, high = (middle, high) if _agree(one, other, middle) else (low, middle)
    return low


def _is_branch(child: Run, parent: Run, start: int) -> bool:
    """Whether one run goes on from the other's state there, whose weights it may have changed."""
    origin = child.recipe.parent
    if origin is None or origin.step != start:
        return False
    return state_after(parent, start).fingerprint() == origin.fingerprint


def _agree(one: Run, other: Run, steps: int) -> bool:
    """Whether both have the same weights after so many steps."""
    both = (fingerprint(state_after(run, steps).values()) for run in (one, other))
    return len(set(both)) == 1


def _differences(one: Recipe, other: Recipe) -> list[str]:
    found = []
    if one.table.sha256 != other.table.sha256:
        found.append(f"table: {one.table.name} and {other.table.name}, whose cells differ")
    elif one.data_sha256 != other.data_sha256:
        found.append("rows: they learn from different rows, or prepare them differently")
    for name, said in SETTINGS:
        mine, yours = getattr(one, name), getattr(other, name)
        if mine != yours:
            found.append(f"{said}: {_write(mine)} and {_write(yours)}")
    rules = one.program.optimizer, other.program.optimizer
    if rules[0] != rules[1]:
        names = [each.kind for each in rules]
        told = " and ".join(names) if names[0] != names[1] else f"{names[0]} with other settings"
        found.append(f"optimizer: {told}")
    for recipe in (one, other):
        if recipe.parent is not None:
            changes = (f"{name} {change}" for name, change in recipe.parent.changes.items())
            where = f"{recipe.parent.run} @{recipe.parent.step + 1}"
            found.append(f"branched from {where}: {', '.join(changes)}")
    return found


def _write(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)
