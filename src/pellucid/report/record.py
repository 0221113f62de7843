"""From a training to a run on disk: which facts go into which record, before and after it.

The folder is written by `train.recorder`; here the model's and the report's facts are gathered.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from pellucid._native import version
from pellucid.data.table import Table
from pellucid.engine.fingerprint import fingerprint
from pellucid.model.fit import Fitted
from pellucid.model.model import Model
from pellucid.model.prepared import Prepared
from pellucid.model.score import Score
from pellucid.report.judge import outline
from pellucid.report.report import Report
from pellucid.runs.outside import ROWS
from pellucid.runs.recipe import BUDGET, LARGEST_COPY, ColumnUse, Outcome, Parent, Recipe, Source
from pellucid.runs.run import Run
from pellucid.train.past import Past
from pellucid.train.recorder import Beginning, Recorder

Array = np.ndarray[Any, Any]


def beginning(
    prepared: Prepared,
    typed: str,
    budget: int = BUDGET,
    *,
    past: Past | None = None,
    parent: Parent | None = None,
) -> Beginning:
    """All that a run holds before its first step.

    Args:
        prepared: the training.
        typed: the table as it was typed.
        budget: megabytes for the states along the run.
        past: what came before its first state, in a branch.
        parent: the moment that a branch goes on from.
    """
    arrays = {
        "inputs": prepared.training.inputs,
        "targets": prepared.training.targets,
        "validation.inputs": prepared.validation.inputs,
        "validation.targets": prepared.validation.targets,
        "rows.training": np.asarray(prepared.split.train, np.int64),
        "rows.validation": np.asarray(prepared.split.validation, np.int64),
        "rows.test": np.asarray(prepared.split.test, np.int64),
    }
    recipe = _recipe(prepared, typed, fingerprint(arrays))
    table = _used_table(prepared)
    if recipe.table.path and _size(arrays, table) > LARGEST_COPY:
        recipe = msgspec.structs.replace(recipe, outside=True)
        arrays = {name: each for name, each in arrays.items() if name in ROWS}
    model = Model(prepared.preparation, prepared.target, prepared.network, prepared.method)
    return Beginning(
        recipe=msgspec.structs.replace(recipe, budget=budget, parent=parent),
        arrays=arrays,
        table=None if recipe.outside else table,
        past=past or Past(prepared.state),
        state=prepared.state,
        save_model=model.save,
    )


def finish(recorder: Recorder, fitted: Fitted, report: Report) -> Run:
    """Write what came of a training.

    Args:
        recorder: that wrote it while it went on.
        fitted: the training.
        report: the judgement.
    """
    return recorder.finish(_outcome(fitted, report), fitted.model.save)


def describe_score(name: str, score: Score) -> dict[str, Any]:
    """A score as plain data."""
    return {
        "name": name,
        "measure": score.measure,
        "value": score.value,
        "low": score.low,
        "high": score.high,
        "rows": score.rows,
    }


def _size(arrays: Mapping[str, Array], table: Table) -> int:
    """Bytes of the prepared arrays and of the raw columns."""
    cells = (each.codes if each.numbers is None else each.numbers for each in table.data)
    return sum(each.nbytes for each in (*arrays.values(), *cells) if each is not None)


def _used_table(prepared: Prepared) -> Table:
    """The columns that the run used, with every row of the table."""
    names = [each.name for each in prepared.preparation.used]
    return replace(prepared.table.select([*names, prepared.target.name]))


def _recipe(prepared: Prepared, typed: str, data: str) -> Recipe:
    method, table = prepared.method, prepared.table
    path = Path(typed)
    return Recipe(
        version=version,
        created=dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds"),
        table=Source(
            name=table.source,
            path=str(path.absolute()) if path.is_file() else "",
            sha256=table.fingerprint(),
            rows=len(table),
        ),
        target=prepared.target.name,
        task=prepared.target.kind,
        columns=_columns(prepared),
        inputs=tuple(prepared.preparation.input_names),
        preparation=msgspec.to_builtins(prepared.preparation),
        split_seed=method.seed,
        decoding=msgspec.to_builtins(prepared.target),
        layers=method.layers,
        activation=method.activation,
        loss=outline(prepared).loss,
        program=prepared.program,
        learning_rate=method.learning_rate,
        batch_size=method.batch_size,
        epochs=method.epochs,
        patience=method.patience,
        seed=method.seed,
        dtype=method.dtype,
        engine=prepared.engine.name,
        arithmetic=prepared.engine.arithmetic,
        data_sha256=data,
    )


def _columns(prepared: Prepared) -> tuple[ColumnUse, ...]:
    preparation = prepared.preparation
    kinds = {each.name: type(each).__struct_config__.tag for each in preparation.columns}
    return (
        *(
            ColumnUse(name=each.name, kind=str(kinds[each.name]), reason=each.reason)
            for each in preparation.columns
        ),
        ColumnUse(name=prepared.target.name, kind="target", reason=prepared.target.reason),
    )


def _outcome(fitted: Fitted, report: Report) -> Outcome:
    training = fitted.training
    answers = [(each.name, each.score) for each in report.rivals]
    return Outcome(
        steps=training.steps,
        finished_epochs=training.epochs,
        best_epoch=training.best_epoch,
        ending=training.ending,
        seconds=training.seconds,
        fingerprint=training.last.fingerprint(),
        scores=tuple(
            describe_score(name, score)
            for name, score in [*answers, ("this network", report.network)]
        ),
        sentences=report.sentences,
    )
