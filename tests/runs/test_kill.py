"""A real process is killed at random moments, again and again: `--resume` ends with the same bits.

Each child trains slowly enough to be hit and stores a state after every stretch, so that many of
the blows fall into the middle of writing. `make kill-test` does a thousand.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from pellucid.cli.main import run as run_command
from pellucid.runs import states
from pellucid.runs.run import Run
from pellucid.train.replay import state_after

KILLS = int(os.environ.get("PELLUCID_KILLS", "24"))
WORDS = ["students", "--epochs", "12", "--layers", "9"]
# A child that lives long enough: it has everything imported, says so, and writes after each step.
CHILD = """
import os, sys
import pellucid.cli.resume, pellucid.cli.recording, pellucid.report.record
from pellucid.runs import keeper
from pellucid.train import loop
keeper.INTERVAL, keeper.SHARE, keeper.MOST_STATES = 0.0, 0.0, 12
loop.STRETCH_SECONDS = 1e-6
from pellucid.cli.main import run
screen = os.dup(1)
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
run(["train", "students", "--epochs", "1", "--quiet", "--out", "warm"])
os.dup2(screen, 1)
for line in iter(sys.stdin.readline, ""):
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os._exit(run(line.split()))
    print(child, flush=True)
    sys.stdin.readline()  # until then nobody else gets the child's number
    _, status = os.waitpid(child, 0)
    print(status, flush=True)
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")


class Nursery:
    """A process that has imported everything and gives birth to trainings at once."""

    def __init__(self, folder):
        self._process = subprocess.Popen(
            [sys.executable, "-c", CHILD],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None,
            cwd=folder,
            text=True,
        )

    def start(self, *words):
        self._process.stdin.write(" ".join(words) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def status(self):
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self):
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def nursery(tmp_path):
    made = Nursery(tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "run"
    assert run_command(["train", *WORDS, "--quiet", "--out", str(folder)]) == 0
    return Run(folder)


def test_a_run_that_is_killed_again_and_again_ends_with_the_same_bits(nursery, whole, tmp_path):
    chance = random.Random(7)  # noqa: S311 (no secret)
    folder, kills, finished = tmp_path / "run", 0, 0
    torn = 0
    patience = min(time_of_one(nursery, tmp_path) for _ in range(3))
    steps = 0
    while kills < KILLS or folder.exists():
        words = ["--resume", "run"] if folder.exists() else [*WORDS, "--out", "run"]
        child = nursery.start("train", "--quiet", *words)
        if kills < KILLS:
            time.sleep(chance.uniform(0, patience))
            os.kill(child, signal.SIGKILL)
        killed = nursery.status() != 0
        kills += killed
        if not folder.exists():
            continue
        torn += is_torn(folder)
        run = Run(folder)
        assert run.is_finished != killed or (run.is_finished and run.outcome.ending == "epochs")
        assert run.steps >= steps  # what was stored once is never lost
        steps = run.steps
        check(run, whole)
        if run.is_finished:
            assert run.outcome.fingerprint == whole.outcome.fingerprint
            assert run.outcome.best_epoch == whole.outcome.best_epoch
            assert run.states["best"].fingerprint() == whole.states["best"].fingerprint()
            shutil.rmtree(folder)
            steps, finished = 0, finished + 1
    assert finished
    if KILLS >= 1000:
        assert torn  # some blows fell into the middle of writing


def time_of_one(nursery, tmp_path):
    """Seconds that a training takes which is left in peace."""
    began = time.perf_counter()
    nursery.start("train", "--quiet", *WORDS, "--out", "peace")
    assert nursery.status() == 0
    shutil.rmtree(tmp_path / "peace")
    return time.perf_counter() - began


def check(run, whole):
    """Whatever is there is a part of the whole run."""
    np.testing.assert_array_equal(run.losses, whole.losses[: run.steps])
    np.testing.assert_array_equal(
        run.validation_losses, whole.validation_losses[: len(run.validation_losses)]
    )
    for step in (run.kept_steps[0], run.steps):
        assert run.nearest_state(step).fingerprint() == state_after(whole, step).fingerprint()


def is_torn(folder):
    """Whether the blow fell into the middle of writing."""
    hidden = [*(folder / states.FOLDER).glob(".*"), *folder.glob(".best*")]
    ahead = (folder / "losses.f64").stat().st_size // 8 > states.kept_steps(folder)[-1]
    return bool(hidden) or ahead


def test_two_writers_are_refused_and_readers_are_welcome(nursery, tmp_path, capfd):
    words = ["students", "--epochs", "100000", "--out", "run"]
    child = nursery.start("train", "--quiet", *words)
    folder = tmp_path / "run"
    patience = time.monotonic() + 60
    while not folder.exists() or len(states.kept_steps(folder)) < 3:
        time.sleep(0.01)
        assert time.monotonic() < patience
    try:
        assert run_command(["show", str(folder)]) == 0
        assert run_command(["show", str(folder), "@2"]) == 0
        assert run_command(["show", str(folder), "row:1"]) == 0
        seen = [Run(folder).steps for _ in range(5)]
        assert seen == sorted(seen)
        capfd.readouterr()
        assert run_command(["train", "--resume", str(folder)]) == 2
        assert "is being written by another process" in capfd.readouterr().err
    finally:
        os.kill(child, signal.SIGKILL)
        nursery.status()
    assert Run(folder).steps >= seen[-1]
