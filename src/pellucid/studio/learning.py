"""A training in a thread of its own, which goes as far as somebody wants to look, and is recorded.

It waits before the first step and wherever nobody wants more. What a moment of it shows is decided
in `frames`; the steps, the record and the judgement are those of the terminal.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np

from pellucid.engine.state import State
from pellucid.errors import PellucidError
from pellucid.model.fit import learn
from pellucid.model.prepared import Prepared
from pellucid.report.judge import judge
from pellucid.report.record import finish
from pellucid.runs.run import Run
from pellucid.runs.writer import RunWriter
from pellucid.train.loop import Progress
from pellucid.train.past import Past
from pellucid.train.recorder import Recorder

Array = np.ndarray[Any, np.dtype[Any]]

STRETCH = 0.015  # seconds of steps between two looks at what is wanted: a picture of sixty a second
FIRST_PORTION = 64  # steps; nobody knows their speed yet
BETWEEN = 0.05  # seconds between two states that are kept for whoever looks back
KEPT = 64  # of them at most, until somebody looks


class Learning:
    """A training that goes on only as far as it is wanted.

    Args:
        prepared: with the state to start from.
        writer: the run's folder.
        start: publishes the folder before the first step, and gives its recorder.
        past: what came before that state.

    Attributes:
        done: steps done.
        losses: of these steps; a view, to be read only.
        state: after them.
        visited: some states on the way that nobody has taken yet.
        is_over: whether no step will follow.
        run: as it was kept, once it is judged.
        failure: why it ended before its time, in a sentence.
    """

    def __init__(
        self,
        prepared: Prepared,
        writer: RunWriter,
        start: Callable[[], Recorder],
        past: Past | None = None,
    ) -> None:
        self.prepared, self.writer, self.past = prepared, writer, past
        self.state: State = prepared.state
        self.losses: Array = np.empty(0) if past is None else past.losses
        self.done = len(self.losses)
        self.visited: deque[State] = deque(maxlen=KEPT)
        self.is_over, self.failure = False, ""
        self.run: Run | None = None
        self._start, self._listeners = start, set[Callable[[], object]]()
        self._wanted, self._is_closing = self.done, False
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._portion, self._left = FIRST_PORTION, (0, time.perf_counter())
        self._kept = 0.0

    @property
    def has_begun(self) -> bool:
        """Whether a step was wanted."""
        return self._thread is not None

    def listen(self, listener: Callable[[], object]) -> Callable[[], object]:
        """Call somebody, from the training's thread, whenever something has changed.

        Returns:
            What ends the calls.
        """
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    def want(self, steps: int) -> None:
        """Let it go on until so many steps are done."""
        with self._changed:
            if steps <= self._wanted or self._is_closing:
                return
            self._wanted = steps
            if self._thread is None:
                self._thread = threading.Thread(target=self._go, name="training", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def close(self) -> None:
        """End it where it is; a run without a step leaves nothing, another one can be resumed."""
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()
        elif not self.writer.is_published:
            self.writer.discard()

    def _go(self) -> None:
        try:
            with self._start() as recorder:
                self._learn(recorder)
        except PellucidError as error:
            self.failure = str(error)
        finally:
            self.is_over = True
            self._call()

    def _learn(self, recorder: Recorder) -> None:
        def update(told: Progress) -> None:
            recorder.update(told)
            self._tell(told)

        fitted = learn(self.prepared, update, self.past, self._leave)
        recorder.end(fitted.training)
        if fitted.training.ending != "interrupted":
            self.run = finish(recorder, fitted, judge(fitted))

    def _leave(self, done: int) -> int:
        """How many steps may follow; waits until some are wanted."""
        before, since = self._left
        if done > before:
            seconds = max(time.perf_counter() - since, 1e-6)
            fitting = int((done - before) * STRETCH / seconds)
            self._portion = max(1, min(fitting, 2 * self._portion))
        with self._changed:
            self._changed.wait_for(lambda: self._is_closing or self._wanted > done)
            allowed = 0 if self._is_closing else min(self._wanted - done, self._portion)
        self._left = (done, time.perf_counter())
        return allowed

    def _tell(self, told: Progress) -> None:
        """Let others see how far it is; `done` last, so that whoever sees it finds the rest."""
        now = time.perf_counter()
        if now - self._kept > BETWEEN:
            self.visited.append(told.state)
            self._kept = now
        self.state, self.losses = told.state, told.losses
        self.done = told.step
        self._call()

    def _call(self) -> None:
        for listener in tuple(self._listeners):
            listener()
