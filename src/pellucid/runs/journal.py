"""The journal of a run: the loss of every step and the events, appended while it trains.

Numbers are float64, little-endian, one after another; events are JSON, one a line. Nothing is ever
changed in place: a run that goes on after an accident cuts what lies behind its newest state.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

LOSSES = "losses.f64"
VALIDATION = "validation.f64"
EVENTS = "events.jsonl"
NUMBER = np.dtype("<f8")


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that happened in a run.

    Args:
        step: after which it was seen.
        kind: what, in a word or two: "resumed", "interrupted".
        text: a sentence about it.
        addresses: the numbers that show it.
    """

    step: int
    kind: str
    text: str
    addresses: tuple[str, ...] = ()


class Journal:
    """The three growing files of a run, open for writing.

    Args:
        folder: of the run.
        steps: keep the losses of so many steps, and the events up to there.
        epochs: keep so many validation losses.

    Raises:
        OSError: the folder is gone or cannot be written.
    """

    def __init__(self, folder: Path, steps: int = 0, epochs: int = 0) -> None:
        self._folder = folder
        self._losses = _Numbers(folder / LOSSES, steps)
        self._validation = _Numbers(folder / VALIDATION, epochs)
        events = [each for each in read_events(folder) if each.step <= steps]
        (folder / EVENTS).write_bytes(b"".join(map(_line, events)))

    def append(self, losses: Array, validation_losses: Array) -> None:
        """Write what the curves have more than the files.

        Args:
            losses: of all steps so far.
            validation_losses: of the first state and all epochs so far.
        """
        self._losses.append(losses)
        self._validation.append(validation_losses)

    def tell(self, event: Event) -> None:
        """Write an event."""
        with (self._folder / EVENTS).open("ab") as file:
            file.write(_line(event))

    def close(self) -> None:
        """Close the files; what was written stays readable."""
        self._losses.close()
        self._validation.close()


class _Numbers:
    """A file of numbers that grows."""

    def __init__(self, path: Path, keep: int) -> None:
        path.touch()
        self._file = path.open("r+b", buffering=0)
        self._cut(keep)

    def append(self, curve: Array) -> None:
        """Write the part of the curve that the file has not; half a number is written anew."""
        self._cut(len(curve))
        held = self._file.tell() // NUMBER.itemsize
        left = memoryview(curve[held:].astype(NUMBER).tobytes())
        while left:
            left = left[self._file.write(left) :]

    def _cut(self, keep: int) -> None:
        held = os.fstat(self._file.fileno()).st_size // NUMBER.itemsize
        self._file.truncate(min(keep, held) * NUMBER.itemsize)
        self._file.seek(0, os.SEEK_END)

    def close(self) -> None:
        self._file.close()


def read_numbers(path: Path) -> Array:
    """All whole numbers of a file; half a number at its end is being written and is left out.

    Raises:
        OSError: it is not there, or cannot be read.
    """
    content = path.read_bytes()
    whole = len(content) - len(content) % NUMBER.itemsize
    return np.frombuffer(content[:whole], NUMBER).astype(np.float64)


def read_events(folder: Path) -> list[Event]:
    """All whole events of a run, in the order in which they were seen."""
    path = folder / EVENTS
    lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
    return list(_whole(lines))


def _whole(lines: Iterable[bytes]) -> Iterable[Event]:
    for line in lines:
        try:
            yield msgspec.json.decode(line, type=Event)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return  # an accident cut the last line short; nothing follows it


def _line(event: Event) -> bytes:
    return msgspec.json.encode(event) + b"\n"
