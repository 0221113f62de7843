"""What is predicted: from cells to the numbers that a loss reads, and from outputs back to words.

Which kind of question a column asks is decided in `kinds`.
"""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from pellucid.data.cells import parse_number
from pellucid.data.kinds import CLASSES, NUMBER, YES_NO, target_kind
from pellucid.data.prepared_columns import check_finite
from pellucid.data.statistics import mean_and_std
from pellucid.data.table import Column, Rows, Table, format_number, with_unit
from pellucid.errors import ColumnError, did_you_mean

# Pairs whose first word is the positive class, whatever their letters' case. For other pairs the
# rarer value is the positive one, because the rare event is what people ask about.
_PAIRS = (
    ("yes", "no"), ("y", "n"), ("true", "false"), ("t", "f"), ("1", "0"), ("1", "-1"),
    ("pass", "fail"), ("passed", "failed"), ("positive", "negative"), ("spam", "ham"),
    ("on", "off"), ("good", "bad"), ("won", "lost"),
)  # fmt: skip
_SHARES_SHOWN = 3
_SAID = {"0": "no", "1": "yes", "false": "no", "true": "yes"}


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """What is predicted; plain data, so msgspec writes it as JSON and back.

    Args:
        name: the column.
        kind: 'yes/no', 'classes' or 'number'.
        reason: why it is of that kind, in words.
        classes: the values as the table writes them; of yes/no first the negative, then the
            positive one; empty for a number.
        labels: the same as people say them: 0 and 1, False and True become no and yes.
        counts: usable rows of each class.
        rows: usable rows (those with a target).
        dropped: rows without a target.
        mean, std: of the training rows, for a number; outputs are standardised by them. Before
            `fit` they are 0 and 1.
        low, high: the range in the usable rows, and after `fit` in the training rows.
        unit: of a number.
    """

    name: str
    kind: str
    reason: str
    rows: int
    dropped: int
    classes: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()
    mean: float = 0.0
    std: float = 1.0
    low: float = 0.0
    high: float = 0.0
    unit: str = ""

    @classmethod
    def of(cls, table: Table, name: str, kind: str | None = None) -> Target:
        """What the column of that name asks, seen over all rows that have a value in it.

        Args:
            table: the whole table.
            name: the column to predict.
            kind: 'yes/no', 'classes' or 'number' where it is not to be guessed.

        Raises:
            ColumnError: if there is no such column, no value or one value only in it, an infinite
                number, or text that never comes twice.
            InputError: if the kind that is wanted does not fit.

        Example:
            >>> from pellucid.data.reading import read_table
            >>> target = Target.of(read_table({"x": [1, 2, 3], "passed": [0, 1, 0]}), "passed")
            >>> target.kind, target.labels, target.summary()
            ('yes/no', ('no', 'yes'), 'yes 33 %, no 67 %')
        """
        column = table.column(name)
        rows = usable_rows(table, name)
        if len(rows) == 0:
            raise ColumnError(
                f"'{name}' is missing in every row of {table.source}, so there is nothing to "
                f"learn; choose another target."
            )
        if len(rows) == 1:
            raise ColumnError(
                f"{table.source} has one row with a '{name}', and at least 3 are needed: one to "
                f"learn from, one to choose the best epoch, one never seen; add rows."
            )
        if column.numbers is not None:
            check_finite(name, column.numbers)
        present = column.take(rows)
        decided = target_kind(present, kind)
        target = cls(
            name=name,
            kind=decided.kind,
            reason=decided.reason,
            rows=len(rows),
            dropped=len(table) - len(rows),
            unit=table.units.get(name, ""),
        )
        if decided.kind == NUMBER:
            low, high = float(present.values.min()), float(present.values.max())
            return msgspec.structs.replace(target, low=low, high=high)
        classes, counts = _classes(present, decided.kind)
        return msgspec.structs.replace(
            target, classes=classes, labels=_labels(classes), counts=counts
        )

    def fit(self, table: Table, rows: Rows) -> Target:
        """The same target with mean, std and range of these training rows, for a number."""
        if self.kind == NUMBER:
            values = table.column(self.name).take(rows).values
            mean, std = mean_and_std(values)
            return msgspec.structs.replace(
                self, mean=mean, std=std, low=float(values.min()), high=float(values.max())
            )
        return self

    @property
    def outputs(self) -> int:
        """How many outputs a network needs for it: one, or one per class."""
        return len(self.classes) if self.kind == CLASSES else 1

    @property
    def output_names(self) -> list[str]:
        """The name of each output: the column's name, or the class's."""
        return list(self.labels) if self.kind == CLASSES else [self.name]

    @property
    def positive(self) -> str:
        """The label of the class whose probability a yes/no output gives."""
        return self.labels[1]

    def shares(self) -> list[tuple[str, float]]:
        """Each class's label and its share of the usable rows, 0 to 1; of yes/no yes first."""
        pairs = list(zip(self.labels, (count / self.rows for count in self.counts), strict=True))
        return pairs[::-1] if self.kind == YES_NO else pairs

    def summary(self) -> str:
        """The shares, or the range of a number: "yes 35 %, no 65 %", "41,000 € to 879,000 €"."""
        if self.kind == NUMBER:
            low, high = self.say(self.low), self.say(self.high)
            return f"{low} to {high}"
        shares = self.shares()
        if len(shares) > _SHARES_SHOWN:
            label, share = max(shares, key=lambda pair: pair[1])
            return f"{len(shares)} classes, {_percent(share)} {label}"
        return ", ".join(f"{label} {_percent(share)}" for label, share in shares)

    def encode(
        self, table: Table, rows: Rows | None = None, dtype: Any = np.float32
    ) -> np.ndarray[Any, Any]:
        """The targets of rows as a loss wants them.

        Args:
            table: a table with the target's column.
            rows: which rows (from 0), each with a target; all by default.
            dtype: of the numbers; classes are int64 always.

        Returns:
            yes/no: shape (n, 1) of 0 and 1; classes: shape (n,) int64; number: shape (n, 1),
            standardised by the training rows.

        Raises:
            ColumnError: if a target is missing, of an unknown class or no number; names the row.
        """
        index = np.arange(len(table)) if rows is None else np.asarray(rows)
        column = table.column(self.name).take(index)
        for position in np.flatnonzero(column.missing)[:1]:
            raise ColumnError(
                f"Row {int(index[position]) + 1} has no '{self.name}'; leave such rows out."
            )
        if self.kind == NUMBER:
            numbers = self._numbers(column, index)
            return ((numbers - self.mean) / self.std).astype(dtype).reshape(-1, 1)
        codes = self._codes(column, index)
        return codes if self.kind == CLASSES else codes.astype(dtype).reshape(-1, 1)

    def _numbers(self, column: Column, index: Rows) -> np.ndarray[Any, Any]:
        if column.numbers is None:
            text = column.text(0)
            raise ColumnError(
                f"Row {int(index[0]) + 1} of column '{self.name}' holds '{text}', and a number was "
                f"wanted; mend the column."
            )
        check_finite(self.name, column.numbers, index)
        return column.numbers

    def _codes(self, column: Column, index: Rows) -> np.ndarray[Any, np.dtype[np.int64]]:
        text = column.as_text()
        where = {label: code for code, label in enumerate(self.labels)}
        where |= {name: code for code, name in enumerate(self.classes)}
        codes = np.array([where.get(level, -1) for level in text.levels], dtype=np.int64)[
            text.codes
        ]
        for position in np.flatnonzero(codes < 0)[:1]:
            known = ", ".join(self.classes[:8])
            raise ColumnError(
                f"Row {int(index[position]) + 1} of column '{self.name}' holds "
                f"'{column.text(int(position))}', which is none of the known classes ({known})."
                f"{did_you_mean(column.text(int(position)), self.classes)}"
            )
        return codes

    def decode(self, outputs: Any) -> list[str] | np.ndarray[Any, np.dtype[np.float64]]:
        """From outputs to what they say.

        Args:
            outputs: yes/no: probabilities of the positive class, shape (n, 1) or (n,), 0.5 and
                more is positive; classes: shape (n, classes), the largest wins; number: shape
                (n, 1) or (n,), standardised.

        Returns:
            Labels, or for a number the values in its unit, float64, shape (n,).
        """
        array = np.asarray(outputs, dtype=np.float64)
        if self.kind == NUMBER:
            return array.reshape(-1) * self.std + self.mean
        codes = array.argmax(axis=-1) if self.kind == CLASSES else array.reshape(-1) >= 0.5
        return [self.labels[int(code)] for code in codes]

    def say(self, value: float) -> str:
        """A number of this target as a person reads it: four digits or more, and the unit."""
        whole = abs(value) >= 1000
        text = (
            f"{value:,.0f}" if whole and abs(value) < 1e12 else format_number(float(f"{value:.4g}"))
        )
        return with_unit(text, self.unit)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def usable_rows(table: Table, target: str) -> Rows:
    """The rows (from 0) that have a target: shape (n,), ascending."""
    return np.flatnonzero(~table.column(target).missing)


def _classes(column: Column, kind: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The classes and how many rows each has; numbers by size, words by the alphabet."""
    codes, levels = column.as_text().used_levels()
    counts = np.bincount(codes, minlength=len(levels)).tolist()
    order = sorted(range(len(levels)), key=lambda code: _sort_key(levels[code]))
    if kind == YES_NO:
        first, second = order
        if _is_positive(levels, counts, first, second):
            order = [second, first]
    return tuple(levels[code] for code in order), tuple(counts[code] for code in order)


def _is_positive(levels: tuple[str, ...], counts: list[int], one: int, other: int) -> bool:
    """Whether class `one` is the positive one of the pair."""
    pair = (levels[one].casefold(), levels[other].casefold())
    if pair in _PAIRS:
        return True
    return pair[::-1] not in _PAIRS and counts[one] < counts[other]


def _sort_key(level: str) -> tuple[bool, float, str]:
    number = parse_number(level)
    return number is None, number or 0.0, level


def _labels(classes: tuple[str, ...]) -> tuple[str, ...]:
    folded = tuple(name.casefold() for name in classes)
    if folded in (("0", "1"), ("false", "true")):
        return tuple(_SAID[name] for name in folded)
    return classes
