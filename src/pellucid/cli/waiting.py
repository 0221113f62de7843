"""Opening a run at a terminal: steps that must be done again are announced if they take long."""

from __future__ import annotations

import sys
from pathlib import Path

from pellucid.runs import finding
from pellucid.runs.run import Run


def open_run(name: str | Path | None = None) -> Run:
    """Open a run as `runs.finding` does; on a terminal a long wait is announced.

    Raises:
        ModelFileError: there is no such run.
    """
    run = finding.open_run(name)
    if sys.stderr.isatty():
        run.on_wait = _announce
    return run


def _announce(done: int, steps: int) -> None:
    """One line that is written over, and gone when the wait is."""
    told = f"Doing {steps:,} steps again: {100 * done // steps} %"
    print(
        f"\r{told}\r{' ' * len(told)}\r" if done >= steps else f"\r{told}", end="", file=sys.stderr
    )
    sys.stderr.flush()
