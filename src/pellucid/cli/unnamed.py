"""What `pellucid show` says of a run whose numbers have no addresses: what it did, and what opens.

Such runs are recorded by `Trainer.fit` with a module or a loss of a person's own.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid.cli.overview import loss_lines
from pellucid.errors import AddressError
from pellucid.explain.address import Address
from pellucid.explain.digits import write_count, write_number
from pellucid.figures.text import WIDTH, cut, printable, wrap
from pellucid.model.of_arrays import why_unnamed
from pellucid.runs.run import Run
from pellucid.train.replay import moment_at

COLUMNS = ("parameter", "shape", "value", "gradient", "update")


def write_unnamed(run: Run, address: Address | None) -> list[str]:
    """The run at a glance, or one of its steps.

    Raises:
        AddressError: a number inside the network was asked for, or the run has no such step.
        RunError: the step cannot be done again, and why.
    """
    if address is None:
        return [printable(each) for each in _overview(run)]
    if address.step is None or address.row is not None or address.place:
        raise AddressError(
            f"{why_unnamed(run.recipe)}, so no number inside it has an address. A whole step opens:"
            f" `pellucid show {run.reference} @{run.first_step}`."
        )
    return [printable(each) for each in _step(run, address.step)]


def describe_unnamed(run: Run, address: Address | None) -> dict[str, Any]:
    """The same as plain data."""
    told: dict[str, Any] = {
        "run": run.name,
        "folder": str(run.folder),
        "steps": run.steps,
        "ending": run.outcome.ending,
        "fingerprint": run.outcome.fingerprint,
        "parameters": [
            {"name": name, "shape": list(shape)} for name, shape in run.recipe.program.parameters
        ],
    }
    if address is not None and address.step is not None:
        trace = moment_at(run, address.step).trace
        told |= {"step": address.step, "loss": trace.loss, "sizes": _sizes(run, address.step)}
    return told


def _overview(run: Run) -> list[str]:
    recipe, outcome = run.recipe, run.outcome
    program = recipe.program
    learned = sum(int(np.prod(shape)) for _, shape in program.parameters)
    what = "a network" if recipe.own is None else recipe.own.title
    lines = [
        cut(f"{run.name}: {what}, {learned:,} numbers learned", WIDTH),
        f"  {outcome.steps:,} steps · {write_count(outcome.finished_epochs, 'epoch')} ·"
        f" {program.optimizer.kind}, learning rate {write_number(recipe.learning_rate)}",
        "",
        *loss_lines(run),
    ]
    for name, shape in program.parameters:
        lines.append(cut(f"  {name} {shape}", WIDTH))
    told = f"{why_unnamed(recipe)}, so the numbers inside it have no addresses."
    lines += ["", *wrap(told, WIDTH, "  ")]
    if recipe.own is not None and recipe.own.obstacle:
        told = f"Its steps cannot be done again: {recipe.own.obstacle}."
        lines += wrap(told, WIDTH, "  ")
    elif outcome.steps:
        lines += ["", f"  pellucid show {run.reference} @{run.first_step}    the first step"]
    return lines


def _step(run: Run, step: int) -> list[str]:
    moment = moment_at(run, step)
    rows = [COLUMNS]
    for each in _sizes(run, step):
        numbers = (write_number(each[name]) for name in COLUMNS[2:])
        rows.append((each["parameter"], str(each["shape"]), *numbers))
    wide = [max(len(row[place]) for row in rows) for place in range(len(COLUMNS))]
    table = [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, wide, strict=True)).rstrip()
        for row in rows
    ]
    return [
        f"{run.name}, step {step:,} of {run.steps:,}: {write_count(len(moment.trace.rows), 'row')},"
        f" loss {write_number(moment.trace.loss)}",
        "",
        *table,
        "",
        "  Sizes are root mean squares. Every number: "
        f"pellucid.open_run({run.reference!r}).at({step}).trace",
    ]


def _sizes(run: Run, step: int) -> list[dict[str, Any]]:
    """How large each parameter is, its gradient and its update."""
    trace = moment_at(run, step).trace
    updates = trace.updates()
    return [
        {
            "parameter": name,
            "shape": shape,
            "value": _size(trace.before.parameters[name]),
            "gradient": _size(trace.gradients[name]),
            "update": _size(updates[name]),
        }
        for name, shape in run.recipe.program.parameters
    ]


def _size(array: Any) -> float:
    return float(np.sqrt(np.mean(np.square(array, dtype=np.float64)))) if array.size else 0.0
