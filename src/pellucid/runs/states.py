"""The states along a run: one file each, named by its step, whole or not there at all.

Each file carries the fingerprint of its state, so that a damaged one is found. Which states stay
when the disk budget is used up is decided in `keeper`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from pellucid.engine.state import State
from pellucid.runs.seal import damaged

Array = np.ndarray[Any, Any]

FOLDER = "states"
BEST = "best.safetensors"
SEAL, SECONDS = "sha256", "seconds"


def state_path(folder: Path, step: int) -> Path:
    """Where a run keeps the state after a step."""
    return folder / FOLDER / f"{step:012}.safetensors"


def kept_steps(folder: Path) -> list[int]:
    """The steps whose states are in a run's folder, ascending."""
    return steps_of(each.name for each in (folder / FOLDER).iterdir())


def steps_of(names: Any) -> list[int]:
    """The steps that file names speak of, ascending; other names are left out.

    Example:
        >>> steps_of(["000000000120.safetensors", ".000000000130.safetensors"])
        [120]
    """
    found = (re.fullmatch(r"(\d{12,})\.safetensors", name) for name in names)
    return sorted(int(each[1]) for each in found if each)


def cut(folder: Path, step: int) -> None:
    """Remove what lies behind a step, and what an accident has left unwritten."""
    for each in kept_steps(folder):
        if each > step:
            state_path(folder, each).unlink()
    for path in (folder / FOLDER).glob(".*"):
        path.unlink()


def write_state(path: Path, state: State, seconds: float) -> int:
    """Write a state beside its place and move it there: it is whole or not there.

    Args:
        path: of the file.
        state: the moment.
        seconds: that the training had taken until then.

    Returns:
        The file's size in bytes.

    Raises:
        OSError: there is no room, or the folder is gone.
    """
    arrays = {name: np.asarray(each, order="C") for name, each in state.to_arrays().items()}
    note = {SEAL: state.fingerprint(), SECONDS: repr(seconds)}
    content = save(arrays, metadata=note)
    hidden = path.with_name(f".{path.name}")
    try:
        hidden.write_bytes(content)
        hidden.replace(path)
    except OSError:
        hidden.unlink(missing_ok=True)
        raise
    return len(content)


def read_state(path: Path) -> tuple[State, float]:
    """The state in a file, and the seconds that the training had taken until then.

    Raises:
        ModelFileError: the file is gone or damaged.
    """
    try:
        with safe_open(str(path), framework="numpy") as file:
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no dict
            note: Mapping[str, str] = file.metadata() or {}
        state = State.from_arrays(arrays)
        is_whole = note.get(SEAL) == state.fingerprint()
        seconds = float(note.get(SECONDS, "0"))
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise damaged(path, error) from error
    if not is_whole:
        raise damaged(path)
    return state, seconds


def read_seal(path: Path) -> str:
    """The fingerprint that a state's file carries, without reading the state."""
    try:
        with safe_open(str(path), framework="numpy") as file:
            note: Mapping[str, str] = file.metadata() or {}
            return note.get(SEAL, "")
    except (OSError, SafetensorError, ValueError) as error:
        raise damaged(path, error) from error
