"""The numbers behind a picture of a decision: the network asked at every point of a grid.

The colours are in `decision_plot`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from pellucid.data.prepared_columns import NumberColumn
from pellucid.errors import ColumnError, did_you_mean
from pellucid.explain.importance import share_of_columns
from pellucid.figures.run_view import RunView

Array = np.ndarray[Any, Any]

FINENESS = 90  # points a side
MOST_POINTS = 400


@dataclass(frozen=True, slots=True)
class DecisionMap:
    """What a network says on a grid.

    Attributes:
        names: of the one or two columns.
        axis_labels: the same with their units.
        grid: the columns' values along each side, in their units.
        answers: (up, across, outputs), or (across, outputs) on a line: probabilities of the
            labels, or numbers in the target's unit.
        labels: of the classes; empty for a number.
        unit_label: what the answer is.
        title: what the picture shows, in words.
        row: whose cells the other columns have.
        row_point: that row's place, if it has one.
        points: (n, 2), training rows to draw; none where other columns differ.
        codes: (n,), their classes.
    """

    names: tuple[str, ...]
    axis_labels: tuple[str, ...]
    grid: tuple[Array, ...]
    answers: Array
    labels: tuple[str, ...]
    unit_label: str
    title: str
    row: int
    row_point: tuple[float, float] | None
    points: Array
    codes: Array

    @property
    def is_line(self) -> bool:
        """Whether there is one column only."""
        return len(self.names) == 1


def map_decision(
    view: RunView, values: Mapping[str, Array], *, row: int, columns: tuple[str, ...] = ()
) -> DecisionMap:
    """Ask the network everywhere.

    Args:
        view: the run.
        values: parameters and running statistics under their state_dict names.
        row: whose cells all other columns have, from 1.
        columns: one or two columns of numbers; left out: the two that move the network most.

    Raises:
        AddressError: the table has no such row.
        ColumnError: a column is unknown, or there is no column of numbers.
    """
    view.subject.check_row(row)
    chosen = _choose(view, columns)
    grid = tuple(np.linspace(*_range(each), FINENESS) for each in chosen)
    target = view.model.target
    labels = target.labels if target.kind != "number" else ()
    asked = view.inputs(np.array([row]))
    places = [view.model.preparation.input_names.index(each.name) for each in chosen]
    mesh = np.meshgrid(*grid)
    inputs = np.repeat(asked, mesh[0].size, axis=0)
    for place, column, raw in zip(places, chosen, mesh, strict=True):
        inputs[:, place] = ((raw.ravel() - column.mean) / column.std).astype(inputs.dtype)
    answers = view.answers(values, np.ascontiguousarray(inputs))
    if len(labels) == 2 and answers.shape[1] == 1:
        answers = np.hstack([1 - answers, answers])
    is_whole = len(view.model.preparation.used) == len(chosen)
    points, codes = _points(view, chosen) if is_whole and labels and len(chosen) == 2 else _none()
    return DecisionMap(
        names=tuple(each.name for each in chosen),
        axis_labels=tuple(
            f"{each.name} ({each.unit})" if each.unit else each.name for each in chosen
        ),
        grid=grid,
        answers=answers.reshape(*mesh[0].shape, answers.shape[1]),
        labels=labels,
        unit_label=_unit_label(view),
        title=f"What it says: {target.name}" if is_whole else f"Around row {row:,}",
        row=row,
        row_point=None if is_whole or len(chosen) == 1 else _place(view, chosen, row),
        points=points,
        codes=codes,
    )


def number_columns(view: RunView) -> list[NumberColumn]:
    """The columns of numbers that the network uses, those that move it most first."""
    preparation = view.model.preparation
    used = preparation.used
    owners = [preparation.column_of(each).name for each in preparation.input_names]
    groups = [[i for i, owner in enumerate(owners) if owner == each.name] for each in used]
    shares = share_of_columns(view.layers, view.model.parameters, view.run.data["inputs"], groups)
    order = sorted(range(len(used)), key=lambda each: -shares[each])
    return [each for each in (used[place] for place in order) if isinstance(each, NumberColumn)]


def _choose(view: RunView, columns: tuple[str, ...]) -> list[NumberColumn]:
    """The columns asked for, or the two that matter most, in the table's order."""
    known = number_columns(view)
    if not known:
        raise ColumnError(
            "A map of the decision needs a column of numbers, and this network has none."
        )
    by_name = {each.name: each for each in known}
    for name in columns:
        if name not in by_name:
            raise ColumnError(
                f"'{name}' is no column of numbers that the network uses."
                f"{did_you_mean(name, by_name)}"
            )
    if columns:
        return [by_name[each] for each in columns[:2]]
    order = [each.name for each in view.model.preparation.used]
    return sorted(known[:2], key=lambda each: order.index(each.name))


def _range(column: NumberColumn) -> tuple[float, float]:
    """A little more than the training rows had."""
    room = 0.04 * (column.high - column.low or 1.0)
    return column.low - room, column.high + room


def _points(view: RunView, chosen: list[NumberColumn]) -> tuple[Array, Array]:
    rows = view.run.data["rows.training"][:MOST_POINTS]
    table = view.run.table.take(rows)
    raw = np.stack([each.read(table.column(each.name)) for each in chosen], axis=1)
    codes = view.run.data["targets"][:MOST_POINTS].reshape(-1).astype(np.int64)
    return raw, codes


def _none() -> tuple[Array, Array]:
    return np.empty((0, 2)), np.empty(0, np.int64)


def _place(view: RunView, chosen: list[NumberColumn], row: int) -> tuple[float, float] | None:
    """Where the row stands on the map; nowhere if a cell is missing."""
    alone = view.run.table.take(np.array([row - 1]))
    across, up = (float(each.read(alone.column(each.name))[0]) for each in chosen)
    return (across, up) if np.isfinite([across, up]).all() else None


def _unit_label(view: RunView) -> str:
    target = view.model.target
    if target.kind == "number":
        return f"{target.name} ({target.unit})" if target.unit else target.name
    return f"probability of {target.positive}" if target.kind == "yes/no" else "probability"
