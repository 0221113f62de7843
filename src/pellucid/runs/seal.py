"""The seal of a run: the SHA-256 of each of its files, in one record that is written last.

Whoever opens a file of a run checks it here first, so that a changed byte is told and never
computed with. What the files say is read in `store` and `run`.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from pellucid.errors import ModelFileError

NAME = "files.json"


class Seal(msgspec.Struct, frozen=True):
    """What a run's files were when it was written.

    Args:
        sha256: of each file's bytes, by its name in the folder.
    """

    sha256: dict[str, str]


def write_seal(folder: Path) -> None:
    """Write the record of all files that are in a folder."""
    seal = Seal({each.name: hash_file(each) for each in sorted(folder.iterdir())})
    (folder / NAME).write_bytes(msgspec.json.format(msgspec.json.encode(seal), indent=2))


def check_seal(path: Path) -> None:
    """See that a file of a run has the bytes that were written.

    Raises:
        ModelFileError: it is gone or was changed, or the record of the files is.
    """
    record = path.with_name(NAME)
    try:
        seal = msgspec.json.decode(record.read_bytes(), type=Seal)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise damaged(record, error) from error
    try:
        found = hash_file(path)
    except OSError as error:
        raise damaged(path, error) from error
    if seal.sha256.get(path.name) != found:
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
    return ModelFileError(
        f"{path} {what}, so the run cannot be opened."
        " Restore the folder from a copy, or train again."
    )
