"""A training of a module or loss of a person's own as a task, for the engine that runs any code.

`Trainer.fit` needs it only where the training is recorded: without a record the loop in Python
does it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pellucid.engine.exchange import parts_of, read_state
from pellucid.engine.job import Job
from pellucid.engine.obstacle import CannotLower
from pellucid.engine.own import OwnEngine, own_program
from pellucid.engine.watch import Watch
from pellucid.errors import InputError
from pellucid.random import Generator
from pellucid.train.examples import Examples
from pellucid.train.settings import room_for
from pellucid.train.task import Plan, Task, clipped, scheduled

if TYPE_CHECKING:
    from pellucid.train.trainer import Trainer


def own_task(
    trainer: Trainer, dataset: Examples, plan: Plan, generator: Generator, reason: str
) -> Task:
    """A task that is done by the module's own code.

    Args:
        trainer: whose module.
        dataset: the rows to learn from.
        plan: how.
        generator: whose draws the training makes.
        reason: why the native engine does not do it.

    Raises:
        InputError: it cannot be recorded, and why.
    """
    inputs, targets = (np.ascontiguousarray(each.array) for each in dataset.tensors[:2])
    parts = parts_of(trainer.model)
    try:
        program = own_program(trainer.model, trainer.loss_function, trainer.optimizer, inputs[:1])
        state = read_state(parts, trainer.optimizer, generator)
    except CannotLower as obstacle:
        raise InputError(f"This training cannot be recorded: {obstacle.reason}.") from obstacle
    watch = None
    if plan.validation is not None:
        judged = [np.ascontiguousarray(each.array) for each in plan.validation.tensors[:2]]
        watch = Watch(judged[0], judged[1], plan.patience, room_for(plan.epochs, "epochs"))
    steps = plan.epochs * -(-len(dataset) // plan.batch_size)
    job = Job(
        clipped(program, trainer),
        replace(state, step=0),
        inputs,
        targets,
        steps,
        plan.batch_size,
        plan.shuffle,
        losses=room_for(steps, "steps"),
        watch=watch,
        row_weights=None if dataset.weights is None else dataset.weights.array,
    )
    engine = OwnEngine(trainer.model, trainer.loss_function)
    return Task(trainer, parts, plan, generator, scheduled(trainer, job), engine, reason)
