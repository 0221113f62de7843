"""Where numbers ran away: the step and the layer, found by doing the steps again.

Engines notice only that a loss or a parameter is no longer finite; this file turns that into a
sentence that names the place and the cure.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pellucid.engine.state import State
from pellucid.engine.trace import Trace
from pellucid.errors import TrainingError

Array = np.ndarray[Any, Any]


def is_finite(state: State) -> bool:
    """Whether all parameters are finite numbers."""
    return all(np.isfinite(each).all() for each in state.parameters.values())


def failure_of(
    start: State, reached: State, *, run: Callable[[int], State], trace: Callable[[State], Trace]
) -> TrainingError:
    """The error for a stretch from `start` that lost its numbers in the step after `reached`.

    Args:
        start: the state that the stretch started from.
        reached: the state after the last step with a finite loss.
        run: gives the state a number of steps after `start`.
        trace: does one step from a state and keeps its numbers.
    """
    step = trace(_last_good(start, reached, run))
    return TrainingError(f"{_what_broke(step)} {_cure(step)}")


def _last_good(start: State, reached: State, run: Callable[[int], State]) -> State:
    """The last moment whose parameters are finite, and whose step is thus the one that broke.

    It is sought backwards, because broken parameters soon break a loss.
    """
    if is_finite(reached):
        return reached
    if not is_finite(start):
        return start
    good, bad, stride, state = 0, reached.step - start.step, 1, start
    while bad - good > 1:
        middle = max(bad - stride, (good + bad) // 2)
        there = run(middle)
        if is_finite(there):
            good, state = middle, there
        else:
            bad, stride = middle, 2 * stride
    return state


def _what_broke(step: Trace) -> str:
    number = step.before.step + 1
    for name, values in step.values.items():
        row = _first_bad_row(values)
        if row is not None:
            what = "the inputs" if name == step.program.inputs[0][0] else f"layer '{name}'"
            return f"Step {number}: {what} gave {_bad(values)} for row {step.rows[row]}."
    if not np.isfinite(step.loss):
        row = _first_bad_row(step.row_losses[:, None])
        which = "" if row is None else f" because of row {step.rows[row]}"
        return f"Step {number}: the loss became {step.loss}{which}."
    for name, gradient in step.gradients.items():
        if not np.isfinite(gradient).all():
            return f"Step {number}: the gradient of '{name}' became {_bad(gradient)}."
    for name, parameter in step.after.parameters.items():
        if not np.isfinite(parameter).all():
            return f"Step {number}: the update made '{name}' {_bad(parameter)}."
    return f"Step {number}: a number is no longer finite."


def _cure(step: Trace) -> str:
    inputs = step.values[step.program.inputs[0][0]]
    if not np.isfinite(inputs).all():
        return "Remove or fill the cells that are not finite before training."
    largest = float(np.abs(inputs).max())
    scale = (
        f"scale the inputs (the largest of this batch is {largest:.3g}), " if largest > 100 else ""
    )
    return (
        f"The usual cure: {scale}use a smaller learning rate than "
        f"{step.before.learning_rate:g}, or check that the targets suit the loss."
    )


def _first_bad_row(values: Array) -> int | None:
    bad = ~np.isfinite(values).all(axis=1)
    return int(bad.argmax()) if bad.any() else None


def _bad(values: Array) -> str:
    return str(values[~np.isfinite(values)].flat[0])
