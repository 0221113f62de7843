"""pellucid, as a PyTorch-minded user would call it: `Trainer.fit` on arrays, history included."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt

import pellucid
from benchmarks.peers.peer import Peer
from benchmarks.task import DEAD_BIAS, STEPS_TO_SUBNORMAL, Task
from pellucid import nn, optim


def network(task: Task) -> nn.Sequential:
    """The layers of the task."""
    is_nielsen = task.recipe == "nielsen"
    layers: list[nn.Module] = []
    for before, after in itertools.pairwise(task.layers):
        layers += [nn.Linear(before, after), nn.Sigmoid() if is_nielsen else nn.ReLU()]
    return nn.Sequential(*(layers if is_nielsen else layers[:-1]))


def loss_of(task: Task) -> nn.Module:
    """The loss of the task."""
    if task.recipe == "nielsen":
        return nn.MSELoss()
    return nn.BCEWithLogitsLoss() if task.is_binary else nn.CrossEntropyLoss()


def optimizer_of(task: Task, model: nn.Module) -> optim.Optimizer:
    """The optimizer of the task."""
    rule = optim.SGD if task.recipe == "nielsen" else optim.Adam
    return rule(model.parameters(), lr=task.lr)


def kill_half(model: nn.Sequential) -> None:
    """Give half of the first layer's units a bias from which they never come back."""
    values = model.state_dict()
    bias = np.array(values["0.bias"])
    bias[: len(bias) // 2] = DEAD_BIAS
    model.load_state_dict({**values, "0.bias": pellucid.tensor(bias)})


def prepare(task: Task, threads: int) -> Peer:  # noqa: ARG001 the engine counts cores itself
    """Train through `pellucid.Trainer`."""
    inputs, classes = task.data()
    targets = task.targets(classes)
    pellucid.manual_seed(0)
    model = network(task)
    optimizer = optimizer_of(task, model)
    teacher = pellucid.Trainer(model, loss_of(task), optimizer)

    def train(epochs: int) -> None:
        history = teacher.fit(inputs, targets, batch_size=task.batch_size, epochs=epochs)
        if history.engine != "native":
            raise RuntimeError(f"the native engine was not used: {history.reason}")

    def predict(rows: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
        with pellucid.no_grad():
            return np.asarray(model(pellucid.tensor(rows)).numpy().argmax(axis=1))

    def set_lr(lr: float) -> None:
        optimizer.param_groups[0]["lr"] = lr

    if task.has_dead_units:
        train(1)
        kill_half(model)
        train(-(-STEPS_TO_SUBNORMAL // task.steps_per_epoch))
    return Peer(train, predict, set_lr)
