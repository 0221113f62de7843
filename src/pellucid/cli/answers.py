"""Predictions for a whole table: beside each other on the screen, as a CSV file, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from pellucid.data.cells import number_column
from pellucid.data.kinds import NUMBER, YES_NO
from pellucid.data.table import Column, Table
from pellucid.data.writing import write_csv
from pellucid.errors import InputError
from pellucid.explain.digits import write_chance, write_count
from pellucid.figures.text import WIDTH, cut, printable, true_minus
from pellucid.model.model import Model

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Answers:
    """The predictions for every row of a table.

    Args:
        model: that predicted.
        table: the rows.
        values: labels, or numbers in the target's unit.
        chances: probabilities, shape (rows, labels); None for a number.
    """

    model: Model
    table: Table
    values: list[Any]
    chances: Array | None

    @classmethod
    def of(cls, model: Model, table: Table) -> Answers:
        """Predict a table."""
        if model.target.kind == NUMBER:
            numbers = np.asarray(model.predict(table), np.float64)
            return cls(model, table, numbers.tolist(), None)
        chances = model.predict_probabilities(table)
        return cls(model, table, list(model.predict(table)), chances)

    def text(self, row: int) -> str:
        """The prediction of a row (from 0) as people say it."""
        if self.chances is None:
            return self.model.target.say(self.values[row])
        target = self.model.target
        label = target.positive if target.kind == YES_NO else self.values[row]
        return f"{write_chance(float(self.chances[row, target.labels.index(label)]))} {label}"

    def lines(self, most: int) -> list[str]:
        """The first rows with their predictions, and how many more there are."""
        target = self.model.target
        knows = target.name in self.table
        shown = range(min(len(self.values), most))
        said = [self._printed(self.text(each)) for each in shown]
        wide = max((len(each) for each in said), default=0)
        lines = []
        for row, answer in zip(shown, said, strict=True):
            truth = f"   truth {self._printed(self._truth(row))}" if knows else ""
            lines.append(cut(f"row {row + 1:<4} {answer:<{wide}}{truth}".rstrip(), WIDTH))
        more = len(self.values) - len(lines)
        if more:
            lines.append(
                f"… {write_count(more, 'more row')}; --out predictions.csv writes all of them"
            )
        return lines

    def _printed(self, text: str) -> str:
        return printable(true_minus(text) if self.chances is None else text)

    def _truth(self, row: int) -> str:
        target = self.model.target
        column = self.table.column(target.name)
        cell = column.cell(row)
        if cell is None:
            return "unknown"
        if target.kind == NUMBER:
            return target.say(cell) if isinstance(cell, float) else str(cell)
        text = column.text(row)
        return target.labels[target.classes.index(text)] if text in target.classes else text

    def describe(self) -> dict[str, Any]:
        """Everything as plain data."""
        told: dict[str, Any] = {
            "target": self.model.target.name,
            "rows": len(self.values),
            "predictions": self.values,
        }
        if self.chances is not None:
            told["labels"] = list(self.model.target.labels)
            told["probabilities"] = self.chances.tolist()
        return told

    def write(self, path: Path) -> None:
        """Write the table with the predictions behind its own columns.

        Raises:
            InputError: the file exists, or cannot be written.
        """
        if path.exists():
            raise InputError(f"{path} already exists and stays as it is. Name another file.")
        name = f"predicted {self.model.target.name}"
        columns = [*self.table.data, _as_column(name, self.values)]
        if self.chances is not None:
            target = self.model.target
            labels = [target.positive] if target.kind == YES_NO else list(target.labels)
            for label in labels:
                chance = self.chances[:, target.labels.index(label)]
                columns.append(number_column(f"chance of {label}", np.asarray(chance, np.float64)))
        write_csv(replace(self.table, data=tuple(columns)), path)


def _as_column(name: str, values: list[Any]) -> Column:
    if values and isinstance(values[0], float):
        return number_column(name, np.asarray(values, np.float64))
    levels = tuple(dict.fromkeys(values))
    where = {level: code for code, level in enumerate(levels)}
    return Column(name, codes=np.array([where[each] for each in values], np.int32), levels=levels)
