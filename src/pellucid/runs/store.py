"""The files of a run, one by one: arrays, states and table columns to safetensors and back.

Which files make a run, and when it counts as whole, is decided in `writer` and `run`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from pellucid.data.table import Column, Table
from pellucid.engine.state import State
from pellucid.errors import ModelFileError

Array = np.ndarray[Any, Any]

RECIPE = "recipe.json"
OUTCOME = "outcome.json"
MODEL = "model.safetensors"
STATES = "states.safetensors"
LOSSES = "losses.safetensors"
DATA = "data.safetensors"
TABLE = "table.safetensors"
FILES = (RECIPE, OUTCOME, MODEL, STATES, LOSSES, DATA, TABLE)


def hash_arrays(arrays: Mapping[str, Array]) -> str:
    """SHA-256 over names, types, shapes and bytes in name order.

    Example:
        >>> hash_arrays({"x": np.zeros(2)}) == hash_arrays({"x": np.zeros(2)})
        True
        >>> hash_arrays({"x": np.zeros(2)}) == hash_arrays({"x": np.zeros((2, 1))})
        False
    """
    digest = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        digest.update(f"{name}|{array.dtype.str}|{array.shape}|".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def write_arrays(path: Path, arrays: Mapping[str, Array], note: str = "") -> None:
    """Write named arrays, with one text beside them."""
    packed = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    save_file(packed, str(path), metadata={"pellucid": note} if note else None)


def read_arrays(path: Path) -> tuple[dict[str, Array], str]:
    """Read what `write_arrays` wrote.

    Raises:
        ModelFileError: the file is gone or damaged.
    """
    try:
        with safe_open(str(path), framework="numpy") as file:
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no dict
            return arrays, (file.metadata() or {}).get("pellucid", "")
    except (OSError, SafetensorError) as error:
        raise damaged(path, error) from error


def damaged(path: Path, error: Exception) -> ModelFileError:
    """The error for a file of a run that cannot be read."""
    what = "is missing" if isinstance(error, FileNotFoundError) else "is damaged"
    return ModelFileError(
        f"{path} {what}, so the run cannot be opened."
        " Restore the folder from a copy, or train again."
    )


def write_states(path: Path, states: Mapping[str, State]) -> None:
    """Write states, each under a name."""
    write_arrays(
        path,
        {
            f"{name}/{key}": array
            for name, state in states.items()
            for key, array in state.to_arrays().items()
        },
    )


def read_states(path: Path) -> dict[str, State]:
    """Read what `write_states` wrote."""
    arrays, _ = read_arrays(path)
    names = dict.fromkeys(key.split("/", 1)[0] for key in arrays)
    found = {}
    for name in names:
        own = {
            key.split("/", 1)[1]: value
            for key, value in arrays.items()
            if key.startswith(f"{name}/")
        }
        found[name] = State.from_arrays(own)
    return found


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
    """Read what `write_table` wrote."""
    arrays, text = read_arrays(path)
    try:
        note = msgspec.json.decode(text, type=_TableNote)
    except msgspec.DecodeError as error:
        raise damaged(path, error) from error
    data = []
    for index, (name, levels, unread) in enumerate(note.columns):
        array: Any = arrays[str(index)]
        if array.dtype == np.float64:
            data.append(Column(name, numbers=array, unread=tuple(unread)))
        else:
            data.append(Column(name, codes=array, levels=tuple(levels)))
    return Table(tuple(data), note.source, note.units)
