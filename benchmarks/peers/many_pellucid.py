"""Many networks of one kind in pellucid: side by side in one call of `fit_many`."""

from __future__ import annotations

import pellucid
from benchmarks.peers.peer import Peer
from benchmarks.peers.with_pellucid import loss_of, network, optimizer_of
from benchmarks.task import Task
from pellucid import Trainer, fit_many
from pellucid.errors import TrainingError


def prepare(task: Task, threads: int) -> Peer:
    """Every network has its own weights and its own order of the rows; the data are shared."""
    inputs, classes = task.data()
    targets = task.targets(classes)
    pellucid.manual_seed(0)
    trainers = []
    for _ in range(task.copies):
        model = network(task)
        trainers.append(Trainer(model, loss_of(task), optimizer_of(task, model)))

    def train(epochs: int) -> None:
        settings = task.batch_size, epochs
        histories = fit_many(trainers, inputs, targets, *settings, threads=threads)
        for history in histories:
            if history.failure:
                raise TrainingError(history.failure)

    return Peer(train)
