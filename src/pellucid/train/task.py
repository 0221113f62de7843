"""One network's training for the native engine: a module lowered and its data packed, and the way back.

What a person asks for, and the loop in Python for modules that cannot be lowered, is `trainer`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.data.dataset import TensorDataset
from pellucid.engine.exchange import read_state, write_state
from pellucid.engine.job import Job
from pellucid.engine.layers import KINDS
from pellucid.engine.lowering import lower
from pellucid.engine.obstacle import CannotLower
from pellucid.engine.state import State
from pellucid.engine.watch import Watch
from pellucid.nn.container import Sequential
from pellucid.nn.module import Module
from pellucid.nn.residual import Residual
from pellucid.random import Generator
from pellucid.train.history import History, mean_by_epoch

if TYPE_CHECKING:
    from pellucid.train.trainer import Trainer

Array = np.ndarray[Any, Any]


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
    validation: TensorDataset | None = None
    patience: int | None = None
    restore_best: bool = True
    stop: Callable[[], object] | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """A training on its way through the native engine.

    Args:
        trainer: whose module and optimizer it is.
        chain: the module as it was lowered.
        plan: what was asked for.
        generator: whose draws it makes.
        job: for the engine.
    """

    trainer: Trainer
    chain: Module
    plan: Plan
    generator: Generator
    job: Job

    def keep(self, state: State) -> None:
        """Put a state into the module, the optimizer and the generator."""
        write_state(state, self.chain, self.trainer.optimizer)
        self.trainer.optimizer.has_stepped |= state.step > self.job.state.step
        self.generator.words[:] = state.generator
        self.trainer.model.zero_grad()

    def finish(self, reached: State) -> History:
        """Give the module what it learnt, and tell how."""
        start, watch, plan = self.job.state, self.job.watch, self.plan
        self.keep(reached)
        if plan.restore_best and reached.best is not None:
            write_state(reached.best, self.chain, self.trainer.optimizer)
        steps, epochs = reached.step - start.step, reached.epoch - start.epoch
        losses = np.empty(0) if self.job.losses is None else self.job.losses[:steps]
        batches = -(-len(self.job.inputs) // plan.batch_size)
        judged = np.empty(0) if watch is None or watch.losses is None else watch.losses[:epochs]
        is_over = watch is not None and watch.is_over(reached)
        return History(
            losses,
            mean_by_epoch(losses[: epochs * batches], len(self.job.inputs), plan.batch_size),
            "native",
            validation_losses=judged,
            best_epoch=0 if reached.best is None else reached.best.epoch - start.epoch,
            ending="patience" if is_over else "epochs" if epochs == plan.epochs else "stopped",
        )


def prepare_task(
    trainer: Trainer, dataset: TensorDataset, plan: Plan, generator: Generator
) -> Task:
    """Lower a trainer's module and pack the data.

    Raises:
        CannotLower: the native engine cannot do what the loop would do.
    """
    inputs, targets = dataset.tensors
    model = trainer.model
    is_single = type(model) in KINDS or isinstance(model, Residual)
    chain = Sequential(model) if is_single else model
    if inputs.ndim != 2:
        raise CannotLower(f"the inputs have shape {inputs.shape}, not (rows, columns)")
    program = lower(chain, trainer.loss_function, trainer.optimizer, input_width=inputs.shape[1])
    state = read_state(chain, trainer.optimizer, generator)
    trainer.check_targets(inputs, targets)
    batches = -(-len(dataset) // plan.batch_size)
    job = Job(
        program,
        state,
        np.ascontiguousarray(inputs.array),
        trainer.native_targets(targets),
        plan.epochs * batches,
        plan.batch_size,
        plan.shuffle,
        losses=np.empty(plan.epochs * batches),
        watch=_watch(trainer, plan),
    )
    return Task(trainer, chain, plan, generator, job)


def _watch(trainer: Trainer, plan: Plan) -> Watch | None:
    if plan.validation is None:
        return None
    inputs, targets = plan.validation.tensors
    trainer.check_targets(inputs, targets)
    return Watch(
        np.ascontiguousarray(inputs.array),
        trainer.native_targets(targets),
        plan.patience,
        np.empty(plan.epochs),
    )
