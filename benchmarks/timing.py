"""Timing that can be trusted: stretches of at least half a second, several of them, their median.

A trainer is a function that trains a given number of epochs, everything included, and returns the
seconds that this took. How libraries take turns is in `contest`.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass

Trainer = Callable[[int], float]


@dataclass(frozen=True)
class Pace:
    """How long a stretch lasts at least, in seconds, and how many there are."""

    stretch: float
    repetitions: int


THOROUGH = Pace(stretch=0.5, repetitions=7)
BRIEF = Pace(stretch=0.2, repetitions=3)
SMOKE = Pace(stretch=0.01, repetitions=1)


@dataclass(frozen=True)
class Trial:
    """The first stretch that was long enough: how many epochs, and the seconds of one."""

    epochs: int
    seconds_per_epoch: float


def first_stretch(trainer: Trainer, pace: Pace, epochs: int = 1) -> Trial:
    """Find how many epochs make a stretch, from `epochs` upward; this also warms up."""
    while (taken := trainer(epochs)) < pace.stretch:
        epochs = max(epochs * 2, int(epochs * 1.2 * pace.stretch / max(taken, 1e-6)))
    return Trial(epochs, taken / epochs)


def spread(times: list[float]) -> float:
    """Half of the way from the quickest to the slowest, as a share of the median."""
    return (max(times) - min(times)) / 2 / statistics.median(times)
