"""Long sums made short: the largest terms, then "12 more" with their exact sum; never a silent cut.

The digits with which a sum adds up on the screen are chosen in `equation`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from pellucid.explain.equation import Addition, settle_sum
from pellucid.explain.explanation import Explanation

ROUNDING = "rounding"
BIAS = "bias"


@dataclass(frozen=True, slots=True)
class Term:
    """One term of a sum as it will be shown.

    Args:
        name: the part's name, or "12 more".
        value: exact; of several parts together their exact sum.
        part: the part itself; None where several stand together.
    """

    name: str
    value: float
    part: Explanation | None = None


def fold_terms(node: Explanation, most: int) -> list[Term]:
    """The terms of a sum to show: zeros left out, the smallest ones together, the bias last.

    Args:
        node: a sum.
        most: so many terms at most.
    """
    parts = [each for each in node.parts if each.name != ROUNDING and each.value != 0.0]
    bias = [each for each in parts if each.name == BIAS]
    others = [each for each in parts if each.name != BIAS]
    room = most - len(bias)
    shown = others
    together: list[Term] = []
    if len(others) > room:
        largest = sorted(others, key=lambda each: -abs(each.value))[: max(room - 1, 0)]
        kept = {id(each) for each in largest}
        shown = [each for each in others if id(each) in kept]
        rest = [each.value for each in others if id(each) not in kept]
        together = [Term(f"{len(rest):,} more", math.fsum(rest))]
    return [
        *(Term(each.name, each.value, each) for each in shown),
        *together,
        *(Term(each.name, each.value, each) for each in bias),
    ]


def write_sum(
    node: Explanation,
    most: int = 8,
    decimals: int | None = None,
    holds: Callable[[Addition], bool] = lambda _: True,
) -> str:
    """A sum on one line, such that the printed terms give the printed total.

    Args:
        node: a sum.
        most: so many terms at most.
        decimals: digits after the point to begin with; left out: four digits that count.
        holds: what else must be true of the rounded sum.
    """
    terms = fold_terms(node, most)
    addition = settle_sum([each.value for each in terms], node.value, decimals, holds)
    return addition.write([each.name if each.part is None else "" for each in terms])
