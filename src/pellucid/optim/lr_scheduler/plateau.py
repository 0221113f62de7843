"""`ReduceLROnPlateau`: the learning rate falls when a loss no longer does."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Any, SupportsFloat

from pellucid.optim.lr_scheduler.scheduler import LRScheduler, attach, warn_of_epoch
from pellucid.optim.optimizer import Optimizer


class ReduceLROnPlateau(LRScheduler):
    """Down by a factor after more than `patience` epochs without a better figure.

    With mode 'min', a figure is better if it is below best · (1 − threshold) under
    threshold_mode 'rel', or below best − threshold under 'abs'; with 'max', if it is above
    best · (1 + threshold), or above best + threshold.

    Args:
        optimizer: whose learning rates.
        mode: 'min' if a smaller figure is better, as with a loss, or 'max'.
        factor: below 1; what the learning rate is multiplied by.
        patience: how many epochs in a row may be no better.
        threshold: how much better is better.
        threshold_mode: 'rel' or 'abs'.
        cooldown: how many epochs after a fall do not count.
        min_lr: the lowest learning rate; or a list, one for each group.
        eps: a fall by less than this is not done.

    Raises:
        ValueError: a setting is none of those above, or `min_lr` is of another length than the
            groups.

    Example:
        >>> from pellucid.optim.sgd import SGD
        >>> from pellucid.tensor.creation import ones
        >>> optimizer = SGD([ones(1, requires_grad=True)], lr=0.8)
        >>> schedule = ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
        >>> rates = []
        >>> for loss in [3.0, 2.0, 2.0, 2.0, 2.0, 2.0]:
        ...     optimizer.step()
        ...     schedule.step(loss)
        ...     rates += schedule.get_last_lr()
        >>> rates
        [0.8, 0.8, 0.8, 0.4, 0.4, 0.2]
    """

    def __init__(  # noqa: PLR0917 (PyTorch's signature)
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: list[float] | float = 0,
        eps: float = 1e-8,
    ) -> None:
        if factor >= 1.0:
            raise ValueError("Factor should be < 1.0.")
        self.factor = factor
        self.optimizer = attach(optimizer)
        groups = len(optimizer.param_groups)
        self.default_min_lr = None if isinstance(min_lr, list | tuple) else min_lr
        self.min_lrs = list(min_lr) if isinstance(min_lr, list | tuple) else [min_lr] * groups
        if len(self.min_lrs) != groups:
            raise ValueError(f"expected {groups} min_lrs, got {len(self.min_lrs)}")
        self.patience = patience
        self.cooldown = cooldown
        self.eps = eps
        self.last_epoch = 0
        self._last_lr = self.current()
        self.compare_by(mode, threshold, threshold_mode)
        self.best = self.mode_worse
        self.cooldown_counter = 0
        self.num_bad_epochs = 0

    def compare_by(self, mode: str, threshold: float, threshold_mode: str) -> None:
        """Settle which figures are better."""
        if mode not in {"min", "max"}:
            raise ValueError(f"mode {mode} is unknown! Use 'min' or 'max'.")
        if threshold_mode not in {"rel", "abs"}:
            raise ValueError(f"threshold mode {threshold_mode} is unknown! Use 'rel' or 'abs'.")
        self.mode_worse = inf if mode == "min" else -inf
        self.mode = mode
        self.threshold = threshold
        self.threshold_mode = threshold_mode

    def step(self, metrics: SupportsFloat, epoch: int | None = None) -> None:  # type: ignore[override]  # it follows a figure
        """Look at an epoch's figure, and lower the learning rates if it is time.

        Args:
            metrics: the figure, such as the loss on rows that are not learned from.
            epoch: its number; in PyTorch on its way out.
        """
        figure = float(metrics)
        if epoch is not None:
            warn_of_epoch()
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        if self.is_better(figure):
            self.best = figure
            self.num_bad_epochs = 0
        else:
            self.num_bad_epochs += 1
        if self.in_cooldown:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self.reduce()
            self.cooldown_counter = self.cooldown
            self.num_bad_epochs = 0
        self._last_lr = self.current()

    @property
    def in_cooldown(self) -> bool:
        """Whether epochs do not count for now."""
        return self.cooldown_counter > 0

    def is_better(self, figure: float) -> bool:
        """Whether this is better than the best so far, by more than the threshold."""
        sign = -1.0 if self.mode == "min" else 1.0
        if self.threshold_mode == "rel":
            bound = self.best * (1.0 + sign * self.threshold)
        else:
            bound = self.best + sign * self.threshold
        return figure < bound if self.mode == "min" else figure > bound

    def reduce(self) -> None:
        """Lower the learning rates."""
        groups = self.optimizer.param_groups
        if len(groups) != len(self.min_lrs):
            if self.default_min_lr is None:
                raise RuntimeError(
                    f"The number of param groups in the `optimizer` ({len(groups)}) differs from "
                    f"when `ReduceLROnPlateau` was initialized ({len(self.min_lrs)}), usually due "
                    "to a new param group being added to the optimizer. Please modify the "
                    "`min_lrs` field to match the length of the `optimizer` param groups."
                )
            self.min_lrs = [self.default_min_lr] * len(groups)
        for group, lowest in zip(groups, self.min_lrs, strict=True):
            rate = max(group["lr"] * self.factor, lowest)
            if group["lr"] - rate > self.eps:
                group["lr"] = rate

    def rates(self) -> list[float]:
        """The present ones: the next ones depend on a figure."""
        return self.current()

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over what `state_dict` gave."""
        super().load_state_dict(state_dict)
        self.compare_by(self.mode, self.threshold, self.threshold_mode)
