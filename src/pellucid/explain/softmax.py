"""The softmax written out: e^z of one class, divided by the sum over all of them.

The numbers are rounded as they stand on the screen, so that whoever computes gets the same.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from pellucid.explain.digits import write_fixed
from pellucid.explain.equation import round_to

FEW = 3


@dataclass(frozen=True, slots=True)
class Softmax:
    """A softmax with rounded numbers.

    Args:
        left: as written, "e^1.000 ÷ (e^1.000 + e^0.000)".
        value: what the written numbers give.
        decimals: of the result.
    """

    left: str
    value: float
    decimals: int

    def holds(self, shown: Decimal) -> bool:
        """Whether the written numbers give the written result."""
        return math.isfinite(self.value) and round_to(self.value, self.decimals) == shown


def write_softmax(sums: Sequence[float], places: int, decimals: int) -> Softmax:
    """Write a softmax; of many classes the others stand together as one number.

    Args:
        sums: z of every class, the class itself first.
        places: decimals of every z.
        decimals: of the result.

    Example:
        >>> write_softmax([1.0, 0.0], 3, 3).left
        'e^1.000 ÷ (e^1.000 + e^0.000)'
        >>> write_softmax([1.0, 0.0, 0.0, 0.0], 3, 3).left
        'e^1.000 ÷ (e^1.000 + 3.000 (3 others))'
    """
    shown = [round_to(each, places) for each in sums]
    own = f"e^{write_fixed(shown[0], places)}"
    first = _grow(float(shown[0]))
    if len(sums) <= FEW:
        words = [f"e^{write_fixed(each, places)}" for each in shown]
        rest = math.fsum(_grow(float(each)) for each in shown[1:])
        left = f"{own} ÷ ({' + '.join(words)})"
    else:
        others = round_to(math.fsum(_grow(each) for each in sums[1:]), places)
        rest = float(others)
        written = write_fixed(others, places)
        left = f"{own} ÷ ({own} + {written} ({len(sums) - 1} others))"
    whole = first + rest
    return Softmax(left, first / whole if 0.0 < whole < math.inf else math.nan, decimals)


def _grow(z: float) -> float:
    return math.exp(min(z, 700.0))
