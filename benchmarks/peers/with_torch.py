"""PyTorch eager, batches cut from a tensor (its DataLoader is several times slower)."""

from __future__ import annotations

import torch

from benchmarks.task import Task
from benchmarks.timing import Trainer


def trainer(task: Task, threads: int) -> Trainer:
    """Train with the textbook loop; each batch is one indexing of a tensor."""
    inputs, classes = (torch.from_numpy(array) for array in task.data())
    targets = classes.float()[:, None] if task.is_binary else classes
    torch.manual_seed(0)
    layers: list[torch.nn.Module] = []
    for before, after in zip(task.layers, task.layers[1:], strict=False):
        layers += [torch.nn.Linear(before, after), torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers[:-1])
    loss_function = torch.nn.BCEWithLogitsLoss() if task.is_binary else torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

    def train(epochs: int) -> None:
        torch.set_num_threads(threads)
        for _ in range(epochs):
            order = torch.randperm(task.rows)
            for start in range(0, task.rows, task.batch_size):
                rows = order[start : start + task.batch_size]
                optimizer.zero_grad()
                loss_function(model(inputs[rows]), targets[rows]).backward()
                optimizer.step()

    return train
