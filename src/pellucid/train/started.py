"""A run's folder while its training goes on: there from the first moment, gone if nothing came of it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from pellucid.errors import RunError
from pellucid.runs.writer import RunWriter
from pellucid.train.recorder import Beginning, Recorder, begin


@contextmanager
def started_run(writer: RunWriter, beginning: Beginning) -> Iterator[Recorder]:
    """A run's folder, published; removed again if nothing of use came to be in it.

    What a full disk or an impatient Ctrl-C has cut off stays and can be resumed; numbers that ran
    away are no run.
    """
    try:
        with begin(writer, beginning) as recorder:
            yield recorder
    except (RunError, KeyboardInterrupt):
        if not writer.is_published:
            _discard(writer)
        raise
    except BaseException:
        _discard(writer)
        raise


def _discard(writer: RunWriter) -> None:
    """Remove what is not a run; an impatient Ctrl-C meanwhile must not leave half a folder."""
    if threading.current_thread() is not threading.main_thread():
        writer.discard()
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        writer.discard()
    finally:
        signal.signal(signal.SIGINT, before)
