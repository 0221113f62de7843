"""The seal of a run: the SHA-256 of each of its files, in one record.

Whoever opens a file of a run checks it here first, so that a changed byte is told and never
computed with. An unfinished run's seal has the files that were there before the first step; what
grows checks itself. A state's seal is its fingerprint, which its file carries too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from pellucid.errors import ModelFileError
from pellucid.runs.lock import is_finished

NAME = "files.json"
# What is lost with a file, and what is not; "the run cannot be opened" for all others.
LOST = {
    "losses.f64": "the losses of its steps are lost; its rows and steps still open",
    "validation.f64": "its losses at the epochs' ends are lost; its rows and steps still open",
    "events.jsonl": "its events are lost; everything else still opens",
    "table.safetensors": "its raw cells are lost; its model still predicts",
    "model.safetensors": "its model is lost; its states are still there",
    "best.safetensors": "the state of its best epoch must be computed again",
}


class Seal(msgspec.Struct, frozen=True):
    """What a run's files were when it was written.

    Args:
        sha256: of each file's bytes, by its path in the folder; of a state its fingerprint.
    """

    sha256: dict[str, str]


def write_seal(folder: Path, names: list[str], states: Mapping[str, str] | None = None) -> None:
    """Write the record of files that are in a folder.

    Args:
        folder: of the run.
        names: of the files to hash.
        states: fingerprints of states by the paths of their files.
    """
    hashes = {each: hash_file(folder / each) for each in sorted(names)}
    content = msgspec.json.encode(Seal({**hashes, **(states or {})}))
    hidden = folder / f".{NAME}"
    hidden.write_bytes(msgspec.json.format(content, indent=2))
    hidden.replace(folder / NAME)


def read_seal(folder: Path) -> Seal:
    """The record of a run's files.

    Raises:
        ModelFileError: it is gone or damaged.
    """
    record = folder / NAME
    try:
        return msgspec.json.decode(record.read_bytes(), type=Seal)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise damaged(record, error) from error


def check_seal(path: Path) -> None:
    """See that a file of a run has the bytes that were written.

    Raises:
        ModelFileError: it is gone or was changed, or the record of the files is.
    """
    sealed = read_seal(path.parent).sha256.get(path.name)
    if sealed is None and not is_finished(path.parent):
        return
    try:
        found = hash_file(path)
    except OSError as error:
        raise damaged(path, error) from error
    if sealed != found:
        raise damaged(path)


def hash_file(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def damaged(path: Path, error: Exception | None = None) -> ModelFileError:
    """The error for a file of a run that cannot be read.

    Args:
        path: of the file.
        error: what came while it was read; None if it was read and does not fit.
    """
    what = "is missing" if isinstance(error, FileNotFoundError) else "is damaged"
    if isinstance(error, PermissionError):
        return ModelFileError(f"There is no permission to read {path}; change it.")
    if path.parent.name == "states":
        lost = "what is computed from this state cannot be opened"
    else:
        lost = LOST.get(path.name, "the run cannot be opened")
    return ModelFileError(
        f"{path} {what}, so {lost}. Restore the folder from a copy, or train again."
    )
