"""Trainings on tables that are kept as runs without a screen: what `pellucid.record` and `Run.branch` do.

Which facts go into the records is decided in `record`; the same at a terminal is `cli.recording`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from msgspec import structs

from pellucid.errors import InputError
from pellucid.model.branch import Branch, branch_of
from pellucid.model.fit import learn
from pellucid.model.prepared import Prepared, prepare_fit
from pellucid.report.judge import judge
from pellucid.report.record import beginning, finish
from pellucid.runs.recipe import BUDGET
from pellucid.runs.run import Run
from pellucid.runs.writer import RunWriter
from pellucid.train.past import Past
from pellucid.train.recorder import Beginning
from pellucid.train.started import started_run


def keep(prepared: Prepared, begins: Beginning, writer: RunWriter, past: Past | None = None) -> Run:
    """Train, judge the result, and keep it as a run."""
    with started_run(writer, begins) as recorder:
        fitted = learn(prepared, recorder.update, past)
        recorder.end(fitted.training)
        return finish(recorder, fitted, judge(fitted))


def keep_fit(
    table: Any, target: str, out: str | Path | None, disk: int | None, **settings: Any
) -> Run:
    """Train on a table as `fit` does, and keep it.

    Args:
        table: anything that `fit` reads.
        target: the column to predict.
        out: folder for the run; None: runs/NAME-1.
        disk: megabytes for the states along the run; None: 256.
        settings: those of `fit`.
    """
    if disk is not None and disk < 1:
        raise InputError(f"`disk` must be 1 megabyte or more. Got {disk}.")
    prepared = prepare_fit(table, target, **settings)
    typed = str(table) if isinstance(table, str | Path) else ""
    writer = RunWriter(Path(prepared.table.source).stem, None if out is None else Path(out))
    return keep(prepared, beginning(prepared, typed, disk or BUDGET), writer)


def keep_branch(run: Run, step: int | None, out: str | Path | None, **changes: Any) -> Run:
    """Go on from a step of a run with something changed, and keep it as a run of its own.

    Args:
        run: to go on from.
        step: the first step that is done differently, from 1; None: after the last one.
        out: folder for the branch; None: runs/NAME-1.
        changes: see `model.branch.branch_of`.
    """
    made = branch_of(run, step, **changes)
    writer = RunWriter(Path(run.recipe.table.name).stem, None if out is None else Path(out))
    return keep(made.prepared, beginning_of(run, made), writer, made.past)


def beginning_of(run: Run, made: Branch) -> Beginning:
    """All that a branch holds before its first step."""
    recipe = run.recipe
    begins = beginning(
        made.prepared, recipe.table.path, recipe.budget, past=made.past, parent=made.parent
    )
    return replace(begins, recipe=structs.replace(begins.recipe, table=recipe.table))
