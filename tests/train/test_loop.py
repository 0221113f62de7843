"""The loop's own laws, on an engine whose validation losses are written beforehand.

What a training computes is tested where networks are: here only what happens between the steps.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pellucid.engine.program import Loss, Optimizer, Program
from pellucid.engine.state import State
from pellucid.engine.watch import judged
from pellucid.errors import InputError
from pellucid.train.loop import Examples, Plan, Progress, Training, train
from pellucid.train.past import Past

PROGRAM = Program((("inputs", 1),), (), Loss("mse", "mean", "inputs"), Optimizer("sgd"), ())
ROWS = 25


class ScriptedEngine:
    """Counts steps, gives step k the loss k, and reads validation losses from a list."""

    name, exact, arithmetic = "scripted", True, "none"

    def __init__(self, validation: Sequence[float], interrupt_at: int | None = None) -> None:
        self.validation, self.interrupt_at = validation, interrupt_at
        self.calls: list[int] = []

    def run(self, _program: Any, state: State, *_data: Any, steps: int, **how: Any) -> State:
        self.calls.append(steps)
        seen = 0
        for i in range(steps):
            if how["watch"].is_over(state):
                break
            if state.step == self.interrupt_at:
                how["interrupted"](state)
                raise KeyboardInterrupt
            step = state.step + 1
            how["losses"][i] = step
            value = np.full(1, step, np.float32)
            ends, position = divmod(state.position + 1, 3)
            epoch = state.epoch + ends
            state = replace(
                state, step=step, epoch=epoch, position=position, parameters={"w": value}
            )
            if ends:
                how["watch"].losses[seen] = self.validation[epoch]
                state, seen = judged(state, self.validation[epoch]), seen + 1
        return state

    def evaluate(self, _program: Any, parameters: Any, *_data: Any) -> tuple[float, Any]:
        epoch = int(parameters["w"][0]) // 3
        return self.validation[epoch], np.empty(0)


def first_state() -> State:
    return State({"w": np.zeros(1, np.float32)}, {}, 0, 0, 0, 0, np.zeros(625, np.uint32), 0.1, 0.0)


def examples(rows: int) -> Examples:
    return Examples(np.zeros((rows, 1), np.float32), np.zeros((rows, 1), np.float32))


def run_script(
    validation: Sequence[float],
    *,
    patience: int | None = None,
    progress: Callable[[Progress], object] | None = None,
    interrupt_at: int | None = None,
) -> Training:
    """25 rows in batches of 10 are 3 steps an epoch."""
    return train(
        ScriptedEngine(validation, interrupt_at),
        PROGRAM,
        first_state(),
        training=examples(ROWS),
        validation=examples(5),
        plan=Plan(batch_size=10, epochs=len(validation) - 1, patience=patience),
        progress=progress,
    )


losses = st.lists(st.floats(0.01, 10) | st.just(math.nan), min_size=2, max_size=20)


@given(losses)
def test_the_best_epoch_is_the_lowest_validation_loss(validation: list[float]) -> None:
    done = run_script(validation)
    np.testing.assert_array_equal(done.validation_losses, validation)
    after = np.where(np.isnan(validation[1:]), np.inf, validation[1:])
    assert done.best_epoch == 1 + int(np.argmin(after))
    assert done.best.step == 3 * done.best_epoch
    assert (done.last.step, done.epochs, done.ending) == (3 * len(after), len(after), "epochs")


@given(losses, st.integers(1, 6))
def test_patience_ends_after_so_many_epochs_without_a_better_one(
    validation: list[float], patience: int
) -> None:
    done = run_script(validation, patience=patience)
    waited = done.epochs - done.best_epoch
    assert waited <= patience
    assert (done.ending == "patience") == (waited == patience)
    assert done.best_epoch == run_script(validation[: done.epochs + 1]).best_epoch


def test_every_steps_loss_is_kept() -> None:
    done = run_script([1.0] * 5)
    np.testing.assert_array_equal(done.losses, np.arange(1, 13))
    assert done.losses.dtype == np.float64
    assert done.steps == 12


def test_no_epochs_leave_everything_as_it_was() -> None:
    done = run_script([0.7])
    assert (done.best_epoch, done.epochs, done.steps, done.ending) == (0, 0, 0, "epochs")
    assert done.first.fingerprint() == done.best.fingerprint() == done.last.fingerprint()


def test_the_given_state_is_left_untouched() -> None:
    state = first_state()
    before = state.fingerprint()
    engine = ScriptedEngine([1.0, 0.5])
    plan = Plan(batch_size=10, epochs=1)
    train(engine, PROGRAM, state, training=examples(25), validation=examples(5), plan=plan)
    assert state.fingerprint() == before


def test_progress_is_told_before_the_first_step_and_at_each_epochs_end() -> None:
    told: list[Progress] = []
    run_script([0.9, 0.8, 0.7], progress=told.append)
    assert [(each.step, each.epoch) for each in told] == [(0, 0), (3, 1), (6, 2)]
    assert [each.validation_loss for each in told] == [0.9, 0.8, 0.7]
    assert [len(each.losses) for each in told] == [0, 3, 6]
    assert {(each.steps, each.epochs) for each in told} == {(6, 2)}
    assert all(a.elapsed <= b.elapsed for a, b in itertools.pairwise(told))


@pytest.mark.parametrize("interrupt_at", [0, 2, 3, 7, 9])
def test_ctrl_c_between_steps_leaves_what_was_done(interrupt_at: int) -> None:
    done = run_script([0.9, 0.8, 0.85, 0.6, 0.5], interrupt_at=interrupt_at)
    epochs = interrupt_at // 3
    assert done.ending == "interrupted"
    assert (done.epochs, done.steps, done.last.step) == (epochs, interrupt_at, interrupt_at)
    assert done.best_epoch == [0, 1, 1, 3][epochs]
    assert done.best.step == (3 * done.best_epoch or interrupt_at)


def test_ctrl_c_while_watching_leaves_what_was_done() -> None:
    def press(progress: Progress) -> None:
        if progress.epoch == 1:
            raise KeyboardInterrupt

    done = run_script([0.9, 0.8, 0.7, 0.6], progress=press)
    assert (done.ending, done.epochs, done.best_epoch) == ("interrupted", 1, 1)


def test_epochs_need_no_call_each_if_nobody_is_told() -> None:
    engine = ScriptedEngine([1 - 0.01 * epoch for epoch in range(200)])
    watch(engine, Plan(batch_size=10, epochs=199))
    assert sum(engine.calls) == 3 * 199
    assert len(engine.calls) < 50


def test_a_watchers_own_mistake_is_not_swallowed() -> None:
    def fail(progress: Progress) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_script([0.9, 0.8], progress=fail)


def test_more_steps_than_losses_can_be_kept_of_are_refused_by_name() -> None:
    Plan(batch_size=10, epochs=1000).check(ROWS)
    with pytest.raises(InputError, match="epochs must be at most 333,333,333 for 25 training rows"):
        train(
            ScriptedEngine([0.5]),
            PROGRAM,
            first_state(),
            training=examples(ROWS),
            validation=examples(5),
            plan=Plan(batch_size=10, epochs=10**12),
        )


class WatchedEngine(ScriptedEngine):
    """Keeps how it was called."""

    def __init__(self, validation: Sequence[float]) -> None:
        super().__init__(validation)
        self.told: list[dict[str, Any]] = []

    def run(self, _program: Any, state: State, *_data: Any, steps: int, **how: Any) -> State:
        self.told.append(how)
        return super().run(_program, state, *_data, steps=steps, **how)


def watch(engine: ScriptedEngine, plan: Plan, state: State | None = None) -> Training:
    return train(
        engine,
        PROGRAM,
        first_state() if state is None else state,
        training=examples(ROWS),
        validation=examples(5),
        plan=plan,
    )


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("threads", [None, 3])
def test_the_engine_is_told_the_whole_plan(shuffle: bool, threads: int | None) -> None:
    engine = WatchedEngine([1.0] * 3)
    watch(engine, Plan(batch_size=10, epochs=2, shuffle=shuffle, threads=threads))
    assert engine.told
    for how in engine.told:
        assert (how["batch_size"], how["shuffle"], how["threads"]) == (10, shuffle, threads)


def test_the_first_state_is_kept_whatever_becomes_of_the_given_one() -> None:
    state = first_state()
    before = state.fingerprint()
    done = watch(WatchedEngine([1.0, 0.5]), Plan(batch_size=10, epochs=1), state)
    state.parameters["w"][:] = 9.0
    assert done.first.fingerprint() == before


@given(losses, st.data())
def test_going_on_from_any_moment_leaves_the_record_of_a_whole_training(
    validation: list[float], data: st.DataObject
) -> None:
    """What a progress tells is enough to go on: the curves, the best epoch, the patience."""
    patience = data.draw(st.none() | st.integers(1, 6))
    told: list[Progress] = []
    whole = run_script(validation, patience=patience, progress=told.append)
    at = data.draw(st.sampled_from(told))
    past = Past(whole.first, at.losses, at.validation_losses, at.best)
    done = train(
        ScriptedEngine(validation),
        PROGRAM,
        replace(at.state, position=at.step - 3 * at.epoch),
        training=examples(ROWS),
        validation=examples(5),
        plan=Plan(batch_size=10, epochs=len(validation) - 1, patience=patience),
        past=past,
    )
    np.testing.assert_array_equal(done.losses, whole.losses)
    np.testing.assert_array_equal(done.validation_losses, whole.validation_losses)
    assert (done.best_epoch, done.ending) == (whole.best_epoch, whole.ending)
    assert done.best.step == whole.best.step
    assert done.last.step == whole.last.step
