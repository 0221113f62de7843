"""The eager engine for a module or a loss of a person's own, whose inside no program describes.

The module is one operation of its program; the steps around it are those of every engine: the same
draws, the same order of rows, the same optimizers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

import numpy as np

from pellucid.engine.batch import check_batch
from pellucid.engine.exchange import parts_of, read_state, write_state
from pellucid.engine.failure import is_finite
from pellucid.engine.job import Job
from pellucid.engine.losses import lower_loss
from pellucid.engine.obstacle import CannotLower
from pellucid.engine.optimizers import build_optimizer, lower_optimizer, write_rates
from pellucid.engine.plateau import Plateau
from pellucid.engine.program import OWN, Loss, Operation, Program
from pellucid.engine.rates import Rates
from pellucid.engine.state import State
from pellucid.engine.trace import Trace
from pellucid.engine.values import draws_from
from pellucid.engine.watch import Watch, judged
from pellucid.engine.weighing import losses_of_rows, weighted_loss
from pellucid.errors import InputError, TrainingError
from pellucid.nn.clipping import clip
from pellucid.nn.module import Module
from pellucid.optim.optimizer import Optimizer
from pellucid.random import Generator
from pellucid.tensor.graph import no_grad
from pellucid.tensor.tensor import Tensor

Array = np.ndarray[Any, Any]

INPUTS, OUTPUT = "inputs", "output"


def own_program(module: Module, loss_function: Any, optimizer: Optimizer, row: Array) -> Program:
    """A program of one operation: the module as a whole.

    Args:
        module: of a person's own.
        loss_function: one of pellucid's, or any function of prediction and target.
        optimizer: one of pellucid's, over the module's parameters.
        row: (1, …), inputs, from which the outputs' width is read.

    Raises:
        CannotLower: the module has no parameters, or the optimizer is none of pellucid's.
    """
    parameters, buffers = parts_of(module)
    if not parameters:
        raise CannotLower("the model has no parameters to learn")
    width = int(np.prod(OwnEngine(module, loss_function).answer(row).shape[1:]))
    try:
        loss = lower_loss(loss_function, OUTPUT, width)
    except CannotLower:
        loss = Loss(OWN, "mean", OUTPUT)
    operation = Operation(OWN, (INPUTS,), OUTPUT, width, tuple(parameters), buffers=tuple(buffers))
    return Program(
        inputs=((INPUTS, int(np.prod(row.shape[1:]))),),
        operations=(operation,),
        loss=loss,
        optimizer=lower_optimizer(optimizer, parameters),
        parameters=tuple((name, each.shape) for name, each in parameters.items()),
        dtype=next(iter(parameters.values())).dtype.name,
        buffers=tuple((name, each.shape, each.dtype.name) for name, each in buffers.items()),
    )


def is_own(program: Program) -> bool:
    """Whether a part of the program is described by code only."""
    return program.loss.kind == OWN or any(each.kind == OWN for each in program.operations)


class OwnEngine:
    """Executes the steps of one module with one loss; parameters come from the states.

    Args:
        module: computes the prediction; it is not changed.
        loss_function: a function of prediction and target.
    """

    name = "eager"
    exact = True
    arithmetic = "numpy"

    def __init__(self, module: Module, loss_function: Any) -> None:
        self.module, self.loss_function = deepcopy(module), loss_function

    def run(
        self,
        program: Program,
        state: State,
        inputs: Array,
        targets: Array,
        *,
        steps: int,
        batch_size: int,
        shuffle: bool = True,
        rows: Array | None = None,
        losses: Array | None = None,
        threads: int | None = None,  # noqa: ARG002 (part of every engine)
        watch: Watch | None = None,
        stop: Callable[[], object] | None = None,
        interrupted: Callable[[State], object] | None = None,
        row_weights: Array | None = None,
        rates: Rates | None = None,
        plateau: Plateau | None = None,
    ) -> State:
        """Do `steps` steps; see `Engine.run`."""
        check_batch(steps, batch_size)
        if plateau is not None:
            raise InputError(
                "A module's own code cannot be run with a `plateau` yet. Leave it out."
            )
        data = (inputs, targets, steps, batch_size, shuffle, rows)
        learner = _Learner(self, Job(program, state, *data, losses, watch, row_weights, rates))
        try:
            return learner.run(stop)
        except BaseException:
            if interrupted is not None:
                interrupted(state)  # a step may have been half done: only the start is sure
            raise

    def trace(
        self,
        program: Program,
        state: State,
        inputs: Array,
        targets: Array,
        *,
        batch_size: int,
        shuffle: bool = True,
        rows: Array | None = None,
        row_weights: Array | None = None,
        rates: Rates | None = None,
    ) -> Trace:
        """Do one step as `run` does it; kept is what goes into the module and what comes out.

        The rows' own losses are no numbers (NaN) where the loss is of a person's own.
        """
        data = (inputs, targets, 1, batch_size, shuffle, rows)
        learner = _Learner(self, Job(program, state, *data, None, None, row_weights, rates))
        return learner.trace()

    def forward(
        self,
        program: Program,
        parameters: Mapping[str, Array],
        inputs: Array,
        *,
        threads: int | None = None,  # noqa: ARG002
    ) -> dict[str, Array]:
        """The inputs and the outputs, in evaluation mode."""
        self._write(parameters)
        return {program.inputs[0][0]: inputs, OUTPUT: self.answer(inputs)}

    def predict(
        self,
        program: Program,
        parameters: Mapping[str, Array],
        inputs: Array,
        *,
        threads: int | None = None,  # noqa: ARG002
    ) -> Array:
        """The outputs, in evaluation mode."""
        return self.forward(program, parameters, inputs)[OUTPUT]

    def evaluate(
        self,
        program: Program,
        parameters: Mapping[str, Array],
        inputs: Array,
        targets: Array,
        *,
        threads: int | None = None,  # noqa: ARG002
    ) -> tuple[float, Array]:
        """The loss over all rows, in evaluation mode, and each row's own loss (n,)."""
        prediction, truth = Tensor(self.predict(program, parameters, inputs)), Tensor(targets)
        with no_grad():
            loss = self.loss_function(prediction, truth).item()
        return float(loss), self.row_losses(program, prediction, truth)

    def row_losses(self, program: Program, prediction: Tensor, truth: Tensor) -> Array:
        """Each row's own loss, (n,); NaN where only the loss's code could say."""
        if program.loss.kind == OWN:
            return np.full(len(truth), np.nan, program.dtype)
        with no_grad():
            return losses_of_rows(self.loss_function, prediction, truth).array

    def answer(self, inputs: Array) -> Array:
        """The outputs for inputs, with the parameters as they are, in evaluation mode."""
        evaluated = deepcopy(self.module).eval()
        with no_grad(), draws_from(Generator(0)):
            prediction: Tensor = evaluated(Tensor(inputs))
        return prediction.array

    def _write(self, values: Mapping[str, Array]) -> None:
        parameters, buffers = parts_of(self.module)
        for name, each in (parameters | buffers).items():
            each.array[...] = values[name]


