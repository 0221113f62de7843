"""One door for every table: a file, a bundled name, lists, or another library's frame."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pellucid.data.bundled.examples import bundled_names, bundled_table, units_of
from pellucid.data.cells import cell_column
from pellucid.data.table import Table, checked
from pellucid.errors import TableError, did_you_mean

_SUFFIXES = (".csv", ".tsv", ".txt", ".data", ".parquet", ".pq")


def read_table(source: Any, *, header: bool = True, delimiter: str | None = None) -> Table:
    """A table from wherever it is.

    Args:
        source: the path of a CSV, TSV or Parquet file; the name of a bundled table; columns as
            a dict of lists or arrays; a frame of pandas, polars, pyarrow or duckdb (anything with
            `__arrow_c_stream__`); or a `Table`, which is returned as it is.
        header: whether the first line of a text file names the columns; otherwise they are
            called c1, c2, …
        delimiter: what parts the cells of a text file; found from the file if not given.

    Returns:
        The table. Rows are never dropped.

    Raises:
        TableError: if it cannot be read; the message names file, line and cure.

    Example:
        >>> table = read_table({"hours": [10, 7.5], "passed": ["yes", "no"]})
        >>> table.columns, table.row(0)
        (['hours', 'passed'], {'hours': 10.0, 'passed': 'yes'})
    """
    if isinstance(source, Table):
        return source
    if isinstance(source, str | os.PathLike):
        return _with_units(_read_path(source, header=header, delimiter=delimiter))
    if isinstance(source, Mapping):
        return _with_units(_from_columns(source))
    if hasattr(source, "__arrow_c_stream__"):
        # pyarrow takes longer to import than all else here, and not every table needs it.
        from pellucid.data.arrow import read_frame  # noqa: PLC0415 - see above

        return _with_units(read_frame(source))
    raise TableError(
        f"A table was wanted and a {type(source).__name__} came; give a path, a bundled name, "
        f"a dict of lists, or a frame of pandas, polars, pyarrow or duckdb."
    )


def _with_units(table: Table) -> Table:
    """The table with the units of the bundled table that it equals, cell for cell, if any."""
    units = units_of(table)
    return replace(table, units=units) if units else table


def _read_path(source: str | os.PathLike[str], *, header: bool, delimiter: str | None) -> Table:
    path = Path(source)
    if not path.exists() or path.is_dir():
        if str(source) in bundled_names():
            return bundled_table(str(source))
        raise TableError(_not_there(path))
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = (
            "there is no permission to read it" if isinstance(error, PermissionError) else error
        )
        raise TableError(f"{path} cannot be read: {reason}; check the file.") from error
    if data.startswith(b"PAR1") or path.suffix.lower() in (".parquet", ".pq"):
        from pellucid.data.arrow import read_parquet  # noqa: PLC0415 - pyarrow is slow to import

        return read_parquet(data, path.name)
    from pellucid.data.delimited import read_delimited  # noqa: PLC0415 - see above

    if delimiter is None and path.suffix.lower() == ".tsv":
        delimiter = "\t"
    return read_delimited(data, path.name, header=header, delimiter=delimiter)


def _not_there(path: Path) -> str:
    if path.is_dir():
        files = sorted(each.name for each in path.iterdir() if each.suffix.lower() in _SUFFIXES)
        inside = f" It holds {', '.join(files[:5])}." if files else " It holds no table."
        return f"{path} is a folder, and a file was wanted.{inside}"
    folder = path.parent
    near = (
        []
        if not folder.is_dir()
        else [each.name for each in folder.iterdir() if each.suffix.lower() in _SUFFIXES]
    )
    known = [*near, *bundled_names()]
    hint = did_you_mean(path.name, known) or f" Bundled tables: {', '.join(bundled_names())}."
    if path.stem in bundled_names():
        hint = f" '{path.stem}' is a bundled table: `pellucid examples {path.stem}` writes it here."
    if folder.is_dir():
        return f"There is no file {path}.{hint}"
    return f"There is no file {path}: the folder {folder} does not exist either.{hint}"


def _from_columns(columns: Mapping[str, Any]) -> Table:
    for name, cells in columns.items():
        if isinstance(cells, str) or not hasattr(cells, "__len__"):
            raise TableError(
                f"Column '{name}' must be a list of cells. Got {cells!r}; write [{cells!r}] for a "
                f"table of one row."
            )
    lengths = {str(name): len(cells) for name, cells in columns.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise TableError(f"All columns need the same number of rows. Got {told}.")
    return checked(
        Table(tuple(cell_column(str(name), cells) for name, cells in columns.items()), "the table")
    )
