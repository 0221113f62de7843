"""PyTorch eager, batches cut from a tensor (its DataLoader is several times slower)."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import torch

from benchmarks.peers.peer import Peer
from benchmarks.task import DEAD_BIAS, STEPS_TO_SUBNORMAL, Task

Lossy = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def network(task: Task) -> torch.nn.Sequential:
    """The layers of the task."""
    is_nielsen = task.recipe == "nielsen"
    layers: list[torch.nn.Module] = []
    for before, after in itertools.pairwise(task.layers):
        layers.append(torch.nn.Linear(before, after))
        layers.append(torch.nn.Sigmoid() if is_nielsen else torch.nn.ReLU())
    return torch.nn.Sequential(*(layers if is_nielsen else layers[:-1]))


def loss_of(task: Task) -> torch.nn.Module:
    """The loss of the task."""
    if task.recipe == "nielsen":
        return torch.nn.MSELoss()
    return torch.nn.BCEWithLogitsLoss() if task.is_binary else torch.nn.CrossEntropyLoss()


def as_it_is(part: Any) -> Any:
    """Nothing is compiled."""
    return part


def prepare(task: Task, threads: int, compiled: Callable[[Any], Any] = as_it_is) -> Peer:
    """Train with the textbook loop; each batch is one indexing of a tensor."""
    torch.set_num_threads(threads)
    values, classes = task.data()
    inputs, targets = torch.from_numpy(values), torch.from_numpy(task.targets(classes))
    torch.manual_seed(0)
    model, loss_function = network(task), loss_of(task)
    rule = torch.optim.SGD if task.recipe == "nielsen" else torch.optim.Adam
    optimizer = rule(model.parameters(), lr=task.lr)
    loss_of_batch: Lossy = compiled(lambda rows, wanted: loss_function(model(rows), wanted))
    step = compiled(optimizer.step)

    def train(epochs: int) -> None:
        for _ in range(epochs):
            order = torch.randperm(task.rows)
            for start in range(0, task.rows, task.batch_size):
                rows = order[start : start + task.batch_size]
                optimizer.zero_grad()
                loss_of_batch(inputs[rows], targets[rows]).backward()
                step()

    if task.has_dead_units:
        train(1)
        with torch.no_grad():
            model[0].bias[: task.layers[1] // 2] = DEAD_BIAS
        train(-(-STEPS_TO_SUBNORMAL // task.steps_per_epoch))
    return Peer(train)
