"""An explanation: one number as a node of a tree, with the operation and the parts it came from.

Nodes are plain values that any view can draw. Which nodes there are for a prediction or a step is
decided in `prediction` and `step`; how a number is written is decided in `digits`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from pellucid.errors import AddressError
from pellucid.explain.functions import FUNCTIONS, add
from pellucid.explain.later import Later

Operation = Literal["given", "sum", "product", "function", "story"]
Kind = Literal["", "bias", "rounding"]
LARGEST_FLOAT32 = 3.4e38


@dataclass(frozen=True, slots=True)
class Check:
    """What came out when a value was computed again.

    Args:
        ok: whether the two agree within what rounding allows.
        value: the engine's number.
        recomputed: the same number from its parts, or by a finite difference.
        allowed: the largest difference that rounding explains.
        method: "parts" or "finite difference".
    """

    ok: bool
    value: float
    recomputed: float
    allowed: float
    method: str = "parts"


@dataclass(frozen=True, slots=True)
class Explanation:
    """A number and what it is made of.

    Args:
        address: names the number; every part has one too.
        value: the engine's number, as float64.
        op: "given" (a raw cell, a weight, a setting), "sum", "product", "function" (named in
            `function`) or "story" (parts told one after the other; nothing recombines).
        parts: what the value is made of, in the order of the formula; a `Later` makes them when
            somebody looks, so that one number of a wide network does not make all others.
        function: for op "function": its name in `FUNCTIONS`.
        name: what people call it, such as "hours_studied" or "bias"; a column may have any name,
            so nothing is decided by it.
        kind: of a term in a sum: "bias"; "rounding" for what the arithmetic's rounding left over,
            which no check counts; "" for every other number.
        formula: in symbols.
        numbers: the formula with the numbers, written so that it holds as printed; left empty for
            terms of long sums, which are written only if somebody looks.
        text: the value as people say it, such as "76 % yes" or "10 h".
        unit: the value's unit, if it has one.
        sentence: one sentence for people.
        pytorch: how PyTorch spells the number, such as "model[0].weight[2, 0]".
        note: what else must be known, such as that a row was not in the step's batch.
        epsilon: relative rounding error of the arithmetic that made the value.
        probe: for gradients: gives the same number by a central finite difference.
        nudger: for a number that was opened by its address: what comes of adding to it.
    """

    address: str
    value: float
    op: Operation
    parts: tuple[Explanation, ...] | Later[Explanation] = ()
    function: str = ""
    name: str = ""
    kind: Kind = ""
    formula: str = ""
    numbers: str = ""
    text: str = ""
    unit: str = ""
    sentence: str = ""
    pytorch: str = ""
    note: str = ""
    epsilon: float = 2.0**-52
    probe: Callable[[], Check] | None = field(default=None, compare=False, repr=False)
    nudger: Callable[[float], Any] | None = field(default=None, compare=False, repr=False)

    def check(self) -> Check:
        """Compute the value again from the parts (a gradient also by a finite difference).

        Returns:
            The check that failed, if one did; otherwise the one from the parts.
        """
        check = self._check_parts()
        if check.ok and self.probe is not None:
            return self.probe()
        return check

    def nudge(self, change: float) -> Any:
        """What would come of adding to this number: a weight, a bias, or a row's cell.

        Args:
            change: what is added; to a cell in its own unit.

        Returns:
            What really changes, beside what the gradient promised (`WhatIf` or `WhatIfCell`).

        Raises:
            AddressError: it is none of these, or it was not opened by its address.
        """
        if self.nudger is None:
            raise AddressError(
                f"'{self.address}' is a part of another number. Open it by its own address first,"
                f" then nudge it: run.explain('{self.address}').nudge({change:g})."
            )
        return self.nudger(change)

    def check_all(self) -> list[tuple[Explanation, Check]]:
        """Every node of the tree whose check fails; empty if all is well."""
        return self.audit()[1]

    def audit(self) -> tuple[int, list[tuple[Explanation, Check]]]:
        """How many numbers of the tree were computed again, and those that did not come out."""
        count, wrong = 0, []
        for node in self.walk():
            if node.op in ("given", "story"):
                continue
            count += 1
            check = node.check()
            if not check.ok:
                wrong.append((node, check))
        return count, wrong

    def walk(self) -> Iterator[Explanation]:
        """The node and everything below it, parents first, each object once."""
        seen: set[int] = set()
        waiting = [self]
        while waiting:
            node = waiting.pop()
            if id(node) not in seen:
                seen.add(id(node))
                yield node
                waiting.extend(reversed(node.parts))

    def part(self, name: str) -> Explanation:
        """The part with this name."""
        return next(each for each in self.parts if each.name == name)

    def with_numbers(self, numbers: str) -> Explanation:
        """The same node with its formula's numbers written out."""
        return replace(self, numbers=numbers)

    def recomputed(self) -> Explanation:
        """The same node with the value that its parts give."""
        return replace(self, value=self._check_parts().recomputed)

    def _check_parts(self) -> Check:
        if self.op in ("given", "story"):
            return Check(ok=True, value=self.value, recomputed=self.value, allowed=0.0)
        values = [each.value for each in self.parts if each.kind != "rounding"]
        function = _COMBINE[self.op] if self.op in _COMBINE else FUNCTIONS[self.function].compute
        again = float(function(values))
        allowed = self._allowed(values, function)
        ok = math.isfinite(again) and abs(again - self.value) <= allowed
        if not math.isfinite(self.value):  # float32 ends before float64 does
            ok = not math.isfinite(again) or abs(again) > LARGEST_FLOAT32
        return Check(ok, self.value, again, allowed)

    def _allowed(self, values: list[float], function: Callable[[Sequence[float]], float]) -> float:
        """How far rounding in every part can move the value.

        Every part may be off by `epsilon` of itself, and so may be every step of the arithmetic
        between; how much that moves the value is measured by moving the parts.
        """
        if self.op == "sum":
            return (len(values) + 2) * self.epsilon * add(map(abs, values))
        if self.op == "product" or self.function == "length":  # of thousands of parts
            return 8.0 * self.epsilon * (len(values) + 1) * abs(self.value) + 1e-30
        move = 0.0
        for index, value in enumerate(values):
            nudged = list(values)
            nudged[index] = value * (1.0 + 1e-6) + 1e-12
            step = nudged[index] - value
            slope = (function(nudged) - function(values)) / step if step else 0.0
            move += abs(slope * value) if math.isfinite(slope * value) else 0.0
        return 8.0 * self.epsilon * (move + abs(self.value)) + 1e-30


_COMBINE: dict[str, Callable[[Sequence[float]], float]] = {"sum": add, "product": math.prod}


def given(
    address: str,
    value: float,
    name: str = "",
    *,
    kind: Kind = "",
    text: str = "",
    unit: str = "",
    sentence: str = "",
    pytorch: str = "",
) -> Explanation:
    """A number that comes from outside: a raw cell, a weight, a setting.

    Example:
        >>> given("row:1 hours_studied.raw", 10, "hours_studied", unit="h").op
        'given'
    """
    return Explanation(
        address,
        float(value),
        "given",
        name=name,
        kind=kind,
        text=text,
        unit=unit,
        sentence=sentence,
        pytorch=pytorch,
    )
