"""`CosineAnnealingLR`: the learning rate falls along half a cosine, and rises again."""

from __future__ import annotations

import math

from pellucid.optim.lr_scheduler.scheduler import LRScheduler
from pellucid.optim.optimizer import Optimizer


class CosineAnnealingLR(LRScheduler):
    """Half a cosine: lr(t) = eta_min + (lr(0) − eta_min) · (1 + cos(π · t ÷ T_max)) ÷ 2.

    Args:
        optimizer: whose learning rates.
        T_max: epochs until the lowest one; after as many again it is back at the first.
        eta_min: the lowest learning rate.
        last_epoch: −1 to begin; see `LRScheduler`.

    Example:
        >>> from pellucid.optim.sgd import SGD
        >>> from pellucid.tensor.creation import ones
        >>> optimizer = SGD([ones(1, requires_grad=True)], lr=0.8)
        >>> schedule = CosineAnnealingLR(optimizer, T_max=4)
        >>> rates = []
        >>> for _ in range(6):
        ...     rates += schedule.get_last_lr()
        ...     optimizer.step()
        ...     schedule.step()
        >>> [round(rate, 4) for rate in rates]
        [0.8, 0.6828, 0.4, 0.1172, 0.0, 0.1172]

    Source:
        Loshchilov & Hutter (2017), "SGDR: stochastic gradient descent with warm restarts",
        equation 5, without the restarts: those are in `CosineAnnealingWarmRestarts`.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        T_max: int,  # noqa: N803 (PyTorch's name)
        eta_min: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        self.T_max = T_max
        self.eta_min = eta_min
        super().__init__(optimizer, last_epoch)

    def rates(self) -> list[float]:
        """From those before, so that another schedule may change them too."""
        lowest, turn = self.eta_min, math.pi / self.T_max
        if self._is_initial:
            return self.current()
        if self._step_count == 1 and self.last_epoch > 0:
            return self.rates_anywhere()
        if (self.last_epoch - 1 - self.T_max) % (2 * self.T_max) == 0:  # the quotient is 1 ÷ 0
            return [
                rate + (first - lowest) * (1 - math.cos(turn)) / 2
                for first, rate in zip(self.base_lrs, self.current(), strict=True)
            ]
        now = 1 + math.cos(math.pi * self.last_epoch / self.T_max)
        before = 1 + math.cos(math.pi * (self.last_epoch - 1) / self.T_max)
        return [now / before * (rate - lowest) + lowest for rate in self.current()]

    def rates_anywhere(self) -> list[float]:
        """The formula above."""
        height = 1 + math.cos(math.pi * self.last_epoch / self.T_max)
        return [self.eta_min + (first - self.eta_min) * height / 2 for first in self.base_lrs]
