"""`StepLR`: the learning rate falls by a factor at equal distances."""

from __future__ import annotations

from pellucid.optim.lr_scheduler.scheduler import LRScheduler
from pellucid.optim.optimizer import Optimizer


class StepLR(LRScheduler):
    """Stairs of equal length: lr(t) = lr(0) · gamma^⌊t ÷ step_size⌋.

    Args:
        optimizer: whose learning rates.
        step_size: epochs of a stair, at least 1.
        gamma: what a stair multiplies the learning rate by.
        last_epoch: −1 to begin; see `LRScheduler`.

    Example:
        >>> from pellucid.optim.sgd import SGD
        >>> from pellucid.tensor.creation import ones
        >>> optimizer = SGD([ones(1, requires_grad=True)], lr=0.8)
        >>> schedule = StepLR(optimizer, step_size=2, gamma=0.5)
        >>> rates = []
        >>> for _ in range(6):
        ...     rates += schedule.get_last_lr()
        ...     optimizer.step()
        ...     schedule.step()
        >>> [round(rate, 4) for rate in rates]
        [0.8, 0.8, 0.4, 0.4, 0.2, 0.2]
    """

    def __init__(
        self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.step_size = step_size
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def rates(self) -> list[float]:
        """The same as before, or at the end of a stair gamma times that."""
        if self.last_epoch == 0 or self.last_epoch % self.step_size != 0:
            return self.current()
        return self.scaled(self.gamma)

    def rates_anywhere(self) -> list[float]:
        """The formula above."""
        factor = self.gamma ** (self.last_epoch // self.step_size)
        return [first * factor for first in self.base_lrs]
