"""What happened in a run, as text: what is wrong first, then the events, kind by kind.

What happened, and what is wrong, is found in `explain`.
"""

from __future__ import annotations

from collections.abc import Sequence

from pellucid.explain.diagnosis import Diagnosis
from pellucid.explain.events import Course
from pellucid.figures.text import WIDTH, wrap
from pellucid.runs.journal import Event

SHOWN = 3  # events of a kind that may be many
TITLES = {
    "jumped": "The loss jumped",
    "rising": "Validation began to rise",
    "exploded": "Gradients exploded",
    "vanished": "Gradients vanished",
    "dead": "Neurons died",
    "saturated": "Neurons saturated",
    "sign": "Weights changed their sign",
    "learnt": "Rows were classified right",
    "forgotten": "Rows were forgotten again",
}


def write_events(course: Course, *, every: bool = False) -> list[str]:
    """What happened in a run.

    Args:
        course: what was found.
        every: show all events instead of the last few of each kind.

    Returns:
        Lines of at most 80 columns; every event with an address that shows it.
    """
    run = course.run
    lines = [f"{run.name}: what happened in its {run.steps:,} steps", ""]
    for each in course.diagnoses:
        lines += [*_write_diagnosis(each), ""]
    if not course.diagnoses:
        lines += ["Nothing seems to be wrong.", ""]
    kinds = [
        *TITLES,
        *dict.fromkeys(each.kind for each in course.events if each.kind not in TITLES),
    ]
    for kind in kinds:
        found = [each for each in course.events if each.kind == kind]
        if found:
            lines += [*_write_kind(TITLES.get(kind, kind), found, every=every), ""]
    return [*lines, *wrap(f"Any of these addresses opens: pellucid show {run.reference} ADDRESS")]


def _write_diagnosis(diagnosis: Diagnosis) -> list[str]:
    return [
        *wrap(diagnosis.text),
        *wrap(diagnosis.remedy),
        *wrap("Seen at: " + "  ·  ".join(diagnosis.evidence), indent="  "),
    ]


def _write_kind(title: str, events: Sequence[Event], *, every: bool) -> list[str]:
    """The last ones of a kind: those are what the run ended with."""
    shown = events if every else events[-SHOWN:]
    count = f" ({len(events):,})" if len(events) > 1 else ""
    lines = [f"{title}{count}"]
    if len(shown) < len(events):
        lines += [f"  the last {len(shown)} of them; --depth 2 shows all"]
    for each in shown:
        lines += wrap(each.text, WIDTH, indent="  ")
        if each.addresses:
            lines += wrap(f"→ {each.addresses[-1]}", WIDTH, indent="    ")
    return lines
