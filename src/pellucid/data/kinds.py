"""What a column is: a number, a category or of no use, and what kind of question a target asks.

Every decision comes with its reason in words, and every decision can be overridden. The rules look
at cells and names only; how a column becomes inputs is told in `preparation`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pellucid.data.table import Column, FloatArray, Table, format_number
from pellucid.errors import ColumnError, InputError, did_you_mean

NUMBER = "number"
CATEGORY = "category"
LEFT_OUT = "left out"
COLUMN_KINDS = (NUMBER, CATEGORY, LEFT_OUT)

YES_NO = "yes/no"
CLASSES = "classes"
TARGET_KINDS = (YES_NO, CLASSES, NUMBER)

# Text is of no use if more than half of the cells differ, where more than ten differ: names,
# tickets, free text. Our own choice, looked at on a dozen public tables.
_DIFFERENT_SHARE = 0.5
_DIFFERENT_LEAST = 10
# Whole numbers ask for a class if at most ten differ and each stands for five rows or more.
_CLASSES_MOST = 10
_ROWS_PER_CLASS = 5
# Fewer rows than this are not taken for a count of the rows unless the column's name says so.
_COUNT_LEAST = 30
_SHOWN_TEXT = 20  # characters of a cell in a list of columns

_ID_NAME = re.compile(r"(^|[_ .-])(id|index|idx|key|nr|no|uuid|row|rownames)$", re.IGNORECASE)
_ID_CAMEL = re.compile(r"[a-z](Id|ID|Nr|No|Index|Key)$")
_DATE = re.compile(
    r"(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4})([T ]\d{1,2}:\d\d.*)?"
    r"|\d{1,2}:\d\d(:\d\d(\.\d+)?)?"
)


@dataclass(frozen=True, slots=True)
class ColumnKind:
    """A column's kind ('number', 'category' or 'left out') and the reason in words."""

    name: str
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class TargetKind:
    """A target's kind ('yes/no', 'classes' or 'number') and the reason in words."""

    name: str
    kind: str
    reason: str


def column_kinds(
    table: Table, target: str, overrides: Mapping[str, str] | None = None
) -> tuple[ColumnKind, ...]:
    """The kind of every column but the target, in the table's order.

    Args:
        table: the training rows only, in their order.
        target: the column that is not an input.
        overrides: kinds by column name that are wanted whatever the cells look like.

    Raises:
        ColumnError: if an override names no column or asks for numbers where there is text.
    """
    wanted = dict(overrides or {})
    for name, kind in wanted.items():
        table.column(name)
        if kind not in COLUMN_KINDS:
            raise InputError(
                f"The kind of '{name}' must be one of {', '.join(COLUMN_KINDS)}. Got '{kind}'."
                f"{did_you_mean(kind, COLUMN_KINDS)}"
            )
    return tuple(
        column_kind(column, wanted.get(column.name))
        for column in table.data
        if column.name != target
    )


def column_kind(column: Column, wanted: str | None = None) -> ColumnKind:
    """The kind of one column and the reason.

    Example:
        >>> from pellucid.data.cells import cell_column
        >>> column_kind(cell_column("hours", [10, 7.5, "?"]))
        ColumnKind(name='hours', kind='number', reason='numbers from 7.5 to 10, 1 missing')
        >>> column_kind(cell_column("city", ["Rome", "Paris", "Rome"])).reason
        '2 different: Paris, Rome'
        >>> column_kind(cell_column("country", ["Italy"] * 3)).reason
        "every cell is 'Italy'"
    """
    if wanted == LEFT_OUT:
        return ColumnKind(column.name, LEFT_OUT, "as asked")
    present = int((~column.missing).sum())
    if present == 0:
        return ColumnKind(column.name, LEFT_OUT, "every cell is missing")
    if wanted == NUMBER:
        if not column.is_number:
            row = int(np.flatnonzero(~column.missing)[0])
            raise ColumnError(
                f"Column '{column.name}' is wanted as numbers, and it holds text such as "
                f"'{column.text(row)}' (row {row + 1}); leave it as a category or mend its cells."
            )
        return ColumnKind(column.name, NUMBER, _number_words(column))
    if column.numbers is not None and wanted != CATEGORY:
        return _kind_of_numbers(column, column.numbers)
    return _kind_of_text(column, forced=wanted == CATEGORY)


def _kind_of_numbers(column: Column, numbers: FloatArray) -> ColumnKind:
    values = numbers[~np.isnan(numbers)]
    first = format_number(values[0])
    if np.all(values == values[0]):
        if len(values) == len(numbers):
            return ColumnKind(column.name, LEFT_OUT, f"every cell is {first}")
        return ColumnKind(column.name, CATEGORY, f"every cell is {first} or missing")
    if _counts_rows(column, values):
        return ColumnKind(column.name, LEFT_OUT, "it only numbers the rows")
    return ColumnKind(column.name, NUMBER, _number_words(column))


def _counts_rows(column: Column, values: FloatArray) -> bool:
    """Whether the numbers only say which row it is: by their name, or because they count up."""
    if len(values) < len(column) or np.any(values != np.floor(values)):
        return False
    if _ID_NAME.search(column.name) or _ID_CAMEL.search(column.name):
        return len(np.unique(values)) == len(values)
    # Small tables are often sorted by hand, and years count up too, so both are let through.
    # Rows that were dealt out for testing leave gaps, so counting to twice the rows will do.
    counts_up = bool(np.all(np.diff(values) > 0))
    return (
        len(values) >= _COUNT_LEAST
        and counts_up
        and values[0] >= 0
        and values[-1] <= 2 * len(values)
    )


