"""How a training by `Trainer.fit` is kept as a run: where, under which names, and by which records.

The steps are done in `recorded`; the folder is written by `recorder`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import structs

from pellucid._native import version
from pellucid.engine.blueprint import Draughtsman
from pellucid.engine.fingerprint import fingerprint
from pellucid.engine.job import Job
from pellucid.engine.origin import Untraceable, sources_of
from pellucid.engine.own import is_own
from pellucid.errors import InputError
from pellucid.runs import store
from pellucid.runs.recipe import BUDGET, Own, Recipe, Source
from pellucid.train.examples import Examples
from pellucid.train.past import Past
from pellucid.train.recorder import Beginning

if TYPE_CHECKING:
    from pellucid.train.task import Task

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Recording:
    """How a training is kept as a run.

    Args:
        folder: to write to; it must not exist, or be empty. None: runs/NAME-1, with the name of the
            module's class.
        inputs: the names of the inputs' columns; x1, x2, … if left out.
        target: the name of what is predicted.
        disk: megabytes for the states along the run, 1 or more.

    Example:
        >>> Recording("runs/first", inputs=("hours", "sleep"), target="passed").disk
        256
    """

    folder: str | Path | None = None
    inputs: Sequence[str] = ()
    target: str = "target"
    disk: int = BUDGET


def read_recording(record: Any) -> Recording:
    """What `fit(record=…)` was given: True, a folder, or a `Recording`.

    Raises:
        InputError: it is something else.
    """
    if record is True:
        return Recording()
    if isinstance(record, str | Path):
        return Recording(record)
    if isinstance(record, Recording):
        if record.disk < 1:
            raise InputError(f"`disk` must be 1 megabyte or more. Got {record.disk}.")
        return record
    raise InputError(
        f"`record` must be True, a folder or a `pellucid.Recording`. Got {type(record).__name__}."
    )


def beginning_of(task: Task, recording: Recording, dataset: Examples) -> Beginning:
    """All that the run holds before its first step."""
    arrays = _arrays(task.job, dataset)
    job, program = task.job, task.job.program
    width = program.inputs[0][1]
    names = tuple(recording.inputs) or tuple(f"x{number + 1}" for number in range(width))
    if len(names) != width or len({*names, recording.target}) != width + 1:
        raise InputError(
            f"A recording's `inputs` must be {width} different names, one for each column, and none"
            f" of them the target's. Got {', '.join(names)} and {recording.target}."
        )
    recipe = _recipe(task, fingerprint(arrays))
    recipe = structs.replace(
        recipe, inputs=names, target=recording.target, budget=recording.disk, own=_own(task)
    )
    return Beginning(
        recipe=recipe,
        arrays=arrays,
        table=None,
        past=Past(job.state),
        state=job.state,
        save_model=lambda path: store.write_arrays(path, job.state.values()),
    )


def _arrays(job: Job, dataset: Examples) -> dict[str, Array]:
    rows = np.arange(len(dataset), dtype=np.int64)
    arrays = {"inputs": job.inputs, "targets": job.targets, "rows.training": rows}
    arrays |= {f"rows.{name}": rows[:0] for name in ("validation", "test")}
    empty = {"validation.inputs": job.inputs[:0], "validation.targets": job.targets[:0]}
    if job.watch is not None:
        empty = {
            "validation.inputs": job.watch.inputs,
            "validation.targets": job.watch.targets,
        }
    if job.row_weights is not None:
        arrays["row_weights"] = job.row_weights
    return arrays | empty | _rates(job)


def _rates(job: Job) -> dict[str, Array]:
    """What a schedule writes, where it writes something new: by the step before which it does."""
    if job.rates is None:
        return {}
    tables = {"rates": job.rates.learning_rates}
    if job.rates.momenta is not None:
        tables["momenta"] = job.rates.momenta
    together = np.hstack(list(tables.values()))
    changed = np.flatnonzero(np.any(together[1:] != together[:-1], axis=1)) + 1
    places = np.array([0, *changed], np.int64)
    return {"rates.steps": places} | {name: table[places] for name, table in tables.items()}


def _recipe(task: Task, data: str) -> Recipe:
    job, program = task.job, task.job.program
    linear = [each.width for each in program.operations if each.kind == "linear"]
    kinds = {each.kind for each in program.operations[:-1]} - {"linear"}
    return Recipe(
        version=version,
        created=dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds"),
        table=Source(name="arrays", path="", sha256=data, rows=len(job.inputs)),
        target="target",
        task=_task(program, job.targets),
        columns=(),
        inputs=(),
        preparation={},
        split_seed=0,
        layers=tuple(linear[:-1]),
        activation=kinds.pop() if len(kinds) == 1 else "",
        loss=program.loss.kind.replace("_", " "),
        program=program,
        learning_rate=job.state.learning_rate or 1e-300,
        batch_size=job.batch_size,
        epochs=task.plan.epochs,
        patience=task.plan.patience,
        seed=task.generator.initial_seed() % 2**63,
        dtype=program.dtype,
        engine=task.engine.name,
        arithmetic=task.engine.arithmetic,
        data_sha256=data,
        recorded="arrays",
        shuffle=job.shuffle,
    )


def _task(program: Any, targets: Array) -> str:
    """What the targets mean to the loss."""
    kind, outputs = program.loss.kind, program.widths()[program.loss.prediction]
    if is_own(program) or kind == "soft_cross_entropy" or program.loss.element_weights:
        return "arrays"
    if program.loss.has_classes:
        return "classes" if outputs > 1 and targets.ndim == 1 else "arrays"
    if outputs != 1 or targets.size != len(targets):
        return "arrays"
    if kind in ("bce", "bce_with_logits"):
        return "yes/no" if np.isin(targets, (0, 1)).all() else "arrays"
    return "number"


def _own(task: Task) -> Own | None:
    """How the module and the loss are found again; None if the program says all about them."""
    if not is_own(task.job.program):
        return None
    trainer = task.trainer
    title = type(trainer.model).__name__
    draughtsman = Draughtsman()
    try:
        network = draughtsman.describe(trainer.model, title)
        loss = draughtsman.describe(trainer.loss_function, "the loss")
        code = sources_of(draughtsman.names)
    except Untraceable as obstacle:
        return Own(title=title, obstacle=obstacle.reason)
    return Own(title=title, network=network, loss=loss, code=code)
