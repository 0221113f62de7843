"""Timing that can be trusted: interleaved stretches of at least half a second, medians, ratios.

A trainer is a function that trains a given number of epochs, everything included. Peers take
turns, so that a machine that slows down slows all of them.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

Trainer = Callable[[int], None]

STRETCH_SECONDS = 0.5
REPETITIONS = 5


def seconds(trainer: Trainer, epochs: int) -> float:
    """The wall time of one stretch."""
    start = time.perf_counter()
    trainer(epochs)
    return time.perf_counter() - start


def epochs_for_a_stretch(trainer: Trainer) -> int:
    """How many epochs take at least STRETCH_SECONDS, found by doubling; this also warms up."""
    epochs = 1
    while (taken := seconds(trainer, epochs)) < STRETCH_SECONDS:
        epochs = max(epochs * 2, int(epochs * 1.2 * STRETCH_SECONDS / max(taken, 1e-6)))
    return epochs


def seconds_per_epoch(trainers: dict[str, Trainer]) -> dict[str, float]:
    """The median over interleaved repetitions, for every trainer."""
    epochs = {name: epochs_for_a_stretch(trainer) for name, trainer in trainers.items()}
    times: dict[str, list[float]] = {name: [] for name in trainers}
    for _ in range(REPETITIONS):
        for name, trainer in trainers.items():
            times[name].append(seconds(trainer, epochs[name]) / epochs[name])
    return {name: statistics.median(each) for name, each in times.items()}
