"""How the cells of a row become the numbers that a network reads, fitted on training rows only.

A number is standardised; a missing one counts as the mean and is told by an input of its own; a
category becomes one input per level. The kinds of the columns are decided in `kinds`, the
arithmetic of each column stands in `prepared_columns`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np

from pellucid.data.explained_cell import (
    ExplainedCell,
    explain_given,
    explain_level,
    explain_missing,
    explain_number,
)
from pellucid.data.kinds import LEFT_OUT, NUMBER, ColumnKind, column_kinds
from pellucid.data.prepared_columns import (
    CategoryColumn,
    LeftOutColumn,
    NumberColumn,
    PreparedColumn,
    check_finite,
    fit_category,
    fit_number,
)
from pellucid.data.table import Column, Rows, Table, show_cell
from pellucid.errors import ColumnError, did_you_mean


class Preparation(msgspec.Struct, frozen=True, kw_only=True):
    """How a table's cells become inputs; plain data, so msgspec writes it as JSON and back.

    Args:
        columns: one record per column but the target, in the order of the table.
        target: the column that is predicted, which makes no input.
        is_named: whether the table named its columns; otherwise a file's first line is a row.

    Example:
        >>> import numpy as np
        >>> from pellucid.data.reading import read_table
        >>> table = read_table(
        ...     {"hours": [4, 6], "city": ["Rome", "Paris"], "passed": ["no", "yes"]}
        ... )
        >>> preparation = Preparation.fit(table, np.arange(2), "passed")
        >>> preparation.input_names
        ['hours', 'city=Paris', 'city=Rome']
        >>> preparation.inputs(table)
        array([[-1.,  0.,  1.],
               [ 1.,  1.,  0.]], dtype=float32)
    """

    columns: tuple[PreparedColumn, ...]
    target: str
    is_named: bool = True

    @classmethod
    def fit(
        cls, table: Table, rows: Rows, target: str, kinds: Mapping[str, str] | None = None
    ) -> Preparation:
        """Learn from the training rows what the inputs need.

        Args:
            table: the whole table.
            rows: the training rows (from 0). Other rows have no influence but one: text that they
                hold in a column of numbers counts as missing, too.
            target: the column to predict.
            kinds: kinds of columns ('number', 'category', 'left out') that are wanted whatever
                the cells look like.

        Raises:
            ColumnError: if a number is infinite, or if no column is left to learn from.
        """
        _check_numbers(
            table, rows, {target, *(n for n, k in (kinds or {}).items() if k == LEFT_OUT)}
        )
        training = table.take(rows)
        decided = column_kinds(training, target, kinds)
        columns = tuple(
            _fit(
                training.column(kind.name),
                kind,
                table.units.get(kind.name, ""),
                tuple(sorted({text for _, text in table.column(kind.name).unread})),
            )
            for kind in decided
        )
        preparation = cls(columns=columns, target=target, is_named=table.is_named)
        if not preparation.input_names:
            _check_rows(table, rows, target, kinds)
            reasons = "; ".join(f"{kind.name}: {kind.reason}" for kind in decided) or "no column"
            raise ColumnError(
                f"{table.source} has no column to learn '{target}' from ({reasons}); "
                f"add a column that says something about it."
            )
        return preparation

    @property
    def input_names(self) -> list[str]:
        """The name of every input, in order: "age", "age missing", "city=Paris"."""
        return [name for column in self.columns for name in column.input_names()]

    @property
    def used(self) -> list[NumberColumn | CategoryColumn]:
        """The columns that make inputs, in order."""
        return [column for column in self.columns if not isinstance(column, LeftOutColumn)]

    @property
    def left_out(self) -> list[LeftOutColumn]:
        """The columns that make no input, each with its reason."""
        return [column for column in self.columns if isinstance(column, LeftOutColumn)]

    @property
    def units(self) -> dict[str, str]:
        """Units of the columns that have one."""
        return {column.name: column.unit for column in self.columns if column.unit}

    def check_columns(self, table: Table) -> None:
        """Raise a ColumnError that names the columns that the table lacks, if any.

        Other columns, and their order, do not matter.
        """
        wanted = [column.name for column in self.used]
        lacking = [name for name in wanted if name not in table]
        if not lacking:
            return
        others = [name for name in table.columns if name not in wanted]
        raise ColumnError(
            f"{table.source} lacks {_columns(lacking)}.{did_you_mean(lacking[0], others)} "
            f"{len(wanted)} columns are needed: {', '.join(wanted)}. Got: {', '.join(table.columns)}."
        )

    def inputs(self, table: Table, dtype: Any = np.float32) -> np.ndarray[Any, Any]:
        """The inputs of every row: shape (rows, inputs), C-ordered.

        A row's inputs depend on its own cells only: prepared alone, it has the same bits.

        Raises:
            ColumnError: if a column is lacking, or holds text or infinities where numbers were.
        """
        self.check_columns(table)
        out = np.empty((len(table), len(self.input_names)), dtype=dtype)
        start = 0
        for column in self.used:
            width = len(column.input_names())
            column.fill(table.column(column.name), out[:, start : start + width])
            start += width
        return out

    def warnings(self, table: Table) -> list[str]:
        """What a reader of predictions for this table should know, one sentence each."""
        self.check_columns(table)
        return [told for column in self.used for told in column.warnings(table.column(column.name))]

    def column_of(self, input_name: str) -> NumberColumn | CategoryColumn:
        """The column that an input is made from.

        Raises:
            ColumnError: if there is no such input; the message names the nearest.
        """
        for column in self.used:
            if input_name in column.input_names():
                return column
        raise ColumnError(
            f"There is no input '{input_name}'.{did_you_mean(input_name, self.input_names)}"
        )

    def explain_cell(self, table: Table, row: int, input_name: str) -> ExplainedCell:
        """How a cell of a row (from 0) became an input.

        Raises:
            ColumnError: if there is no such input or column.
        """
        column = self.column_of(input_name)
        raw = table.column(column.name)
        alone = raw.take(np.array([row]))
        cell = show_cell(raw.cell(row), column.unit)
        if input_name == f"{column.name} missing":
            return explain_missing(input_name, column.name, cell, is_missing=bool(alone.missing[0]))
        if isinstance(column, NumberColumn):
            number = float(column.read(alone)[0])
            if (column.mean, column.std) == (0.0, 1.0) and not np.isnan(number):
                return explain_given(column.name, cell, number)
            known = None if np.isnan(number) else number
            return explain_number(column.name, cell, known, column.mean, column.std)
        place = int(column.places(alone)[0][0])
        is_on = place >= 0 and column.input_names()[place] == input_name
        return explain_level(input_name, column.name, cell, is_on=is_on)


def _fit(column: Column, kind: ColumnKind, unit: str, words: tuple[str, ...]) -> PreparedColumn:
    if kind.kind == LEFT_OUT:
        return LeftOutColumn(name=column.name, reason=kind.reason, unit=unit)
    if kind.kind == NUMBER:
        return fit_number(column, unit=unit, reason=kind.reason, words=words)
    return fit_category(column, unit=unit, reason=kind.reason)


def _check_rows(
    table: Table, rows: Rows, target: str, kinds: Mapping[str, str] | None = None
) -> None:
    """Refuse too few rows as such: all rows together have a usable column, those to learn from none."""
    if all(each.kind == LEFT_OUT for each in column_kinds(table, target, kinds)):
        return
    usable = int((~table.column(target).missing).sum())
    least = max(usable + 1, 4)
    raise ColumnError(
        f"{table.source} has too few rows: {usable:,} with '{target}', of which {len(rows):,} to learn from, and there no "
        f"column has two different values. Add rows: at least {least:,} are needed (2 or more to "
        f"learn from, 1 to choose the best epoch, 1 never seen), better 50."
    )


def _check_numbers(table: Table, rows: Rows, unused: set[str]) -> None:
    """An infinite number is named by its row of the table, not by its place among `rows`."""
    for column in table.data:
        if column.name not in unused and column.numbers is not None:
            check_finite(column.name, column.numbers[rows], rows)


def _columns(names: list[str]) -> str:
    shown = ", ".join(f"'{name}'" for name in names[:5]) + (", …" if len(names) > 5 else "")
    return f"the column {shown}" if len(names) == 1 else f"the columns {shown}"
