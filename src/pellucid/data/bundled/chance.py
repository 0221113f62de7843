"""Draws for the generated tables, from pellucid's own generator.

Every draw ends in a rounding to what a person would write down, so that the last bits of a
machine's mathematics cannot change a table.
"""

from __future__ import annotations

import numpy as np

from pellucid.data.table import BoolArray, FloatArray
from pellucid.random import Generator


class Chance:
    """Columns of random numbers that follow from one seed."""

    def __init__(self, seed: int, rows: int) -> None:
        self._generator = Generator(seed)
        self.rows = rows

    def uniform(self, low: float, high: float) -> FloatArray:
        """Evenly spread numbers in [low, high): shape (rows,)."""
        out = np.empty(self.rows)
        self._generator.uniform_(out, 0.0, 1.0)
        return low + (high - low) * out

    def normal(self, mean: float, std: float) -> FloatArray:
        """Normal numbers by the Box-Muller transform: shape (rows,)."""
        radius = np.sqrt(-2.0 * np.log(1.0 - self.uniform(0.0, 1.0)))
        return mean + std * radius * np.cos(2.0 * np.pi * self.uniform(0.0, 1.0))

    def happens(self, probability: FloatArray) -> BoolArray:
        """Whether each row's event comes, with its own probability: shape (rows,)."""
        return self.uniform(0.0, 1.0) < probability


def sigmoid(u: FloatArray) -> FloatArray:
    """1 / (1 + exp(-u)), elementwise."""
    return 1.0 / (1.0 + np.exp(-u))
