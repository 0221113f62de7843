"""What the text of a cell means: nothing, a number, or a word.

Every door (CSV, frames, lists, a typed row) uses these rules, so that the same cells make the same
column wherever they come from.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

import numpy as np

from pellucid.data.table import Column, FloatArray, IntArray, format_number
from pellucid.errors import ColumnError

# Spellings of "no value". Words such as "none" or "unknown" are not among them: among categories
# they are levels of their own, and among numbers `text_column` notices them by their company.
MISSING = (
    "",
    "?",
    "NA",
    "N/A",
    "n/a",
    "na",
    "#N/A",
    "<NA>",
    "NaN",
    "nan",
    "NAN",
    "NaT",
    "null",
    "NULL",
)
_MISSING = frozenset(MISSING)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?inf(inity)?", re.IGNORECASE)
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")

# A column counts as numbers although a few cells hold words, if nine cells in ten are numbers,
# at most three different words disturb and at least five different numbers are there.
_NUMBER_SHARE = 0.9
_STRAY_WORDS = 3
_LEAST_NUMBERS = 5

_EXACT_INTEGERS = 2**53


def is_missing(text: str) -> bool:
    """Whether a cell's text means that there is no value.

    Example:
        >>> [is_missing(text) for text in ("", "  ", "?", "NA", "0", "none")]
        [True, True, True, True, False, False]
    """
    return text.strip() in _MISSING


def parse_number(text: str, *, decimal_comma: bool = False) -> float | None:
    """The number that a text spells, or None if it spells none.

    Example:
        >>> parse_number(" 1.5e3 "), parse_number("12 km"), parse_number("1,5", decimal_comma=True)
        (1500.0, None, 1.5)
    """
    stripped = text.strip()
    if decimal_comma and _DECIMAL_COMMA.fullmatch(stripped):
        stripped = stripped.replace(",", ".")
    return float(stripped) if _NUMBER.fullmatch(stripped) else None


def text_column(
    name: str, levels: Sequence[str], codes: IntArray, *, decimal_comma: bool = False
) -> Column:
    """A column from texts: of numbers where the texts are numbers, else of text.

    Blanks around a text are dropped, and the spellings in `MISSING` become missing cells.

    Args:
        name: what the column is called.
        levels: the different texts.
        codes: shape (rows,), the index of each cell's text; -1 where there is none.
        decimal_comma: whether 1,5 is a number.

    Returns:
        The column. A few other words among many numbers are listed in its `unread`.
    """
    kept: dict[str, int] = {}
    renumber = np.full(len(levels) + 1, -1, dtype=np.int32)
    for code, level in enumerate(levels):
        text = level.strip()
        if text not in _MISSING:
            renumber[code] = kept.setdefault(text, len(kept))
    codes = renumber[codes]
    texts = tuple(kept)
    numbers = [parse_number(text, decimal_comma=decimal_comma) for text in texts]
    if texts and _are_numbers(numbers, codes):
        return _number_column(name, texts, numbers, codes)
    return Column(name, codes=codes, levels=texts)


def _are_numbers(numbers: Sequence[float | None], codes: IntArray) -> bool:
    """Whether a column of these readings (None: a word) is one of numbers."""
    is_number = np.array([number is not None for number in numbers])
    if is_number.all():
        return True
    counts = np.bincount(codes[codes >= 0], minlength=len(numbers))
    return (
        int(is_number.sum()) >= _LEAST_NUMBERS
        and int((~is_number).sum()) <= _STRAY_WORDS
        and int(counts[is_number].sum()) >= _NUMBER_SHARE * int(counts.sum())
    )


def _number_column(
    name: str, texts: Sequence[str], numbers: Sequence[float | None], codes: IntArray
) -> Column:
    values = np.array([math.nan if n is None else n for n in numbers] + [math.nan])
    # Long codes such as account numbers would lose their last digits as numbers.
    if any(
        n and abs(n) > _EXACT_INTEGERS and t.isdigit() for n, t in zip(numbers, texts, strict=True)
    ):
        return Column(name, codes=codes, levels=tuple(texts))
    strays = np.array([number is None for number in numbers] + [False])
    unread = tuple((int(row), texts[codes[row]]) for row in np.flatnonzero(strays[codes]))
    return Column(name, numbers=values[codes], unread=unread)


def number_column(name: str, numbers: FloatArray) -> Column:
    """A column of numbers from an array in which NaN means missing."""
    return Column(name, numbers=np.ascontiguousarray(numbers, dtype=np.float64))


def cell_column(name: str, cells: Iterable[object]) -> Column:
    """A column from Python values: numbers, texts, True and False, None.

    Raises:
        ColumnError: if a value is none of these; the message names its row.

    Example:
        >>> cell_column("age", [3, "4", None]).cells()
        [3.0, 4.0, None]
        >>> cell_column("city", ["Paris", "?", "Rome"]).cells()
        ['Paris', None, 'Rome']
    """
    if isinstance(cells, np.ndarray) and cells.dtype.kind in "fiu" and cells.ndim == 1:
        numbers = cells.astype(np.float64)
        if cells.dtype.kind == "f" or np.all(np.abs(numbers) <= _EXACT_INTEGERS):
            return number_column(name, numbers)
    seen: dict[str, int] = {}
    codes = [
        seen.setdefault(_cell_text(name, row, cell), len(seen)) for row, cell in enumerate(cells)
    ]
    return text_column(name, tuple(seen), np.array(codes, dtype=np.int32))


def _cell_text(name: str, row: int, cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, np.generic):
        cell = cell.item()
    if isinstance(cell, bool | str | int):
        return str(cell)
    if isinstance(cell, float):
        return format_number(cell) if math.isfinite(cell) else str(cell)
    if hasattr(cell, "isoformat"):
        return str(cell.isoformat())
    if isinstance(cell, Decimal | Fraction):
        return format_number(float(cell))
    raise ColumnError(
        f"Row {row + 1} of column '{name}' holds a {type(cell).__name__}, which is neither a "
        f"number nor a text; leave the column out or turn its cells into numbers or texts."
    )
