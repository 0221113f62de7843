"""`pellucid branch`: going on from a step of a run with something changed."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from pellucid.cli.train import WHOLE, print_training
from pellucid.cli.waiting import open_run
from pellucid.errors import InputError
from pellucid.runs.run import Run

if TYPE_CHECKING:
    from pellucid.model.branch import Branch
    from pellucid.model.fit import Fitted
    from pellucid.report.report import Report


def branch(
    *words: str,
    learning_rate: Annotated[float | None, Parameter(name=["--learning-rate", "--lr"])] = None,
    optimizer: str | None = None,
    activation: str | None = None,
    batch_size: Annotated[int | None, WHOLE] = None,
    epochs: Annotated[int | None, WHOLE] = None,
    patience: Annotated[int | None, WHOLE] = None,
    weight: Annotated[tuple[str, ...], Parameter(negative="", show_default=False)] = (),
    without: Annotated[tuple[int, ...], Parameter(negative="", show_default=False)] = (),
    out: Path | None = None,
    json: Annotated[bool, Parameter(negative="", show_default=False)] = False,
    quiet: Annotated[bool, Parameter(negative="", show_default=False)] = False,
) -> None:
    """Go on from a step of a run with something changed, as a run of its own.

    Parameters
    ----------
    words
        RUN (a name or a folder; the latest one if left out), then @120 for the first step that is
        done differently, or @last to go on after the last one.
    learning_rate
        How far a step goes from then on.
    optimizer
        How gradients move the weights: adam or sgd.
    activation
        What each hidden neuron does with its sum: relu, sigmoid, tanh or none.
    batch_size
        Rows that one step looks at.
    epochs
        How often every row is used in all, those of the run included.
    patience
        Stop after so many epochs without a better one.
    weight
        A weight set by hand, by its address or in PyTorch's spelling: hidden1.3.weight.age=0.5,
        '0.weight[2,0]=0.5'. Can be given again.
    without
        A row of the table that is no longer learnt from. Can be given again.
    out
        Folder for the branch, instead of runs/NAME-1.
    json
        Print one JSON object and nothing else.
    quiet
        Print only the branch's folder.
    """
    run, step = _moment(words)
    from pellucid.model.branch import branch_of

    started = time.perf_counter()
    made = branch_of(
        run,
        step,
        weights=dict(_weight(run, step, each) for each in weight),
        without=without,
        learning_rate=learning_rate,
        optimizer=optimizer,
        activation=activation,
        batch_size=batch_size,
        epochs=epochs,
        patience=patience,
    )
    output = "json" if json else "folder" if quiet else "picture"
    done = _train(run, made, out, shows=output == "picture")
    print_training(*done, time.perf_counter() - started, output)


def _train(run: Run, made: Branch, out: Path | None, *, shows: bool) -> tuple[Run, Fitted, Report]:
    """Train the branch and keep it as a run."""
    from pellucid.cli.recording import learn_and_record
    from pellucid.report.keeping import beginning_of
    from pellucid.runs.writer import RunWriter
    from pellucid.train.started import started_run

    begins = beginning_of(run, made)
    with started_run(RunWriter(Path(run.recipe.table.name).stem, out), begins) as recorder:
        return learn_and_record(made.prepared, recorder, made.past, shows=shows)


def _moment(words: tuple[str, ...]) -> tuple[Run, int | None]:
    """The run, and the step to begin with; None: after the last one.

    Raises:
        InputError: there is no such step.
    """
    has_run = bool(words) and not words[0].startswith("@")
    rest = words[1:] if has_run else words
    if len(rest) != 1 or not (rest[0] == "@last" or (rest[0][1:].isdigit() and rest[0][0] == "@")):
        raise InputError("From where? Name a step such as @120, or @last.")
    run = open_run(words[0] if has_run else None)
    return run, None if rest[0] == "@last" else int(rest[0][1:])


def _weight(run: Run, step: int | None, text: str) -> tuple[str, float]:
    from pellucid.explain.weight_name import name_weight

    place, _, value = text.rpartition("=")
    try:
        number = float(value)
    except ValueError as error:
        raise InputError(
            f"--weight must be ADDRESS=NUMBER, such as hidden1.1.bias=0.5. Got '{text}'."
        ) from error
    return name_weight(run, step, place), number
