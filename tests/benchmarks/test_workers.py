"""What the benchmarks do with a library that is missing, fails, or says nothing."""

import gzip
import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from benchmarks import mnist_files, record, results
from benchmarks.contest import Result, as_data, compete, from_data
from benchmarks.crew import PeerError, Worker
from benchmarks.peers.peer import CannotDoError, Peer
from benchmarks.run import arguments
from benchmarks.task import TASKS, Task
from benchmarks.timing import SMOKE, Pace, first_stretch, spread
from benchmarks.worker import Session, serve


def test_a_library_that_is_missing_is_named() -> None:
    with (
        Worker("with_nothing_of_that_name", 1) as worker,
        pytest.raises(PeerError, match=r"not installed .*with_nothing_of_that_name"),
    ):
        worker.hear()


def test_a_process_that_ends_is_told() -> None:
    with (
        Worker("", 1, [sys.executable, "-c", "raise SystemExit(3)"]) as worker,
        pytest.raises(PeerError, match="ended with status 3"),
    ):
        worker.hear()


def test_a_process_that_says_nothing_is_not_waited_for() -> None:
    with (
        Worker("", 1, [sys.executable, "-c", "import time; time.sleep(60)"]) as worker,
        pytest.raises(PeerError, match="took longer than 0 s"),
    ):
        worker.hear(patience=0.1)


def test_a_process_that_dies_while_it_is_asked_is_told() -> None:
    with Worker(
        "", 1, [sys.executable, "-c", "print('{\"value\": 1}'); raise SystemExit(4)"]
    ) as worker:
        worker.hear()
        worker.process.wait()
        with pytest.raises(PeerError, match="its process"):
            worker.train(1)


