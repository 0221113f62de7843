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

from pellucid.data.loader import DataLoader
from pellucid.engine.failure import NOTHING_COUNTS
from pellucid.engine.weighing import class_weights, weighted_loss
from pellucid.errors import TrainingError
from pellucid.nn.clipping import clip
from pellucid.nn.module import Module
from pellucid.optim.lr_scheduler.plateau import ReduceLROnPlateau
from pellucid.tensor.graph import no_grad
from pellucid.train.examples import Examples
from pellucid.train.history import History, mean_by_epoch
from pellucid.train.named_losses import NamedLosses
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

    def __init__(self, trainer: Trainer, dataset: Examples, plan: Plan) -> None:
        self.trainer, self.plan, self.dataset = trainer, plan, dataset
        self.loader = DataLoader(dataset, batch_size=plan.batch_size, shuffle=plan.shuffle)
        self.losses: list[float] = []
        self.validation_losses: list[float] = []
        self.parts: list[dict[str, float]] = []
        self.validation_parts: list[dict[str, float]] = []
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
            settings = self.trainer.optimizer.state_dict()["param_groups"]  # a schedule goes on
            self.trainer.optimizer.load_state_dict({"state": memory, "param_groups": settings})
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
            losses_by_name=by_name(self.parts),
            validation_losses_by_name=by_name(self.validation_parts),
        )

    def do_epoch(self) -> None:
        """One pass over all rows, and a look at the validation rows."""
        trainer, stop = self.trainer, self.plan.stop
        for batch in self.loader:
            if stop is not None and stop():
                self.ending = "stopped"
                return
            self.do_step(*self.dataset.split(batch))
            if trainer.scheduler is not None and trainer.schedule_every == "step":
                trainer.scheduler.step()
        if self.plan.validation is not None:
            self.judge(self.plan.validation.inputs, self.plan.validation.targets)
        if isinstance(trainer.scheduler, ReduceLROnPlateau):
            trainer.scheduler.step(self.figure())
        elif trainer.scheduler is not None and trainer.schedule_every == "epoch":
            trainer.scheduler.step()

    def do_step(self, inputs: Any, targets: Any, weights: Any = None) -> None:
        """Forward, backward, update; `weights` says how much each row counts."""
        trainer = self.trainer
        judge, prediction = trainer.loss_function, trainer.model(*inputs)
        trainer.check_shapes(prediction, targets)
        if weights is None:
            loss = judge(prediction, targets)
        elif isinstance(judge, NamedLosses):
            loss = judge.weighted(prediction, targets, weights.array)
        else:
            loss = weighted_loss(judge, prediction, targets, weights.array)
        trainer.optimizer.zero_grad()
        loss.backward()
        self.book(loss.item(), targets)
        groups = trainer.optimizer.param_groups
        learned = [each for group in groups for each in group["params"]]
        clip(learned, trainer.clip_norm, trainer.clip_value)
        trainer.optimizer.step()

    def figure(self) -> float:
        """What a schedule is told of the epoch: its validation loss, or the mean of its steps'."""
        if self.plan.validation is not None:
            return self.validation_losses[-1]
        losses = np.array(self.losses[-len(self.loader) :], dtype=np.float64)
        return float(mean_by_epoch(losses, len(self.dataset), self.plan.batch_size)[0])

    def book(self, loss: float, targets: Any) -> None:
        """Keep a step's loss.

        Raises:
            TrainingError: it is no finite number.
        """
        judge, told, counts = self.trainer.loss_function, "", np.ones(1)
        if isinstance(judge, NamedLosses):
            self.parts.append(dict(judge.parts))
            told = f" ({', '.join(f'{name}: {part:.4g}' for name, part in judge.parts.items())})"
        if not math.isfinite(loss):
            if not isinstance(judge, NamedLosses):
                counts = class_weights(judge, targets, np.ones(targets.shape, np.float64))
            cure = (
                "The usual cure: fill inputs and targets that are not finite, use a smaller "
                "learning rate, or check that the targets suit the loss."
            )
            raise TrainingError(
                f"Step {len(self.losses) + 1}: the loss became {loss}{told}. "
                f"{cure if counts.any() else NOTHING_COUNTS}"
            )
        self.losses.append(loss)

    def judge(self, inputs: Any, targets: Any) -> None:
        """Judge the epoch in evaluation mode, and remember the best one."""
        trainer, patience = self.trainer, self.plan.patience
        with no_grad(), evaluating(trainer.model):
            loss = trainer.loss_function(trainer.model(*inputs), targets).item()
        self.validation_losses.append(loss)
        if isinstance(trainer.loss_function, NamedLosses):
            self.validation_parts.append(dict(trainer.loss_function.parts))
        epoch = len(self.validation_losses)
        if epoch == 1 or loss < self.best_loss:
            self.best_epoch, self.best_loss = epoch, math.inf if math.isnan(loss) else loss
            weights = deepcopy(trainer.model.state_dict())
            self.best = (weights, deepcopy(trainer.optimizer.state_dict()["state"]))
        elif patience is not None and epoch - self.best_epoch >= patience:
            self.ending = "patience"


def by_name(parts: list[dict[str, float]]) -> dict[str, np.ndarray[Any, Any]]:
    """One array for each name.

    Example:
        >>> by_name([{"price": 2.0}, {"price": 1.0}])
        {'price': array([2., 1.])}
    """
    names = parts[0] if parts else {}
    return {name: np.array([each[name] for each in parts], np.float64) for name in names}


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
