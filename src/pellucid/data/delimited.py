"""Text tables (CSV, TSV and their kin) read by pyarrow, with errors that name file and line.

pyarrow parses; Python's csv module looks for the line only after pyarrow has refused the file.
What the cells mean is decided in `cells`.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.csv as pyarrow_csv

from pellucid.data.arrow import arrow_column
from pellucid.data.cells import MISSING
from pellucid.data.header import check_names, check_repeated, counted_names
from pellucid.data.table import Table
from pellucid.errors import ColumnError, TableError

DELIMITERS = (",", ";", "\t", "|")
_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}

# A text that no cell holds: pyarrow wants some spelling of true, false and dates, and we want none.
_NEVER = ["\x00"]
_BLOCK = 1 << 24
_MOST_LEVELS = 1000  # above, pyarrow hands over plain texts
_THREADS_FROM = 1 << 23

_TRUNCATED = 60


@dataclass(frozen=True, slots=True)
class _Dialect:
    """What parts the cells, and whether quotation marks may enclose one."""

    delimiter: str
    is_quoted: bool = True

    def records(self, text: str) -> Any:
        """Rows as Python's csv module reads them, for looking at lines one by one."""
        lines = io.StringIO(text, newline="")
        if self.is_quoted:
            return csv.reader(lines, delimiter=self.delimiter, strict=True)
        return csv.reader(lines, delimiter=self.delimiter, quoting=csv.QUOTE_NONE)


class _BadQuotesError(TableError):
    """A quotation mark opens a cell and does not close it as it should."""


_FOREIGN = {
    b"PK\x03\x04": "a spreadsheet or zip file",
    b"\xd0\xcf\x11\xe0": "an old spreadsheet",
    b"\x1f\x8b": "compressed with gzip",
    b"%PDF": "a PDF",
    b"SQLite format 3": "an SQLite database",
    b"\xff\xfe": "written in UTF-16",
    b"\xfe\xff": "written in UTF-16",
}


def read_delimited(
    data: bytes, source: str, *, header: bool = True, delimiter: str | None = None
) -> Table:
    """A table from the bytes of a text file.

    Args:
        data: the whole file: UTF-8, with or without a byte order mark.
        source: what to call the file in messages.
        header: whether the first line names the columns; otherwise they are c1, c2, …
        delimiter: one of , ; tab |; found from the first lines if not given.

    Raises:
        TableError: if the file is no table of rows of one length; the message names the line.
    """
    text = _decode(data, source)
    start = len(text) - len(text.lstrip("\r\n"))
    if not text.strip():
        raise TableError(f"{source} is empty; a table needs a line of names and rows below it.")
    dialect = _Dialect(delimiter or _find_delimiter(text[start:]))
    try:
        names, parsed = _parse(text, start, dialect, source, header=header)
    except _BadQuotesError:
        if dialect.delimiter != "\t":
            raise
        # Many programs write tabs without quoting, so that a quotation mark is only a character.
        dialect = _Dialect("\t", is_quoted=False)
        names, parsed = _parse(text, start, dialect, source, header=header)
    if len(parsed) == 0:
        raise TableError(
            f"{source} holds a line of names and no rows; add at least one row below it."
        )
    decimal_comma = dialect.delimiter != ","
    columns = []
    for name, cells in zip(names, parsed.columns, strict=True):
        try:
            columns.append(arrow_column(name, cells, decimal_comma=decimal_comma))
        except ColumnError as error:
            raise TableError(f"{source}: {error}") from error
    table = Table(tuple(columns), source, is_named=header)
    if header:
        check_repeated(table, text, dialect.records)
    return table


def _decode(data: bytes, source: str) -> str:
    for start, what in _FOREIGN.items():
        if data.startswith(start):
            raise TableError(
                f"{source} is {what}, not a text table; save it as CSV in UTF-8 and try again."
            )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise TableError(
            f"{source}, line {line}: the byte 0x{data[error.start]:02X} is not UTF-8; "
            f"save the file as UTF-8 (in a spreadsheet: 'CSV UTF-8') and try again."
        ) from error
    if "\x00" in text:
        raise TableError(f"{source} is a binary file, not a text table; save it as CSV in UTF-8.")
    return text


def _find_delimiter(text: str) -> str:
    """The delimiter that cuts the first lines into the most rows of one length, then cells."""

    def agreement(delimiter: str) -> tuple[bool, int, int]:
        rows = []
        try:
            for row in _Dialect(delimiter).records(text[:100_000]):
                rows.append(len(row))
                if len(rows) == 20:
                    break
        except csv.Error:
            pass
        width = rows[0] if rows else 0
        return width > 1, sum(each == width for each in rows), width

    return max(DELIMITERS, key=agreement)


