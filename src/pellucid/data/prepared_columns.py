"""What training rows taught about each column, and how its cells become inputs.

One record per column, so that a preparation is plain data: it is stored with the model as JSON.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec
import numpy as np

from pellucid.data.cells import parse_number
from pellucid.data.statistics import mean_and_std
from pellucid.data.table import BoolArray, Column, FloatArray, IntArray, format_number, with_unit
from pellucid.errors import ColumnError

# More levels than this, and the rarest share one input: a thousand places would make a thousand
# inputs, most of them seen too rarely to learn from. Our own choice.
MOST_LEVELS = 100
OTHER = "(other)"


class NumberColumn(msgspec.Struct, frozen=True, kw_only=True, tag="number"):
    """A standardised column: input = (cell - mean) / std; a missing cell counts as the mean.

    `missing` counts the training rows without a value (from one on, there is an input for it),
    `low` and `high` are the range of the others, and `words` are texts read as missing.
    """

    name: str
    mean: float
    std: float
    low: float
    high: float
    missing: int = 0
    words: tuple[str, ...] = ()
    unit: str = ""
    reason: str = ""

    def input_names(self) -> list[str]:
        """The names of its inputs: the number, and `NAME missing` where training rows had gaps."""
        return [self.name, f"{self.name} missing"] if self.missing else [self.name]

    def read(self, column: Column) -> FloatArray:
        """The cells as numbers, shape (rows,), NaN where missing.

        Raises:
            ColumnError: if a cell holds other text or an infinite number; names row and cell.
        """
        numbers = column.numbers
        if numbers is None:
            numbers = self._read_text(column)
        for row, word in column.unread:
            if word not in self.words:
                raise ColumnError(_not_a_number(self.name, row, word))
        check_finite(self.name, numbers)
        return numbers

    def _read_text(self, column: Column) -> FloatArray:
        numbers = [parse_number(level) for level in column.levels]
        is_word = np.array(
            [n is None and t not in self.words for n, t in zip(numbers, column.levels, strict=True)]
            + [False]
        )
        for row in np.flatnonzero(is_word[column.codes])[:1]:
            raise ColumnError(_not_a_number(self.name, int(row), column.text(int(row))))
        values = np.array([np.nan if n is None else n for n in numbers] + [np.nan])
        return values[column.codes]

    def fill(self, column: Column, out: Any) -> None:
        """Write the inputs of all rows into `out`, shape (rows, inputs).

        Raises:
            ColumnError: as `read`, and if an input is too large for the type of `out`.
        """
        numbers = self.read(column)
        missing = np.isnan(numbers)
        # Elementwise in float64 and rounded once: a row's inputs do not depend on other rows.
        with np.errstate(over="ignore"):
            inputs = np.where(missing, 0.0, (numbers - self.mean) / self.std)
        for row in np.flatnonzero(np.abs(inputs) > np.finfo(out.dtype).max)[:1]:
            between = f"{format_number(self.low)} to {format_number(self.high)}"
            raise ColumnError(
                f"Row {int(row) + 1} of column '{self.name}' holds {format_number(numbers[row])}, "
                f"too far from the training rows ({between}) to be computed with; mend the cell."
            )
        out[:, 0] = inputs
        if self.missing:
            out[:, 1] = missing

    def warnings(self, column: Column) -> list[str]:
        """Cells that can be prepared but mean less than they say, in words."""
        numbers = self.read(column)
        # Told of a single row only: among many some always lie a little outside, and mean no slip.
        if len(numbers) == 1 and (numbers[0] < self.low or numbers[0] > self.high):
            low, high, number = (_signed(each) for each in (self.low, self.high, numbers[0]))
            return [
                f"{self.name} {number} lies outside what the network learnt from: "
                f"{low} to {with_unit(high, self.unit)}."
            ]
        count = int(np.isnan(numbers).sum())
        if self.missing or not count:
            return []
        mean = with_unit(f"{self.mean:.4g}", self.unit)
        return [
            f"{self.name} is missing in {_rows(count)}, which no training row was; "
            f"it counts as the mean, {mean}."
        ]


class CategoryColumn(msgspec.Struct, frozen=True, kw_only=True, tag="category"):
    """A column with one input per level, 1 for the row's level and 0 for the others.

    `levels` have an input each and `counts` training rows each; `others` are rarer levels that
    share one; `missing` counts the training rows without a value, which are a level of their own.
    """

    name: str
    levels: tuple[str, ...]
    counts: tuple[int, ...]
    others: tuple[str, ...] = ()
    missing: int = 0
    unit: str = ""
    reason: str = ""

    def input_names(self) -> list[str]:
        """`NAME=LEVEL` per level, then `NAME=(other)` and `NAME missing` where there are such."""
        names = [f"{self.name}={level}" for level in self.levels]
        names += [f"{self.name}={OTHER}"] if self.others else []
        return names + ([f"{self.name} missing"] if self.missing else [])

    def known(self) -> tuple[str, ...]:
        """Every level that training rows showed."""
        return self.levels + self.others

    def places(self, column: Column) -> tuple[IntArray, BoolArray]:
        """Which input each row switches on (-1: none), and which rows have an unknown level."""
        text = column.as_text()
        where = {level: place for place, level in enumerate(self.levels)}
        where |= dict.fromkeys(self.others, len(self.levels))
        after = len(self.levels) + bool(self.others)
        unknown_place = len(self.levels) if self.others else -1
        places = [where.get(level, unknown_place) for level in text.levels]
        unknown = [level not in where for level in text.levels]
        return (
            np.array([*places, after if self.missing else -1], dtype=np.int32)[text.codes],
            np.array([*unknown, False])[text.codes],
        )

    def fill(self, column: Column, out: Any) -> None:
        """Write the inputs of all rows into `out`, shape (rows, inputs)."""
        places, _ = self.places(column)
        out[...] = places[:, np.newaxis] == np.arange(out.shape[1])

    def warnings(self, column: Column) -> list[str]:
        """Cells that can be prepared but mean less than they say, in words."""
        told = []
        _, unknown = self.places(column)
        rows = np.flatnonzero(unknown)
        if len(rows):
            what = (
                f"counts as {self.name}={OTHER}" if self.others else "counts as none of its levels"
            )
            first = column.text(int(rows[0]))
            told.append(
                f"{self.name} holds a level that no training row had in {_rows(len(rows))} (first "
                f"'{first}' in row {int(rows[0]) + 1}); it {what}."
            )
        missing = int(column.missing.sum())
        if missing and not self.missing:
            told.append(
                f"{self.name} is missing in {_rows(missing)}, which no training row was; "
                f"it counts as none of its levels."
            )
        return told


class LeftOutColumn(msgspec.Struct, frozen=True, kw_only=True, tag="left out"):
    """A column that makes no input, and why."""

    name: str
    reason: str = ""
    unit: str = ""

    def input_names(self) -> list[str]:
        """None."""
        return []


PreparedColumn: TypeAlias = NumberColumn | CategoryColumn | LeftOutColumn


def fit_number(
    column: Column, *, unit: str, reason: str, words: tuple[str, ...] = ()
) -> NumberColumn:
    """What the training rows of a column of numbers teach.

    `words` are texts that other rows of the same table hold; they too count as missing.
    """
    values = column.values
    mean, std = mean_and_std(values)
    return NumberColumn(
        name=column.name,
        mean=mean,
        std=std,
        low=float(values.min()),
        high=float(values.max()),
        missing=len(column) - len(values),
        words=tuple(sorted({*words, *(text for _, text in column.unread)})),
        unit=unit,
        reason=reason,
    )


def fit_category(column: Column, *, unit: str, reason: str) -> CategoryColumn:
    """What the training rows of a column of categories teach; levels are sorted."""
    codes, levels = column.as_text().used_levels()
    counts = np.bincount(codes[codes >= 0], minlength=len(levels)).tolist()
    ranked = sorted(range(len(levels)), key=lambda level: (-counts[level], levels[level]))
    most = MOST_LEVELS - 1 if len(levels) > MOST_LEVELS else len(levels)
    kept = sorted(ranked[:most], key=lambda level: _sort_key(levels[level]))
    return CategoryColumn(
        name=column.name,
        levels=tuple(levels[level] for level in kept),
        counts=tuple(counts[level] for level in kept),
        others=tuple(sorted(levels[level] for level in ranked[most:])),
        missing=int((codes < 0).sum()),
        unit=unit,
        reason=reason,
    )


def _sort_key(level: str) -> tuple[bool, float, str]:
    """Numbers by size, then words by the alphabet."""
    number = parse_number(level)
    return number is None, number or 0.0, level


def check_finite(name: str, numbers: FloatArray, rows: Any = None) -> None:
    """Raise a ColumnError that names the first row (from 1) with an infinite number, if any.

    `rows` says which row of the table (from 0) each number stands in; by default its position.
    """
    for position in np.flatnonzero(np.isinf(numbers))[:1]:
        row = int(position if rows is None else rows[position])
        raise ColumnError(
            f"Row {row + 1} of column '{name}' holds an infinite number "
            f"({format_number(numbers[position])}); every number must be finite: mend the cell or "
            f"leave it empty."
        )


def _signed(number: float) -> str:
    return format_number(number).replace("-", "−", 1)


def _not_a_number(name: str, row: int, text: str) -> str:
    return (
        f"Row {row + 1} of column '{name}' holds '{text}', and a number was wanted; "
        f"mend the cell or leave it empty."
    )


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"
