"""A training at a terminal, recorded while it goes on: the plan, a live view, the judgement.

What the folder holds is decided in `record`; a run that goes on is found in `resume`.
"""

from __future__ import annotations

import os
import sys
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from pellucid.data.kinds import gap_words
from pellucid.model.fit import Fitted, learn
from pellucid.model.prepared import Prepared
from pellucid.report.judge import judge, outline
from pellucid.report.record import finish
from pellucid.report.report import Report
from pellucid.runs.run import Run
from pellucid.train.past import Past
from pellucid.train.recorder import Recorder

if TYPE_CHECKING:
    from pellucid.cli.progress import LiveLoss
    from pellucid.train.loop import Progress


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
    try:
        with _live(is_live=is_live, title="one without a hidden layer, to compare") as live:
            report = judge(fitted, live.update if live else None)
        return finish(recorder, fitted, report), fitted, report
    except KeyboardInterrupt as stopped:
        folder = recorder.folder
        raise KeyboardInterrupt(
            f"Stopped before the report was ready. What was learnt lies in {folder}:"
            f" `pellucid train --resume {folder}` goes on from there and writes the report."
        ) from stopped


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
