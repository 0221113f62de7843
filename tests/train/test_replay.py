"""Any moment of a run is recomputed with the very bits that the training had."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from pellucid.cli.main import run as run_command
from pellucid.engine.state import State
from pellucid.errors import AddressError, InputError, RunError
from pellucid.runs.cache import StateCache
from pellucid.runs.run import Run
from pellucid.train import replay
from pellucid.train.replay import moment_at, next_moment, state_after

RUNS = {
    "adam": ["students", "--epochs", "5"],
    "sgd": ["penguins", "--epochs", "4", "--optimizer", "sgd", "--batch-size", "7"],
    "double": ["houses", "--epochs", "3", "--dtype", "float64", "--layers", "6,4"],
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    root = tmp_path_factory.mktemp("replay")
    for name, words in RUNS.items():
        assert run_command(["train", *words, "--quiet", "--out", str(root / name)]) == 0
    return {name: Run(root / name) for name in RUNS}


@pytest.mark.parametrize("name", RUNS)
def test_the_last_state_comes_out_again_bit_for_bit(runs, name):
    run = Run(runs[name].folder)
    assert run.outcome.steps == run.kept_steps[-1]
    run.kept_steps = run.kept_steps[:1]
    assert state_after(run, run.outcome.steps).fingerprint() == run.outcome.fingerprint


@pytest.mark.parametrize("name", RUNS)
def test_every_moment_is_the_one_that_stepping_gives(runs, name):
    run = runs[name]
    for step in (1, 2, run.outcome.steps // 2, run.outcome.steps):
        moment = moment_at(run, step)
        assert moment.state.step == step - 1
        assert moment.trace.loss == pytest.approx(float(run.losses[step - 1]), rel=1e-6)
        after = moment.trace.after.fingerprint()
        assert after == state_after(run, step).fingerprint()


def test_moments_follow_each_other(runs):
    run = runs["sgd"]
    following = next_moment(run, moment_at(run, 4))
    direct = moment_at(run, 5)
    assert following.state.fingerprint() == direct.state.fingerprint()
    assert following.trace.after.fingerprint() == direct.trace.after.fingerprint()
    with pytest.raises(AddressError):
        next_moment(run, moment_at(run, run.outcome.steps))


def test_a_step_beyond_the_run_is_told(runs):
    steps = runs["adam"].outcome.steps
    with pytest.raises(AddressError, match=f"it has the steps @1 to @{steps}"):
        moment_at(runs["adam"], steps + 1)


def test_the_batch_of_a_step_is_rows_of_the_training_data(runs):
    trace = moment_at(runs["adam"], 3).trace
    inputs = runs["adam"].data["inputs"]
    np.testing.assert_array_equal(trace.values["inputs"], inputs[trace.rows])


@pytest.mark.parametrize(
    ("steps", "start"), [(1, 0), (19, 0), (21, 20), (39, 20), (0, None), (20, None), (40, None)]
)
def test_replay_starts_from_the_nearest_kept_state(monkeypatch, steps, start):
    """No step is done twice: steps are counted from the last kept state before the wanted one."""
    done = []
    monkeypatch.setattr(replay, "engine_of", lambda _: Counting(done))
    assert state_after(scripted_run(0, 20, 40), steps).step == steps
    assert sum(count for _, count in done) == (0 if start is None else steps - start)
    assert done[:1] == ([] if start is None else [(start, steps - start)])


def test_neighbours_of_a_visited_moment_are_near(monkeypatch):
    """States of the stretch stay in memory, each at most a short portion from the next."""
    done = []
    monkeypatch.setattr(replay, "engine_of", lambda _: Counting(done))
    monkeypatch.setattr(replay, "NEIGHBOUR", 0.0)  # as if each step took long
    run = scripted_run(0)
    state_after(run, 200)
    done.clear()
    for step in (199, 198, 201, 140, 200):
        state_after(run, step)
    assert sum(count for _, count in done) <= 5


def test_a_long_wait_is_announced(monkeypatch):
    monkeypatch.setattr(replay, "engine_of", lambda _: Counting([]))
    monkeypatch.setattr(replay, "NEIGHBOUR", 0.0)
    monkeypatch.setattr(replay, "PATIENCE", -1.0)
    run, told = scripted_run(0), []
    run.on_wait = lambda *far: told.append(far)
    state_after(run, 70)
    assert told[0] == (64, 70)
    assert told[-1] == (70, 70)


@pytest.mark.parametrize("name", ["adam"])
def test_without_the_arithmetic_only_stored_states_open(runs, name, monkeypatch):
    def only_plain(arithmetic=None, kernels=None):
        raise InputError("This processor has the kernels plain.")

    run = Run(runs[name].folder)
    monkeypatch.setattr(replay, "NativeEngine", only_plain)
    assert state_after(run, run.steps).fingerprint() == run.outcome.fingerprint
    with pytest.raises(RunError, match=r"arithmetic '\w+', which this processor has not"):
        state_after(run, 7)


class Counting:
    def __init__(self, done):
        self.done = done

    def run(self, _program, state, *_data, steps, **_how):
        self.done.append((state.step, steps))
        return dataclasses.replace(state, step=state.step + steps)


def scripted_run(*kept):
    """A run that keeps the given steps' states and remembers those that were visited."""
    first = State({}, {}, 0, 0, 0, 0, np.zeros(625, np.uint32), 0.1, 0.0)
    visited = StateCache()

    def nearest_state(step):
        stored = dataclasses.replace(first, step=max(each for each in kept if each <= step))
        seen = visited.nearest(step)
        return seen if seen and seen.step > stored.step else stored

    return SimpleNamespace(
        nearest_state=nearest_state,
        visited=visited,
        recipe=SimpleNamespace(program=None, batch_size=10, shuffle=True),
        data={"inputs": None, "targets": None},
        on_wait=None,
    )
