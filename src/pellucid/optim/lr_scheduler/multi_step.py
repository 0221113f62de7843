"""`MultiStepLR`: the learning rate falls by a factor at chosen epochs."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable

from pellucid.optim.lr_scheduler.scheduler import LRScheduler
from pellucid.optim.optimizer import Optimizer


class MultiStepLR(LRScheduler):
    """Stairs of chosen length: lr(t) = lr(0) · gamma^(number of milestones up to t).

    Args:
        optimizer: whose learning rates.
        milestones: the epochs at which it falls; one that is named twice counts twice.
        gamma: what a milestone multiplies the learning rate by.
        last_epoch: −1 to begin; see `LRScheduler`.

    Example:
        >>> from pellucid.optim.sgd import SGD
        >>> from pellucid.tensor.creation import ones
        >>> optimizer = SGD([ones(1, requires_grad=True)], lr=0.8)
        >>> schedule = MultiStepLR(optimizer, milestones=[1, 4], gamma=0.5)
        >>> rates = []
        >>> for _ in range(6):
        ...     rates += schedule.get_last_lr()
        ...     optimizer.step()
        ...     schedule.step()
        >>> [round(rate, 4) for rate in rates]
        [0.8, 0.4, 0.4, 0.4, 0.2, 0.2]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        milestones: Iterable[int],
        gamma: float = 0.1,
        last_epoch: int = -1,
    ) -> None:
        self.milestones = Counter(milestones)
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def rates(self) -> list[float]:
        """The same as before, or at a milestone gamma times that."""
        if self.last_epoch not in self.milestones:
            return self.current()
        return self.scaled(self.gamma ** self.milestones[self.last_epoch])

    def rates_anywhere(self) -> list[float]:
        """The formula above."""
        passed = bisect_right(sorted(self.milestones.elements()), self.last_epoch)
        return [first * self.gamma**passed for first in self.base_lrs]
