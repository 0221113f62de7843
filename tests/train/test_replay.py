"""Any moment of a run is recomputed with the very bits that the training had."""

from types import SimpleNamespace

import numpy as np
import pytest

from pellucid.cli.main import run as run_command
from pellucid.errors import AddressError
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
    run = runs[name]
    del run.states["last"]
    if run.states["best"].step == run.outcome.steps:
        del run.states["best"]
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
    kept = {"first": 0, "best": 20, "last": 40}
    states = {name: SimpleNamespace(step=step) for name, step in kept.items()}
    recipe = SimpleNamespace(program=None, batch_size=10)
    run = SimpleNamespace(states=states, recipe=recipe, data={"inputs": None, "targets": None})
    done = []

    class Counting:
        def run(self, _program, state, *_data, steps, **_how):
            done.append((state.step, steps))
            return SimpleNamespace(step=state.step + steps)

    monkeypatch.setattr(replay, "engine_of", lambda _: Counting())
    assert state_after(run, steps).step == steps
    assert done == ([] if start is None else [(start, steps - start)])
