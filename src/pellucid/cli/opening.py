"""Opening numbers for a command: a row's prediction from a model, a step from a run.

It brings model, run and table together; what the numbers mean is told in `explain`, how they look
is drawn in `figures`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pellucid.data.prepared_columns import CategoryColumn, NumberColumn
from pellucid.data.table import Table
from pellucid.explain.digits import MINUS, write_value
from pellucid.explain.prediction import Prediction, explain_row
from pellucid.explain.step import Step, explain_step
from pellucid.explain.subject import LONGEST_CELL, Subject
from pellucid.figures.prediction_text import write_opened
from pellucid.model.model import Model
from pellucid.model.network import decide
from pellucid.runs.run import Run
from pellucid.train.replay import check_step, engine_of, moment_at, next_moment

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class OpenedRow:
    """A row of a table with its prediction opened.

    Args:
        subject: the network and what its numbers mean.
        prediction: the row's explanation.
    """

    subject: Subject
    prediction: Prediction

    def cells(self) -> list[str]:
        """The row's raw cells with their units, in the order of the columns."""
        return [self._cell(each) for each in self.subject.preparation.used]

    def _cell(self, column: NumberColumn | CategoryColumn) -> str:
        row, table = self.prediction.row - 1, self.subject.table
        text = table.cell_text(row, column.name)
        if not isinstance(column, NumberColumn):
            return text
        if len(table.column(column.name).text(row)) > LONGEST_CELL:
            number = float(column.read(table.column(column.name).take(np.array([row])))[0])
            text = write_value(number, column.unit, 6)
        return text.replace("-", MINUS, 1)

    def cells_typed(self) -> list[str]:
        """The row's cells as one would type them for `predict`."""
        row, table = self.prediction.row - 1, self.subject.table
        used = self.subject.preparation.used
        return [_typed(each.name, table.column(each.name).text(row)) for each in used]

    def short(self) -> list[str]:
        """The row as it stands under a report."""
        return write_opened(self.prediction, self.subject.target, self.cells())


def _typed(name: str, text: str) -> str:
    word = f"{name}={text}"
    plain = all(each.isalnum() or each in "_=.-+/:,%" for each in word)
    return word if plain else f"'{word}'"


def open_row(model: Model, table: Table, row: int) -> OpenedRow:
    """Open the model's prediction of a row, counted from 1.

    Raises:
        AddressError: the table has no such row.
    """
    program = decide(model.program, model.target.kind)
    subject = Subject(program, model.preparation, model.target, table)
    subject.check_row(row)
    inputs = model.preparation.inputs(table.take(np.array([row - 1])), model.method.dtype)
    values = model.engine.forward(program, model.parameters, inputs)
    alone = {name: array[0] for name, array in values.items()}
    return OpenedRow(subject, explain_row(subject, row, model.parameters, alone))


def open_step(run: Run, model: Model, step: int) -> Step:
    """Open a step of a run, counted from 1.

    Raises:
        AddressError: the run has no such step.
    """
    check_step(run, step)
    previous = moment_at(run, step - 1) if step > run.first_step else None
    moment = moment_at(run, step) if previous is None else next_moment(run, previous)
    before = None if previous is None else previous.trace.gradients
    trace = moment.trace
    subject = Subject(trace.program, model.preparation, model.target, run.table)
    program = replace(trace.program, dtype="float64")
    inputs = run.data["inputs"][trace.rows].astype(np.float64)
    targets = run.data["targets"][trace.rows]
    if targets.ndim == 2:
        targets = targets.astype(np.float64)
    engine = engine_of(run)

    def loss_of(parameters: Mapping[str, Array]) -> float:
        return float(engine.evaluate(program, parameters, inputs, targets)[0])

    rows = run.data["rows.training"][trace.rows] + 1
    return explain_step(subject, trace, rows, before=before, loss_of=loss_of)
