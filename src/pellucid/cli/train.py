"""`pellucid train`: from a table to a run, with the plan, the loss, the score and row 1 on screen."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter, Token

from pellucid.data.bundled.examples import bundled, bundled_names
from pellucid.data.reading import read_table
from pellucid.data.table import Table
from pellucid.errors import InputError

if TYPE_CHECKING:
    from pellucid.model.fit import Fitted
    from pellucid.report.report import Report
    from pellucid.runs.run import Run

MOST_LINES = 30


def _read_whole(_: Any, tokens: Sequence[Token]) -> int:
    """A whole number as typed; 1.5 is a mistake and is not rounded."""
    return int(tokens[0].value)


WHOLE = Parameter(converter=_read_whole)


def train(
    table: str | None = None,
    /,
    *,
    target: str | None = None,
    layers: str | None = None,
    activation: str = "relu",
    optimizer: str = "adam",
    learning_rate: Annotated[float | None, Parameter(name=["--learning-rate", "--lr"])] = None,
    batch_size: Annotated[int | None, WHOLE] = None,
    epochs: Annotated[int, WHOLE] = 50,
    seed: Annotated[int, WHOLE] = 0,
    patience: Annotated[int | None, WHOLE] = None,
    weights: Annotated[str | None, Parameter(allow_leading_hyphen=True)] = None,
    dtype: str = "float32",
    no_header: Annotated[bool, Parameter(negative="", show_default=False)] = False,
    out: Path | None = None,
    resume: str | None = None,
    disk: Annotated[int, WHOLE] = 256,
    json: Annotated[bool, Parameter(negative="", show_default=False)] = False,
    quiet: Annotated[bool, Parameter(negative="", show_default=False)] = False,
) -> None:
    """Learn to predict one column of a table from the others, and keep what was learnt.

    Parameters
    ----------
    table
        A CSV or Parquet file, or the name of a bundled table (see `pellucid examples`).
    target
        The column to predict; a bundled table knows its own.
    layers
        Neurons of each hidden layer, such as 16 or 16,16, or none. Chosen by the table's size.
    activation
        What each hidden neuron does with its sum: relu, sigmoid, tanh or none.
    optimizer
        How gradients move the weights: adam or sgd.
    learning_rate
        How far a step goes. Chosen by optimizer and width.
    batch_size
        Rows that one step looks at. A tenth of the rows, 8 to 100.
    epochs
        How often every row is used; 0 learns nothing.
    seed
        Any whole number; the same one gives the same network again.
    patience
        Stop after so many epochs without a better one.
    weights
        Decide with these weights instead of random first ones (with --layers none).
    dtype
        float32 or float64.
    no_header
        The first line is a row, not names; the columns are then called c1, c2, …
    out
        Folder for the run, instead of runs/NAME-1.
    resume
        Go on with this run, which was cut off; it ends as if it never had been.
    disk
        Megabytes for the states that are kept along the run.
    json
        Print one JSON object and nothing else.
    quiet
        Print only the run's folder.
    """
    settings: dict[str, Any] = {
        "layers": layers,
        "activation": activation,
        "optimizer": optimizer,
        "learning_rate": learning_rate,
        "batch_size": batch_size,
        "epochs": epochs,
        "seed": seed,
        "patience": patience,
        "weights": weights,
        "dtype": dtype,
    }
    output = "json" if json else "folder" if quiet else "picture"
    if resume is not None:
        _check_resume(table, target, settings, out)
        _resume(resume, output)
    else:
        _train(table, target, settings, out, output, header=not no_header, disk=disk)


def _resume(name: str, output: str) -> None:
    """Go on with a run, and print it as `train` does."""
    from pellucid.cli.resume import resume_run

    print_training(*resume_run(name, shows=output == "picture"), output)


def _check_resume(
    table: str | None, target: str | None, settings: dict[str, Any], out: Path | None
) -> None:
    """A run that goes on takes everything from its recipe.

    Raises:
        InputError: something else was said.
    """
    defaults = {"activation": "relu", "optimizer": "adam", "epochs": 50, "seed": 0}
    defaults["dtype"] = "float32"
    changed = [each for each, value in settings.items() if value != defaults.get(each)]
    said = [name for name, value in (("target", target), ("out", out)) if value is not None]
    more = [table] if table else [f"--{each.replace('_', '-')}" for each in (*said, *changed)]
    if more:
        raise InputError(
            f"A run goes on as its recipe says, so {more[0]} is too much beside --resume."
            " `pellucid branch` goes on with something changed."
        )


def _train(
    table: str | None,
    target: str | None,
    settings: dict[str, Any],
    out: Path | None,
    output: str,
    *,
    header: bool,
    disk: int,
) -> None:
    """Train, keep the run, and print it as a picture, as JSON or as its folder."""
    started = time.perf_counter()
    if table is None:
        raise InputError("TABLE is missing. `pellucid train --help` shows what it understands.")
    if disk < 1:
        raise InputError(f"--disk must be 1 megabyte or more. Got {disk}.")
    source = read_table(table, header=header)
    _warn_of_names(source)
    chosen = _choose_target(source, table, target)
    from pellucid.cli.recording import learn_and_record
    from pellucid.model.prepared import prepare_fit
    from pellucid.report.record import beginning
    from pellucid.runs.writer import RunWriter
    from pellucid.train.loop import Plan
    from pellucid.train.started import started_run

    prepared = prepare_fit(source, chosen, **settings)
    method = prepared.method
    Plan(method.batch_size, method.epochs).check(len(prepared.training))
    writer = RunWriter(Path(source.source).stem, out)
    with started_run(writer, beginning(prepared, table, disk)) as recorder:
        done = learn_and_record(prepared, recorder, None, shows=output == "picture")
    print_training(*done, time.perf_counter() - started, output)


def print_training(run: Run, fitted: Fitted, report: Report, seconds: float, output: str) -> None:
    """Print a training that is kept: as a "picture", as "json" or as its "folder"."""
    if output == "json":
        _print_json(run, report)
    elif output == "folder":
        print(run.folder)
    else:
        _print_results(run, fitted, report, seconds)


def _warn_of_names(source: Table) -> None:
    from pellucid.data.header import doubt_of_names
    from pellucid.figures.text import printable

    doubt = doubt_of_names(source)
    if doubt:
        print(f"Note: {printable(doubt)}", file=sys.stderr)


def _choose_target(source: Table, typed: str, target: str | None) -> str:
    """The column to predict: as typed, or the one that a bundled table is about."""
    if target is not None:
        source.column(target)
        return target
    stem = Path(typed).stem
    if stem in bundled_names() and bundled(stem).target in source:
        return bundled(stem).target
    columns = ", ".join(source.columns[:8]) + (", …" if len(source.columns) > 8 else "")
    raise InputError(f"Which column shall be predicted? Add --target COLUMN, one of: {columns}.")


def _print_results(run: Run, fitted: Fitted, report: Report, seconds: float) -> None:
    """Everything after the training, in at most as many lines as the screen has left."""
    from pellucid.cli.opening import open_row
    from pellucid.cli.recording import gaps
    from pellucid.figures import report_text

    opened = open_row(fitted.model, fitted.prepared.table, _first_row(fitted))
    blocks = [
        report_text.write_losses(report.losses),
        report_text.write_ending(report),
        report_text.write_scores(report),
        report_text.write_sentences(report),
        opened.short(),
        report_text.write_next(run, seconds, opened.cells_typed(), opened.prediction),
    ]
    plan = len(report_text.write_plan(report.outline, gaps(fitted.prepared)))
    used = plan + sum(len(each) for each in blocks) + 5
    spare = MOST_LINES - 1 - 3 - used
    if spare < 0:  # a crowded screen: what can be typed next gives way first
        blocks[-1] = blocks[-1][: max(len(blocks[-1]) + spare, 2)]
        used -= min(-spare, 2)
    network = report_text.write_network(report.outline, max(min(6, MOST_LINES - 1 - used), 3))
    losses, ending, scores, sentences, row, following = blocks
    for block in ([*losses, *ending], network, [*scores, *sentences], row, following):
        if block:
            print()
            print("\n".join(block))


def _first_row(fitted: Fitted) -> int:
    """The first row, counted from 1, whose truth is known."""
    split = fitted.prepared.split
    return 1 + min(int(each[0]) for each in (split.train, split.validation, split.test))


def _print_json(run: Run, report: Report) -> None:
    from pellucid.cli.printing import print_json
    from pellucid.report.record import describe_score

    outline = report.outline
    print_json(
        {
            "run": run.name,
            "folder": str(run.folder),
            "table": outline.source,
            "target": outline.target,
            "task": outline.task,
            "rows": {
                "training": outline.training,
                "validation": outline.validation,
                "test": outline.test,
            },
            "inputs": list(outline.inputs),
            "left_out": [{"column": name, "reason": why} for name, why in outline.left_out],
            "learned": outline.learned,
            "steps": report.steps,
            "epochs": report.epochs,
            "best_epoch": report.best_epoch,
            "ending": report.ending,
            "seconds": report.seconds,
            "losses": [{"step": step, "loss": loss} for step, loss in report.losses],
            "score": describe_score("this network", report.network),
            "rivals": [describe_score(each.name, each.score) for each in report.rivals],
            "sentences": list(report.sentences),
            "fingerprint": run.outcome.fingerprint,
        }
    )
