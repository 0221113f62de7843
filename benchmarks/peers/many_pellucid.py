"""Many networks of one kind in pellucid: one `Trainer.fit` after the other."""

from __future__ import annotations

from typing import Any

import pellucid
from benchmarks.peers.peer import Peer
from benchmarks.peers.with_pellucid import loss_of, network, optimizer_of
from benchmarks.task import Task


def fit_all(
    teachers: list[pellucid.Trainer], inputs: Any, targets: Any, batch_size: int, epochs: int
) -> None:
    """Train all of them on the same rows, each in an order of its own."""
    for teacher in teachers:
        teacher.fit(inputs, targets, batch_size=batch_size, epochs=epochs)


def prepare(task: Task, threads: int) -> Peer:  # noqa: ARG001 the engine counts cores itself
    """Every network has its own weights and its own order of the rows."""
    inputs, classes = task.data()
    targets = task.targets(classes)
    pellucid.manual_seed(0)
    models = [network(task) for _ in range(task.copies)]
    teachers = [
        pellucid.Trainer(model, loss_of(task), optimizer_of(task, model)) for model in models
    ]

    def train(epochs: int) -> None:
        fit_all(teachers, inputs, targets, task.batch_size, epochs)

    return Peer(train)
