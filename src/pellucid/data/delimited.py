"""Text tables (CSV, TSV and their kin) read by pyarrow, with errors that name file and line.

pyarrow parses; Python's csv module looks for the line only after pyarrow has refused the file.
What the cells mean is decided in `cells`.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from typing import Any

import pyarrow as pa
import pyarrow.csv as pyarrow_csv

from pellucid.data.arrow import arrow_column
from pellucid.data.cells import MISSING, is_missing, parse_number
from pellucid.data.table import Table
from pellucid.errors import ColumnError, TableError

DELIMITERS = (",", ";", "\t", "|")
_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}

# A text that no cell holds: pyarrow wants some spelling of true, false and dates, and we want none.
_NEVER = ["\x00"]
_BLOCK = 1 << 24
_THREADS_FROM = 1 << 23

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
    delimiter = delimiter or _find_delimiter(text[start:])
    names = _names(text[start:], delimiter, source, header=header)
    parsed = _parse(text, delimiter, source, header=header, width=len(names))
    if header:
        _check_header(names, source, text.count("\n", 0, start) + 1)
    if len(parsed) == 0:
        raise TableError(
            f"{source} holds a line of names and no rows; add at least one row below it."
        )
    decimal_comma = delimiter != ","
    columns = []
    for name, cells in zip(names, parsed.columns, strict=True):
        try:
            columns.append(arrow_column(name, cells, decimal_comma=decimal_comma))
        except ColumnError as error:
            raise TableError(f"{source}: {error}") from error
    table = Table(tuple(columns), source)
    _check_repeated_header(table, text, delimiter)
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


def _records(text: str, delimiter: str) -> Any:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)


def _find_delimiter(text: str) -> str:
    """The delimiter that cuts the first lines into the most rows of one length, then cells."""

    def agreement(delimiter: str) -> tuple[bool, int, int]:
        rows = []
        try:
            for row in _records(text[:100_000], delimiter):
                rows.append(len(row))
                if len(rows) == 20:
                    break
        except csv.Error:
            pass
        width = rows[0] if rows else 0
        return width > 1, sum(each == width for each in rows), width

    return max(DELIMITERS, key=agreement)


def _names(text: str, delimiter: str, source: str, *, header: bool) -> list[str]:
    try:
        first: list[str] = next(_records(text, delimiter))
    except csv.Error as error:
        raise TableError(
            f"{source}, line 1: a quotation mark opens a name and does not close it as it should; "
            f'write the name as "name", with "" for a quotation mark inside.'
        ) from error
    if not header:
        return [f"c{number}" for number in range(1, len(first) + 1)]
    # Frames written with their row numbers have one column without a name: it gets its position.
    return [name.strip() or f"c{number}" for number, name in enumerate(first, start=1)]


def _parse(text: str, delimiter: str, source: str, *, header: bool, width: int) -> Any:
    """The file as a pyarrow table, all cells kept: texts as dictionaries, numbers as numbers."""
    encoded = text.encode()
    has_quotes = '"' in text
    # In a table of one column an empty line is a missing cell, except at the end of the file.
    if width == 1:
        encoded = encoded.strip(b"\r\n") + b"\n"
    options: dict[str, Any] = {
        "null_values": [*MISSING, " "],
        "strings_can_be_null": True,
        "true_values": _NEVER,
        "false_values": _NEVER,
        "timestamp_parsers": _NEVER,
        "auto_dict_encode": True,
        "auto_dict_max_cardinality": 1000,
    }

    def read(**more: Any) -> Any:
        return pyarrow_csv.read_csv(
            pa.py_buffer(encoded),
            read_options=pyarrow_csv.ReadOptions(
                use_threads=len(encoded) > _THREADS_FROM,
                block_size=_BLOCK,
                autogenerate_column_names=not header,
            ),
            parse_options=pyarrow_csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=has_quotes, ignore_empty_lines=width > 1
            ),
            convert_options=pyarrow_csv.ConvertOptions(**options, **more),
        )

    try:
        table = read()
        # Times such as 12:30 would come back as 12:30:00.
        times = [field.name for field in table.schema if pa.types.is_time(field.type)]
        if times:
            table = read(column_types={name: pa.string() for name in times})
    except pa.ArrowInvalid as error:
        _find_bad_line(text, delimiter, source)
        raise TableError(f"{source} cannot be read as a table: {error}.") from error
    if has_quotes and len(table) + header != _filled_lines(encoded):
        # Cells with line ends inside, or a stray quotation mark that swallowed lines.
        _find_bad_line(text, delimiter, source)
    return table


def _filled_lines(encoded: bytes) -> int:
    return sum(1 for line in re.split(rb"\r\n|\n|\r", encoded) if line)


def _find_bad_line(text: str, delimiter: str, source: str) -> None:
    """Raise a TableError for the first row that differs in length or is badly quoted, if any."""
    reader = _records(text, delimiter)
    wanted, line = 0, 1
    try:
        for row in reader:
            wanted = wanted or len(row)
            if row and len(row) != wanted:
                raise TableError(_ragged(source, line, wanted, row, delimiter))
            line = reader.line_num + 1
    except csv.Error as error:
        raise TableError(
            f"{source}, line {line}: a quotation mark opens a cell and does not close it as it "
            f'should; write such a cell as "text", with "" for a quotation mark inside.'
        ) from error


def _ragged(source: str, line: int, wanted: int, row: list[str], delimiter: str) -> str:
    shown = delimiter.join(row).replace("\n", "⏎")
    shown = shown if len(shown) <= 60 else shown[:59] + "…"
    cure = (
        f"a cell that holds a {_NAMES.get(delimiter, delimiter)} must stand in quotation marks"
        if len(row) > wanted
        else "a missing cell still needs its separator"
    )
    return (
        f"{source}, line {line}: {wanted} cells were wanted, as in the first line, and {len(row)} "
        f"came ({shown}); {cure}."
    )


def _check_header(names: list[str], source: str, line: int) -> None:
    numbers = [number for name in names if (number := parse_number(name)) is not None]
    counting = all(n.is_integer() for n in numbers) and all(
        low < high for low, high in itertools.pairwise(numbers)
    )
    if (numbers and not counting) or any(is_missing(name) for name in names):
        wanted = ",".join(f"c{number}" for number in range(1, len(names) + 1))
        raise TableError(
            f"{source}, line {line}: the first line must name the columns, and it holds values "
            f"({', '.join(names[:4])}, …); add a line of names such as {_shorten(wanted)} above "
            f"it (in Python: read_table(path, header=False))."
        )
    seen: dict[str, int] = {}
    for position, name in enumerate(names, start=1):
        if name in seen:
            raise TableError(
                f"{source}, line {line}: columns {seen[name]} and {position} are both called "
                f"'{name}'; every column needs a name of its own (if this line holds values, add "
                f"a line of names above it)."
            )
        seen[name] = position


def _shorten(text: str) -> str:
    return text if len(text) <= 40 else text[:30] + "…"


def _check_repeated_header(table: Table, text: str, delimiter: str) -> None:
    """Files that were put one behind the other hold the line of names again."""
    if not all(column.name in column.levels for column in table.data):
        return
    reader = _records(text, delimiter)
    line = 1
    for row in reader:
        if line > 1 and [cell.strip() for cell in row] == table.columns:
            raise TableError(
                f"{table.source}, line {line}: the line of names comes again; take it out."
            )
        line = reader.line_num + 1
