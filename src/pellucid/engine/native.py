"""The native engine: whole stretches of steps in C++, with the same bits on every call.

The arithmetic itself is under `native/`; what a step means is said in `program`, how states become
flat arrays in `packing`, and what is said when numbers run away in `failure`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from pellucid import _native
from pellucid.engine.batch import check_batch, check_inputs, check_rows, check_targets
from pellucid.engine.failure import failure_of, is_finite
from pellucid.engine.packing import Numbers, check_trainable, flatten, native_program, split
from pellucid.engine.program import Program
from pellucid.engine.state import State, read_parameters
from pellucid.engine.trace import Trace
from pellucid.errors import InputError, did_you_mean

Array = np.ndarray[Any, Any]

# Where Python's numbers may be larger than C++'s: the engine's own limits.
_MOST_THREADS = 64
_LARGEST_COUNT = 2**63 - 1


class NativeEngine:
    """Executes programs in C++; the bits depend on the arithmetic alone.

    Args:
        arithmetic: 'fma' (fused multiply-add), 'plain' (multiply, then add; every machine has it),
            or None for 'fma' where the processor has it.
        kernels: 'avx512', 'avx2', 'neon' or 'plain'; None takes the best one of the arithmetic.

    Raises:
        InputError: if this processor has no such kernels.

    Example:
        >>> NativeEngine("plain").arithmetic
        'plain'
    """

    name = "native"
    exact = True

    def __init__(self, arithmetic: str | None = None, kernels: str | None = None) -> None:
        self.kernels, self.arithmetic = _choose_kernels(arithmetic, kernels)

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
        threads: int | None = None,
    ) -> State:
        """Do `steps` steps, across the ends of epochs, and return the new state.

        See `Engine.run`. Ctrl-C ends it within a moment; `state` stays as it was.
        """
        check_batch(steps, batch_size)
        work = _work(
            self.kernels,
            program,
            inputs,
            targets,
            batch_size=batch_size,
            shuffle=shuffle,
            rows=rows,
        )
        with _memory_for(program, min(batch_size, work.row_count)):
            after, is_whole = work.run(state, steps, losses, threads)
        if is_whole and is_finite(after):
            return after
        raise failure_of(
            state,
            after.step - state.step,
            run=lambda count: work.run(state, count, None, threads)[0],
            trace=work.trace,
        )

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
    ) -> Trace:
        """Do one step as `run` does it, bit for bit, and keep all its numbers.

        Numbers that are not finite are no error here; a trace shows them.
        """
        check_batch(1, batch_size)
        work = _work(
            self.kernels,
            program,
            inputs,
            targets,
            batch_size=batch_size,
            shuffle=shuffle,
            rows=rows,
        )
        with _memory_for(program, min(batch_size, work.row_count)):
            return work.trace(state)

    def forward(
        self, program: Program, parameters: Mapping[str, Array], inputs: Array
    ) -> dict[str, Array]:
        """Every buffer's values (n, units), the inputs among them."""
        return self._values(program, parameters, inputs, list(program.widths()))

    def predict(self, program: Program, parameters: Mapping[str, Array], inputs: Array) -> Array:
        """The last buffer, (n, out); a row's bits depend on that row alone."""
        last = list(program.widths())[-1]
        return self._values(program, parameters, inputs, [last])[last]

    def evaluate(
        self, program: Program, parameters: Mapping[str, Array], inputs: Array, targets: Array
    ) -> tuple[float, Array]:
        """The loss over all rows, by the program's reduction, and each row's own loss (n,)."""
        compiled = native_program(program)
        inputs = check_inputs(program, inputs)
        targets = check_targets(program, targets, len(inputs))
        has_classes = program.loss.kind == "cross_entropy"
        with _memory_for(program, len(inputs)):
            row_losses = np.empty(len(inputs), program.dtype)
            loss = _native.evaluate_rows(
                compiled,
                self.kernels,
                flatten(program, read_parameters(program, parameters)),
                inputs,
                None if has_classes else targets,
                targets if has_classes else None,
                row_losses,
            )
        return loss, row_losses

    def _values(
        self, program: Program, parameters: Mapping[str, Array], inputs: Array, names: list[str]
    ) -> dict[str, Array]:
        compiled = native_program(program)
        inputs = check_inputs(program, inputs)
        widths = program.widths()
        numbers = [list(widths).index(name) for name in names]
        flat = flatten(program, read_parameters(program, parameters))
        with _memory_for(program, len(inputs)):
            values = {name: np.empty((len(inputs), widths[name]), program.dtype) for name in names}
            _native.forward_rows(
                compiled, self.kernels, flat, inputs, numbers, list(values.values())
            )
        return values


