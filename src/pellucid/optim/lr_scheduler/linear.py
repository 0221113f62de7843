"""`LinearLR`: a learning rate that rises, or falls, in equal steps; the usual warm-up."""

from __future__ import annotations

from pellucid.optim.lr_scheduler.scheduler import LRScheduler
from pellucid.optim.optimizer import Optimizer


class LinearLR(LRScheduler):
    """A straight line: lr(t) = lr(0) · (start + (end − start) · min(t, total) ÷ total).

    Args:
        optimizer: whose learning rates.
        start_factor: start, above 0, up to 1.
        end_factor: end, from 0 to 1.
        total_iters: total, in epochs; from there on the learning rate stays.
        last_epoch: −1 to begin; see `LRScheduler`.

    Raises:
        ValueError: a factor is outside of its range.

    Example:
        >>> from pellucid.optim.sgd import SGD
        >>> from pellucid.tensor.creation import ones
        >>> optimizer = SGD([ones(1, requires_grad=True)], lr=0.8)
        >>> schedule = LinearLR(optimizer, start_factor=0.25, total_iters=3)
        >>> rates = []
        >>> for _ in range(6):
        ...     rates += schedule.get_last_lr()
        ...     optimizer.step()
        ...     schedule.step()
        >>> [round(rate, 4) for rate in rates]
        [0.2, 0.4, 0.6, 0.8, 0.8, 0.8]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1.0 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        if start_factor > 1.0 or start_factor <= 0:
            raise ValueError(
                "Starting multiplicative factor expected to be greater than 0 and less or equal "
                "to 1."
            )
        if end_factor > 1.0 or end_factor < 0:
            raise ValueError("Ending multiplicative factor expected to be between 0 and 1.")
        self.start_factor = start_factor
        self.end_factor = end_factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def rates(self) -> list[float]:
        """Those before, times the quotient of this factor and the one before."""
        if self.last_epoch == 0:
            return self.scaled(self.start_factor)
        if self._is_initial or self.last_epoch > self.total_iters:
            return self.current()
        rise = self.end_factor - self.start_factor
        before = self.total_iters * self.start_factor + (self.last_epoch - 1) * rise
        return self.scaled(1.0 + rise / before)

    def rates_anywhere(self) -> list[float]:
        """The formula above."""
        rise = self.end_factor - self.start_factor
        done = min(self.total_iters, self.last_epoch)
        factor = self.start_factor + rise * done / self.total_iters
        return [first * factor for first in self.base_lrs]
