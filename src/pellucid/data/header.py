"""The line of names above a text table: whether it can be one, and what to do where there is none.

How lines become cells is in `delimited`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

from pellucid.data.cells import parse_number
from pellucid.data.table import Table
from pellucid.errors import TableError


def counted_names(width: int) -> list[str]:
    """The names of columns that have none of their own.

    Example:
        >>> counted_names(3)
        ['c1', 'c2', 'c3']
    """
    return [f"c{number}" for number in range(1, width + 1)]


def check_names(names: list[str], source: str, line: int) -> None:
    """Raise a TableError unless the first line can name the columns: no values, none twice."""
    # "inf" spells a number and may be a name.
    numbers = [n for name in names if (n := parse_number(name)) is not None and math.isfinite(n)]
    counting = all(n.is_integer() for n in numbers) and all(
        low < high for low, high in itertools.pairwise(numbers)
    )
    if (numbers and not counting) or "?" in names:
        wanted = _shorten(",".join(counted_names(len(names))))
        raise TableError(
            f"{source}, line {line}: the first line must name the columns, and it holds values "
            f"({', '.join(names[:4])}, …); add a line of names such as {wanted} above it, or "
            f"{_without_header(source, len(names))}."
        )
    seen: dict[str, int] = {}
    for position, name in enumerate(names, start=1):
        if name in seen:
            raise TableError(
                f"{source}, line {line}: columns {seen[name]} and {position} are both called "
                f"'{name}'; every column needs a name of its own (if this line holds values, add "
                f"a line of names above it, or {_without_header(source, len(names))})."
            )
        seen[name] = position


def check_repeated(table: Table, text: str, records: Callable[[str], Iterator[list[str]]]) -> None:
    """Raise a TableError if the line of names comes again, as in files put one behind the other.

    Args:
        table: what was read from the text.
        text: of the whole file.
        records: gives the rows of a text, and counts lines as Python's `csv.reader` does.
    """
    if not all(column.name in column.levels for column in table.data):
        return
    reader: Any = records(text)
    line = 1
    for row in reader:
        if line > 1 and [cell.strip() for cell in row] == table.columns:
            raise TableError(
                f"{table.source}, line {line}: the line of names comes again; take it out."
            )
        line = reader.line_num + 1


def doubt_of_names(table: Table) -> str:
    """Why the line of names may be a row, as a sentence with the cure; empty if nothing says so.

    Example:
        >>> from pellucid.data.reading import read_table
        >>> told = doubt_of_names(read_table({"ham": ["spam", "ham"], "Hi!": ["Win!", "Bye"]}))
        >>> told.partition(";")[0]
        "The first line of the table was taken for names, and 'ham' stands in its column, too"
    """
    if not table.is_named:
        return ""
    for column in table.data:
        if column.name in column.levels:
            return (
                f"The first line of {table.source} was taken for names, and '{column.name}' stands "
                f"in its column, too; if it is a row, {_without_header('', 0)}."
            )
    return ""


def _without_header(source: str, width: int) -> str:
    """What to type for a file without a line of names; c1 … are its columns then."""
    python = f"pellucid.fit({source!r}, 'c{width}', header=False)" if source else "header=False"
    return f"say that there is none with --no-header (in Python {python})"


def _shorten(text: str) -> str:
    return text if len(text) <= 40 else text[:30] + "…"
