"""Tables written to files that every spreadsheet opens."""

from __future__ import annotations

from pathlib import Path

from pellucid.data.table import Table
from pellucid.errors import TableError


def write_csv(table: Table, path: str | Path) -> Path:
    """Write a table as CSV: UTF-8, commas, a line of names, missing cells empty.

    Reading the file back gives a table with the same fingerprint.

    Args:
        table: what to write.
        path: the file; it is replaced only when everything has been written.

    Returns:
        The path.

    Raises:
        TableError: if the file cannot be written.
    """
    path = Path(path)
    beside = path.with_name(path.name + ".part")
    texts = [[column.text(row) for row in range(len(table))] for column in table.data]
    try:
        with beside.open("w", encoding="utf-8", newline="") as file:
            for row in (table.columns, *zip(*texts, strict=True)):
                # A row of one empty cell would be an empty line, which is no row at the file's end.
                file.write((",".join(map(_quoted, row)) or '""') + "\n")
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise TableError(
            f"{path} cannot be written: {error.strerror}; choose another place."
        ) from error
    return path


def _quoted(text: str) -> str:
    """The text, in quotation marks if it holds what would part cells or lines."""
    if any(mark in text for mark in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text
