"""Opening numbers for a command: a row's prediction from a model, a step from a run.

It brings model, run and table together; what the numbers mean is told in `explain`, how they look
is drawn in `figures`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pellucid.data.prepared_columns import CategoryColumn, NumberColumn
from pellucid.data.table import Table
from pellucid.explain.digits import MINUS, write_value
from pellucid.explain.moment import Moment, model_scene
from pellucid.explain.prediction import Prediction
from pellucid.explain.step import Step, explain_step
from pellucid.explain.subject import LONGEST_CELL, Subject
from pellucid.figures.prediction_text import write_opened
from pellucid.model.model import Model
from pellucid.runs.run import Run


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
    scene = model_scene(model, table)
    return OpenedRow(scene.subject, scene.row(row).prediction)


def open_step(run: Run, model: Model, step: int) -> Step:
    """Open a step of a run, counted from 1.

    Raises:
        AddressError: the run has no such step.
    """
    return explain_step(Moment(run, model, step).scene)
