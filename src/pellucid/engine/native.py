"""The native engine: whole stretches of steps in C++, with the same bits on every call.

The arithmetic itself is under `native/`; what a step means is said in `program`, how work is handed
to the compiled module in `work`, and what is said when numbers run away in `failure`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from pellucid import _native
from pellucid.engine.batch import check_inputs, check_targets
from pellucid.engine.inputs import arrays_of, split_inputs
from pellucid.engine.job import Job
from pellucid.engine.packing import flatten_values, native_program
from pellucid.engine.plateau import Plateau
from pellucid.engine.program import Program
from pellucid.engine.rates import Rates
from pellucid.engine.state import State
from pellucid.engine.trace import Trace
from pellucid.engine.watch import Watch
from pellucid.engine.work import count_threads, memory_for, prepare, prepare_many, run_packed
from pellucid.errors import InputError, TrainingError, did_you_mean

Array = np.ndarray[Any, Any]


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
        watch: Watch | None = None,
        stop: Callable[[], object] | None = None,
        interrupted: Callable[[State], object] | None = None,
        row_weights: Array | None = None,
        rates: Rates | None = None,
        plateau: Plateau | None = None,
    ) -> State:
        """Do `steps` steps, across the ends of epochs, and return the new state.

        See `Engine.run`. Ctrl-C ends it within a moment; `state` stays as it was.
        """
        data = (inputs, targets, steps, batch_size, shuffle, rows)
        job = Job(program, state, *data, losses, watch, row_weights, rates, plateau)
        work = prepare(self.kernels, job)
        with memory_for(program, min(batch_size, work.row_count)):
            packed = work.pack(job)
            raised = run_packed([packed], threads, stop)
            after = packed.finish()
        if isinstance(after, TrainingError):
            raise after
        if raised is not None:
            if interrupted is not None:
                interrupted(after)
            raise raised
        return after

    def run_many(
        self,
        jobs: Sequence[Job],
        *,
        threads: int | None = None,
        stop: Callable[[], object] | None = None,
        interrupted: Callable[[list[State | TrainingError]], object] | None = None,
    ) -> list[State | TrainingError]:
        """Run independent trainings side by side, each with exactly the bits that it has alone.

        Args:
            jobs: any programs on any data; data that several share is not copied.
            threads: at most so many at a time; None: as many as there are processors.
            stop: as for `run`; ends all of them.
            interrupted: called with what is returned otherwise if Ctrl-C ends them.

        Returns:
            What each has reached; for one whose numbers ran away, the error that `run` raises. It
            does not disturb the others.
        """
        packed = [
            work.pack(each)
            for each, work in zip(jobs, prepare_many(self.kernels, jobs), strict=True)
        ]
        raised = run_packed(packed, threads, stop)
        reached = [each.finish() for each in packed]
        if raised is not None:
            if interrupted is not None:
                interrupted(reached)
            raise raised
        return reached

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
        """Do one step as `run` does it, bit for bit, and keep all its numbers.

        Numbers that are not finite are no error here; a trace shows them.
        """
        job = Job(
            program,
            state,
            inputs,
            targets,
            steps=1,
            batch_size=batch_size,
            shuffle=shuffle,
            rows=rows,
            row_weights=row_weights,
            rates=rates,
        )
        work = prepare(self.kernels, job)
        with memory_for(program, min(batch_size, work.row_count)):
            return work.trace(state)

    def forward(
        self,
        program: Program,
        parameters: Mapping[str, Array],
        inputs: Array,
        *,
        threads: int | None = None,
    ) -> dict[str, Array]:
        """Every buffer's values (n, units), the inputs among them."""
        return self._values(program, parameters, inputs, list(program.widths()), threads)

    def predict(
        self,
        program: Program,
        parameters: Mapping[str, Array],
        inputs: Array,
        *,
        threads: int | None = None,
    ) -> Array:
        """The last buffer, (n, out); a row's bits depend on that row alone."""
        last = list(program.widths())[-1]
        return self._values(program, parameters, inputs, [last], threads)[last]

    def evaluate(
        self,
        program: Program,
        parameters: Mapping[str, Array],
        inputs: Array,
        targets: Array,
        *,
        threads: int | None = None,
    ) -> tuple[float, Array]:
        """The loss over all rows, by the program's reduction, and each row's own loss (n,)."""
        compiled = native_program(program)
        inputs = check_inputs(program, inputs)
        targets = check_targets(program, targets, len(inputs))
        has_classes = program.loss.has_classes
        with memory_for(program, len(inputs)):
            row_losses = np.empty(len(inputs), program.dtype)
            loss = _native.evaluate_rows(
                compiled,
                self.kernels,
                *flatten_values(program, parameters),
                split_inputs(program, inputs),
                None if has_classes else targets,
                targets if has_classes else None,
                None,
                row_losses,
                count_threads(threads),
            )
        return loss, row_losses

    def _values(
        self,
        program: Program,
        parameters: Mapping[str, Array],
        inputs: Array,
        names: list[str],
        threads: int | None,
    ) -> dict[str, Array]:
        compiled = native_program(program)
        inputs = check_inputs(program, inputs)
        widths = program.widths()
        numbers = [list(widths).index(name) for name in names]
        flat = flatten_values(program, parameters)
        with memory_for(program, len(inputs)):
            values = {name: np.empty((len(inputs), widths[name]), program.dtype) for name in names}
            outs = list(values.values())
            split = split_inputs(program, inputs)
            _native.forward_rows(
                compiled, self.kernels, *flat, split, numbers, outs, count_threads(threads)
            )
        arrays = zip(dict(program.inputs), arrays_of(inputs), strict=True)
        exact = {name: each for name, each in arrays if name in program.categories}
        return values | {name: each for name, each in exact.items() if name in values}


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
