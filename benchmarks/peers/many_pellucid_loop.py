"""Many networks of one kind in pellucid: one `Trainer.fit` after the other."""

from __future__ import annotations

import pellucid
from benchmarks.peers.peer import Peer
from benchmarks.peers.with_pellucid import loss_of, network, optimizer_of
from benchmarks.task import Task


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
        for teacher in teachers:
            teacher.fit(inputs, targets, batch_size=task.batch_size, epochs=epochs)

    return Peer(train)