@contextmanager
def _memory_for(program: Program, rows: int) -> Iterator[None]:
    try:
        yield
    except MemoryError as error:
        widest = max(program.widths().values())
        raise InputError(
            f"There is not enough memory for {rows:,} rows at once in a network with layers of up "
            f"to {widest:,} units. Fewer rows at once, or smaller layers, need less."
        ) from error


@dataclass(frozen=True, slots=True)
class _Work:
    """A program and checked data: what stays the same from one state to the next."""

    program: Program
    batch_size: int
    row_count: int
    arguments: dict[str, Any]

    def run(
        self, state: State, steps: int, losses: Array | None, threads: int | None
    ) -> tuple[State, bool]:
        """The state after the steps, and whether all of them had a finite loss."""
        if losses is not None and (losses.shape != (steps,) or losses.dtype != np.float64):
            came = f"{losses.dtype} of shape {losses.shape}"
            raise InputError(f"`losses` must be float64 of shape ({steps},). Got {came}.")
        if threads is not None and threads < 1:
            raise InputError(f"`threads` must be 1 or more, or None. Got {threads}.")
        self._check_position(state)
        numbers = Numbers(self.program, state)
        is_whole, done, progress = _native.run_steps(
            **self.arguments,
            **numbers.arguments(),
            steps=steps,
            threads=min(threads or 0, _MOST_THREADS),
            losses=losses,
        )
        return numbers.state_after(done, progress), is_whole

    def trace(self, state: State) -> Trace:
        """One step with all its numbers."""
        self._check_position(state)
        numbers = Numbers(self.program, state)
        rows = min(self.batch_size, self.row_count - state.position * self.batch_size)
        dtype = self.program.dtype
        shapes = {name: (rows, width) for name, width in self.program.widths().items()}
        values = {name: np.empty(shape, dtype) for name, shape in shapes.items()}
        deltas = {
            each.output: np.empty(shapes[each.output], dtype) for each in self.program.operations
        }
        row_losses, chosen = np.empty(rows, dtype), np.empty(rows, np.int64)
        gradients = np.empty_like(numbers.parameters)
        loss, progress = _native.trace_step(
            **self.arguments,
            **numbers.arguments(),
            values=list(values.values()),
            deltas=list(deltas.values()),
            row_losses=row_losses,
            gradients=gradients,
            chosen=chosen,
        )
        return Trace(
            program=self.program,
            before=state.copy(),
            after=numbers.state_after(1, progress),
            rows=chosen,
            values=values,
            deltas=deltas,
            row_losses=row_losses,
            loss=loss,
            gradients=split(self.program, gradients),
        )

    def _check_position(self, state: State) -> None:
        batches = -(-self.row_count // self.batch_size)
        if not 0 <= state.position < batches:
            raise InputError(
                f"With {self.row_count} rows and batch_size={self.batch_size} an epoch has "
                f"{batches} batches. The state has done {state.position} of its epoch; go on with "
                "the rows and the batch size that it comes from."
            )


def _work(
    kernels: str,
    program: Program,
    inputs: Array,
    targets: Array,
    *,
    batch_size: int,
    shuffle: bool,
    rows: Array | None,
) -> _Work:
    compiled = native_program(program)
    check_trainable(program)
    inputs = check_inputs(program, inputs)
    targets = check_targets(program, targets, len(inputs))
    rows = check_rows(rows, len(inputs))
    has_classes = program.loss.kind == "cross_entropy"
    arguments = {
        "program": compiled,
        "machine": kernels,
        "inputs": inputs,
        "targets": None if has_classes else targets,
        "classes": targets if has_classes else None,
        "rows": rows,
        "batch_size": min(batch_size, _LARGEST_COUNT),
        "shuffle": shuffle,
    }
    return _Work(program, batch_size, len(inputs) if rows is None else len(rows), arguments)


def _choose_kernels(arithmetic: str | None, kernels: str | None) -> tuple[str, str]:
    known = dict(_native.machines())
    if kernels is not None and kernels not in known:
        raise InputError(
            f"This processor has the kernels {', '.join(known)}. Got kernels='{kernels}'."
            f"{did_you_mean(kernels, known)}"
        )
    for name, its_arithmetic in known.items():
        if kernels in (None, name) and arithmetic in (None, its_arithmetic):
            return name, its_arithmetic
    came = f"arithmetic='{arithmetic}'" + (f", kernels='{kernels}'" if kernels else "")
    pairs = ", ".join(f"{name} ({its})" for name, its in known.items())
    raise InputError(f"This processor has the kernels {pairs}. Got {came}.")
