"""One network's training for the native engine: a module lowered and its data packed, and the way back.

What a person asks for, and the loop in Python for modules that cannot be lowered, is `trainer`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.engine.batch import check_inputs
from pellucid.engine.engine import Engine
from pellucid.engine.exchange import Parts, parts_of, read_state, write_state
from pellucid.engine.inputs import Inputs
from pellucid.engine.job import Job
from pellucid.engine.layers import KINDS
from pellucid.engine.losses import of_chances
from pellucid.engine.lowering import lower, name_inputs
from pellucid.engine.native import NativeEngine
from pellucid.engine.obstacle import CannotLower
from pellucid.engine.plateau import lower_plateau, read_counts, settle
from pellucid.engine.program import Program
from pellucid.engine.schedule import follow, rates_of
from pellucid.engine.state import State
from pellucid.engine.watch import Watch
from pellucid.nn.container import Sequential
from pellucid.nn.module import Module
from pellucid.nn.residual import Residual
from pellucid.optim.lr_scheduler.plateau import ReduceLROnPlateau
from pellucid.random import Generator
from pellucid.tensor.tensor import Tensor
from pellucid.train.examples import Examples, describe_inputs, native_inputs
from pellucid.train.history import History, mean_by_epoch
from pellucid.train.named_losses import NamedLosses
from pellucid.train.settings import room_for

if TYPE_CHECKING:
    from pellucid.train.trainer import Trainer

Array = np.ndarray[Any, Any]

SHARES = ("sigmoid", "softmax")  # kinds of operations that give numbers from 0 to 1


@dataclass(frozen=True, slots=True)
class Plan:
    """How a `Trainer` is to train, apart from the data.

    Args:
        batch_size: rows of a batch.
        epochs: how often each row is used, at most.
        shuffle: a new random order every epoch.
        validation: rows to judge each epoch by; None if there are none.
        patience: stop after so many epochs without a lower validation loss; None: never.
        restore_best: whether the module ends as it was at the end of the best epoch.
        stop: asked now and then; ends the training once it gives something true.
    """

    batch_size: int
    epochs: int
    shuffle: bool = True
    validation: Examples | None = None
    patience: int | None = None
    restore_best: bool = True
    stop: Callable[[], object] | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows as the native engine takes them.

    Args:
        inputs: (n, in), C-ordered, or several such arrays.
        targets: (n, out) or (n,), C-ordered.
    """

    inputs: Any
    targets: Array


