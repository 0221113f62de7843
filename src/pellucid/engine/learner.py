"""Steps of the eager engine: a state come alive as modules, a loss function and an optimizer.

What may be asked of the engine is said in `eager`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pellucid.engine.batch import (
    check_inputs,
    check_rows,
    check_smallest_batch,
    check_targets,
    check_weights,
)
from pellucid.engine.building import build_network
from pellucid.engine.exchange import read_state, write_state
from pellucid.engine.failure import failure_of
from pellucid.engine.graph import compute
from pellucid.engine.inputs import tensors_of
from pellucid.engine.losses import build_loss
from pellucid.engine.optimizers import build_optimizer, write_rates
from pellucid.engine.program import Program
from pellucid.engine.rates import Rates
from pellucid.engine.state import State
from pellucid.engine.trace import Trace
from pellucid.engine.values import draws_from
from pellucid.engine.weighing import losses_of_rows, weighted_loss
from pellucid.errors import TrainingError
from pellucid.nn.clipping import clip
from pellucid.random import Generator
from pellucid.tensor.tensor import Tensor

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Work:
    """A program with the data that it is executed on.

    Args:
        program: what a step computes.
        inputs: (n, in).
        targets: (n, out) or (n,).
        rows: which of them take part.
        batch_size: rows of a batch.
        shuffle: a new order every epoch.
        row_weights: (n,), how much each row counts; None for all alike.
        rates: what a schedule has written for each step, if there is one.
    """

    program: Program
    inputs: Array
    targets: Array
    rows: Array
    batch_size: int
    shuffle: bool
    row_weights: Array | None
    rates: Rates | None

    @property
    def batches(self) -> int:
        """Batches of an epoch."""
        return -(-len(self.rows) // self.batch_size)

    def run(
        self,
        state: State,
        steps: int,
        losses: Array | None,
        stop: Callable[[], object] | None = None,
    ) -> tuple[State, bool]:
        """Do up to `steps` steps; also whether all of them had a finite loss."""
        learner = Learner(self, state)
        for step in range(steps):
            if stop is not None and stop():
                break
            loss = learner.judge_batch()
            if not np.isfinite(loss.array):
                return learner.state(), False
            if losses is not None:
                losses[step] = loss.item()
            learner.differentiate(loss)
            learner.learn(loss)
        return learner.state(), True

    def mean_loss(self, state: State, losses: Array) -> float:
        """The mean over the rows of the epoch that ends with these losses, from `state` on."""
        sizes = np.full(self.batches, self.batch_size)
        sizes[-1] = len(self.rows) - self.batch_size * (self.batches - 1)
        total = state.epoch_loss
        for loss, size in zip(losses, sizes[state.position :], strict=True):
            total += loss * size
        return float(total / len(self.rows))

    def failure(self, start: State, reached: State) -> TrainingError:
        """What went wrong on the way from one state or in the step after the other."""
        return failure_of(
            start,
            reached,
            run=lambda count: self.run(start, count, None)[0],
            trace=self.trace,
        )

    def trace(self, state: State) -> Trace:
        """One step with all its numbers."""
        learner = Learner(self, state)
        loss = learner.judge_batch(traces=True)
        buffers = {each.output: learner.values[each.output] for each in self.program.operations}
        for each in buffers.values():
            if each.is_tracked:
                each.retain_grad()
        targets = Tensor(self.targets[learner.chosen])
        prediction = learner.values[self.program.loss.prediction].detach()
        learner.differentiate(loss)
        gradients = {
            name: np.zeros_like(each.array) if each.grad is None else each.grad.array.copy()
            for name, each in (buffers | dict(learner.network.named_parameters())).items()
        }
        learner.learn(loss)
        parameters = dict(learner.network.named_parameters())
        return Trace(
            program=self.program,
            before=state.copy(),
            after=learner.state(),
            rows=learner.chosen,
            values={name: each.array for name, each in learner.values.items()},
            deltas={name: gradients[name] for name in buffers},
            row_losses=losses_of_rows(learner.loss_function, prediction, targets).array,
            loss=loss.item(),
            gradients={name: gradients[name] for name, _ in self.program.parameters},
            clipped={
                name: gradients[name] if each.grad is None else each.grad.array
                for name, each in parameters.items()
            },
            momenta=None if self.rates is None else self.rates.of(state.step)[1],
        )


class Learner:
    """A state come alive: modules and an optimizer that do its next steps.

    Args:
        work: the program and its data.
        state: where to start; it is not changed.
    """

    def __init__(self, work: Work, state: State) -> None:
        self.work = work
        self.counts = state
        self.generator = Generator(0).set_state(state.generator)
        self.network = build_network(work.program)
        self.loss_function = build_loss(work.program)
        self.optimizer = build_optimizer(work.program, self.network, state.learning_rates())
        write_state(state, self.network, self.optimizer)
        self.order = work.rows
        if state.position > 0 and work.shuffle:
            self.order = work.rows[Generator(state.order_seed).permutation(len(work.rows))]
        self.chosen = self.order[:0]
        self.values: dict[str, Tensor] = {}

    def judge_batch(self, *, traces: bool = False) -> Tensor:
        """The loss of the next batch; all values of its forward pass are kept.

        A trace also wants the deltas of what stands before the first parameter.
        """
        if self.counts.position == 0:
            self.begin_epoch()
        work = self.work
        start = self.counts.position * work.batch_size
        self.chosen = self.order[start : start + work.batch_size]
        inputs = tensors_of(work.inputs[self.chosen], requires_grad=traces)
        with draws_from(self.generator):
            self.values = compute(work.program, self.network, *inputs)
        prediction = self.values[work.program.loss.prediction]
        targets = Tensor(work.targets[self.chosen])
        if work.row_weights is not None:
            weights = work.row_weights[self.chosen]
            return weighted_loss(self.loss_function, prediction, targets, weights)
        loss: Tensor = self.loss_function(prediction, targets)
        return loss

    def begin_epoch(self) -> None:
        """Draw the order of the next epoch as PyTorch's `DataLoader` does."""
        self.generator.random_int64()  # its seed for worker processes
        seed = 0
        if self.work.shuffle:
            seed = self.generator.random_int64() & 0xFFFFFFFF
            self.order = self.work.rows[Generator(seed).permutation(len(self.work.rows))]
        self.counts = replace(self.counts, order_seed=seed)

    def differentiate(self, loss: Tensor) -> None:
        """Zero the gradients and go backward."""
        self.optimizer.zero_grad()
        loss.backward()

    def learn(self, loss: Tensor) -> None:
        """Clip the gradients, write the step's learning rates, update, and count the step."""
        rule = self.work.program.optimizer
        clip(list(self.network.parameters()), rule.clip_norm, rule.clip_value)
        if self.work.rates is not None:
            write_rates(self.optimizer, *self.work.rates.of(self.counts.step))
        self.optimizer.step()
        counts, rows = self.counts, len(self.work.rows)
        is_last = (counts.position + 1) * self.work.batch_size >= rows
        self.counts = replace(
            counts,
            step=counts.step + 1,
            epoch=counts.epoch + is_last,
            position=0 if is_last else counts.position + 1,
            epoch_loss=0.0 if is_last else counts.epoch_loss + loss.item() * len(self.chosen),
        )

    def state(self) -> State:
        """The moment that has been reached."""
        values = read_state(self.network, self.optimizer, self.generator)
        return replace(
            self.counts,
            parameters=values.parameters,
            learning_rate=values.learning_rate,
            further_rates=values.further_rates,
            memory=values.memory,
            buffers=values.buffers,
            generator=values.generator,
        )


def make_work(
    program: Program,
    inputs: Array,
    targets: Array,
    *,
    batch_size: int,
    rows: Array | None,
    row_weights: Array | None,
    shuffle: bool,
    rates: Rates | None,
) -> Work:
    """The program with checked data."""
    inputs = check_inputs(program, inputs)
    targets = check_targets(program, targets, len(inputs))
    rows = check_rows(rows, len(inputs))
    row_weights, rows = check_weights(row_weights, rows, len(inputs), program.dtype)
    chosen = np.arange(len(inputs)) if rows is None else rows
    check_smallest_batch(program, len(chosen), batch_size)
    return Work(program, inputs, targets, chosen, batch_size, shuffle, row_weights, rates)
