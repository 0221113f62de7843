"""Workers from the outside: start a process for a library, ask it for work, hear why it cannot."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import queue
import subprocess
import sys
import threading
from types import TracebackType
from typing import Any, Self

from benchmarks.task import Task

PATIENCE = 240.0  # seconds; compiling the largest networks takes well under a minute
GRACE = 5.0  # seconds to tidy up in
THREAD_WORDS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class PeerError(Exception):
    """A library is missing, cannot do the task, crashed or took too long; the message says which."""


class Worker:
    """A process that holds one library.

    Args:
        module: the file in `peers`, without ".py".
        threads: how many threads the library may use.
        words: how its process is started; the tests start others.
    """

    def __init__(self, module: str, threads: int, words: list[str] | None = None) -> None:
        self.threads = threads
        count = dict.fromkeys(THREAD_WORDS, str(threads))
        self.process = subprocess.Popen(
            words or [sys.executable, "-m", "benchmarks.worker", module, str(threads)],
            env=os.environ | count,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self) -> None:
        """Put the worker's lines in a queue, and an empty one when it is gone."""
        assert self.process.stdout is not None  # noqa: S101 a pipe was asked for
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put("")

    def hear(self, patience: float = PATIENCE) -> Any:
        """The next answer.

        Raises:
            PeerError: there is a reason why there is none.
        """
        try:
            line = self.lines.get(timeout=patience)
        except queue.Empty:
            self.process.kill()
            raise PeerError(f"took longer than {patience:.0f} s") from None
        if not line:
            raise PeerError(f"its process ended with status {self.process.wait()}")
        answer = json.loads(line)
        if "reason" in answer:
            raise PeerError(answer["reason"])
        return answer["value"]

    def ask(self, word: str, **more: Any) -> Any:
        """Ask for one thing and wait for the answer."""
        assert self.process.stdin is not None  # noqa: S101 a pipe was asked for
        try:
            self.process.stdin.write(json.dumps({"word": word, **more}) + "\n")
            self.process.stdin.flush()
        except OSError as error:
            raise PeerError("its process is gone") from error
        return self.hear()

    def prepare(self, task: Task) -> None:
        """Make a network ready."""
        self.ask("prepare", task=dataclasses.asdict(task))

    def train(self, epochs: int) -> float:
        """Train; returns the seconds that the worker measured."""
        return float(self.ask("train", epochs=epochs))

    def stop(self) -> None:
        """End the process: it goes by itself when nothing can be asked any more, or has to."""
        if self.process.stdin is not None:
            with contextlib.suppress(OSError):  # what a dead process was told stays unsaid
                self.process.stdin.close()
        try:
            self.process.wait(timeout=GRACE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()
