"""Whether the table that a run learnt from is still what it was."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from pellucid.data.reading import read_table
from pellucid.errors import InputError
from pellucid.runs.run import Run


def source_note(run: Run) -> str:
    """A sentence if the run's table has changed since, or is gone; empty if not.

    Nothing of the run depends on it, unless it was too large to be copied: the rows that a run used
    are in its folder.
    """
    source = run.recipe.table
    if not source.path:
        return ""
    path = Path(source.path)
    kept = "The run keeps a copy of the rows that it used, and what is shown comes from that copy."
    if run.recipe.outside:
        kept = (
            "It was too large to be copied into the run, so rows and steps open only while it is"
            " there as it was."
        )
    if not path.exists():
        return f"{source.name} is no longer where it was. {kept}"
    written = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
    if written <= dt.datetime.fromisoformat(run.recipe.created):
        return ""
    header = bool(run.recipe.preparation.get("is_named", True))
    try:
        same = read_table(path, header=header).fingerprint() == source.sha256
    except InputError:
        same = False
    return "" if same else f"{source.name} has changed since the run was made. {kept}"