def _parse(
    text: str, start: int, dialect: _Dialect, source: str, *, header: bool
) -> tuple[list[str], Any]:
    """The names and a pyarrow table with every row of the file; names are checked first."""
    try:
        first: list[str] = next(dialect.records(text[start:]))
    except csv.Error as error:
        raise _BadQuotesError(_bad_quotes(source, 1)) from error
    # A line of c1, c2, … is never a row: pellucid writes it above tables whose columns it counted.
    header = header or [name.strip() for name in first] == counted_names(len(first))
    if header:
        # Frames written with their row labels have a column without a name: it gets its position.
        names = [name.strip() or f"c{number}" for number, name in enumerate(first, start=1)]
        check_names(names, source, text.count("\n", 0, start) + 1)
    else:
        names = counted_names(len(first))
    # In a table of one column an empty line is a missing cell, except at the end of the file.
    encoded = (text.strip("\r\n") + "\n" if len(names) == 1 else text).encode()
    try:
        table = _read(encoded, dialect, header=header, width=len(names))
    except pa.ArrowInvalid as error:
        _check_lines(text, dialect, source)
        raise TableError(f"{source} cannot be read as a table: {error}.") from error
    has_quotes = '"' in text and len(names) > 1
    lines = _filled_lines(encoded) if has_quotes else len(table) + header
    # Cells with line ends inside are fine; a stray quotation mark that swallowed lines is not.
    if len(table) + header != lines and _check_lines(text, dialect, source) != len(table) + header:
        raise _BadQuotesError(
            f"{source} cannot be read as a table: its quotation marks can be read in two ways; "
            f'write cells that hold one as "text", with "" for each one inside.'
        )
    return names, table


def _read(encoded: bytes, dialect: _Dialect, *, header: bool, width: int) -> Any:
    """The file by pyarrow: texts as dictionaries, numbers as numbers, dates as dates."""

    def read(column_types: dict[str, Any]) -> Any:
        return pyarrow_csv.read_csv(
            pa.py_buffer(encoded),
            read_options=pyarrow_csv.ReadOptions(
                use_threads=len(encoded) > _THREADS_FROM,
                block_size=_BLOCK,
                autogenerate_column_names=not header,
            ),
            parse_options=pyarrow_csv.ParseOptions(
                delimiter=dialect.delimiter,
                quote_char='"' if dialect.is_quoted else False,
                newlines_in_values=dialect.is_quoted and b'"' in encoded,
                ignore_empty_lines=width > 1,
            ),
            convert_options=pyarrow_csv.ConvertOptions(
                column_types=column_types,
                null_values=[*MISSING, " "],
                strings_can_be_null=True,
                true_values=_NEVER,
                false_values=_NEVER,
                timestamp_parsers=_NEVER,
                auto_dict_encode=True,
                auto_dict_max_cardinality=_MOST_LEVELS,
            ),
        )

    table = read({})
    # Times such as 12:30 would come back as 12:30:00.
    times = [field.name for field in table.schema if pa.types.is_time(field.type)]
    return read({name: pa.string() for name in times}) if times else table


def _filled_lines(encoded: bytes) -> int:
    return sum(1 for line in re.split(rb"\r\n|\n|\r", encoded) if line)


def _check_lines(text: str, dialect: _Dialect, source: str) -> int:
    """How many rows there are, names included, if all are of one length and properly quoted.

    Raises:
        TableError: for the first row that is not.
    """
    reader = dialect.records(text)
    wanted, line, rows = 0, 1, 0
    try:
        for row in reader:
            wanted = wanted or len(row)
            rows += bool(row)
            if row and len(row) != wanted:
                raise TableError(_ragged(source, line, wanted, row, dialect.delimiter))
            line = reader.line_num + 1
    except csv.Error as error:
        raise _BadQuotesError(_bad_quotes(source, line)) from error
    return rows


def _bad_quotes(source: str, line: int) -> str:
    return (
        f"{source}, line {line}: a quotation mark opens a cell and does not close it as it should; "
        f'write such a cell as "text", with "" for a quotation mark inside.'
    )


def _ragged(source: str, line: int, wanted: int, row: list[str], delimiter: str) -> str:
    shown = delimiter.join(row).replace("\n", "⏎")
    shown = shown if len(shown) <= _TRUNCATED else shown[: _TRUNCATED - 1] + "…"
    cure = (
        f"a cell that holds a {_NAMES.get(delimiter, delimiter)} must stand in quotation marks"
        if len(row) > wanted
        else "a missing cell still needs its separator"
    )
    return (
        f"{source}, line {line}: {wanted} cells were wanted, as in the first line, and {len(row)} "
        f"came ({shown}); {cure}."
    )
