"""Going to any moment of a run by doing its steps again, bit for bit.

The steps are the engine's; the states between which it goes are the run's.
"""

from __future__ import annotations

from dataclasses import dataclass

from pellucid.engine.eager import EagerEngine
from pellucid.engine.engine import Engine
from pellucid.engine.native import NativeEngine
from pellucid.engine.state import State
from pellucid.engine.trace import Trace
from pellucid.errors import AddressError
from pellucid.runs.run import Run


@dataclass(frozen=True, slots=True)
class Moment:
    """A run just before one of its steps.

    Args:
        step: the step that comes next, counted from 1.
        state: everything before it.
        trace: all numbers of that step.
    """

    step: int
    state: State
    trace: Trace


def engine_of(run: Run) -> Engine:
    """The engine that gives the run's own bits."""
    engine: Engine = EagerEngine()
    if run.recipe.engine == "eager":
        return engine
    return NativeEngine(arithmetic="plain" if run.recipe.arithmetic == "plain" else None)


def moment_at(run: Run, step: int) -> Moment:
    """Go to the moment before a step and do that step with all its numbers kept.

    Args:
        run: the run.
        step: from 1 to the run's last step.

    Raises:
        AddressError: the run has no such step.
    """
    check_step(run, step)
    return _do_step(run, step, state_after(run, step - 1))


def next_moment(run: Run, moment: Moment) -> Moment:
    """Go one step on from a moment.

    Raises:
        AddressError: it was the run's last step.
    """
    check_step(run, moment.step + 1)
    return _do_step(run, moment.step + 1, moment.trace.after)


def _do_step(run: Run, step: int, state: State) -> Moment:
    trace = engine_of(run).trace(
        run.recipe.program,
        state,
        run.data["inputs"],
        run.data["targets"],
        batch_size=run.recipe.batch_size,
    )
    return Moment(step, state, trace)


def state_after(run: Run, steps: int) -> State:
    """The state after so many steps, recomputed from the nearest kept state before it.

    Args:
        run: the run.
        steps: from 0 (the first state) to all of them.
    """
    kept = [state for state in run.states.values() if state.step <= steps]
    nearest = max(kept, key=lambda state: state.step)
    if nearest.step == steps:
        return nearest
    return engine_of(run).run(
        run.recipe.program,
        nearest,
        run.data["inputs"],
        run.data["targets"],
        steps=steps - nearest.step,
        batch_size=run.recipe.batch_size,
    )


def check_step(run: Run, step: int) -> None:
    """See that a run has a step, counted from 1.

    Raises:
        AddressError: it has not.
    """
    steps = run.outcome.steps
    if not 1 <= step <= steps:
        told = f"it has the steps @1 to @{steps}" if steps else "it did no step (--epochs 0)"
        raise AddressError(f"{run.name} has no step {step:,}: {told}.")
