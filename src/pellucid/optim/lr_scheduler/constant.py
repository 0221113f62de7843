"""`ConstantLR`: a smaller learning rate for the first epochs."""

from __future__ import annotations

from pellucid.optim.lr_scheduler.scheduler import LRScheduler
from pellucid.optim.optimizer import Optimizer


class ConstantLR(LRScheduler):
    """One stair up: lr(t) = factor · lr(0) while t < total_iters, then lr(0).

    Args:
        optimizer: whose learning rates.
        factor: from 0 to 1; above 0, if training shall ever reach the full learning rate.
        total_iters: how many epochs are at the smaller one.
        last_epoch: −1 to begin; see `LRScheduler`.

    Raises:
        ValueError: `factor` is outside of 0 to 1.

    Example:
        >>> from pellucid.optim.sgd import SGD
        >>> from pellucid.tensor.creation import ones
        >>> optimizer = SGD([ones(1, requires_grad=True)], lr=0.8)
        >>> schedule = ConstantLR(optimizer, factor=0.25, total_iters=3)
        >>> rates = []
        >>> for _ in range(6):
        ...     rates += schedule.get_last_lr()
        ...     optimizer.step()
        ...     schedule.step()
        >>> [round(rate, 4) for rate in rates]
        [0.2, 0.2, 0.2, 0.8, 0.8, 0.8]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        factor: float = 1.0 / 3,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        if factor > 1.0 or factor < 0:
            raise ValueError("Constant multiplicative factor expected to be between 0 and 1.")
        self.factor = factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def rates(self) -> list[float]:
        """The same as before, but for the first epoch and the one that ends the stair."""
        if self.last_epoch == 0:
            return self.scaled(self.factor)
        if self.last_epoch != self.total_iters:
            return self.current()
        return self.scaled(1.0 / self.factor)

    def rates_anywhere(self) -> list[float]:
        """The formula above."""
        factor = self.factor + (self.last_epoch >= self.total_iters) * (1 - self.factor)
        return [first * factor for first in self.base_lrs]
