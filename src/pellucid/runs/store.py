"""The files of a run that do not grow: arrays and table columns to safetensors and back.

Which files make a run, and when it counts as whole, is decided in `writer` and `run`; states are in
`states`, losses and events in `journal`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from pellucid.data.table import Column, Table
from pellucid.runs.seal import check_seal, damaged

Array = np.ndarray[Any, Any]

RECIPE = "recipe.json"
OUTCOME = "outcome.json"
MODEL = "model.safetensors"
START = "start.safetensors"  # the model before the first step, until there is a trained one
DATA = "data.safetensors"
TABLE = "table.safetensors"


def write_arrays(path: Path, arrays: Mapping[str, Array], note: str = "") -> None:
    """Write named arrays, with one text beside them."""
    packed = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    save_file(packed, str(path), metadata={"pellucid": note} if note else None)


def read_arrays(path: Path) -> tuple[dict[str, Array], str]:
    """Read what `write_arrays` wrote.

    Raises:
        ModelFileError: the file is gone or damaged.
    """
    check_seal(path)
    try:
        with safe_open(str(path), framework="numpy") as file:
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no dict
            return arrays, (file.metadata() or {}).get("pellucid", "")
    except (OSError, SafetensorError, ValueError, TypeError) as error:
        raise damaged(path, error) from error


class _TableNote(msgspec.Struct):
    source: str
    units: dict[str, str]
    columns: list[tuple[str, list[str], list[tuple[int, str]]]]


def write_table(path: Path, table: Table) -> None:
    """Write a table's columns exactly as they are in memory."""
    arrays: dict[str, Array] = {}
    for index, column in enumerate(table.data):
        cells = column.codes if column.numbers is None else column.numbers
        if cells is not None:
            arrays[str(index)] = cells
    note = _TableNote(
        table.source,
        dict(table.units),
        [(each.name, list(each.levels), list(each.unread)) for each in table.data],
    )
    write_arrays(path, arrays, msgspec.json.encode(note).decode())


def read_table_columns(path: Path) -> Table:
    """Read what `write_table` wrote.

    Raises:
        ModelFileError: the file is gone or damaged.
    """
    arrays, text = read_arrays(path)
    try:
        note = msgspec.json.decode(text, type=_TableNote)
        data = [
            _read_column(arrays[str(index)], *described)
            for index, described in enumerate(note.columns)
        ]
    except (msgspec.MsgspecError, KeyError, ValueError) as error:
        raise damaged(path, error) from error
    if not data or any(len(each) != len(data[0]) for each in data):
        raise damaged(path)
    return Table(tuple(data), note.source, note.units)


def _read_column(
    cells: Array, name: str, levels: list[str], unread: list[tuple[int, str]]
) -> Column:
    """A column; its cells are numbers, or codes of levels with −1 for a missing one."""
    if cells.ndim == 1 and cells.dtype == np.float64:
        return Column(name, numbers=cells, unread=tuple(unread))
    is_code = cells.ndim == 1 and cells.dtype.kind == "i"
    if not is_code or not np.all((cells >= -1) & (cells < len(levels))):
        raise ValueError(name)
    return Column(name, codes=cells, levels=tuple(levels))
