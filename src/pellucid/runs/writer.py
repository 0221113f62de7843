"""Writing a run: into a hidden folder first, which gets its name when everything is there.

A crash therefore never leaves half a run that looks whole. What the files hold is decided by
whoever records; how they are encoded lives in `store`.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path

from pellucid.errors import InputError
from pellucid.runs.permissions import open_up
from pellucid.runs.seal import write_seal

ROOT = Path("runs")


class RunWriter:
    """A run's folder while it is being written.

    Args:
        stem: the table's name; the run gets it with the next free number, "students-1".
        out: a folder to write to instead; it must not exist, or be empty.

    Raises:
        InputError: the folder is not empty, or cannot be written.
    """

    def __init__(self, stem: str, out: Path | None = None) -> None:
        self.stem, self.out = clean_name(stem), out
        parent = ROOT if out is None else out.absolute().parent
        if out is not None:
            _check_free(out)
        try:
            parent.mkdir(parents=True, exist_ok=True)
            self.folder = Path(tempfile.mkdtemp(prefix=".pellucid-", dir=parent))
            open_up(self.folder)
        except OSError as error:
            raise InputError(
                f"Cannot write to the folder {parent}: {_reason(error)}."
                " Name another place with --out FOLDER."
            ) from error

    def commit(self) -> Path:
        """Seal the folder, give it its name and return it; from now on it is a run."""
        write_seal(self.folder)
        for file in self.folder.iterdir():
            _flush(file)
        if self.out is not None:
            try:
                if self.out.is_dir():  # empty, as checked before; Windows replaces no folder
                    self.out.rmdir()
                self.folder.replace(self.out)
            except OSError as error:
                raise InputError(
                    f"Cannot write to {self.out}: {_reason(error)}. Name another folder with --out."
                ) from error
            return self.out
        while True:
            target = ROOT / f"{self.stem}-{next_number(self.stem)}"
            try:
                self.folder.rename(target)
            except OSError as error:
                if target.exists():  # another writer took the name meanwhile
                    continue
                raise InputError(f"Cannot write to {target}: {_reason(error)}.") from error
            return target

    def discard(self) -> None:
        """Remove what was written, if it is still there under its hidden name."""
        shutil.rmtree(self.folder, ignore_errors=True)


def clean_name(stem: str) -> str:
    """A table's name as a folder's name.

    Example:
        >>> clean_name("my data (2)"), clean_name("")
        ('my-data-2', 'run')
    """
    return re.sub(r"[^\w.=+]+", "-", stem).strip("-.") or "run"


def next_number(stem: str) -> int:
    """One more than the highest number that a run of this name has here; gaps stay gaps."""
    pattern = re.compile(re.escape(stem) + r"-(\d+)\Z")
    numbers = [int(found[1]) for each in ROOT.iterdir() if (found := pattern.match(each.name))]
    return max(numbers, default=0) + 1


def _check_free(out: Path) -> None:
    if out.is_dir() and not any(out.iterdir()):
        return
    if out.exists() or out.is_symlink():
        raise InputError(
            f"{out} already exists and stays as it is. Name a new folder with --out, or remove it."
        )


def _flush(file: Path) -> None:
    handle = os.open(file, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
