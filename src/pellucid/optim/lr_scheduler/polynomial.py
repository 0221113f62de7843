"""`PolynomialLR`: down to 0 along a power of what is left of the epochs."""

from __future__ import annotations

from pellucid.optim.lr_scheduler.scheduler import LRScheduler
from pellucid.optim.optimizer import Optimizer


class PolynomialLR(LRScheduler):
    """Down to 0 in `total_iters` epochs: lr(t) = lr(0) · (1 − t ÷ total_iters)^power.

    Args:
        optimizer: whose learning rates.
        total_iters: epochs until 0 is reached; there it stays.
        power: 1 for a straight line; above it falls faster at first.
        last_epoch: −1 to begin; see `LRScheduler`.

    Example:
        >>> from pellucid.optim.sgd import SGD
        >>> from pellucid.tensor.creation import ones
        >>> optimizer = SGD([ones(1, requires_grad=True)], lr=0.8)
        >>> schedule = PolynomialLR(optimizer, total_iters=4)
        >>> rates = []
        >>> for _ in range(6):
        ...     rates += schedule.get_last_lr()
        ...     optimizer.step()
        ...     schedule.step()
        >>> [round(rate, 4) for rate in rates]
        [0.8, 0.6, 0.4, 0.2, 0.0, 0.0]
    """

    def __init__(
        self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0, last_epoch: int = -1
    ) -> None:
        self.total_iters = total_iters
        self.power = power
        super().__init__(optimizer, last_epoch)

    def rates(self) -> list[float]:
        """The formula above, as a factor to the rates of the epoch before."""
        if self._is_initial or self.last_epoch > self.total_iters:
            return self.current()
        left = 1.0 - self.last_epoch / self.total_iters
        before = 1.0 - (self.last_epoch - 1) / self.total_iters
        return self.scaled((left / before) ** self.power)

    def rates_anywhere(self) -> list[float]:
        """The formula above."""
        left = 1.0 - min(self.total_iters, self.last_epoch) / self.total_iters
        return [first * left**self.power for first in self.base_lrs]
