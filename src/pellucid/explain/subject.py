"""What an explanation speaks about: a network with the table, preparation and target around it.

One object for all that `prediction` and `step` need to know; it makes the nodes that both share:
how a raw cell became an input, and a row's truth.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from pellucid.data.explained_cell import ExplainedCell
from pellucid.data.preparation import Preparation
from pellucid.data.table import Table
from pellucid.data.target import Target
from pellucid.engine.program import Program
from pellucid.errors import AddressError
from pellucid.explain.address import quote_name
from pellucid.explain.equation import settle
from pellucid.explain.explanation import Explanation, given
from pellucid.explain.functions import FUNCTIONS
from pellucid.explain.layers import Layer
from pellucid.explain.wiring import Names, Wiring

RAW = "The cell as it stands in the table."
LONGEST_CELL = 9  # characters; a longer number is rounded like any other


@dataclass(frozen=True)
class Subject:
    """A network and what its numbers mean.

    Args:
        program: the network, its loss and its optimizer.
        preparation: from cells to inputs.
        target: what is predicted.
        table: the raw rows.
    """

    program: Program
    preparation: Preparation
    target: Target
    table: Table

    @property
    def layers(self) -> list[Layer]:
        """The network's layers of neurons."""
        return self.names.wiring.layers

    @cached_property
    def names(self) -> Names:
        """What the network's numbers are called."""
        return Names(Wiring(self.program), tuple(self.outputs), tuple(self.input_places))

    @property
    def epsilon(self) -> float:
        """Relative rounding error of the network's arithmetic."""
        return float(np.finfo(self.program.dtype).eps)

    @property
    def outputs(self) -> list[str]:
        """The outputs' names."""
        return self.target.output_names

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every parameter and running statistic, under its state_dict name."""
        kept = {name: shape for name, shape, _ in self.program.buffers}
        return dict(self.program.parameters) | kept

    @property
    def input_names(self) -> list[str]:
        """The inputs' names."""
        return self.preparation.input_names

    @property
    def input_places(self) -> list[str]:
        """The inputs as addresses name them."""
        return [quote_name(each) for each in self.preparation.input_names]

    def check_row(self, row: int) -> None:
        """See that the table has a row, counted from 1.

        Raises:
            AddressError: it has not.
        """
        if not 1 <= row <= len(self.table):
            raise AddressError(
                f"There is no row {row:,}: {self.table.source} has {len(self.table):,} rows,"
                f" row:1 to row:{len(self.table)}."
            )

    def cells(self, row: int) -> list[ExplainedCell]:
        """How the cells of a row (from 1) became the network's inputs."""
        names = self.preparation.input_names
        return [self.preparation.explain_cell(self.table, row - 1, each) for each in names]

    def input_nodes(self, row: int, values: np.ndarray[Any, Any], prefix: str) -> list[Explanation]:
        """A node for each input of a row.

        Args:
            row: counts from 1.
            values: the numbers that the network read, shape (inputs,).
            prefix: what addresses begin with.
        """
        return [
            self._input_node(cell, float(value), prefix)
            for cell, value in zip(self.cells(row), values, strict=True)
        ]

    def _input_node(self, cell: ExplainedCell, value: float, prefix: str) -> Explanation:
        place = f"{prefix}{quote_name(cell.input)}"
        numbers = dict(cell.parts)
        if cell.operation != "standardise" or "cell" not in numbers:
            return given(place, value, cell.input, text=cell.cell, sentence=cell.sentence)
        unit = self.table.units.get(cell.column, "")
        column = quote_name(cell.column)
        parts = (
            given(
                f"{place}.raw",
                numbers["cell"],
                cell.column,
                text=cell.cell,
                unit=unit,
                sentence=RAW,
            ),
            *spread(column, numbers["mean"], numbers["std"], unit),
        )
        written = settle(
            "({} − {}) ÷ {}",
            [each.value for each in parts],
            FUNCTIONS["standardise"].compute,
            value,
            decimals=3,
            exact=[len(repr(numbers["cell"])) <= LONGEST_CELL],
        )
        return Explanation(
            place,
            value,
            "function",
            parts,
            function="standardise",
            name=cell.input,
            formula=FUNCTIONS["standardise"].formula,
            numbers=written.write(),
            text=cell.cell,
            sentence=cell.sentence,
            epsilon=self.epsilon,
        )

    def has_truth(self, row: int) -> bool:
        """Whether the table knows the target of a row (from 1)."""
        if self.target.name not in self.table:
            return False
        return not bool(self.table.column(self.target.name).missing[row - 1])

    def truth(self, row: int) -> float:
        """The truth of a row as the loss reads it: 0 or 1, the class's number, or standardised."""
        encoded = self.target.encode(self.table, np.array([row - 1]), np.float64)
        return float(encoded.reshape(-1)[0])

    def truth_node(self, row: int, prefix: str) -> Explanation:
        """The truth of a row as the loss reads it, and where it comes from."""
        value, text = self.truth(row), self.truth_text(row)
        target, place = self.target, f"{prefix}truth"
        is_plain = (target.mean, target.std) == (0.0, 1.0)
        if target.kind != "number" or is_plain:
            said = f"The table says {text}; the loss reads it as {value:g}."
            return given(place, value, "truth", text=text, sentence=said)
        name = quote_name(target.name)
        cell = float(self.table.column(target.name).take(np.array([row - 1])).values[0])
        parts = (
            given(f"{place}.raw", cell, target.name, text=text, unit=target.unit, sentence=RAW),
            *spread(name, target.mean, target.std, target.unit),
        )
        function = FUNCTIONS["standardise"]
        written = settle("({} − {}) ÷ {}", [each.value for each in parts], function.compute, value)
        return Explanation(
            place,
            value,
            "function",
            parts,
            function="standardise",
            name="truth",
            formula=function.formula,
            numbers=written.write(),
            text=text,
            sentence=f"The table says {text}; the loss reads it in standard deviations.",
            epsilon=self.epsilon,
        )

    def truth_of_output(self, row: int, prefix: str, output: int) -> Explanation:  # noqa: ARG002
        """The number that an output is compared with; here the same for all outputs."""
        return self.truth_node(row, prefix)

    def truth_of_class(self, row: int, prefix: str, output: int) -> Explanation:
        """The truth beside an output: 1 for the true class, 0 for the others."""
        truth = self.truth_node(row, prefix)
        is_true = float(int(truth.value) == output)
        place = f"{truth.address}.{quote_name(self.outputs[output])}"
        return given(place, is_true, "truth", text=truth.text)

    def truth_text(self, row: int) -> str:
        """The truth of a row as people say it."""
        if self.target.kind == "number":
            return self.target.say(self.truth(row) * self.target.std + self.target.mean)
        return self.target.labels[int(self.truth(row))]


def spread(column: str, mean: float, std: float, unit: str) -> tuple[Explanation, Explanation]:
    """The two numbers by which a column is standardised.

    Args:
        column: as addresses name it.
        mean: of the training rows.
        std: their standard deviation.
        unit: of the column.
    """
    told = f"The mean of {column} in the training rows."
    wide = f"How far the training rows usually lie from the mean of {column}."
    return (
        given(f"{column}.mean", mean, "mean of the training rows", unit=unit, sentence=told),
        given(f"{column}.std", std, "standard deviation", unit=unit, sentence=wide),
    )