@dataclass(frozen=True, slots=True)
class Task:
    """A training on its way through the native engine.

    Args:
        trainer: whose module and optimizer it is.
        parts: the tensors of the module as it was lowered.
        plan: what was asked for.
        generator: whose draws it makes.
        job: for the engine.
        engine: does the steps.
        reason: why it is not the native one; empty if it is.
    """

    trainer: Trainer
    parts: Parts
    plan: Plan
    generator: Generator
    job: Job
    engine: Engine = field(default_factory=NativeEngine)
    reason: str = ""

    def train(self) -> History:
        """Do it."""
        return self.finish(self.run(self.job, self.keep))

    def run(self, job: Job, interrupted: Callable[[State], object]) -> State:
        """Do this job, or a part of it."""
        return self.engine.run(
            job.program,
            job.state,
            job.inputs,
            job.targets,
            steps=job.steps,
            batch_size=job.batch_size,
            shuffle=job.shuffle,
            losses=job.losses,
            watch=job.watch,
            stop=self.plan.stop,
            interrupted=interrupted,
            row_weights=job.row_weights,
            rates=job.rates,
            plateau=job.plateau,
        )

    def keep(self, state: State) -> None:
        """Put a state into the module, the optimizer and the generator; the schedule follows."""
        write_state(state, self.parts, self.trainer.optimizer)
        self.trainer.optimizer.has_stepped |= state.step > self.job.state.step
        self.generator.set_state(state.generator)
        for each in self.parts.parameters.values():
            each.grad = None
        if isinstance(self.trainer.scheduler, ReduceLROnPlateau):
            settle(self.trainer.scheduler, state, state.epoch - self.job.state.epoch)
        elif self.trainer.scheduler is not None:
            steps = state.step - self.job.state.step
            follow(self.trainer.scheduler, steps // self.trainer.steps_between(self.job))

    def finish(self, reached: State) -> History:
        """Give the module what it learnt, and tell how."""
        start, watch, plan = self.job.state, self.job.watch, self.plan
        self.keep(reached)
        if plan.restore_best and reached.best is not None:
            write_state(reached.best, self.parts, self.trainer.optimizer)
        steps, epochs = reached.step - start.step, reached.epoch - start.epoch
        losses = np.empty(0) if self.job.losses is None else self.job.losses[:steps]
        batches = -(-len(self.job.inputs) // plan.batch_size)
        judged = np.empty(0) if watch is None or watch.losses is None else watch.losses[:epochs]
        is_over = watch is not None and watch.is_over(reached)
        return History(
            losses,
            mean_by_epoch(losses[: epochs * batches], len(self.job.inputs), plan.batch_size),
            self.engine.name,
            self.reason,
            validation_losses=judged,
            best_epoch=0 if reached.best is None else reached.best.epoch - start.epoch,
            ending="patience" if is_over else "epochs" if epochs == plan.epochs else "stopped",
        )


class Preparation:
    """Makes tasks of trainers; what depends on the program and the data alone is done once."""

    def __init__(self) -> None:
        self.programs: dict[Program, Program] = {}
        self.rows: dict[tuple[int, int], Rows] = {}

    def lower(self, trainer: Trainer, chain: Module, inputs: Sequence[Tensor]) -> Program:
        """The program of a trainer; the same object for equal programs."""
        named = name_inputs(chain, describe_inputs(inputs))
        program = lower(chain, trainer.loss_function, trainer.optimizer, inputs=named)
        return self.share(clipped(program, trainer))

    def share(self, program: Program) -> Program:
        """The object that stands for all programs that are equal to this one."""
        return self.programs.setdefault(program, program)

    def read(self, trainer: Trainer, program: Program, dataset: Examples) -> Rows:
        """A dataset's rows, checked by the loss function."""
        key = id(program), id(dataset)
        if key not in self.rows:
            arrays = native_inputs(dataset.inputs)
            inputs = check_inputs(program, arrays[0] if len(arrays) == 1 else Inputs(arrays))
            trainer.check_targets(dataset.inputs, dataset.targets)
            self.rows[key] = Rows(inputs, trainer.native_targets(dataset.targets))
        return self.rows[key]


def prepare_task(
    trainer: Trainer,
    dataset: Examples,
    plan: Plan,
    generator: Generator,
    preparation: Preparation,
) -> Task:
    """Lower a trainer's module and pack the data.

    Args:
        trainer: whose module.
        dataset: the rows to learn from.
        plan: how.
        generator: whose draws the training makes.
        preparation: what was done for other networks; a new one if there are none.

    Raises:
        CannotLower: the native engine cannot do what the loop would do.
    """
    if isinstance(trainer.loss_function, NamedLosses):
        raise CannotLower("there are several losses")
    model = trainer.model
    is_single = type(model) in KINDS or isinstance(model, Residual)
    chain = Sequential(model) if is_single else model
    program = preparation.lower(trainer, chain, dataset.inputs)
    if program.loss.has_classes and dataset.targets.dtype.kind == "f":
        program = preparation.share(replace(program, loss=of_chances(program.loss)))
    if program.loss.kind == "bce" and program.operations[-1].kind not in SHARES:
        raise CannotLower("BCELoss wants shares from 0 to 1, which no sigmoid makes here")
    parts = parts_of(chain)
    state = read_state(parts, trainer.optimizer, generator)
    rows = preparation.read(trainer, program, dataset)
    steps = plan.epochs * -(-len(dataset) // plan.batch_size)
    job = Job(
        program,
        state,
        rows.inputs,
        rows.targets,
        steps,
        plan.batch_size,
        plan.shuffle,
        losses=room_for(steps, "steps"),
        watch=watched(trainer, program, dataset, plan, preparation),
        row_weights=None if dataset.weights is None else dataset.weights.array,
    )
    return Task(trainer, parts, plan, generator, scheduled(trainer, job))


def watched(
    trainer: Trainer, program: Program, dataset: Examples, plan: Plan, preparation: Preparation
) -> Watch | None:
    """The rows to judge each epoch by, if there are some.

    Raises:
        CannotLower: their targets are of another kind than those of the rows to learn from.
    """
    if plan.validation is None:
        return None
    kinds = {each.targets.dtype.kind == "f" for each in (dataset, plan.validation)}
    if len(kinds) > 1:
        raise CannotLower("some targets are classes, others chances of classes")
    judged = preparation.read(trainer, program, plan.validation)
    return Watch(judged.inputs, judged.targets, plan.patience, room_for(plan.epochs, "epochs"))


def clipped(program: Program, trainer: Trainer) -> Program:
    """The program with the trainer's clipping."""
    norm, value = trainer.clip_norm, trainer.clip_value
    if norm is None and value is None:
        return program
    return replace(program, optimizer=replace(program.optimizer, clip_norm=norm, clip_value=value))


def scheduled(trainer: Trainer, job: Job) -> Job:
    """The job with the table of what the trainer's schedule will write, or with its rule.

    Raises:
        CannotLower: the schedule is not pellucid's.
    """
    if trainer.scheduler is None:
        return job
    if isinstance(trainer.scheduler, ReduceLROnPlateau):
        rule = lower_plateau(trainer.scheduler)
        state = replace(job.state, plateau=read_counts(trainer.scheduler))
        return replace(job, state=state, plateau=rule)
    every = trainer.steps_between(job)
    return replace(job, rates=rates_of(trainer.scheduler, job.state.step, job.steps, every))
