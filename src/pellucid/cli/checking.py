"""`pellucid show RUN --check`: whether a run's files are as they were written, and its steps true.

A number of a run is checked by its address; here it is the run as a whole.
"""

from __future__ import annotations

from itertools import pairwise

from pellucid.engine.state import State
from pellucid.errors import ModelFileError, RunError
from pellucid.explain.digits import write_count
from pellucid.figures.text import WIDTH, printable, wrap
from pellucid.runs import states
from pellucid.runs.run import Run
from pellucid.runs.seal import check_seal, read_seal
from pellucid.train.replay import do_steps


def check_run(run: Run) -> list[str]:
    """What was checked, and how it came out; three lines or more.

    Raises:
        ModelFileError: a file is damaged; the sentence says what is lost.
        RunError: steps that are done again leave other numbers than those on disk.
    """
    sealed = read_seal(run.folder).sha256
    files = [name for name in sealed if not name.startswith(f"{states.FOLDER}/")]
    for name in files:
        if name != states.BEST:  # which has a fingerprint instead, as all states
            check_seal(run.folder / name)
    kept = [run.nearest_state(step) for step in run.kept_steps]
    if any(state.step != step for state, step in zip(kept, run.kept_steps, strict=True)):
        raise ModelFileError(
            f"A state of {run.name} is damaged. An earlier one takes its place wherever it is needed."
        )
    told = [
        f"✓ {write_count(len(files), 'file')} and {write_count(len(kept), 'state')} are as they were"
        " written",
        _replayed(run, kept),
    ]
    lines = [printable(line) for each in told for line in wrap(each, WIDTH, "")]
    if run.recipe.task == "arrays":
        return lines
    hint = (
        f"A single number is checked by its address: pellucid show {run.reference} @1 loss --check"
    )
    return [*lines, "", *map(printable, wrap(hint, WIDTH, ""))]


def _replayed(run: Run, kept: list[State]) -> str:
    """Do all steps again, from one state on disk to the next."""
    for before, after in pairwise(kept):
        reached = do_steps(run, before, after.step - before.step)
        if reached.fingerprint() != after.fingerprint():
            raise RunError(
                f"The steps {before.step + 1:,} to {after.step:,} of {run.name}, done again, leave"
                " other numbers than those on disk. Code of your own must draw chance from"
                " pellucid only and keep what it remembers in parameters and buffers."
                if run.recipe.own is not None
                else f"The steps {before.step + 1:,} to {after.step:,} of {run.name}, done again,"
                " leave other numbers than those on disk: the run was written by another version."
            )
    steps = kept[-1].step - kept[0].step
    return f"✓ {write_count(steps, 'step')}, done again, end with the same bits"
