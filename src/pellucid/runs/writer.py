"""Writing a run's folder: hidden until a run can be opened from it, locked until it is finished.

A crash never leaves half a run that looks whole. What the files hold is decided by whoever
records; how they are encoded lives in `store`, `states` and `journal`.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path

from pellucid.errors import InputError
from pellucid.runs import journal, states, store
from pellucid.runs.lock import NAME, WriterLock
from pellucid.runs.permissions import open_up
from pellucid.runs.seal import read_seal, write_seal

ROOT = Path("runs")
UNCHANGING = (store.RECIPE, store.DATA, store.TABLE)  # sealed before the first step
GROWING = (journal.LOSSES, journal.VALIDATION, journal.EVENTS)
FINAL = (store.MODEL, store.OUTCOME)


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
        self._lock: WriterLock | None = None
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

    @property
    def is_published(self) -> bool:
        """Whether the folder has its name, so that others may find it."""
        return self._lock is not None

    def seal(self) -> None:
        """Seal what will not change; from now on the folder opens as an unfinished run."""
        (self.folder / NAME).touch()
        write_seal(self.folder, self._present(UNCHANGING))

    def publish(self) -> Path:
        """Give the folder, which is sealed, its name and lock it, so that others find the run."""
        self.folder = self._move()
        self._lock = WriterLock(self.folder)
        return self.folder

    def finish(self) -> None:
        """Seal all files and bring them to the disk; the run is finished."""
        folder = self.folder
        paths = [states.state_path(folder, each) for each in states.kept_steps(folder)]
        paths += [path for path in (folder / states.BEST,) if path.exists()]
        sealed = {path.relative_to(folder).as_posix(): states.read_seal(path) for path in paths}
        before = read_seal(folder).sha256
        known = {name: before[name] for name in self._present(UNCHANGING) if name in before}
        names = self._present((*UNCHANGING, *GROWING, *FINAL))
        write_seal(folder, [each for each in names if each not in known], sealed | known)
        # States in between can be computed again: waiting for all of them could take long.
        ends = {*paths[:1], *paths[-2:]}
        for path in (*(folder / each for each in names), *ends, folder / "files.json"):
            _flush(path)
        _flush_folder(folder)
        if self._lock is not None:
            self._lock.finish()

    def release(self) -> None:
        """Let others write; what is there stays as an unfinished run."""
        if self._lock is not None:
            self._lock.release()

    def discard(self) -> None:
        """Remove the folder."""
        self.release()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _present(self, names: tuple[str, ...]) -> list[str]:
        return [each for each in names if (self.folder / each).exists()]

    def _move(self) -> Path:
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


class ReopenedRun(RunWriter):
    """The folder of a run that an accident or Ctrl-C has ended, to be written on.

    Args:
        folder: of the run.

    Raises:
        InputError: another process is writing it, or the folder cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self.stem, self.out, self.folder = folder.name, None, folder
        try:
            self._lock = WriterLock(folder)
            (folder / store.OUTCOME).unlink(missing_ok=True)
            write_seal(folder, self._present(UNCHANGING))
        except OSError as error:
            raise InputError(f"Cannot write to the folder {folder}: {_reason(error)}.") from error


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


def _flush_folder(folder: Path) -> None:
    """Bring the names of a folder's files to the disk; Windows opens no folders and needs none."""
    if os.name == "nt":
        return
    for each in (folder, folder / states.FOLDER, folder.absolute().parent):
        handle = os.open(each, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
