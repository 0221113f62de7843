"""The studio's own few sentences: what a network learns, which row is looked at, where time stands.

Sentences about numbers come from `explain`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pellucid.explain.digits import write_count
from pellucid.explain.subject import Subject

if TYPE_CHECKING:
    from pellucid.studio.open_run import OpenRun

# What each bundled table asks, and what its rows are.
QUESTIONS = {
    "circles": ("whether a point lies inside a circle", "points"),
    "digits": ("which digit was written", "pictures"),
    "houses": ("what a house costs", "houses"),
    "penguins": ("which species a penguin is", "penguins"),
    "restaurants": ("whether somebody goes there", "restaurants"),
    "spam": ("which messages are spam", "messages"),
    "students": ("who will pass", "students"),
}
UNIT_WORDS = {"h": ("hours", "hour"), "mm": ("mm",), "g": ("g",), "m²": ("m2", "sqm"), "%": ()}
SHOWN_CELLS = 2


def say_task(subject: Subject, rows: int) -> str:
    """Say what the network learns: "… learns who will pass from 1,000 students".

    Args:
        subject: the network and its table.
        rows: that it learns from.
    """
    asked, called = QUESTIONS.get(
        subject.table.source, (f"to predict {subject.target.name}", "rows")
    )
    return f"This network learns {asked} from {write_count(rows, called[:-1], called)}."


def say_row(subject: Subject, row: int, *, is_typed: bool) -> str:
    """Say a row's first cells: "Row 1: 10 h studied, 7 h sleep".

    Args:
        subject: the network and its table.
        row: from 1.
        is_typed: whether it is one's own.
    """
    names = [each.name for each in subject.preparation.used[:SHOWN_CELLS]]
    said = ", ".join(_say_cell(subject, row, each) for each in names)
    more = ", …" if len(subject.preparation.used) > SHOWN_CELLS else ""
    dots = "" if subject.table.source in QUESTIONS else more
    return f"{'Your own row' if is_typed else f'Row {row:,}'}: {said}{dots}."


def _say_cell(subject: Subject, row: int, name: str) -> str:
    cell, unit = subject.table.cell_text(row - 1, name), subject.table.units.get(name, "")
    words = [each for each in name.split("_") if each not in UNIT_WORDS.get(unit, ())]
    return f"{cell} {' '.join(words)}" if unit else f"{' '.join(words)} {cell}"


def say_position(run: OpenRun, step: int) -> str:
    """Where a moment stands: "step 120 of 500, epoch 12, batch 10"."""
    if step > run.steps:
        return f"after all {write_count(run.steps, 'step')}"
    epoch, batch = divmod(step - 1, run.per_epoch)
    return f"step {step:,} of {run.steps:,}, epoch {epoch + 1:,}, batch {batch + 1:,}"
