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

NOTHING_COUNTS = (
    "No row of the batch counts: every target is the class that the loss leaves out "
    "(`ignore_index`), or one of weight 0, and a mean over nothing is no number. Leave such rows out "
    "of the training, or use reduction='sum'."
)


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

    It is sought backwards, because broken parameters soon break a loss. `reached` itself is no
    moment to go on from: the step that broke has drawn from its generator already.
    """
    steps = reached.step - start.step
    if steps == 0 or not is_finite(start):
        return start
    if is_finite(reached):
        return run(steps)
    good, bad, stride, state = 0, steps, 1, start
    while bad - good > 1:
        middle = max(bad - stride, (good + bad) // 2)
        there = run(middle)
        if is_finite(there):
            good, state = middle, there
        else:
            bad, stride = middle, 2 * stride
    return state


def _what_broke(step: Trace) -> str:
    """The first number that is not finite, in the order of computation; counted as arrays are."""
    number = step.before.step + 1
    for name, values in step.values.items():
        if (place := _first_bad(values)) is not None:
            what, unit = f"layer '{name}'", "neuron"
            if name in dict(step.program.inputs):
                is_only = len(step.program.inputs) == 1
                what, unit = ("the inputs" if is_only else f"the input '{name}'"), "column"
            row, at = step.rows[place[0]], place[1]
            return (
                f"Step {number}: {what} gave {values[place]} for row {row}, {unit} {at} "
                "(both counted from 0)."
            )
    if not np.isfinite(step.loss):
        bad = _first_bad(step.row_losses)
        which = "" if bad is None else f" because of row {step.rows[bad[0]]} (counted from 0)"
        return f"Step {number}: the loss became {step.loss}{which}."
    for name, gradient in step.gradients.items():
        if (place := _first_bad(gradient)) is not None:
            return f"Step {number}: the gradient of {_spell(name, place)} became {gradient[place]}."
    for name, parameter in step.after.parameters.items():
        if (place := _first_bad(parameter)) is not None:
            return f"Step {number}: the update made {_spell(name, place)} {parameter[place]}."
    return f"Step {number}: a number is no longer finite."


def _cure(step: Trace) -> str:
    kept = [name for name, _ in step.program.inputs if name not in step.program.categories]
    inputs = [step.values[name] for name in kept]
    if _counts_nothing(step):
        return NOTHING_COUNTS
    if not all(np.isfinite(each).all() for each in inputs):
        return "Remove or fill the cells that are not finite before training."
    largest = max((float(np.abs(each).max()) for each in inputs), default=0.0)
    scale = (
        f"scale the inputs (the largest of this batch is {largest:.3g}), " if largest > 100 else ""
    )
    return (
        f"The usual cure: {scale}use a smaller learning rate than "
        f"{step.after.learning_rate:g}, or check that the targets suit the loss."
    )


def _counts_nothing(step: Trace) -> bool:
    """Whether the loss is 0 ÷ 0: a mean over classes that are all left out."""
    is_mean_of_classes = step.program.loss.has_classes and step.program.loss.reduction == "mean"
    return bool(is_mean_of_classes and np.isnan(step.loss) and not step.row_losses.any())


def _first_bad(values: Array) -> tuple[int, ...] | None:
    bad = ~np.isfinite(values)
    if not bad.any():
        return None
    return tuple(int(each) for each in np.unravel_index(int(bad.argmax()), values.shape))


def _spell(name: str, place: tuple[int, ...]) -> str:
    """A parameter's number as PyTorch's users write it: 0.weight[2, 0]."""
    return f"{name}[{', '.join(map(str, place))}]"
