"""From a finished training to a run on disk: which facts go into which record.

The folder is written by `train.recorder`; here the model's and the report's facts are gathered.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from pellucid import __version__
from pellucid.data.table import Table
from pellucid.engine.fingerprint import fingerprint
from pellucid.model.fit import Fitted
from pellucid.model.prepared import Prepared
from pellucid.model.score import Score
from pellucid.report.report import Report
from pellucid.runs.recipe import ColumnUse, Outcome, Recipe, Source
from pellucid.runs.run import Run
from pellucid.runs.writer import RunWriter
from pellucid.train.recorder import record_run


def record(writer: RunWriter, fitted: Fitted, report: Report, typed: str) -> Run:
    """Write a training as a run.

    Args:
        writer: where to.
        fitted: the training.
        report: what came of it.
        typed: the table as it was typed.
    """
    prepared = fitted.prepared
    arrays = {
        "inputs": prepared.training.inputs,
        "targets": prepared.training.targets,
        "validation.inputs": prepared.validation.inputs,
        "validation.targets": prepared.validation.targets,
        "rows.training": np.asarray(prepared.split.train, np.int64),
        "rows.validation": np.asarray(prepared.split.validation, np.int64),
        "rows.test": np.asarray(prepared.split.test, np.int64),
    }
    return record_run(
        writer,
        recipe=_recipe(prepared, report, typed, fingerprint(arrays)),
        outcome=_outcome(fitted, report),
        training=fitted.training,
        arrays=arrays,
        table=_used_table(prepared),
        save_model=fitted.model.save,
    )


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


def _used_table(prepared: Prepared) -> Table:
    """The columns that the run used, with every row of the table."""
    names = [each.name for each in prepared.preparation.used]
    return replace(prepared.table.select([*names, prepared.target.name]))


def _recipe(prepared: Prepared, report: Report, typed: str, data: str) -> Recipe:
    method, table = prepared.method, prepared.table
    path = Path(typed)
    return Recipe(
        version=__version__,
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
        layers=method.layers,
        activation=method.activation,
        loss=report.outline.loss,
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
