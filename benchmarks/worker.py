"""A process that holds one library and trains what it is told to: `python -m benchmarks.worker`.

Its words are lines of JSON, in through standard input and out through standard output; the other
side is `crew`. A process of its own for every library keeps their threads and their memory apart,
and makes a library that crashes or is missing nobody else's trouble.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any, TextIO

from benchmarks.peers.peer import CannotDoError, Peer
from benchmarks.task import Task

STATUS = Path("/proc/self/status")


def memory(field: str) -> int | None:
    """Bytes of memory of this process, from Linux: VmRSS now, VmHWM at the highest."""
    if not STATUS.exists():
        return None
    lines = STATUS.read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field))


def forget_highest_memory() -> None:
    """Let VmHWM begin anew, so that imports do not count."""
    place = Path("/proc/self/clear_refs")
    if place.exists():
        place.write_text("5")


class Session:
    """What the other side can ask for, one method a word."""

    def __init__(self, module: Any, threads: int) -> None:
        forget_highest_memory()
        self.module = module
        self.threads = threads
        self.after_imports = memory("VmRSS")
        self.peer = Peer(train=lambda epochs: None)  # noqa: ARG005 until `prepare`

    def prepare(self, task: dict[str, Any]) -> float:
        """Make a network ready; returns the seconds that this took."""
        start = time.perf_counter()
        task["layers"] = tuple(task["layers"])
        self.peer = self.module.prepare(Task(**task), self.threads)
        return time.perf_counter() - start

    def train(self, epochs: int) -> float:
        """Train; returns the seconds."""
        start = time.perf_counter()
        self.peer.train(epochs)
        return time.perf_counter() - start

    def set_lr(self, lr: float) -> None:
        """Another learning rate from now on."""
        if self.peer.set_lr is not None:
            self.peer.set_lr(lr)

    def right(self, task: dict[str, Any], name: str) -> tuple[int, int]:
        """How many rows of "test" or "held back" are predicted rightly, and how many there are."""
        task["layers"] = tuple(task["layers"])
        inputs, classes = Task(**task).examined(name)
        if self.peer.predict is None:
            raise CannotDoError("is not asked for predictions")
        return int((self.peer.predict(inputs) == classes).sum()), len(classes)

    def memory(self) -> int | None:
        """Bytes at the highest, beyond what the imports left."""
        highest = memory("VmHWM")
        if highest is None or self.after_imports is None:
            return None
        return highest - self.after_imports


def serve(session: Session, questions: TextIO, answers: TextIO) -> None:
    """Answer one question a line: {"word": …, further arguments}."""
    for line in questions:
        words = json.loads(line)
        try:
            answer = {"value": getattr(session, words.pop("word"))(**words)}
        except CannotDoError as reason:
            answer = {"reason": str(reason)}
        except Exception as error:  # noqa: BLE001 whatever a library raises belongs on the page
            answer = {"reason": f"failed: {type(error).__name__}: {str(error)[:200]}"}
        print(json.dumps(answer), file=answers, flush=True)


def keep_to_one_core() -> None:
    """For JAX, whose threads are as many as the cores that it sees when it starts."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def main() -> None:
    """Import the library named first, for as many threads as the second argument says."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print must not mix with the answers
    name, threads = sys.argv[1], int(sys.argv[2])
    if threads == 1 and name.endswith("jax"):
        keep_to_one_core()
    try:
        module = importlib.import_module(f"benchmarks.peers.{name}")
    except ImportError as error:
        print(json.dumps({"reason": f"not installed ({error})"}), file=answers, flush=True)
        return
    print(json.dumps({"value": "ready"}), file=answers, flush=True)
    serve(Session(module, threads), sys.stdin, answers)


if __name__ == "__main__":
    main()
