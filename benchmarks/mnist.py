"""Part "mnist": whole trainings on handwritten digits, with the seconds and what came of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks import mnist_files
from benchmarks.contest import CONTENDERS, assembled, best_of
from benchmarks.crew import PeerError, Worker
from benchmarks.task import Task
from benchmarks.timing import SMOKE, Pace

PEERS = ("PyTorch eager", "JAX", "scikit-learn")


@dataclass(frozen=True)
class Training:
    """A network, and how many epochs at which learning rates."""

    title: str
    task: Task
    stages: tuple[tuple[int, float], ...]

    @property
    def epochs(self) -> int:
        """Of all stages."""
        return sum(epochs for epochs, _ in self.stages)


# Nielsen's cost has half the squared length of the error, and PyTorch's MSELoss divides by the
# number of outputs: his rate of 3.0 is theirs of 3.0 × 10 / 2.
NIELSEN = Training(
    "as in Nielsen's book: 30 sigmoid units, squared error, plain SGD with his rate of 3.0",
    Task((784, 30, 10), 10, 60_000, recipe="nielsen", lr=15.0, source="mnist"),
    ((30, 15.0),),
)
TUNED = Training(
    "tuned on 10,000 rows held back: 100 ReLU units, cross-entropy, Adam at three rates",
    Task((784, 100, 10), 100, 60_000, source="mnist"),
    ((5, 4e-3), (5, 1e-3), (4, 2e-4)),
)


def train(worker: Worker, training: Training) -> dict[str, Any]:
    """The whole training by pellucid, and how many of the test digits it then gets right."""
    worker.hear()
    worker.prepare(training.task)
    seconds = 0.0
    for epochs, lr in training.stages:
        worker.ask("set_lr", lr=lr)
        seconds += worker.train(epochs)
    memory = worker.ask("memory")
    task = dataclasses.asdict(training.task)
    right, rows = worker.ask("right", task=task, name="test")
    return {"seconds": seconds, "memory": memory, "right": right, "rows": rows}


def ours(training: Training) -> dict[str, Any]:
    """The same in a process of its own, or the reason why not."""
    try:
        with Worker("with_pellucid", 1) as worker:
            return train(worker, training)
    except PeerError as error:
        return {"reason": str(error)}


def theirs(training: Training, name: str) -> dict[str, Any]:
    """Seconds of the whole training elsewhere: its epochs times one, after one that warms up."""
    with assembled({name: CONTENDERS[name]}) as (crew, absent):
        if name in absent:
            return {"reason": absent[name].reason}
        try:
            trial = best_of(crew[name], training.task, SMOKE).trial
        except PeerError as error:
            return {"reason": str(error)}
    return {"seconds": trial.seconds_per_epoch * training.epochs}


def measure(pace: Pace) -> Iterator[dict[str, Any]]:
    """Both trainings; in a smoke run one epoch each and nobody else."""
    try:
        mnist_files.folder()
    except mnist_files.NotHereError as error:
        yield {"reason": str(error), "trainings": []}
        return
    known: dict[str, Any] = {"reason": "", "trainings": []}
    for training in (NIELSEN, TUNED):
        asked = training
        if pace == SMOKE:
            asked = dataclasses.replace(training, stages=((1, training.stages[0][1]),))
        result = {"title": training.title, "epochs": asked.epochs, "pellucid": ours(asked)}
        result["task"] = dataclasses.asdict(training.task)
        result["peers"] = {name: theirs(asked, name) for name in PEERS if pace != SMOKE}
        print(f"MNIST {training.task.name}: {result['pellucid']}", flush=True)
        known["trainings"].append(result)
        yield known
