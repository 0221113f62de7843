"""How much each row counts in the loss of a step: 1 ÷ rows, or its weight ÷ the sum of all weights.

Weights come from the caller (`sample_weight`) and from the row's class (`weight` of the loss).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from pellucid.engine.program import Loss
from pellucid.explain.explanation import Explanation, given
from pellucid.explain.functions import FUNCTIONS, add
from pellucid.explain.sums import write_sum

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Weighing:
    """The rows of a batch as the loss counts them.

    Args:
        loss: of the program.
        owner: what addresses of the moment begin with.
        table_rows: the table's row (from 1) of each row.
        classes: each row's class, from 0; None where there are no classes.
        weights: how much each row counts beside that; None for all alike.
        epsilon: relative rounding error of the network's arithmetic.
    """

    loss: Loss
    owner: str
    table_rows: Sequence[int]
    classes: Array | None = None
    weights: Array | None = None
    epsilon: float = field(default=2.0**-52)

    @cached_property
    def counts(self) -> Array:
        """What each row adds to the divisor of a mean."""
        counts: Array = np.ones(len(self.table_rows)) if self.weights is None else self.weights
        if self.classes is None or not self.loss.has_classes:
            return counts
        by_class: Array = np.array([self.class_weight(int(each)) for each in self.classes])
        out: Array = counts * by_class
        return out

    @property
    def is_plain(self) -> bool:
        """Whether all rows count alike, so that the divisor is their number."""
        return self.weights is None and bool((self.counts == 1.0).all())

    @property
    def is_mean(self) -> bool:
        """Whether the loss of a batch is a mean."""
        return self.loss.reduction == "mean"

    @cached_property
    def divisor(self) -> float:
        """What the sum of the rows' losses is divided by."""
        return add(self.counts.tolist()) if self.is_mean else 1.0

    def class_weight(self, index: int) -> float:
        """How much a class counts; 0 for the one that is left out."""
        if self.loss.has_classes and index == self.loss.setting("ignore_index"):
            return 0.0
        return float(self.loss.weights[index]) if self.loss.weights else 1.0

    def total(self) -> Explanation:
        """The divisor as a node: the rows, or the sum of their weights."""
        if self.is_plain:
            return given(f"{self.owner}rows", float(len(self.table_rows)), "rows")
        terms = [
            given(f"{self.owner}row:{row} weight", float(count), f"row {row:,}")
            for row, count in zip(self.table_rows, self.counts, strict=True)
        ]
        node = Explanation(
            f"{self.owner}loss.weights",
            self.divisor,
            "sum",
            tuple(terms),
            name="sum of all weights",
            formula="sum of what the rows count",
            sentence="Rows do not count alike here: the loss is divided by what they count together.",
            epsilon=self.epsilon,
        )
        return node.with_numbers(write_sum(node))

    def weight(self, row: int) -> Explanation:
        """How much a row counts, without its class."""
        at = list(self.table_rows).index(row)
        value = 1.0 if self.weights is None else float(self.weights[at])
        told = "How much this row counts, as the caller wished."
        return given(f"{self.owner}row:{row} sample_weight", value, "weight", sentence=told)

    def count(self, row: int) -> Explanation:
        """How much a row counts in the divisor: its weight, times that of its class."""
        at = list(self.table_rows).index(row)
        told = "What this row adds to the divisor of the loss."
        value = float(self.counts[at])
        return given(f"{self.owner}row:{row} weight", value, "weight", sentence=told)

    def share(self, row: int) -> Explanation | None:
        """What part of the step's loss one unit of the row's own loss is; None: all of it."""
        if not self.is_mean:
            return None if self.weights is None else self.weight(row)
        parts: tuple[Explanation, ...] = (self.total(),)
        function = "one_of"
        if self.weights is not None:
            function, parts = "row_share", (self.weight(row), *parts)
        rule = FUNCTIONS[function]
        return Explanation(
            f"{self.owner}row:{row} share",
            rule.compute([each.value for each in parts]),
            "function",
            parts,
            function=function,
            name="share of the row",
            formula=rule.formula,
            sentence="How much this row's own loss counts in the loss of the step.",
            epsilon=self.epsilon,
        )
