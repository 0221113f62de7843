"""Work for the compiled module: a program with checked data, and states packed to be trained on it.

What may be asked of the engine is said in `native`, how a state becomes flat arrays in `packing`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pellucid import _native
from pellucid.engine.batch import (
    check_batch,
    check_inputs,
    check_rows,
    check_smallest_batch,
    check_targets,
    check_weights,
)
from pellucid.engine.failure import failure_of
from pellucid.engine.inputs import Inputs, arrays_of, split_inputs
from pellucid.engine.job import Job
from pellucid.engine.layout import Layout, layout_of
from pellucid.engine.packing import Numbers, check_trainable, native_program
from pellucid.engine.program import Program
from pellucid.engine.rates import rows_of
from pellucid.engine.state import State
from pellucid.engine.trace import Trace
from pellucid.engine.watch import Watch, unwatched
from pellucid.errors import InputError, TrainingError

Array = np.ndarray[Any, Any]

# Where Python's numbers may be larger than C++'s: the engine's own limits.
_MOST_THREADS = 64
_LARGEST_COUNT = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Work:
    """A program and checked data: what stays the same from one state to the next.

    Args:
        job: what was asked for.
        compiled: its program.
        layout: where its numbers lie.
        kernels: the compiled module's name for the kernels to use.
        inputs: (n, in), C-ordered.
        targets: (n, out) or (n,), C-ordered.
        rows: those that take part, C-ordered; None: all.
        row_weights: (n,), of the program's dtype; None: all count alike.
    """

    job: Job
    compiled: _native.Program
    layout: Layout
    kernels: str
    inputs: Any
    targets: Array
    rows: Array | None
    row_weights: Array | None

    @property
    def row_count(self) -> int:
        """Rows that take part."""
        return len(self.inputs if self.rows is None else self.rows)

    @property
    def batches(self) -> int:
        """Batches of an epoch."""
        return -(-self.row_count // self.job.batch_size)

    def pack(self, job: Job) -> Packed:
        """The state of a job like the one that was prepared, with its own copies of all arrays."""
        state, watch, plateau = job.state, job.watch, job.plateau
        self._check(state, job.steps, job.losses)
        job.check_plateau()
        rates = rows_of(job.rates, state, job.steps)
        numbers = Numbers(self.layout, state, rates, plateau)
        best = None if watch is None else numbers.room()
        packed = _native.make_job(
            **self._arguments(numbers),
            steps=job.steps,
            losses=job.losses,
            watch=None if watch is None or best is None else self._watch(job, watch, best),
            plateau=None if plateau is None else plateau.words(),
        )
        return Packed(self, job, packed, numbers, best)

    def trace(self, state: State) -> Trace:
        """One step with all its numbers."""
        self._check(state, 1, None)
        program = self.job.program
        rates = rows_of(self.job.rates, state, 1)
        numbers = Numbers(self.layout, state, rates)
        rows = min(self.job.batch_size, self.row_count - state.position * self.job.batch_size)
        shapes = {name: (rows, width) for name, width in program.widths().items()}
        values = {name: np.empty(shape, program.dtype) for name, shape in shapes.items()}
        outputs = [each.output for each in program.operations]
        deltas = {name: np.empty(shapes[name], program.dtype) for name in outputs}
        row_losses, chosen = np.empty(rows, program.dtype), np.empty(rows, np.int64)
        gradients = np.empty_like(numbers.parameters)
        clipped = np.empty_like(numbers.parameters)
        loss, progress = _native.trace_step(
            **self._arguments(numbers),
            losses=np.empty(1),
            values=list(values.values()),
            deltas=list(deltas.values()),
            row_losses=row_losses,
            gradients=gradients,
            clipped=clipped,
            chosen=chosen,
        )
        if program.categories:
            arrays = zip(dict(program.inputs), arrays_of(self.inputs), strict=True)
            values |= {name: each[chosen] for name, each in arrays if name in program.categories}
        return Trace(
            program=program,
            before=state.copy(),
            after=numbers.state_after(1, progress),
            rows=chosen,
            values=values,
            deltas=deltas,
            row_losses=row_losses,
            loss=loss,
            gradients=self.layout.split(gradients),
            clipped=self.layout.split(clipped),
            momenta=None if rates[1] is None else rates[1][0],
        )

    def state_after(self, job: Job, steps: int) -> State:
        """The state after so many of a job's steps, as far as their loss is finite."""
        watch = None if job.plateau is None else job.watch  # the rule follows what it sees
        packed = self.pack(replace(job, steps=steps, losses=None, watch=watch))
        raised = run_packed([packed], None, None)
        if raised is not None:
            raise raised
        return packed.unpack()[0]

    def _arguments(self, numbers: Numbers) -> dict[str, Any]:
        return {
            "program": self.compiled,
            "machine": self.kernels,
            **numbers.arguments(),
            "examples": _examples(self.job.program, self.inputs, self.targets, self.row_weights),
            "rows": self.rows,
            "batch_size": min(self.job.batch_size, _LARGEST_COUNT),
            "shuffle": self.job.shuffle,
        }

    def _watch(self, job: Job, watch: Watch, best: Numbers) -> tuple[Any, ...]:
        program = job.program
        epochs = (job.state.position + job.steps) // self.batches
        watch.check(epochs)
        inputs = check_inputs(program, watch.inputs)
        targets = check_targets(program, watch.targets, len(inputs))
        losses = np.empty(epochs) if watch.losses is None else watch.losses
        examples = _examples(program, inputs, targets)
        return examples, watch.patience or 0, losses, best.arrays()

    def _check(self, state: State, steps: int, losses: Array | None) -> None:
        if losses is not None and (losses.shape != (steps,) or losses.dtype != np.float64):
            came = f"{losses.dtype} of shape {losses.shape}"
            raise InputError(f"`losses` must be float64 of shape ({steps},). Got {came}.")
        if self.job.rates is not None:
            self.job.rates.check(state, steps, max(1, len(self.job.program.optimizer.groups)))
        if not 0 <= state.position < self.batches:
            raise InputError(
                f"With {self.row_count} rows and batch_size={self.job.batch_size} an epoch has "
                f"{self.batches} batches. The state has done {state.position} of its epoch; go on "
                "with the rows and the batch size that it comes from."
            )


