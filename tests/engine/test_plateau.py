"""Learning rates that fall at the ends of epochs inside a call: the rule, and that bits do not move."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid import _native
from pellucid.engine.eager import EagerEngine
from pellucid.engine.job import Job
from pellucid.engine.native import NativeEngine
from pellucid.engine.plateau import Plateau
from pellucid.engine.program import Group, Optimizer
from pellucid.engine.rates import Rates
from pellucid.engine.state import State
from pellucid.engine.watch import Watch
from pellucid.errors import InputError, TrainingError

NATIVE, EAGER = NativeEngine(), EagerEngine()
FUSED = [name for name, arithmetic in _native.machines() if arithmetic == "fma"]
RULE = Plateau("min", 0.5, 0, 0.05, "rel", 1, (0.001, 0.002), 1e-8)
figures = st.sampled_from([0.5, 1.0, 1.0 - 1e-5, 1.2, 2.0, -1.0, 0.0, math.inf, math.nan])


@st.composite
def rules(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "mode": draw(st.sampled_from(["min", "max"])),
        "factor": draw(st.sampled_from([0.1, 0.5, 0.0])),
        "patience": draw(st.integers(0, 3)),
        "threshold": draw(st.sampled_from([0.0, 1e-4, 0.3, 1.0])),
        "threshold_mode": draw(st.sampled_from(["rel", "abs"])),
        "cooldown": draw(st.integers(0, 3)),
        "min_lr": draw(st.sampled_from([[0.0, 0.0], [0.2, 0.01]])),
        "eps": draw(st.sampled_from([1e-8, 0.2])),
    }


@settings(max_examples=300, deadline=None, derandomize=True)
@given(rule=rules(), told=st.lists(figures, max_size=20))
def test_the_rule_is_pytorchs(rule: dict[str, Any], told: list[float]) -> None:
    groups = [{"params": torch.ones(1), "lr": rate} for rate in (0.8, 0.1)]
    schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(torch.optim.SGD(groups), **rule)
    lowest = tuple(rule.pop("min_lr"))
    mine = Plateau(**rule, lowest=lowest)
    words = np.zeros(625, np.uint32)
    state = State({}, {}, 0, 0, 0, 0, words, 0.8, 0.0, further_rates=np.array([0.1]))
    for figure in told:
        schedule.step(figure)
        state = mine.moved(state, figure)
        wanted = [schedule.best, schedule.num_bad_epochs, schedule.cooldown_counter]
        np.testing.assert_array_equal(state.plateau, wanted)
        assert state.learning_rates().tolist() == schedule.get_last_lr()


@pytest.fixture
def training(dense_program, examples, start):
    """Two groups, and rows that do not fill the last batch."""
    names = (("0.weight",), ("0.bias", "2.weight", "2.bias"))
    groups = tuple(Group(each, (("momentum", 0.9),)) for each in names)
    optimizer = Optimizer("sgd", (("momentum", 0.9),), groups)
    program = dense_program((6, 30, 3), ("tanh", None), optimizer=optimizer)
    inputs, targets = examples(program, 70)
    state = replace(start(program, 0.2), further_rates=np.array([0.1]))
    data = {"inputs": inputs, "targets": targets, "batch_size": 32}
    return {"program": program, "state": state, **data, "plateau": RULE}


@pytest.fixture(params=["watched", "alone"])
def watch(request, training, examples):
    """Rows to judge by, or none."""
    if request.param == "alone":
        return None
    return Watch(*examples(training["program"], 40, seed=1))


def test_rates_fall_in_both_engines_alike(training, watch):
    found, wanted = (each.run(**training, steps=60, watch=watch) for each in (NATIVE, EAGER))
    mine, other = found.to_arrays(), wanted.to_arrays()
    assert mine.keys() == other.keys()
    for name, array in other.items():
        np.testing.assert_allclose(mine[name], array, rtol=1e-8, atol=1e-12, err_msg=name)
    assert found.learning_rate < 0.1
    assert found.further_rates[0] < 0.05


def test_a_rule_follows_what_the_epochs_losses_say(training):
    """The mean over the rows; the table of rates that comes of it gives the same steps."""
    losses = np.empty(60)
    after = NATIVE.run(**training, steps=60, losses=losses)
    means = losses.reshape(-1, 3) @ np.array([32, 32, 6]) / 70
    state, table = training["state"], []
    for mean in means:
        table += [state.learning_rates()] * 3
        state = RULE.moved(state, mean)
    assert state.learning_rates().tolist() == after.learning_rates().tolist()
    np.testing.assert_allclose(state.plateau, after.plateau, rtol=1e-14)
    plain = {name: each for name, each in training.items() if name != "plateau"}
    again = NATIVE.run(**plain, steps=60, rates=Rates(0, np.array(table)))
    for name, array in again.parameters.items():
        np.testing.assert_array_equal(array, after.parameters[name])


@pytest.mark.parametrize("engine", [NATIVE, EAGER], ids=["native", "eager"])
def test_cuts_and_storage_change_no_bit(engine, training, watch):
    whole = engine.run(**training, steps=50, watch=watch)
    state = training["state"]
    for steps in (7, 1, 15, 3, 24):
        state = engine.run(**training | {"state": state}, steps=steps, watch=watch)
        state = State.from_arrays({name: each.copy() for name, each in state.to_arrays().items()})
    same = state.to_arrays()
    for name, array in whole.to_arrays().items():
        np.testing.assert_allclose(same[name], array, rtol=0 if engine is NATIVE else 1e-12)
    changed = replace(whole, plateau=whole.plateau + np.array([0.0, 1.0, 0.0]))
    assert changed.fingerprint() != whole.fingerprint()


def test_threads_neighbours_and_registers_change_no_bit(training, watch):
    alone = NATIVE.run(**training, steps=50, watch=watch, threads=1).fingerprint()
    assert NATIVE.run(**training, steps=50, watch=watch, threads=3).fingerprint() == alone
    for kernels in FUSED:
        engine = NativeEngine(kernels=kernels)
        assert engine.run(**training, steps=50, watch=watch).fingerprint() == alone
    job = Job(**training, steps=50, watch=watch)
    other = replace(job, plateau=replace(RULE, factor=0.1))
    together = [each.fingerprint() for each in NATIVE.run_many([job, other, job], threads=2)]
    assert together[0] == together[2] == alone != together[1]


@pytest.mark.parametrize("engine", [NATIVE, EAGER], ids=["native", "eager"])
def test_the_best_moment_has_its_own_rates_and_counts(engine, training, examples):
    """So that going on from it is going on from there."""
    watch = Watch(*examples(training["program"], 40, seed=1))
    after = engine.run(**training, steps=60, watch=watch)
    steps = after.best.step
    assert 0 < steps < 60
    there = engine.run(**training, steps=steps, watch=watch)
    assert after.best.learning_rates().tolist() == there.learning_rates().tolist()
    np.testing.assert_allclose(after.best.plateau, there.plateau, rtol=1e-12)
    assert after.best.learning_rate > after.learning_rate


def test_the_step_that_breaks_is_found_again_with_its_rates(training, watch):
    """A fall that is a rise: the rates grow until the numbers run away."""
    rule = replace(RULE, factor=1e30, lowest=(0.0, 0.0), eps=-math.inf)
    for engine in (NATIVE, EAGER):
        with pytest.raises(TrainingError, match=r"than 2e\+\d+, or"):
            engine.run(**training | {"plateau": rule}, steps=60, watch=watch)


def test_two_schedules_at_once_and_missing_groups_are_refused(training):
    for engine, change in itertools.product(
        (NATIVE, EAGER),
        [
            ({"rates": Rates(0, np.ones((9, 2)))}, "`plateau` and `rates` both say"),
            ({"plateau": replace(RULE, lowest=(0.0,))}, r"each of the 2 groups\. Got 1"),
        ],
    ):
        arguments, words = change
        with pytest.raises(InputError, match=words):
            engine.run(**training | arguments, steps=9)