class _Learner:
    """A state come alive: a copy of the module and an optimizer that do its next steps."""

    def __init__(self, engine: OwnEngine, job: Job) -> None:
        self.engine, self.job, self.counts = engine, job, job.state
        self.generator = Generator(0).set_state(job.state.generator)
        self.module = deepcopy(engine.module)
        self.optimizer = build_optimizer(job.program, self.module, job.state.learning_rates())
        write_state(job.state, self.module, self.optimizer)
        self.rows = np.arange(len(job.inputs)) if job.rows is None else job.rows
        self.order = self.rows
        if job.state.position > 0 and job.shuffle:
            self.order = self.rows[Generator(job.state.order_seed).permutation(len(self.rows))]
        self.chosen = self.order[:0]

    def run(self, stop: Callable[[], object] | None) -> State:
        """All steps of the job, or as many as patience and `stop` allow."""
        job, watch, epochs = self.job, self.job.watch, 0
        for step in range(job.steps):
            if (stop is not None and stop()) or (watch is not None and watch.is_over(self.counts)):
                break
            loss = self.do_step()
            if job.losses is not None:
                job.losses[step] = loss
            if watch is not None and self.counts.position == 0:
                self.counts, epochs = self.judge(watch, epochs), epochs + 1
        return self.state()

    def do_step(self) -> float:
        """Forward, backward, update.

        Raises:
            TrainingError: a number is no longer finite.
        """
        loss = self.judge_batch(Tensor(self.next_inputs()))[1]
        if not np.isfinite(loss.item()):
            raise self.failure(f"the loss became {loss.item()}")
        self.optimizer.zero_grad()
        loss.backward()
        self.learn(loss.item())
        return float(loss.item())

    def trace(self) -> Trace:
        """One step with all its numbers."""
        job = self.job
        inputs = Tensor(self.next_inputs())
        prediction, loss = self.judge_batch(inputs)
        prediction.retain_grad()
        self.optimizer.zero_grad()
        loss.backward()
        parameters = dict(self.module.named_parameters())
        gradients = {
            name: np.zeros_like(each.array) if each.grad is None else each.grad.array.copy()
            for name, each in parameters.items()
        }
        truth = Tensor(job.targets[self.chosen])
        self.learn(loss.item())
        return Trace(
            program=job.program,
            before=job.state.copy(),
            after=self.state(),
            rows=self.chosen,
            values={INPUTS: inputs.array, OUTPUT: prediction.array},
            deltas={
                OUTPUT: prediction.array * 0 if prediction.grad is None else prediction.grad.array
            },
            row_losses=self.engine.row_losses(job.program, prediction.detach(), truth),
            loss=loss.item(),
            gradients=gradients,
            clipped={
                name: gradients[name] if each.grad is None else each.grad.array
                for name, each in parameters.items()
            },
        )

    def next_inputs(self) -> Array:
        """The inputs of the next batch; at an epoch's start its order is drawn as PyTorch does."""
        if self.counts.position == 0:
            self.generator.random_int64()  # its seed for worker processes
            seed = self.generator.random_int64() & 0xFFFFFFFF if self.job.shuffle else 0
            if self.job.shuffle:
                self.order = self.rows[Generator(seed).permutation(len(self.rows))]
            self.counts = replace(self.counts, order_seed=seed)
        start = self.counts.position * self.job.batch_size
        self.chosen = self.order[start : start + self.job.batch_size]
        inputs: Array = self.job.inputs[self.chosen]
        return inputs

    def judge_batch(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """The prediction for a batch, and its loss."""
        with draws_from(self.generator):
            prediction = self.module(inputs)
            targets = Tensor(self.job.targets[self.chosen])
            loss_function = self.engine.loss_function
            if self.job.row_weights is None:
                loss = loss_function(prediction, targets)
            else:
                weights = self.job.row_weights[self.chosen]
                loss = weighted_loss(loss_function, prediction, targets, weights)
        if not isinstance(prediction, Tensor) or not isinstance(loss, Tensor) or loss.ndim:
            raise InputError("A module gives one tensor, and a loss one number.")
        return prediction, loss

    def learn(self, loss: float) -> None:
        """Clip the gradients, write the step's learning rates, update, and count the step."""
        job, counts = self.job, self.counts
        rule = job.program.optimizer
        clip(list(self.module.parameters()), rule.clip_norm, rule.clip_value)
        if job.rates is not None:
            write_rates(self.optimizer, *job.rates.of(counts.step))
        self.optimizer.step()
        is_last = (counts.position + 1) * job.batch_size >= len(self.rows)
        self.counts = replace(
            counts,
            step=counts.step + 1,
            epoch=counts.epoch + is_last,
            position=0 if is_last else counts.position + 1,
            epoch_loss=0.0 if is_last else counts.epoch_loss + loss * len(self.chosen),
        )

    def judge(self, watch: Watch, epoch: int) -> State:
        """The counts after a look at the watched rows, with the best state among them."""
        state = self.state()
        loss, _ = self.engine.evaluate(
            self.job.program, state.values(), watch.inputs, watch.targets
        )
        if watch.losses is not None:
            watch.losses[epoch] = loss
        return judged(state, loss)

    def state(self) -> State:
        """The moment that has been reached.

        Raises:
            TrainingError: a parameter is no longer finite.
        """
        values = read_state(self.module, self.optimizer, self.generator)
        reached = replace(
            self.counts,
            parameters=values.parameters,
            learning_rate=values.learning_rate,
            further_rates=values.further_rates,
            memory=values.memory,
            buffers=values.buffers,
            generator=values.generator,
        )
        if not is_finite(reached):
            raise self.failure("the update made a parameter that is no finite number")
        return reached

    def failure(self, what: str) -> TrainingError:
        """The error for numbers that ran away."""
        return TrainingError(
            f"Step {self.counts.step + 1}: {what}. The usual cure: fill inputs and targets that are"
            " not finite, use a smaller learning rate, or check that the targets suit the loss."
        )