def answers(peer: Peer | Exception, questions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    def prepare(task: object, threads: int) -> Peer:
        if isinstance(peer, Exception):
            raise peer
        return peer

    told = io.StringIO()
    serve(
        Session(SimpleNamespace(prepare=prepare), 1),
        io.StringIO("".join(json.dumps(each) + "\n" for each in questions)),
        told,
    )
    return [json.loads(line) for line in told.getvalue().splitlines()]


PREPARE = {"word": "prepare", "task": {"layers": [2, 1], "batch_size": 1, "rows": 1}}


def test_a_worker_trains_what_it_is_told_to() -> None:
    epochs: list[int] = []
    said = answers(Peer(epochs.append), [PREPARE, {"word": "train", "epochs": 7}])
    assert epochs == [7]
    assert all(each["value"] >= 0 for each in said)


def test_a_worker_gives_reasons_and_goes_on() -> None:
    assert answers(CannotDoError("has no such loss"), [PREPARE]) == [{"reason": "has no such loss"}]
    broken, again = answers(RuntimeError("boom"), [PREPARE, {"word": "memory"}])
    assert broken == {"reason": "failed: RuntimeError: boom"}
    assert "value" in again


class FakeWorker:
    """Trains in no time: `seconds` an epoch, and fails in the call of number `fails_at`."""

    def __init__(self, threads: int, seconds: float, fails_at: int = 0) -> None:
        self.threads = threads
        self.seconds = seconds
        self.fails_at = fails_at
        self.calls = 0

    def prepare(self, task: object) -> None:
        pass

    def train(self, epochs: int) -> float:
        self.calls += 1
        if self.calls == self.fails_at:
            raise PeerError("crashed")
        return epochs * self.seconds

    def ask(self, word: str) -> int:
        assert word == "memory"
        return 1_000_000


def test_the_better_number_of_threads_is_measured_and_failures_cost_only_their_own_figures() -> (
    None
):
    crew: Any = {
        "pellucid": [FakeWorker(2, 0.001)],
        "PyTorch eager": [FakeWorker(1, 0.5), FakeWorker(2, 0.25)],
        "torch.compile": [FakeWorker(1, 0.1), FakeWorker(2, 0.2)],
        "JAX": [FakeWorker(2, 0.02, fails_at=4)],
        "scikit-learn": [FakeWorker(1, 1.0, fails_at=1), FakeWorker(2, 2.0)],
    }
    task = TASKS[0]
    found = compete(task, crew, Pace(stretch=0.01, repetitions=3))
    assert found["pellucid"].micros == pytest.approx(1000 / task.steps_per_epoch)
    assert found["PyTorch eager"].threads == 2
    assert found["torch.compile"].threads == 2, "it follows PyTorch eager"
    assert found["torch.compile"].micros == pytest.approx(200_000 / task.steps_per_epoch)
    assert found["JAX"] == Result(reason="crashed")
    assert found["scikit-learn"].threads == 2
    assert list(found) == list(crew)
    assert from_data(json.loads(json.dumps(as_data(found)))) == found


def test_a_stretch_is_long_enough() -> None:
    trial = first_stretch(lambda epochs: epochs * 0.003, Pace(stretch=0.5, repetitions=1))
    assert trial.epochs * trial.seconds_per_epoch >= 0.5
    assert trial.seconds_per_epoch == pytest.approx(0.003)
    assert first_stretch(lambda epochs: epochs * 1.0, SMOKE, epochs=10).epochs == 10
    assert spread([1.0, 1.1, 0.9]) == pytest.approx(0.1)


def test_parts_are_chosen_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert arguments(["--only", "steps,many"]).parts == ["steps", "many"]
    assert "mnist" in arguments([]).parts
    with pytest.raises(SystemExit):
        arguments(["--only", "stepps"])
    assert "no part is called 'stepps'" in capsys.readouterr().err


def test_mnist_that_is_not_here_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PELLUCID_DATA", str(tmp_path))
    with pytest.raises(mnist_files.NotHereError, match=r"PELLUCID_DATA/mnist"):
        mnist_files.folder()


def test_the_page_shows_what_is_known_and_where_it_was_measured(tmp_path: Path) -> None:
    rows = [
        {
            "task": {"layers": [2, 4, 2, 1], "batch_size": 10, "rows": 1000},
            "results": as_data(
                {
                    "pellucid": Result(micros=0.5, memory=5_000_000),
                    "PyTorch eager": Result(micros=600.0),
                    "JAX": Result(reason="not installed (No module named 'jax')"),
                }
            ),
        }
    ]
    peak = {"one_core": 100.0, "all_cores": 200.0, "register_bytes": 32, "reason": ""}
    record.write(tmp_path, "steps", ["a machine", "day one, load 0"], {"peak": peak, "rows": rows})
    record.write(tmp_path, "mnist", ["another one"], {"reason": "not here", "trainings": []})
    known = {part: found for part in ("steps", "mnist") if (found := record.read(tmp_path, part))}
    assert record.read(tmp_path, "many") is None
    page = results.render(known)
    assert "| 2-4-2-1, batch 10 | **0.50** | 600 | 1,200× | ≥ 1,000× ✓ | – | – | ≥ 30× |" in page
    assert "- 2-4-2-1, batch 10: JAX not installed (No module named 'jax')" in page
    assert page.count("- a machine") == 1
    assert page.index("## MNIST") < page.index("- another one")
    assert "Not measured: not here." in page


def test_right_answers_are_shown_with_how_many_were_judged() -> None:
    peer = Peer(lambda _: None, predict=lambda rows: rows[:, 0].astype(np.int64))
    session = Session(SimpleNamespace(prepare=lambda *_: peer), 1)
    session.prepare({"layers": [1, 2], "batch_size": 2, "rows": 2})
    with pytest.MonkeyPatch.context() as patch:
        images, labels = np.array([[0.0], [1.0], [1.0]], np.float32), np.array([0, 1, 0])
        patch.setattr(mnist_files, "read", lambda _: (images, labels))
        task = {"layers": [1, 2], "batch_size": 2, "rows": 2, "source": "mnist"}
        assert session.right(task, "test") == (2, 3)
        assert session.right(task, "held back") == (0, 1)
    assert results.right_words(2846, 3000) == "94.87 % of 3,000 (94.0 % to 95.6 %)"


def test_mnist_files_are_read_as_they_were_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "mnist"
    folder.mkdir()
    for name in ("train", "test"):
        images, labels = mnist_files.paths(folder, name)
        pixels = bytes([0, 255] * 392) + bytes(784)
        header = (2051).to_bytes(4) + b"".join(each.to_bytes(4) for each in (2, 28, 28))
        images.write_bytes(gzip.compress(header + pixels))
        labels.write_bytes(gzip.compress((2049).to_bytes(4) + (2).to_bytes(4) + bytes([7, 3])))
    monkeypatch.setenv("PELLUCID_DATA", str(tmp_path))
    inputs, digits = mnist_files.read("test")
    assert inputs.shape == (2, 784)
    assert inputs[0, :4].tolist() == [0.0, 1.0, 0.0, 1.0]
    assert digits.tolist() == [7, 3]
    wanted = Task((784, 10), 2, 4, source="mnist")
    with pytest.raises(ValueError, match="should have 4 rows to learn from: 2"):
        wanted.data()
