"""One training step as a spreadsheet with live formulas: change a weight, and all that follows moves.

Sheets in the order of the step: data, weights, forward, loss, backward, gradients, update. Every
formula carries the engine's number, so that also a viewer that computes nothing shows it. The
formulas of the optimizers are in `workbook_update`, where cells lie in `workbook_layout`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from pellucid.data.prepared_columns import CategoryColumn, NumberColumn
from pellucid.figures.step_facts import LONGEST_LITERAL, StepFacts
from pellucid.figures.workbook_formulas import ACTIVATIONS, LOSSES, READS_SUMS
from pellucid.figures.workbook_layout import Block, beneath, beside
from pellucid.figures.workbook_paper import Paper
from pellucid.figures.workbook_update import write_update

Array = np.ndarray[Any, Any]

FIRST = 6  # the first row of a batch, on every sheet that has one


def write_step_workbook(facts: StepFacts, path: Path) -> None:
    """Write one step of a run as an XLSX file.

    Args:
        facts: the step.
        path: of the file.

    Raises:
        InputError: XlsxWriter is missing.
    """
    with Paper(path, facts.rows, facts.row, FIRST) as paper:
        _Workbook(facts, paper).write()


class _Workbook:
    """A step's workbook while it is written."""

    def __init__(self, facts: StepFacts, paper: Paper) -> None:
        self.facts, self.paper, self.trace = facts, paper, facts.trace
        self.layers = facts.layers
        count = len(facts.rows)
        raw = len(facts.columns)
        self.cells, self.inputs, self.truth = beside(
            "Data", FIRST, count, [raw, self.layers[0].inputs, 2]
        )
        heights = [each.width for each in self.layers]
        widths = [each.inputs for each in self.layers]
        self.weights = beneath("Weights", 4, heights, widths)
        self.biases = [
            Block("Weights", each.top, each.left + each.width, each.height, 1)
            for each in self.weights
        ]
        pairs = [each.width for each in self.layers for _ in range(2)]
        forward = beside("Forward", FIRST, count, pairs)
        self.sums, self.answers = forward[::2], forward[1::2]
        self.loss = Block("Loss", FIRST, 1, count, 1)
        self.total = Block("Loss", 2, 1, 1, 1)
        self.deltas = beside("Backward", FIRST, count, [each.width for each in self.layers])
        turned_top = self.weights[-1].top + self.weights[-1].height + 6
        self.turned = beneath("Weights", turned_top, widths[1:], heights[1:])

    def write(self) -> None:
        """All sheets, in the order of the step."""
        self.paper.begin(["Step", "Data", "Weights", "Forward", "Loss", "Backward", "Gradients"])
        self._write_data()
        self._write_weights()
        self._write_forward()
        self._write_loss()
        self._write_backward()
        write_update(
            self.facts,
            self.paper,
            total=self.total,
            weights=self.weights,
            deltas=self.deltas,
            sources=[self.inputs, *self.answers[:-1]],
        )

    def _write_data(self) -> None:
        """Raw cells, how each became an input, and the truth."""
        paper, facts = self.paper, self.facts
        paper.say("Data", "The rows of this batch: raw cells, and what the network reads of them.")
        paper.title(self.cells, "raw cells", [each.name for each in facts.columns], lines=3)
        paper.title(self.inputs, "inputs", facts.source_names(0), lines=3)
        paper.title(self.truth, "truth", [facts.view.model.target.name, "as a number"], lines=3)
        paper.label(self.cells.sheet, FIRST - 2, "mean")
        paper.label(self.cells.sheet, FIRST - 1, "standard deviation")
        place = 0
        for number, column in enumerate(facts.columns):
            raw = facts.raw(column)
            for row, cell in enumerate(raw):
                paper.given(self.cells, row, number, cell)
            if isinstance(column, NumberColumn):
                paper.given_above(self.cells, number, (column.mean, column.std))
            for name in column.input_names():
                for row, cell in enumerate(raw):
                    self._write_input(row, place, self._reading(column, name, number, row, cell))
                place += 1
        self._write_truth()

    def _write_input(self, row: int, place: int, formula: str) -> None:
        value = float(self.facts.source[row, place])
        if formula:
            self.paper.formula(self.inputs, row, place, formula, value)
        else:
            self.paper.given(self.inputs, row, place, value)

    def _reading(
        self, column: NumberColumn | CategoryColumn, name: str, number: int, row: int, cell: Any
    ) -> str:
        """How a raw cell becomes an input; "" where a formula would not say it exactly."""
        where = self.cells.cell(row, number)
        if isinstance(column, NumberColumn):
            if name != column.name:
                return f"=IF(ISNUMBER({where}),0,1)"
            mean, std = (
                Block("Data", FIRST - 2 + at, self.cells.left + number, 1, 1).cell(0, 0)
                for at in (0, 1)
            )
            scaled = f"({where}-{mean})/{std}"
            return (
                f"=IF(ISNUMBER({where}),{scaled},0)"
                if column.missing or cell is None
                else f"={scaled}"
            )
        level = name.removeprefix(f"{column.name}=")
        if level not in column.levels or len(level) > LONGEST_LITERAL:
            return ""
        quoted = level.replace('"', '""')
        is_on = cell == level
        value = float(self.facts.source[row, self.facts.source_names(0).index(name)])
        return f'=IF(EXACT({where},"{quoted}"),1,0)' if value == float(is_on) else ""

    def _write_truth(self) -> None:
        facts, target = self.facts, self.facts.view.model.target
        if target.kind == "number":
            self.paper.given_above(self.truth, 0, (target.mean, target.std))
        for row, table_row in enumerate(facts.rows):
            value = float(facts.targets[row])
            if target.kind == "number":
                raw = value * target.std + target.mean
                mean, std = (
                    Block("Data", FIRST - 2 + at, self.truth.left, 1, 1).cell(0, 0) for at in (0, 1)
                )
                self.paper.given(self.truth, row, 0, raw)
                self.paper.formula(
                    self.truth, row, 1, f"=({self.truth.cell(row, 0)}-{mean})/{std}", value
                )
            else:
                self.paper.given(self.truth, row, 0, facts.view.subject.truth_text(table_row))
                self.paper.given(self.truth, row, 1, value)

    def _write_weights(self) -> None:
        """Weights and biases, the numbers to play with; then the same turned, for the way back."""
        paper, before = self.paper, self.trace.before.parameters
        paper.say("Weights", "What the network has learnt so far. Change one: everything follows.")
        for number, layer in enumerate(self.layers):
            weights, biases = self.weights[number], self.biases[number]
            names = [*self.facts.source_names(number), "bias"]
            paper.matrix_title(weights, layer.name, names, self.facts.neuron_names(number))
            for neuron in range(layer.width):
                for source in range(layer.inputs):
                    paper.given(
                        weights, neuron, source, float(before[layer.weight][neuron, source])
                    )
                bias = float(before[layer.bias][neuron]) if layer.has_bias else 0.0
                paper.given(biases, neuron, 0, bias)
        for number, block in enumerate(self.turned):
            weights = self.weights[number + 1]
            name = f"{self.layers[number + 1].name}, turned: rows and columns changed places"
            paper.matrix_title(
                block, name, self.facts.neuron_names(number + 1), self.facts.neuron_names(number)
            )
            values = before[self.layers[number + 1].weight]
            for row in range(block.height):
                for column in range(block.width):
                    paper.formula(
                        block,
                        row,
                        column,
                        f"={weights.cell(column, row)}",
                        float(values[column, row]),
                    )

    def _write_forward(self) -> None:
        """z, the sum of inputs × weights and the bias; then a, what the neuron passes on."""
        paper = self.paper
        paper.say(
            "Forward",
            "z: every input times its weight, and the bias. a: what the neuron passes on.",
        )
        for number, layer in enumerate(self.layers):
            sums, answers = self.sums[number], self.answers[number]
            reads = self.inputs if number == 0 else self.answers[number - 1]
            names = self.facts.neuron_names(number)
            paper.title(sums, f"{layer.name}: z", names)
            paper.title(answers, f"{layer.name}: a = {layer.title}", names)
            z, a = self.trace.values[layer.sums], self.facts.answers(number)
            for row in range(sums.height):
                for neuron in range(layer.width):
                    weights, bias = (
                        self.weights[number].row(neuron),
                        self.biases[number].cell(neuron, 0),
                    )
                    total = f"=SUMPRODUCT({reads.row(row)},{weights})+{bias}"
                    paper.formula(sums, row, neuron, total, float(z[row, neuron]))
                    turned = "=" + ACTIVATIONS[layer.activation][0].format(
                        z=sums.cell(row, neuron), row=sums.row(row), **self.facts.settings(number)
                    )
                    paper.formula(answers, row, neuron, turned, float(a[row, neuron]))

    def _write_loss(self) -> None:
        """Each row's loss, and their mean."""
        paper = self.paper
        name, template, _ = LOSSES[self.trace.program.loss.kind]
        told = "their mean" if self.facts.is_mean else "their sum"
        paper.say("Loss", f"How wrong each row's answer is: {name}. The step's loss is {told}.")
        paper.label("Loss", 2, "loss of the step")
        paper.title(self.loss, "loss", ["of the row"])
        for row in range(self.loss.height):
            formula = f"={template.format_map(self._names(row, 0))}"
            paper.formula(self.loss, row, 0, formula, float(self.trace.row_losses[row]))
        whole = f"=SUM({self.loss.column(0)})/{self._count()}"
        paper.formula(self.total, 0, 0, whole, float(self.trace.loss))

    def _count(self) -> str:
        """What every row's loss is divided by."""
        return f"ROWS({self.loss.column(0)})" if self.facts.is_mean else "1"

    def _names(self, row: int, neuron: int) -> dict[str, Any]:
        """What the loss's words mean for a row and an output: cells, and the loss's settings."""
        return {
            "z": self.sums[-1].cell(row, neuron),
            "a": self.answers[-1].cell(row, neuron),
            "t": self.truth.cell(row, 1),
            "row": self.sums[-1].row(row),
            "neuron": neuron,
            **self.facts.loss_settings,
        }

    def _write_backward(self) -> None:
        """delta: how the step's loss grows with each neuron's z, from the output backwards."""
        paper = self.paper
        paper.say("Backward", "delta: how much the step's loss grows if the neuron's z grows by 1.")
        for number, layer in reversed(list(enumerate(self.layers))):
            block = self.deltas[number]
            paper.title(block, f"{layer.name}: delta", self.facts.neuron_names(number))
            values = self.trace.deltas[layer.sums]
            for row in range(block.height):
                for neuron in range(layer.width):
                    is_output = number == len(self.layers) - 1
                    formula = (
                        self._output_delta(row, neuron)
                        if is_output
                        else self._delta(number, row, neuron)
                    )
                    paper.formula(block, row, neuron, formula, float(values[row, neuron]))

    def _output_delta(self, row: int, neuron: int) -> str:
        kind = self.trace.program.loss.kind
        delta = f"={LOSSES[kind][2].format_map(self._names(row, neuron))}/{self._count()}"
        if kind in READS_SUMS:
            return delta
        return f"{delta}*{self._slope(len(self.layers) - 1, row, neuron)}"

    def _delta(self, number: int, row: int, neuron: int) -> str:
        """The deltas of the layer behind, each times its weight, times the slope."""
        behind = self.deltas[number + 1].row(row)
        back = f"SUMPRODUCT({behind},{self.turned[number].row(neuron)})"
        return f"={back}*{self._slope(number, row, neuron)}"

    def _slope(self, number: int, row: int, neuron: int) -> str:
        z, a = self.sums[number].cell(row, neuron), self.answers[number].cell(row, neuron)
        slope = ACTIVATIONS[self.layers[number].activation][1]
        return slope.format(z=z, a=a, **self.facts.settings(number))
