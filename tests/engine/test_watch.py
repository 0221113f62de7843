"""Epochs judged inside a call: the best epoch, patience, the stop flag, and what Ctrl-C leaves."""

from __future__ import annotations

import math
import signal
import threading
from dataclasses import replace

import numpy as np
import pytest

from pellucid.engine.eager import EagerEngine
from pellucid.engine.native import NativeEngine
from pellucid.engine.program import Optimizer
from pellucid.engine.state import State
from pellucid.engine.watch import Watch
from pellucid.errors import InputError, ShapeError

ENGINES = [NativeEngine(), EagerEngine()]
by_engine = pytest.mark.parametrize("engine", ENGINES, ids=lambda each: each.name)


@pytest.fixture(params=["mse", "cross_entropy"])
def training(request, dense_program, examples, start):
    """Few rows, so that the network soon learns them by heart and gets worse on others."""
    program = dense_program((6, 30, 3), ("tanh", None), request.param, optimizer=Optimizer("adam"))
    inputs, targets = examples(program, 20)
    return {
        "program": program,
        "state": start(program, 0.05),
        "inputs": inputs,
        "targets": targets,
        "batch_size": 8,
    }


@pytest.fixture
def others(training, examples):
    """Rows that no step learns from."""
    return examples(training["program"], 50, seed=1)


@by_engine
def test_each_epoch_is_judged_as_evaluate_judges_and_the_best_one_kept(engine, training, others):
    losses = np.full(7, np.nan)
    after = engine.run(**training, steps=20, watch=Watch(*others, losses=losses))
    state, wanted, moments = training["state"], [], []
    for _ in range(6):
        state = engine.run(**training | {"state": state}, steps=3)
        wanted.append(engine.evaluate(training["program"], state.parameters, *others)[0])
        moments.append(state)
    best = int(np.argmin(wanted))
    np.testing.assert_array_equal(losses[:6], wanted)
    assert math.isnan(losses[6])
    assert (after.step, after.best_loss, after.waiting) == (20, wanted[best], 5 - best)
    assert after.best.fingerprint() == moments[best].fingerprint()


@by_engine
def test_patience_ends_the_call_and_every_later_one(engine, training, others):
    losses, told = np.full(400, np.nan), np.full(1200, np.nan)
    watch = Watch(*others, patience=3, losses=losses)
    after = engine.run(**training, steps=1200, watch=watch, losses=told)
    epochs = after.epoch
    assert 3 < epochs < 400
    assert (after.step, after.waiting, after.position) == (3 * epochs, 3, 0)
    assert np.isfinite(losses[:epochs]).all()
    assert np.isnan(losses[epochs:]).all()
    assert np.isnan(told[after.step :]).all()
    assert epochs - after.best.epoch == 3
    again = engine.run(**training | {"state": after}, steps=5, watch=watch)
    assert again.fingerprint() == after.fingerprint()


def test_both_engines_agree(training, others):
    both = []
    for engine in ENGINES:
        losses = np.full(40, np.nan)
        watch = Watch(*others, patience=4, losses=losses)
        both.append((engine.run(**training, steps=120, watch=watch), losses))
    (a, a_losses), (b, b_losses) = both
    np.testing.assert_allclose(a_losses, b_losses, rtol=1e-9)
    assert (a.step, a.best.step, a.waiting) == (b.step, b.best.step, b.waiting)
    for name, array in a.best.to_arrays().items():
        np.testing.assert_allclose(array, b.best.to_arrays()[name], rtol=1e-7, atol=1e-12)


@by_engine
def test_a_loss_that_is_no_number_is_never_better(engine, training, others):
    inputs, targets = others
    bad = inputs.copy()
    bad[7, 2] = np.nan
    losses = np.zeros(3)
    after = engine.run(**training, steps=9, watch=Watch(bad, targets, losses=losses))
    assert np.isnan(losses).all()
    assert (after.best.epoch, after.best_loss, after.waiting) == (1, math.inf, 2)
    later = engine.run(**training | {"state": after}, steps=3, watch=Watch(inputs, targets))
    assert (later.best.epoch, later.waiting) == (4, 0)


def test_a_state_keeps_its_best_moment_through_storage(training, others):
    after = ENGINES[0].run(**training, steps=40, watch=Watch(*others))
    arrays = {name: each.copy() for name, each in after.to_arrays().items()}
    again = State.from_arrays(arrays)
    assert again.best.fingerprint() == after.best.fingerprint()
    assert (again.best_loss, again.waiting) == (after.best_loss, after.waiting)
    assert again.fingerprint() == after.copy().fingerprint() == after.fingerprint()
    for change in ({"waiting": 17}, {"best_loss": 0.25}, {"best": None}):
        assert replace(after, **change).fingerprint() != after.fingerprint()


@by_engine
def test_a_watch_is_checked(engine, training, others):
    inputs, targets = others
    run = {**training, "steps": 9}
    with pytest.raises(InputError, match=r"`patience` must be 1 or more, or None\. Got 0"):
        engine.run(**run, watch=Watch(inputs, targets, patience=0))
    with pytest.raises(InputError, match=r"float64 of shape \(3,\), one for each epoch .* \(2,\)"):
        engine.run(**run, watch=Watch(inputs, targets, losses=np.zeros(2)))
    with pytest.raises(ShapeError, match=r"\(any, 6\). Got \(50, 5\)"):
        engine.run(**run, watch=Watch(inputs[:, :5], targets))


@by_engine
def test_a_stop_flag_ends_the_call_between_two_steps(engine, training):
    flag = threading.Event()
    losses = np.full(3_000_000, np.nan)

    def wait_and_set() -> None:
        while np.isnan(losses[5]):
            pass
        flag.set()

    other = threading.Thread(target=wait_and_set, daemon=True)
    other.start()
    after = engine.run(**training, steps=len(losses), losses=losses, stop=flag.is_set)
    other.join()
    assert 5 < after.step < len(losses)
    assert np.count_nonzero(~np.isnan(losses)) == after.step
    assert after.fingerprint() == engine.run(**training, steps=after.step).fingerprint()


def test_a_flag_that_fails_hands_over_the_state_and_raises(training):
    reached = []

    def fail():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ENGINES[0].run(**training, steps=3_000_000, stop=fail, interrupted=reached.append)
    again = ENGINES[0].run(**training, steps=reached[0].step)
    assert reached[0].step > 0
    assert again.fingerprint() == reached[0].fingerprint()


def test_ctrl_c_hands_over_the_state_that_was_reached(training, others):
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    losses, reached = np.full(3_000_000, np.nan), []

    def press() -> None:
        while np.isnan(losses[100]):
            pass
        signal.raise_signal(signal.SIGINT)

    other = threading.Thread(target=press, daemon=True)
    other.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            ENGINES[0].run(
                **training,
                steps=len(losses),
                losses=losses,
                watch=Watch(*others),
                interrupted=reached.append,
            )
    finally:
        signal.signal(signal.SIGINT, before)
    other.join()
    [state] = reached
    again = ENGINES[0].run(**training, steps=state.step, watch=Watch(*others))
    assert again.fingerprint() == state.fingerprint()