def _kind_of_text(column: Column, *, forced: bool) -> ColumnKind:
    codes, levels = column.as_text().used_levels()
    present = int((codes >= 0).sum())
    different = len(levels)
    if different == 1 and present == len(column):
        return ColumnKind(column.name, LEFT_OUT, f"every cell is '{levels[0]}'")
    if not forced:
        if all(_DATE.fullmatch(level) for level in levels):
            return ColumnKind(column.name, LEFT_OUT, "dates and times are not used yet")
        if different > max(_DIFFERENT_LEAST, _DIFFERENT_SHARE * present):
            words = (
                f"text with {different:,} different values in {present:,} cells: a name or a note"
            )
            return ColumnKind(column.name, LEFT_OUT, words)
    shown = ", ".join(sorted(levels)[:3]) + (", …" if different > 3 else "")
    return ColumnKind(
        column.name, CATEGORY, f"{different:,} different: {shown}" + _missing_words(column)
    )


def _number_words(column: Column) -> str:
    values = column.values
    words = f"numbers from {format_number(values.min())} to {format_number(values.max())}"
    if column.unread:
        odd = sorted({text for _, text in column.unread})
        words += f", {' and '.join(repr(text) for text in odd)} read as missing"
    return words + _missing_words(column)


def gap_words(column: Column) -> str:
    """Name a column with gaps for a list of such; text among its numbers is named by cell and row.

    Example:
        >>> from pellucid.data.cells import cell_column
        >>> gap_words(cell_column("age", [30, None, 41]))
        'age'
        >>> gap_words(cell_column("age", [*range(30), "oops"]))
        "age (1 cell is no number: 'oops', row 31)"
    """
    if not column.unread:
        return column.name
    row, text = column.unread[0]
    shown = text if len(text) <= _SHOWN_TEXT else f"{text[: _SHOWN_TEXT - 1]}…"
    count = len(column.unread)
    cells = "1 cell is no number:" if count == 1 else f"{count:,} cells are no numbers, first"
    return f"{column.name} ({cells} '{shown}', row {row + 1})"


def _missing_words(column: Column) -> str:
    count = int(column.missing.sum())
    return f", {count:,} missing" if count else ""


def target_kind(column: Column, wanted: str | None = None) -> TargetKind:
    """What kind of question the target column asks, and the reason.

    Two different values make 'yes/no'; text, or at most ten different whole numbers that each
    stand for five rows or more, make 'classes'; other numbers make 'number'.

    Args:
        column: the target's cells in the usable rows, none missing.
        wanted: the kind to take instead.

    Raises:
        ColumnError: if there is nothing to learn (one value only), or text that never comes twice.
        InputError: if the kind that is wanted does not fit the cells.

    Example:
        >>> from pellucid.data.cells import cell_column
        >>> target_kind(cell_column("passed", [0, 1, 1])).kind
        'yes/no'
        >>> target_kind(cell_column("price", [210.5, 180.0, 99.9])).kind
        'number'
    """
    name = column.name
    if wanted is not None and wanted not in TARGET_KINDS:
        raise InputError(
            f"The kind of target must be one of {', '.join(TARGET_KINDS)}. Got '{wanted}'."
            f"{did_you_mean(wanted, TARGET_KINDS)}"
        )
    levels = column.different()
    different = len(levels)
    if different == 1:
        raise ColumnError(
            f"Every row has the same value in '{name}' ('{levels[0]}'), so there is nothing to "
            f"learn; choose another target or add rows with other values."
        )
    if wanted is not None:
        _check_wanted(column, levels, wanted)
        return TargetKind(name, wanted, "as asked")
    if different == 2:
        return TargetKind(name, YES_NO, f"two different values: {', '.join(sorted(levels))}")
    if column.numbers is not None:
        return _kind_of_number_target(name, column.numbers, different)
    if different > max(_DIFFERENT_LEAST, _DIFFERENT_SHARE * len(column)):
        raise ColumnError(
            f"'{name}' holds text with {different:,} different values in {len(column):,} rows (such as "
            f"'{levels[0]}'), so there is nothing to learn; choose a target that repeats, or "
            f"write it as plain numbers."
        )
    return TargetKind(name, CLASSES, f"text with {different:,} different values")


def _kind_of_number_target(name: str, numbers: FloatArray, different: int) -> TargetKind:
    whole = bool(np.all(numbers == np.floor(numbers)))
    if whole and different <= _CLASSES_MOST and len(numbers) >= _ROWS_PER_CLASS * different:
        return TargetKind(name, CLASSES, f"only {different} different whole numbers")
    kind = "whole numbers" if whole else "numbers"
    return TargetKind(name, NUMBER, f"{different:,} different {kind}")


def _check_wanted(column: Column, levels: tuple[str, ...], wanted: str) -> None:
    if wanted == NUMBER and not column.is_number:
        raise InputError(
            f"'{column.name}' is wanted as a number, and it holds text such as '{levels[0]}'; "
            f"predict its classes, or write it as plain numbers."
        )
    if wanted == YES_NO and len(levels) != 2:
        raise InputError(
            f"'{column.name}' is wanted as yes/no, and it has {len(levels):,} different values "
            f"({', '.join(levels[:3])}, …); predict classes or a number instead."
        )
