"""pellucid's eager engine: the loop that everybody writes, with batches cut from a tensor."""

from __future__ import annotations

import numpy as np

import pellucid
from benchmarks.peers.peer import Peer
from benchmarks.peers.with_pellucid import loss_of, network, optimizer_of
from benchmarks.task import Task


def prepare(task: Task, threads: int) -> Peer:  # noqa: ARG001 numpy decides
    """Train by hand, one step after the other, in the very words of `with_torch`."""
    values, classes = task.data()
    inputs, targets = pellucid.tensor(values), pellucid.tensor(task.targets(classes))
    pellucid.manual_seed(0)
    model, loss_function = network(task), loss_of(task)
    optimizer = optimizer_of(task, model)
    rng = np.random.default_rng(0)

    def train(epochs: int) -> None:
        for _ in range(epochs):
            order = pellucid.tensor(rng.permutation(task.rows))
            for start in range(0, task.rows, task.batch_size):
                rows = order[start : start + task.batch_size]
                optimizer.zero_grad()
                loss_function(model(inputs[rows]), targets[rows]).backward()
                optimizer.step()

    return Peer(train)
