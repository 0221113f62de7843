"""pellucid, as a PyTorch-minded user would call it."""

from __future__ import annotations

import numpy as np

import pellucid
from benchmarks.task import Task
from benchmarks.timing import Trainer
from pellucid import nn, optim


def trainer(task: Task) -> Trainer:
    """Train through `pellucid.Trainer`, history included."""
    inputs, classes = task.data()
    pellucid.manual_seed(0)
    layers: list[nn.Module] = []
    for before, after in zip(task.layers, task.layers[1:], strict=False):
        layers += [nn.Linear(before, after), nn.ReLU()]
    model = nn.Sequential(*layers[:-1])
    loss_function = nn.BCEWithLogitsLoss() if task.is_binary else nn.CrossEntropyLoss()
    targets = classes.astype(np.float32)[:, None] if task.is_binary else classes
    teacher = pellucid.Trainer(model, loss_function, optim.Adam(model.parameters(), lr=1e-3))

    def train(epochs: int) -> None:
        teacher.fit(inputs, targets, batch_size=task.batch_size, epochs=epochs, shuffle=True)

    return train
