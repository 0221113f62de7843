"""What is on disk while a run grows: the budget, the journal, and what an accident leaves."""

import shutil
import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid.cli.main import run as run_command
from pellucid.engine.state import State
from pellucid.errors import RunError
from pellucid.model.prepared import prepare_fit
from pellucid.runs import journal, keeper, states
from pellucid.runs.run import Run
from pellucid.runs.writer import RunWriter
from pellucid.train import loop
from pellucid.train.past import Past
from pellucid.train.recorder import begin


def state_at(step, size=1):
    words = np.zeros(625, np.uint32)
    return State({"w": np.full(size, step, np.float32)}, {}, step, 0, 0, 0, words, 0.1, 0.0)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / states.FOLDER).mkdir()
    return tmp_path


def test_a_state_comes_back_exactly(folder):
    path = states.state_path(folder, 7)
    states.write_state(path, state_at(7), 1.25)
    found, seconds = states.read_state(path)
    assert (found.fingerprint(), seconds) == (state_at(7).fingerprint(), 1.25)
    assert states.kept_steps(folder) == [7]


@settings(max_examples=30)
@given(st.integers(3, 300), st.integers(4, 20))
def test_states_stay_spread_evenly_when_there_are_too_many(count, most):
    """As in a training that tells every 10 seconds of a clock on which a state is due every 50."""
    with pytest.MonkeyPatch.context() as patch, temporary() as folder:
        patch.setattr(keeper, "MOST_STATES", most)
        patch.setattr(keeper, "INTERVAL", 50.0)
        kept = keeper.StateKeeper(folder, budget=1)
        for step in range(count):
            if kept.is_due(10.0 * step):
                kept.keep(state_at(step), 0.0)
                kept.wait(10.0 * step, time.perf_counter())
        kept.keep(state_at(count), 0.0)
        there = states.kept_steps(folder)
        assert (there[0], there[-1]) == (0, count)
        assert len(there) <= most
        gaps = np.diff(there[:-1])  # the newest one stands where the run is
        assert len(gaps) < 2 or gaps.max() <= 3 * gaps.min()
        assert len(there) >= min(count // 6, most // 2)


def temporary():
    from contextlib import contextmanager  # noqa: PLC0415 (only here)
    from pathlib import Path  # noqa: PLC0415 (only here)
    from tempfile import TemporaryDirectory  # noqa: PLC0415 (only here)

    @contextmanager
    def made():
        with TemporaryDirectory() as name:
            yield Path(name)

    return made()


def test_the_budget_holds_and_the_ends_stay(folder):
    kept = keeper.StateKeeper(folder, budget=1)
    for step in range(40):
        kept.keep(state_at(step, 50_000), 0.0)  # 200 kB each
    assert sum(each.stat().st_size for each in (folder / states.FOLDER).iterdir()) <= 10**6
    there = states.kept_steps(folder)
    assert (there[0], there[-1]) == (0, 39)


def test_states_larger_than_the_budget_leave_the_first_and_the_newest(folder):
    kept = keeper.StateKeeper(folder, budget=1)
    for step in range(5):
        kept.keep(state_at(step, 400_000), 0.0)
    assert states.kept_steps(folder) == [0, 4]


@settings(max_examples=40)
@given(st.lists(st.floats(allow_nan=False), max_size=30), st.data())
def test_the_journal_is_cut_back_and_goes_on(numbers, data):
    """Whatever a blow has left of the last number, the file ends as if there had been none."""
    curve = np.array(numbers, np.float64)
    with temporary() as folder:
        first = journal.Journal(folder)
        first.append(curve, curve[:1])
        first.close()
        path = folder / journal.LOSSES
        left = data.draw(st.integers(0, path.stat().st_size))
        path.write_bytes(path.read_bytes()[:left])
        np.testing.assert_array_equal(journal.read_numbers(path), curve[: left // 8])
        again = journal.Journal(folder, keep := data.draw(st.integers(0, left // 8)), 1)
        assert len(journal.read_numbers(path)) == keep
        again.append(curve, curve[:1])
        again.close()
        np.testing.assert_array_equal(journal.read_numbers(path), curve)
        np.testing.assert_array_equal(journal.read_numbers(folder / journal.VALIDATION), curve[:1])


def test_events_after_the_newest_state_are_cut_and_half_lines_left_out(folder):
    first = journal.Journal(folder)
    for step in (1, 5, 9):
        first.tell(journal.Event(step=step, kind="resumed", text="…"))
    first.close()
    path = folder / journal.EVENTS
    path.write_bytes(path.read_bytes()[:-4])
    assert [each.step for each in journal.read_events(folder)] == [1, 5]
    journal.Journal(folder, steps=4).close()
    assert [each.step for each in journal.read_events(folder)] == [1]


def record(tmp_path, at_epoch, accident, monkeypatch):
    """Train on students, with an accident when an epoch is over."""
    from pellucid.report.record import beginning  # noqa: PLC0415 (only here)

    monkeypatch.setattr(keeper, "INTERVAL", 0.0)
    monkeypatch.setattr(keeper, "SHARE", 0.0)
    monkeypatch.setattr(loop, "STRETCH_SECONDS", 1e-6)
    prepared = prepare_fit("students", "passed", epochs=20)
    writer = RunWriter("students", tmp_path / "run")

    def progress(told):
        if told.epoch == at_epoch:
            accident(writer.folder)
        recorder.update(told)

    with begin(writer, beginning(prepared, "students")) as recorder:
        loop.train(
            prepared.engine,
            prepared.program,
            prepared.state,
            training=prepared.training,
            validation=prepared.validation,
            plan=loop.Plan(100, 20),
            progress=progress,
            past=Past(prepared.state),
        )


def test_a_folder_that_vanishes_ends_the_training_with_a_sentence(tmp_path, monkeypatch):
    with pytest.raises(RunError, match=r"run has gone while its run was written.*after step \d+"):
        record(tmp_path, 5, shutil.rmtree, monkeypatch)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limits on files")
def test_a_full_disk_ends_the_training_with_a_sentence_and_a_usable_run(tmp_path):
    """The operating system refuses to let files grow, as it does when the disk is full."""
    code = """
import resource, signal
from pellucid.cli.main import main
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))
main("train students --epochs 1000000 --quiet --out run".split())
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=False, timeout=120
    )
    said = done.stderr.decode().splitlines()
    assert (done.returncode, len(said)) == (2, 1)
    assert "file too large. It is kept up to step" in said[0]
    assert "`pellucid train --resume run` goes on" in said[0]
    run = Run(tmp_path / "run")
    assert not run.is_finished
    assert run.steps > 0
    assert run_command(["show", str(tmp_path / "run"), f"@{run.steps}"]) == 0


def test_an_interrupted_run_is_resumed_to_the_end(tmp_path, monkeypatch, capsys):
    from pellucid.engine.native import NativeEngine  # noqa: PLC0415 (only here)

    monkeypatch.chdir(tmp_path)
    words = ["train", "students", "--epochs", "30", "--quiet", "--out"]
    assert run_command([*words, "whole"]) == 0
    real, calls = NativeEngine.run, []

    def interrupted(self, *words, **settings):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(self, *words, **settings)

    with monkeypatch.context() as patch:
        patch.setattr(NativeEngine, "run", interrupted)
        assert run_command([*words, "cut"]) == 0
    assert Run(tmp_path / "cut").outcome.ending == "interrupted"
    assert run_command(["train", "--resume", "cut", "--quiet"]) == 0
    whole, cut = Run(tmp_path / "whole"), Run(tmp_path / "cut")
    assert cut.outcome.fingerprint == whole.outcome.fingerprint
    assert (cut.outcome.ending, cut.outcome.best_epoch) == ("epochs", whole.outcome.best_epoch)
    np.testing.assert_array_equal(cut.losses, whole.losses)
    np.testing.assert_array_equal(cut.validation_losses, whole.validation_losses)
    assert [each.kind for each in cut.incidents] == ["resumed"]
    capsys.readouterr()
    assert run_command(["train", "--resume", "cut"]) == 2
    assert "cut is finished" in capsys.readouterr().err
    assert run_command(["train", "--resume", "cut", "--epochs", "60"]) == 2
    assert "--epochs is too much beside --resume" in capsys.readouterr().err
