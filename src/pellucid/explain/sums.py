"""Long sums made short: the largest terms, then "12 more" with their exact sum; never a silent cut.

The digits with which a sum adds up on the screen are chosen in `equation`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pellucid.explain.digits import decimals_for, write_fixed
from pellucid.explain.equation import MOST_DECIMALS, add_up, round_to, settle_sum
from pellucid.explain.explanation import Explanation
from pellucid.explain.functions import add


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

    @property
    def is_bias(self) -> bool:
        """Whether the term is the neuron's bias."""
        return self.part is not None and self.part.kind == "bias"


def fold_terms(node: Explanation, most: int) -> list[Term]:
    """The terms of a sum to show: the smallest ones together, the bias last.

    Terms of 0 are left out where all others are shown, and count among "12 more" where they are not.

    Args:
        node: a sum.
        most: so many terms at most.
    """
    parts = [each for each in node.parts if each.kind != "rounding" and each.value != 0.0]
    bias = [each for each in parts if each.kind == "bias"]
    others = [each for each in parts if each.kind != "bias"]
    room = most - len(bias)
    shown = others
    together: list[Term] = []
    if len(others) > room:
        largest = sorted(others, key=lambda each: -abs(each.value))[: max(room - 1, 0)]
        kept = {id(each) for each in largest}
        shown = [each for each in others if id(each) in kept]
        zeros = [each for each in node.parts if each.kind == "" and each.value == 0.0]
        rest = [each.value for each in [*others, *zeros] if id(each) not in kept]
        together = [Term(f"{len(rest):,} more", add(rest))]
    return [
        *(Term(each.name, each.value, each) for each in shown),
        *together,
        *(Term(each.name, each.value, each) for each in bias),
    ]


def keep_terms(node: Explanation, names: Sequence[str]) -> list[Term]:
    """The terms with these names in this order, then all others together.

    Args:
        node: a sum.
        names: of the parts to keep.
    """
    parts = [each for each in node.parts if each.kind != "rounding"]
    by_name = {each.name: each for each in parts}
    kept = [by_name[each] for each in names if each in by_name]
    rest = [each.value for each in parts if each.name not in names]
    terms = [Term(each.name, each.value, each) for each in kept]
    return [*terms, Term(f"{len(rest):,} more", add(rest))] if rest else terms


def write_terms(terms: Sequence[Term], value: float, decimals: int | None = None) -> str:
    """A sum on one line, such that the printed terms give the printed total.

    Args:
        terms: what is added.
        value: the sum as the engine has it.
        decimals: digits after the point; left out: three or a few more, such that no rounding
            is left over if that can be.
    """
    numbers = [each.value for each in terms]
    if decimals is None:
        addition = settle_sum(numbers, value, sum_decimals([*numbers, value]))
    else:
        addition = add_up(numbers, value, decimals)
    return addition.write([each.name if each.part is None else "" for each in terms])


def write_sum(node: Explanation, most: int = 8) -> str:
    """A sum with at most `most` terms on one line."""
    return write_terms(fold_terms(node, most), node.value)


def sum_decimals(values: Sequence[float]) -> int:
    """So many decimals that a sum begins with: three, or more where all its terms are small.

    Example:
        >>> sum_decimals([12.5, -0.3]), sum_decimals([0.0123]), sum_decimals([98765.4])
        (3, 4, 1)
    """
    largest = max((abs(each) for each in values), default=0.0)
    if largest >= 0.05:
        return min(max(decimals_for([largest], 6), 0), 3)
    return min(decimals_for([largest], 3), MOST_DECIMALS)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a sum written as a table.

    Args:
        kind: "term", "bias", "rounding" or "total".
        name: of the term; the others have none.
        left: the first factor, or "".
        right: the second factor, or "".
        value: the term.
    """

    kind: Literal["term", "bias", "rounding", "total"]
    name: str
    left: str
    right: str
    value: str


def tabulate(node: Explanation, most: int = 8) -> list[Line]:
    """A sum of products as a table in which every line and the whole column hold as printed.

    Args:
        node: a sum.
        most: so many terms at most.

    Returns:
        The terms, the rounding if there is any, and last the total.
    """
    terms = fold_terms(node, most)
    numbers = [each.value for each in terms]
    addition = settle_sum(numbers, node.value, sum_decimals([*numbers, node.value]))
    decimals = addition.decimals
    products = [
        (each.part.parts[0].value, each.part.parts[1].value, shown)
        for each, shown in zip(terms, addition.terms, strict=True)
        if each.part is not None and each.part.op == "product"
    ]
    finer = next(
        (
            each
            for each in range(decimals, MOST_DECIMALS)
            if all(
                round_to(float(round_to(a, each)) * float(round_to(b, each)), decimals) == shown
                for a, b, shown in products
            )
        ),
        MOST_DECIMALS,
    )
    lines = []
    for term, shown in zip(terms, addition.terms, strict=True):
        value = write_fixed(shown, decimals)
        left = right = ""
        if term.part is not None and term.part.op == "product":
            left, right = (write_fixed(part.value, finer) for part in term.part.parts)
        kind: Literal["term", "bias"] = "bias" if term.is_bias else "term"
        lines.append(Line(kind, "" if term.is_bias else term.name, left, right, value))
    if addition.rounding:
        lines.append(Line("rounding", "", "", "", write_fixed(addition.rounding, decimals)))
    return [*lines, Line("total", "", "", "", write_fixed(addition.total, decimals))]
