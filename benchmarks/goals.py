"""What pellucid is to reach, and whether a figure reaches it.

The ratios were set beside what a quiet 2-core AMD Zen 5 showed; other machines may differ.
"""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.task import TASKS, Task


@dataclass(frozen=True)
class Goal:
    """How many times longer a step must take elsewhere, at least; None where nothing was set.

    `peak` is the share of the machine's measured multiply-adds that the whole step should reach.
    """

    torch: float | None = None
    jax: float | None = None
    peak: float | None = None


GOALS: dict[Task, Goal] = dict(
    zip(
        TASKS,
        (
            Goal(1_000, 30),
            Goal(300, 30),
            Goal(70, 7),
            Goal(25, 6),
            Goal(),
            Goal(7, 2.5),
            Goal(3, 1.3, peak=0.75),
            Goal(1, 1, peak=0.75),
        ),
        strict=True,
    )
)

TRAIN_SECONDS = 0.6
IMPORT_RATIO = 1.5
RECORDING_COST = 0.05  # of the training's time
RECORDING_BYTES = 20_000_000  # beside the data, for a million steps of 2-8-8-1
NEIGHBOUR_SECONDS = 0.05


def is_met(figure: float | None, least: float | None) -> bool | None:
    """Whether a figure is at least its goal; None without a goal or without a figure."""
    if figure is None or least is None:
        return None
    return figure >= least


def mark(met: bool | None) -> str:
    """A sign for a table."""
    return {True: " ✓", False: " ✗", None: ""}[met]
