"""A training at a terminal, recorded while it goes on: the plan, a live view, the judgement.

What the folder holds is decided in `record`; a run that goes on is found in `resume`.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING

from pellucid.data.kinds import gap_words
from pellucid.errors import RunError
from pellucid.model.fit import Fitted, learn
from pellucid.model.prepared import Prepared
from pellucid.report.judge import judge, outline
from pellucid.report.record import finish
from pellucid.report.report import Report
from pellucid.runs.run import Run
from pellucid.runs.writer import RunWriter
from pellucid.train.past import Past
from pellucid.train.recorder import Beginning, Recorder, begin

if TYPE_CHECKING:
    from pellucid.cli.progress import LiveLoss
    from pellucid.train.loop import Progress


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


def learn_and_record(
    prepared: Prepared, recorder: Recorder, past: Past | None, *, shows: bool
) -> tuple[Run, Fitted, Report]:
    """Print the plan, train with a live view on a terminal, judge the result and keep it."""
    if shows:
        from pellucid.figures.report_text import write_plan

        print("\n".join(write_plan(outline(prepared), gaps(prepared))))
        sys.stdout.flush()
    is_live = shows and _is_terminal()
    with _live(is_live=is_live) as live:
        updates = [recorder.update, *([live.update] if live else [])]

        def update(told: Progress) -> None:
            for each in updates:
                each(told)

        fitted = learn(prepared, update, past)
        recorder.end(fitted.training)
    with _live(is_live=is_live, title="one without a hidden layer, to compare") as live:
        report = judge(fitted, live.update if live else None)
    return finish(recorder, fitted, report), fitted, report


def _live(*, is_live: bool, title: str = "") -> AbstractContextManager[LiveLoss | None]:
    if not is_live:
        return nullcontext()
    from pellucid.cli.progress import LiveLoss

    return LiveLoss(title=title)


def gaps(prepared: Prepared) -> list[str]:
    """The columns that are used although cells are missing in them; those with stray text first."""
    used = [prepared.table.column(each.name) for each in prepared.preparation.used]
    gaps = sorted((each for each in used if each.missing.any()), key=lambda each: not each.unread)
    return [gap_words(each) for each in gaps]


def _is_terminal() -> bool:
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


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
