"""A table: named columns of numbers or of text, all of one length.

A column of text keeps each different text once (its levels) and a code per row, so that whole
columns can be compared, counted and turned into inputs at numpy's speed. Reading and writing of
files, and what a column means, live elsewhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import numpy as np

from pellucid.errors import ColumnError, TableError, did_you_mean

FloatArray: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]
IntArray: TypeAlias = np.ndarray[Any, np.dtype[np.int32]]
BoolArray: TypeAlias = np.ndarray[Any, np.dtype[np.bool_]]
Rows: TypeAlias = np.ndarray[Any, np.dtype[np.int64]]
Cell: TypeAlias = float | str | None

_EXACT = 2**53  # above, not every whole number is a float


def format_number(value: float) -> str:
    """The shortest text that reads back as the same number, whole numbers without a point.

    Example:
        >>> format_number(10.0), format_number(0.1), format_number(1e20)
        ('10', '0.1', '1e+20')
    """
    number = float(value)
    return str(int(number)) if number.is_integer() and abs(number) < _EXACT else repr(number)


def with_unit(text: str, unit: str) -> str:
    """A number's text with its unit behind it, if there is one.

    Example:
        >>> with_unit("10", "h"), with_unit("75", "")
        ('10 h', '75')
    """
    return f"{text} {unit}" if unit else text


def show_cell(cell: Cell, unit: str) -> str:
    """A cell as a person reads it, with its unit.

    Example:
        >>> (
        ...     show_cell(10.0, "h"),
        ...     show_cell(312000.0, "€"),
        ...     show_cell("Paris", ""),
        ...     show_cell(None, "h"),
        ... )
        ('10 h', '312,000 €', 'Paris', 'missing')
    """
    if cell is None:
        return "missing"
    if isinstance(cell, str):
        return with_unit(cell, unit)
    # Without a unit a number may be a year or a code, which takes no commas.
    is_long = bool(unit) and cell.is_integer() and 10_000 <= abs(cell) < _EXACT
    return with_unit(f"{int(cell):,}" if is_long else format_number(cell), unit)


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One column: numbers, or codes into levels of text.

    Args:
        name: what the column is called.
        numbers: shape (rows,), NaN where the cell is missing; None for a column of text.
        codes: shape (rows,), the index of each cell's level, -1 where missing; empty for numbers.
        levels: the different texts, in the order of their first appearance.
        unread: (row, text) of cells in a column of numbers that hold other text; they count as
            missing, and whoever uses the column says so. Rows count from 0.
    """

    name: str
    numbers: FloatArray | None = None
    codes: IntArray = field(default_factory=lambda: np.empty(0, dtype=np.int32))
    levels: tuple[str, ...] = ()
    unread: tuple[tuple[int, str], ...] = ()

    def __len__(self) -> int:
        return len(self.missing)

    @property
    def is_number(self) -> bool:
        """Whether the cells are numbers."""
        return self.numbers is not None

    @property
    def values(self) -> FloatArray:
        """The numbers that are there: shape (rows that have one,).

        Raises:
            ColumnError: if the cells are text.
        """
        if self.numbers is None:
            raise ColumnError(f"Column '{self.name}' holds text, and numbers were wanted.")
        return self.numbers[~np.isnan(self.numbers)]

    @property
    def missing(self) -> BoolArray:
        """Which cells are missing: shape (rows,)."""
        if self.numbers is not None:
            return np.isnan(self.numbers)
        return self.codes < 0

    def cell(self, row: int) -> Cell:
        """The cell of a row (from 0): a float, a text, or None where it is missing."""
        if self.numbers is not None:
            number = float(self.numbers[row])
            return None if np.isnan(number) else number
        code = int(self.codes[row])
        return None if code < 0 else self.levels[code]

    def cells(self) -> list[Cell]:
        """All cells, as `cell` gives them."""
        return [self.cell(row) for row in range(len(self))]

    def text(self, row: int) -> str:
        """The cell of a row (from 0) as a person writes it; "" where it is missing."""
        cell = self.cell(row)
        if cell is None:
            return ""
        return format_number(cell) if isinstance(cell, float) else cell

    def take(self, rows: Rows) -> Column:
        """The column with only these rows (from 0), in this order."""
        texts = dict(self.unread)
        strays = np.flatnonzero(np.isin(rows, list(texts))) if texts else ()
        return replace(
            self,
            numbers=None if self.numbers is None else self.numbers[rows],
            codes=self.codes if self.is_number else self.codes[rows],
            unread=tuple((int(new), texts[int(rows[new])]) for new in strays),
        )

    def as_text(self) -> Column:
        """The column with its numbers written as text; a column of text is returned as it is."""
        if self.numbers is None:
            return self
        missing = self.missing
        values, inverse = np.unique(self.numbers[~missing], return_inverse=True)
        codes = np.full(len(self), -1, dtype=np.int32)
        codes[~missing] = inverse
        return Column(self.name, codes=codes, levels=tuple(map(format_number, values.tolist())))

    def different(self) -> tuple[str, ...]:
        """The different cells as text: numbers by size, texts by first appearance."""
        if self.numbers is None:
            return self.used_levels()[1]
        return tuple(map(format_number, np.unique(self.values).tolist()))

    def used_levels(self) -> tuple[IntArray, tuple[str, ...]]:
        """Codes and levels with only the levels that occur, in the order of first appearance."""
        present = self.codes[self.codes >= 0]
        kept, first = np.unique(present, return_index=True)
        kept = kept[np.argsort(first)]
        renumber = np.full(len(self.levels) + 1, -1, dtype=np.int32)
        renumber[kept] = np.arange(len(kept), dtype=np.int32)
        return renumber[self.codes], tuple(self.levels[code] for code in kept)


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Named columns of one length.

    Args:
        data: the columns, in order.
        source: where the table came from, in words for messages: "students.csv".
        units: units of the columns that have one: {"hours_studied": "h"}.
        is_named: whether the names were the table's own; otherwise they are c1, c2, … by position.

    Example:
        >>> import numpy as np
        >>> table = Table(
        ...     (Column("hours", numbers=np.array([10.0, 7.5])),), "notes", {"hours": "h"}
        ... )
        >>> len(table), table.columns, table.row(1)
        (2, ['hours'], {'hours': 7.5})
    """

    data: tuple[Column, ...]
    source: str = "table"
    units: Mapping[str, str] = field(default_factory=dict)
    is_named: bool = True

    def __len__(self) -> int:
        return len(self.data[0]) if self.data else 0

    @property
    def columns(self) -> list[str]:
        """The names of the columns, in order."""
        return [column.name for column in self.data]

    def __contains__(self, name: object) -> bool:
        return name in self.columns

    def column(self, name: str) -> Column:
        """The column of that name.

        Raises:
            ColumnError: if there is none; the message names the nearest.
        """
        for column in self.data:
            if column.name == name:
                return column
        known = ", ".join(self.columns[:12]) + (", …" if len(self.data) > 12 else "")
        raise ColumnError(
            f"{self.source} has no column '{name}'.{did_you_mean(name, self.columns)} "
            f"Its columns are: {known}."
        )

    def row(self, row: int) -> dict[str, Cell]:
        """The cells of a row (from 0) by column name."""
        return {column.name: column.cell(row) for column in self.data}

    def cell_text(self, row: int, name: str) -> str:
        """A cell as a person reads it, with its unit: "10 h"; "missing" where it is missing."""
        return show_cell(self.column(name).cell(row), self.units.get(name, ""))

    def take(self, rows: Sequence[int] | Rows) -> Table:
        """The table with only these rows (from 0), in this order."""
        index = np.asarray(rows, dtype=np.int64)
        return replace(self, data=tuple(column.take(index) for column in self.data))

    def select(self, names: Sequence[str]) -> Table:
        """The table with only these columns, in this order."""
        return replace(self, data=tuple(self.column(name) for name in names))

    def fingerprint(self) -> str:
        """SHA-256 over the columns' names and cells, whatever file or frame they came from."""
        digest = hashlib.sha256(f"{len(self)} rows".encode())
        for column in self.data:
            if column.numbers is not None:
                # One spelling for every NaN and for both zeros.
                numbers = np.where(column.missing, np.nan, column.numbers + 0.0)
                parts = [b"numbers", numbers.astype("<f8").tobytes()]
            else:
                codes, levels = column.used_levels()
                parts = [
                    b"text",
                    *(level.encode() for level in levels),
                    codes.astype("<i4").tobytes(),
                ]
            for part in (column.name.encode(), *parts):
                digest.update(len(part).to_bytes(8, "little"))
                digest.update(part)
        return digest.hexdigest()


def checked(table: Table) -> Table:
    """The table itself, if it has rows and columns and each column a name of its own.

    Raises:
        TableError: if not.
    """
    if not table.data:
        raise TableError(f"{table.source} has no columns; a table needs at least one.")
    if len(table) == 0:
        raise TableError(f"{table.source} has no rows; a table needs at least one.")
    twice = sorted({name for name in table.columns if table.columns.count(name) > 1})
    if twice:
        raise TableError(
            f"{table.source} has two columns called '{twice[0]}'; "
            f"every column needs a name of its own."
        )
    return table
