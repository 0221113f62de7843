"""`ExponentialLR`: the learning rate falls by a factor every epoch."""

from __future__ import annotations

from pellucid.optim.lr_scheduler.scheduler import LRScheduler
from pellucid.optim.optimizer import Optimizer


class ExponentialLR(LRScheduler):
    """Exponential decay: lr(t) = lr(0) · gammaᵗ.

    Args:
        optimizer: whose learning rates.
        gamma: what an epoch multiplies the learning rate by.
        last_epoch: −1 to begin; see `LRScheduler`.

    Example:
        >>> from pellucid.optim.sgd import SGD
        >>> from pellucid.tensor.creation import ones
        >>> optimizer = SGD([ones(1, requires_grad=True)], lr=0.8)
        >>> schedule = ExponentialLR(optimizer, gamma=0.5)
        >>> rates = []
        >>> for _ in range(6):
        ...     rates += schedule.get_last_lr()
        ...     optimizer.step()
        ...     schedule.step()
        >>> [round(rate, 4) for rate in rates]
        [0.8, 0.4, 0.2, 0.1, 0.05, 0.025]
    """

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def rates(self) -> list[float]:
        """Gamma times those before."""
        return self.current() if self._is_initial else self.scaled(self.gamma)

    def rates_anywhere(self) -> list[float]:
        """The formula above."""
        return [first * self.gamma**self.last_epoch for first in self.base_lrs]