@dataclass(frozen=True, slots=True)
class Packed:
    """A state on its way through the compiled module.

    Args:
        work: what it is trained on.
        asked: what is to be done, with the state as it was.
        job: the same for the compiled module.
        numbers: the state's arrays, which the job changes.
        best: where the job puts those of the best epoch, if it is watched.
    """

    work: Work
    asked: Job
    job: _native.Job
    numbers: Numbers
    best: Numbers | None

    def unpack(self) -> tuple[State, bool]:
        """The state that was reached, and whether every loss on the way was finite."""
        ending, steps, progress, best = self.job.result()
        after = self.numbers.state_after(steps, progress)
        if best is not None and self.best is not None:
            after = replace(after, best=unwatched(self.best.state_after(*best)))
        return after, ending != "not finite"

    def finish(self) -> State | TrainingError:
        """The state that was reached, or what went wrong on the way."""
        after, is_whole = self.unpack()
        if is_whole and self.numbers.is_finite():
            return after
        return failure_of(
            self.asked.state,
            after,
            run=lambda count: self.work.state_after(self.asked, count),
            trace=self.work.trace,
        )


def prepare(kernels: str, job: Job) -> Work:
    """The job's program compiled and its data checked.

    Raises:
        ShapeError: data of another shape than the program says.
        InputError: data that the program cannot be trained on, or a program that cannot be trained.
    """
    check_batch(job.steps, job.batch_size)
    compiled = native_program(job.program)
    check_trainable(job.program)
    inputs = check_inputs(job.program, job.inputs)
    targets = check_targets(job.program, job.targets, len(inputs))
    rows = check_rows(job.rows, len(inputs))
    row_weights, rows = check_weights(job.row_weights, rows, len(inputs), job.program.dtype)
    if job.steps > 0:
        check_smallest_batch(job.program, len(inputs if rows is None else rows), job.batch_size)
    layout = layout_of(job.program)
    return Work(job, compiled, layout, kernels, inputs, targets, rows, row_weights)


def prepare_many(kernels: str, jobs: Sequence[Job]) -> Iterator[Work]:
    """The same for many jobs; programs and data that several share are checked once.

    Raises:
        ShapeError: as for one.
        InputError: as for one.
    """
    known: dict[tuple[int, ...], Work] = {}
    for job in jobs:
        shared = (job.program, job.inputs, job.targets, job.rows, job.shuffle, job.row_weights)
        key = (*map(id, (*shared, job.rates)), job.batch_size, job.steps > 0)
        check_batch(job.steps, job.batch_size)
        if key not in known:
            known[key] = prepare(kernels, job)
        yield known[key]


def run_packed(
    packed: Sequence[Packed], threads: int | None, stop: Callable[[], object] | None
) -> BaseException | None:
    """Run all jobs in one call; gives what Ctrl-C, or `stop` itself, raised meanwhile."""
    return _native.run_jobs([each.job for each in packed], count_threads(threads), stop)


def count_threads(threads: int | None) -> int:
    """The number for the compiled module, 0 for None.

    Raises:
        InputError: it is below 1.
    """
    if threads is not None and threads < 1:
        raise InputError(f"`threads` must be 1 or more, or None. Got {threads}.")
    return min(threads or 0, _MOST_THREADS)


@contextmanager
def memory_for(program: Program, rows: int) -> Iterator[None]:
    """Say it in the user's terms if there is not enough memory.

    Raises:
        InputError: there is not.
    """
    try:
        yield
    except MemoryError as error:
        widest = max(program.widths().values())
        raise InputError(
            f"There is not enough memory for {rows:,} rows at once in a network with layers of up "
            f"to {widest:,} units. Fewer rows at once, or smaller layers, need less."
        ) from error


def _examples(
    program: Program, inputs: Array | Inputs, targets: Array, row_weights: Array | None = None
) -> Any:
    has_classes = program.loss.has_classes
    return (
        split_inputs(program, inputs),
        None if has_classes else targets,
        targets if has_classes else None,
        row_weights,
    )
