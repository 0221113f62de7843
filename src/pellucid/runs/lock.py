"""The lock of a run: one process writes, everybody may read.

The file `lock` is in a run's folder from its first moment until it is finished, so it also says
that a run is unfinished. The lock on it is the operating system's: it goes with the process,
however that ends.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import BinaryIO

from pellucid.errors import InputError

NAME = "lock"


def is_finished(folder: Path) -> bool:
    """Whether the folder's run is written to its end."""
    return not (folder / NAME).exists()


class WriterLock:
    """Holds a run's folder for one writer.

    Args:
        folder: of the run; the file `lock` is made in it if it is not there.

    Raises:
        InputError: another process holds it.
        OSError: the file cannot be made.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._file: BinaryIO | None = self._path.open("ab")
        try:
            _lock(self._file.fileno())
        except BlockingIOError as error:
            self.release()
            raise InputError(
                f"{folder} is being written by another process. Wait until it has ended; meanwhile"
                f" `pellucid show {folder}` opens what is there."
            ) from error

    def release(self) -> None:
        """Let others write; the run stays unfinished."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def finish(self) -> None:
        """Say that the run is finished, and let go."""
        if os.name == "nt":  # Windows removes no open file
            self.release()
        self._path.unlink(missing_ok=True)
        self.release()


def _lock(handle: int) -> None:
    """Lock an open file, or raise BlockingIOError if another process has."""
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 (only there)

        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            raise BlockingIOError from error
    else:
        import fcntl  # noqa: PLC0415 (not on Windows)

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
