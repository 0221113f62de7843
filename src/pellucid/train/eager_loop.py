"""The loop that everybody writes, in Python, for modules that the native engine cannot take.

It does what `task` does natively, with the same draws: epochs, validation, patience, a stop flag.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.data.dataset import TensorDataset
from pellucid.data.loader import DataLoader
from pellucid.nn.module import Module
from pellucid.tensor.graph import no_grad
from pellucid.train.history import History, mean_by_epoch
from pellucid.train.task import Plan

if TYPE_CHECKING:
    from pellucid.train.trainer import Trainer


class Loop:
    """A training in Python.

    Args:
        trainer: whose module, loss and optimizer.
        dataset: the rows to learn from.
        plan: how.
    """

    def __init__(self, trainer: Trainer, dataset: TensorDataset, plan: Plan) -> None:
        self.trainer, self.plan, self.dataset = trainer, plan, dataset
        self.loader = DataLoader(dataset, batch_size=plan.batch_size, shuffle=plan.shuffle)
        self.losses: list[float] = []
        self.validation_losses: list[float] = []
        self.best_epoch, self.best_loss = 0, math.inf
        self.best: Any = None
        self.ending = "epochs"

    def fit(self, reason: str) -> History:
        """Train; `reason` says why it was not done natively."""
        for _ in range(self.plan.epochs):
            self.do_epoch()
            if self.ending != "epochs":
                break
        if self.best is not None and self.plan.restore_best:
            weights, memory = self.best
            self.trainer.model.load_state_dict(weights)
            self.trainer.optimizer.load_state_dict(memory)
        losses = np.array(self.losses, dtype=np.float64)
        whole = losses[: len(losses) // len(self.loader) * len(self.loader)]
        return History(
            losses,
            mean_by_epoch(whole, len(self.dataset), self.plan.batch_size),
            "eager",
            reason,
            validation_losses=np.array(self.validation_losses, dtype=np.float64),
            best_epoch=self.best_epoch,
            ending=self.ending,
        )

    def do_epoch(self) -> None:
        """One pass over all rows, and a look at the validation rows."""
        trainer, stop = self.trainer, self.plan.stop
        for inputs, targets in self.loader:
            if stop is not None and stop():
                self.ending = "stopped"
                return
            prediction = trainer.model(inputs)
            trainer.check_shapes(prediction, targets)
            loss = trainer.loss_function(prediction, targets)
            trainer.optimizer.zero_grad()
            loss.backward()
            trainer.optimizer.step()
            self.losses.append(loss.item())
        if self.plan.validation is not None:
            self.judge(*self.plan.validation.tensors)

    def judge(self, inputs: Any, targets: Any) -> None:
        """Judge the epoch in evaluation mode, and remember the best one."""
        trainer, patience = self.trainer, self.plan.patience
        with no_grad(), evaluating(trainer.model):
            loss = trainer.loss_function(trainer.model(inputs), targets).item()
        self.validation_losses.append(loss)
        epoch = len(self.validation_losses)
        if epoch == 1 or loss < self.best_loss:
            self.best_epoch, self.best_loss = epoch, math.inf if math.isnan(loss) else loss
            weights = deepcopy(trainer.model.state_dict())
            self.best = (weights, deepcopy(trainer.optimizer.state_dict()))
        elif patience is not None and epoch - self.best_epoch >= patience:
            self.ending = "patience"


@contextmanager
def evaluating(model: Module) -> Iterator[None]:
    """Evaluation mode for a while; every layer gets its own mode back."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, is_training in modes:
            module.training = is_training
