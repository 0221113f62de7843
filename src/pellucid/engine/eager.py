"""The eager engine: the same steps with autograd on arrays, one operation after another in Python.

It is the readable reference that the native engine is held against; it is slower by far, and its
sums are numpy's, so that it repeats itself to rounding only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from pellucid.engine.batch import check_batch, check_inputs, check_targets
from pellucid.engine.failure import is_finite
from pellucid.engine.graph import compute
from pellucid.engine.inputs import tensors_of
from pellucid.engine.job import Job
from pellucid.engine.learner import make_work
from pellucid.engine.losses import build_loss
from pellucid.engine.plateau import Plateau
from pellucid.engine.program import Program
from pellucid.engine.rates import Rates
from pellucid.engine.state import State
from pellucid.engine.trace import Trace
from pellucid.engine.values import build_evaluated
from pellucid.engine.watch import Watch, judged
from pellucid.engine.weighing import class_weights, losses_of_rows
from pellucid.tensor.graph import no_grad
from pellucid.tensor.tensor import Tensor

Array = np.ndarray[Any, Any]

ROWS_AT_ONCE = 4096  # so that predicting takes bounded memory


class EagerEngine:
    """Executes programs operation by operation, as PyTorch does."""

    name = "eager"
    exact = False
    arithmetic = "numpy"

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
        """Do `steps` steps, across the ends of epochs, and return the new state.

        See `Engine.run`.
        """
        data = (inputs, targets, steps, batch_size, shuffle, rows)
        job = Job(program, state, *data, losses, watch, row_weights, rates, plateau)
        job.check_plateau()
        try:
            return self._run(job, stop)
        except BaseException:
            if interrupted is not None:
                interrupted(state)  # a step may have been half done: only the start is sure
            raise

    def _run(self, job: Job, stop: Callable[[], object] | None) -> State:
        """From one epoch's end to the next, with a look at the watched rows there."""
        check_batch(job.steps, job.batch_size)
        work = make_work(
            job.program,
            job.inputs,
            job.targets,
            batch_size=job.batch_size,
            rows=job.rows,
            row_weights=job.row_weights,
            shuffle=job.shuffle,
            rates=job.rates,
        )
        state, watch, left, epochs = job.state, job.watch, job.steps, 0
        if watch is not None:
            watch.check((state.position + left) // work.batches)
        while left > 0 and not (watch is not None and watch.is_over(state)):
            count = min(left, work.batches - state.position)
            done = job.steps - left
            part = np.empty(count) if job.losses is None else job.losses[done : done + count]
            before, (state, is_whole) = state, work.run(state, count, part, stop)
            if not is_whole or not is_finite(state):
                raise work.failure(before, state)
            if state.step - before.step < count:
                break
            left -= count
            if state.position == 0:
                loss = work.mean_loss(before, part)
                state, epochs = self._end_epoch(job, state, loss, epochs), epochs + 1
        return state

    def _end_epoch(self, job: Job, state: State, loss: float, epoch: int) -> State:
        """Judge the epoch, lower the learning rates if it is time, remember the best moment."""
        watch = job.watch
        if watch is not None:
            loss, _ = self.evaluate(job.program, state.values(), watch.inputs, watch.targets)
            if watch.losses is not None:
                watch.losses[epoch] = loss
        if job.plateau is not None:
            state = job.plateau.moved(state, loss)
        return state if watch is None else judged(state, loss)

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
        """Do one step as `run` does it, and keep all its numbers."""
        check_batch(1, batch_size)
        work = make_work(
            program,
            inputs,
            targets,
            batch_size=batch_size,
            rows=rows,
            row_weights=row_weights,
            shuffle=shuffle,
            rates=rates,
        )
        return work.trace(state)

    def forward(
        self,
        program: Program,
        parameters: Mapping[str, Array],
        inputs: Array,
        *,
        threads: int | None = None,  # noqa: ARG002 (part of every engine)
    ) -> dict[str, Array]:
        """Every buffer's values (n, units), the inputs among them."""
        inputs = check_inputs(program, inputs)
        network = build_evaluated(program, parameters)
        with no_grad():
            values = compute(program, network, *tensors_of(inputs))
        return {name: each.array for name, each in values.items()}

    def predict(
        self,
        program: Program,
        parameters: Mapping[str, Array],
        inputs: Array,
        *,
        threads: int | None = None,  # noqa: ARG002
    ) -> Array:
        """The last buffer, (n, out)."""
        inputs = check_inputs(program, inputs)
        network = build_evaluated(program, parameters)
        starts = range(0, len(inputs), ROWS_AT_ONCE)
        with no_grad():
            parts = [network(*tensors_of(inputs[i : i + ROWS_AT_ONCE])).array for i in starts]
        return np.concatenate(parts)

    def evaluate(
        self,
        program: Program,
        parameters: Mapping[str, Array],
        inputs: Array,
        targets: Array,
        *,
        threads: int | None = None,  # noqa: ARG002
    ) -> tuple[float, Array]:
        """The loss over all rows, by the program's reduction, and each row's own loss (n,)."""
        targets = check_targets(program, targets, len(inputs))
        prediction = self.forward(program, parameters, inputs)[program.loss.prediction]
        loss_function = build_loss(program)
        with no_grad():
            losses = losses_of_rows(loss_function, Tensor(prediction), Tensor(targets)).array
        total = np.add.reduce(losses)
        if program.loss.reduction == "mean":
            total /= np.add.reduce(class_weights(loss_function, Tensor(targets), losses))
        return float(total), losses
