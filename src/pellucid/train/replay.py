"""Going to any moment of a run by doing its steps again, bit for bit.

The steps are the engine's; the states between which it goes are the run's.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from pellucid.engine.blueprint import Builder
from pellucid.engine.eager import EagerEngine
from pellucid.engine.engine import Engine
from pellucid.engine.native import NativeEngine
from pellucid.engine.own import OwnEngine
from pellucid.engine.rates import Rates
from pellucid.engine.state import State
from pellucid.engine.trace import Trace
from pellucid.errors import AddressError, InputError, RunError
from pellucid.runs.recipe import Own
from pellucid.runs.run import Run

FIRST_PORTION = 64  # steps; nobody knows their speed yet
NEIGHBOUR = 0.02  # seconds that the steps between two remembered states take
PATIENCE = 0.3  # seconds of silence before a wait is announced


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
    """The engine that gives the run's own bits.

    Raises:
        RunError: this processor has not the run's arithmetic.
    """
    if run.recipe.own is not None:
        if run.own_engine is None:
            run.own_engine = _rebuilt(run, run.recipe.own)
        return run.own_engine
    if run.recipe.engine == "eager":
        return EagerEngine()
    try:
        return NativeEngine(run.recipe.arithmetic)
    except InputError as error:
        there = ", ".join(f"{each:,}" for each in run.kept_steps[:3])
        more = f", … {run.kept_steps[-1]:,}" if len(run.kept_steps) > 3 else ""
        raise RunError(
            f"{run.name} was computed with the arithmetic '{run.recipe.arithmetic}', which this"
            " processor has not, so its steps cannot be done again here with the same bits. Its"
            f" stored states still open (after the steps {there}{more}), and so does its model."
        ) from error


def _rebuilt(run: Run, own: Own) -> OwnEngine:
    """The engine of a run whose module or loss is a person's own, built again from its code.

    Raises:
        RunError: the code is gone or has changed, or never was where it can be found.
    """
    reason = own.obstacle
    if not reason:
        builder = Builder(own.code)
        try:
            return OwnEngine(builder.build(own.network), builder.build(own.loss))
        except RunError as error:
            reason = str(error)
    raise RunError(
        f"The steps of {run.name} cannot be done again: {reason}. Its losses and its"
        f" {len(run.kept_steps):,} stored states still open: `run.losses`,"
        f" `run.nearest_state(step)`."
    )


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
    return Moment(step, state, trace_step(run, state))


def trace_step(run: Run, state: State) -> Trace:
    """Do the step that follows a state of a run, with all its numbers kept."""
    data, recipe = run.data, run.recipe
    return engine_of(run).trace(
        recipe.program,
        state,
        data["inputs"],
        data["targets"],
        batch_size=recipe.batch_size,
        shuffle=recipe.shuffle,
        row_weights=data.get("row_weights"),
        rates=_rates(run, state, 1),
    )


def do_steps(run: Run, state: State, count: int) -> State:
    """Do the steps that follow a state of a run, as the run did them."""
    data, recipe = run.data, run.recipe
    return engine_of(run).run(
        recipe.program,
        state,
        data["inputs"],
        data["targets"],
        steps=count,
        batch_size=recipe.batch_size,
        shuffle=recipe.shuffle,
        row_weights=data.get("row_weights"),
        rates=_rates(run, state, count),
    )


def _rates(run: Run, state: State, count: int) -> Rates | None:
    """What the run's schedule wrote for these steps; None if it had none."""
    data = run.data
    if "rates" not in data:
        return None
    steps = state.step + np.arange(count)
    rows = np.searchsorted(data["rates.steps"], steps, side="right") - 1
    momenta = data["momenta"][rows] if "momenta" in data else None
    return Rates(state.step, data["rates"][rows], momenta)


def state_after(run: Run, steps: int) -> State:
    """The state after so many steps, recomputed from the nearest state before it.

    States of the stretch in between stay in memory, so that its neighbours open at once.

    Args:
        run: the run.
        steps: from its first state's to all of them.

    Raises:
        RunError: it must be computed, and this processor has not the run's arithmetic.
    """
    state = run.nearest_state(steps)
    if state.step == steps:
        return state
    began, start = time.perf_counter(), state.step
    portion = FIRST_PORTION
    while state.step < steps:
        count = min(portion, steps - state.step)
        clock = time.perf_counter()
        state = do_steps(run, state, count)
        now = time.perf_counter()
        portion = max(1, min(2 * portion, int(count * NEIGHBOUR / max(now - clock, 1e-6))))
        run.visited.put(state)
        if run.on_wait is not None and now - began > PATIENCE:
            run.on_wait(state.step - start, steps - start)
    return state


def check_step(run: Run, step: int) -> None:
    """See that a run has a step, counted from 1.

    Raises:
        AddressError: it has not.
    """
    steps, first = run.steps, run.first_step
    if first <= step <= steps:
        return
    parent = run.recipe.parent
    if parent is not None and 1 <= step < first:
        raise AddressError(
            f"Step {step:,} was done by {parent.run}, of which {run.name} is a branch:"
            f" `pellucid show {parent.run} @{step}` opens it."
        )
    told = f"it has the steps @{first} to @{steps}" if steps >= first else "it did no step"
    raise AddressError(f"{run.name} has no step {step:,}: {told}.")
