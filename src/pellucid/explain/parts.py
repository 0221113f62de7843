"""Which parts of a number are shown: all of a few, of many the largest and the rest as one number.

The rest has an address of its own and opens like any other sum.
"""

from __future__ import annotations

from dataclasses import dataclass

from pellucid.explain.explanation import Explanation
from pellucid.explain.functions import add


@dataclass(frozen=True, slots=True)
class Shown:
    """A part as it is shown.

    Args:
        address: of the part, or of all that are not shown.
        value: its value; of several together their exact sum.
        node: the part; None where several stand together.
        count: how many stand together.
    """

    address: str
    value: float
    node: Explanation | None
    count: int = 1

    @property
    def is_told(self) -> bool:
        """Whether the part is a story, whose value is no number to read."""
        return self.node is not None and self.node.op == "story"


def show_parts(node: Explanation, most: int) -> list[Shown]:
    """The parts of a number, at most so many; in a sum the largest ones.

    Args:
        node: the number.
        most: so many parts at most, at least 2; the arithmetic's rounding is counted among them.

    Returns:
        The parts in the order of the formula; last, where some are not shown, all of these.
    """
    parts = [Shown(each.address, each.value, each) for each in node.parts]
    if len(parts) <= most:
        return parts
    if node.op != "sum":
        hidden = len(parts) - most + 1
        rest = Shown(f"… and {hidden:,} more", 0.0, None, hidden)
        return [*parts[: most - 1], rest]
    terms = [each for each in node.parts if each.kind != "rounding"]
    rounding = [each for each in parts if each.node is not None and each.node.kind == "rounding"]
    kept = most - 1 - len(rounding)
    order = sorted(range(len(terms)), key=lambda each: -abs(terms[each].value))
    shown = sorted(order[:kept])
    left = [terms[each].value for each in order[kept:]]
    rest = Shown(_more(node.address, kept), add(left), None, len(left))
    return [
        *(Shown(terms[at].address, terms[at].value, terms[at]) for at in shown),
        rest,
        *rounding,
    ]


def _more(address: str, kept: int) -> str:
    """The address of all terms but the largest; of what is a rest already, of the same sum."""
    whole, is_rest, before = address.rpartition(".more:")
    return f"{whole}.more:{int(before) + kept}" if is_rest else f"{address}.more:{kept}"
