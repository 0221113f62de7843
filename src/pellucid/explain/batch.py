"""What the rows of a step's batch share: batch statistics, and what dropout left to chance.

Means run over all rows; each row's part is named by its address and opens there.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from pellucid.engine.program import Operation
from pellucid.engine.trace import Trace
from pellucid.engine.values import draws_from
from pellucid.explain.explanation import Explanation, given
from pellucid.explain.functions import FUNCTIONS, add
from pellucid.explain.sums import write_sum
from pellucid.explain.wiring import Names
from pellucid.nn.dropout import draw_mask
from pellucid.random import Generator

Array = np.ndarray[Any, Any]


class Batch:
    """A step's batch, as the rows in it see it.

    Args:
        trace: all numbers of the step.
        names: of the network's numbers.
        owner: what addresses of the step begin with, "@120 ".
        table_rows: the table's row (from 1) of each row, in batch order.
    """

    def __init__(self, trace: Trace, names: Names, owner: str, table_rows: Sequence[int]) -> None:
        self.trace, self.names, self.owner, self.table_rows = trace, names, owner, table_rows
        self.epsilon = float(np.finfo(trace.program.dtype).eps)
        self._made: dict[Hashable, Explanation] = {}
        self._normed: dict[str, Array] = {}

    @cached_property
    def generator(self) -> Generator:
        """The generator as it was when the step's forward pass began; a copy each time is yours."""
        before, after = self.trace.before, self.trace.after
        generator = Generator(0).set_state(before.generator)
        if before.position == 0:
            generator.random_int64()  # an epoch begins: PyTorch's loader draws here
            if after.order_seed:
                generator.random_int64()
        return generator

    @cached_property
    def masks(self) -> dict[str, Array]:
        """For every dropout what its numbers were multiplied by: 0, or 1 ÷ (1 − p)."""
        masks: dict[str, Array] = {}
        with draws_from(Generator(0).set_state(self.generator.get_state())):
            for each in self.trace.program.operations:
                if each.kind != "dropout" or each.setting("training", 1.0) == 0.0:
                    continue
                chance, shape = each.setting("p"), (len(self.table_rows), each.width)
                is_drawn = 0.0 < chance < 1.0
                certain = np.full(shape, float(chance == 0.0))
                masks[each.output] = draw_mask(shape, chance) if is_drawn else certain
        return masks

    def column(self, buffer: str, index: int) -> Array:
        """A buffer's unit on every row, in float64."""
        return self.trace.values[buffer][:, index].astype(np.float64)

    def deltas(self, buffer: str, index: int) -> Array:
        """The derivative by a buffer's unit on every row, in float64."""
        return self.trace.deltas[buffer][:, index].astype(np.float64)

    def normed(self, operation: Operation) -> Array:
        """What a normalization's weight multiplies, on every row: (rows, units), in float64."""
        if operation.output not in self._normed:
            self._normed[operation.output] = self._normalise(operation)
        return self._normed[operation.output]

    def _normalise(self, operation: Operation) -> Array:
        values = self.trace.values[operation.inputs[0]].astype(np.float64)
        axis = 0 if operation.kind == "batch_norm" else 1
        mean, variance = values.mean(axis, keepdims=True), values.var(axis, keepdims=True)
        if operation.kind == "batch_norm" and operation.setting("training", 1.0) == 0.0:
            mean, variance = (
                self.trace.before.values()[each].astype(np.float64)
                for each in operation.buffers[:2]
            )
        out: Array = (values - mean) / np.sqrt(variance + operation.setting("eps"))
        return out

    def mean(self, operation: Operation, index: int) -> Explanation:
        """The mean of a unit over the rows of the batch."""
        buffer = operation.inputs[0]
        address = f"{self.owner}{operation.output}.mean[{index}]"

        def terms() -> list[Explanation]:
            return [
                given(self._place(row, buffer, index), float(value), f"row {row:,}")
                for row, value in zip(self.table_rows, self.column(buffer, index), strict=True)
            ]

        told = "The mean of this number over the rows of the batch."
        return self._mean(address, "mean of the batch", told, terms)

    def variance(self, operation: Operation, index: int) -> Explanation:
        """The variance of a unit over the rows of the batch, divided by n."""
        buffer, mean = operation.inputs[0], self.mean(operation, index)
        address = f"{self.owner}{operation.output}.var[{index}]"
        rule = FUNCTIONS["squared_distance"]

        def terms() -> list[Explanation]:
            nodes = []
            for row, value in zip(self.table_rows, self.column(buffer, index), strict=True):
                part = given(self._place(row, buffer, index), float(value), "number")
                nodes.append(
                    Explanation(
                        f"{address}.row:{row}",
                        rule.compute([part.value, mean.value]),
                        "function",
                        (part, mean),
                        function="squared_distance",
                        name=f"row {row:,}",
                        formula=rule.formula,
                    )
                )
            return nodes

        told = "How far the rows of the batch usually lie from their mean, squared."
        return self._mean(address, "variance of the batch", told, terms)

    def mean_delta(self, operation: Operation, index: int) -> Explanation:
        """The mean of the deltas behind a normalization over the rows of the batch."""
        address = f"{self.owner}{operation.output}[{index}].delta.mean"

        def terms() -> list[Explanation]:
            deltas = self.deltas(operation.output, index)
            return [
                given(self._delta_place(row, operation, index), float(delta), f"row {row:,}")
                for row, delta in zip(self.table_rows, deltas, strict=True)
            ]

        told = "Moving one row moves the mean of the batch, and with it every row."
        return self._mean(address, "mean delta", told, terms)

    def mean_push(self, operation: Operation, index: int) -> Explanation:
        """The mean of delta × normalised over the rows of the batch."""
        address = f"{self.owner}{operation.output}[{index}].delta.spread"

        def terms() -> list[Explanation]:
            deltas = self.deltas(operation.output, index)
            normed = self.normed(operation)[:, index]
            return [
                Explanation(
                    f"{address}.row:{row}",
                    float(delta * number),
                    "product",
                    (
                        given(self._delta_place(row, operation, index), float(delta), "delta"),
                        given(self._normed_place(row, operation, index), float(number), "normed"),
                    ),
                    name=f"row {row:,}",
                    formula="delta × normalised",
                )
                for row, delta, number in zip(self.table_rows, deltas, normed, strict=True)
            ]

        told = "Moving one row moves the spread of the batch, and with it every row."
        return self._mean(address, "mean of delta × normalised", told, terms)

    def _mean(
        self, address: str, name: str, sentence: str, terms: Callable[[], list[Explanation]]
    ) -> Explanation:
        if address not in self._made:
            self._made[address] = mean_of(
                address,
                name,
                sentence,
                terms(),
                given(f"{self.owner}rows", len(self.table_rows), "rows"),
            )
        return self._made[address]

    def _place(self, row: int, buffer: str, index: int) -> str:
        return f"{self.owner}row:{row} {self.names.unit(buffer, index)}"

    def _delta_place(self, row: int, operation: Operation, index: int) -> str:
        return f"{self.owner}row:{row} {self.names.delta(operation.output, index)}"

    def _normed_place(self, row: int, operation: Operation, index: int) -> str:
        return f"{self.owner}row:{row} {operation.output}[{index}].normed"


def mean_of(
    address: str, name: str, sentence: str, terms: Sequence[Explanation], count: Explanation
) -> Explanation:
    """The mean of numbers, over their sum.

    Args:
        address: of the mean.
        name: what people call it.
        sentence: for people.
        terms: what is added.
        count: how many they are.
    """
    total = Explanation(
        f"{address}.sum",
        add(each.value for each in terms),
        "sum",
        tuple(terms),
        name="sum",
        formula="sum over all of them",
    )
    total = total.with_numbers(write_sum(total))
    return Explanation(
        address,
        FUNCTIONS["mean"].compute([total.value, count.value]),
        "function",
        (total, count),
        function="mean",
        name=name,
        formula=FUNCTIONS["mean"].formula,
        sentence=sentence,
    )
