"""`CosineAnnealingWarmRestarts`: half a cosine down, a jump up, and again."""

from __future__ import annotations

import math

from pellucid.optim.lr_scheduler.scheduler import LRScheduler
from pellucid.optim.optimizer import Optimizer


class CosineAnnealingWarmRestarts(LRScheduler):
    """Cosines with restarts: lr = eta_min + (lr(0) − eta_min) · (1 + cos(π · T_cur ÷ T_i)) ÷ 2.

    T_cur is the number of epochs since the last restart, T_i the length of the present cosine.

    Args:
        optimizer: whose learning rates.
        T_0: epochs of the first cosine, a whole number of at least 1.
        T_mult: how many times as long the next one is, a whole number of at least 1.
        eta_min: the lowest learning rate.
        last_epoch: −1 to begin; see `LRScheduler`.

    Raises:
        ValueError: a length is not a whole number of at least 1.

    Example:
        >>> from pellucid.optim.sgd import SGD
        >>> from pellucid.tensor.creation import ones
        >>> optimizer = SGD([ones(1, requires_grad=True)], lr=0.8)
        >>> schedule = CosineAnnealingWarmRestarts(optimizer, T_0=2, T_mult=2)
        >>> rates = []
        >>> for _ in range(6):
        ...     rates += schedule.get_last_lr()
        ...     optimizer.step()
        ...     schedule.step()
        >>> [round(rate, 4) for rate in rates]
        [0.8, 0.4, 0.8, 0.6828, 0.4, 0.1172]

    Source:
        Loshchilov & Hutter (2017), "SGDR: stochastic gradient descent with warm restarts",
        equation 5.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        T_0: int,  # noqa: N803 (PyTorch's name)
        T_mult: int = 1,  # noqa: N803 (PyTorch's name)
        eta_min: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        if T_0 <= 0 or not isinstance(T_0, int):
            raise ValueError(f"Expected positive integer T_0, but got {T_0}")
        if T_mult < 1 or not isinstance(T_mult, int):
            raise ValueError(f"Expected integer T_mult >= 1, but got {T_mult}")
        if not isinstance(eta_min, float | int):
            raise ValueError(  # noqa: TRY004 (PyTorch's kind of error)
                f"Expected float or int eta_min, but got {eta_min} of type {type(eta_min)}"
            )
        self.T_0 = T_0
        self.T_i = T_0
        self.T_mult = T_mult
        self.eta_min = eta_min
        self.T_cur: float = last_epoch
        super().__init__(optimizer, last_epoch)

    def rates(self) -> list[float]:
        """The formula above."""
        height = 1 + math.cos(math.pi * self.T_cur / self.T_i)
        return [self.eta_min + (first - self.eta_min) * height / 2 for first in self.base_lrs]

    def step(self, epoch: float | None = None) -> None:
        """Write the learning rates of the next epoch.

        Args:
            epoch: jump there instead; also between two epochs, such as 2.25 after a quarter of
                the batches of the third.

        Raises:
            ValueError: `epoch` is negative.
        """
        if epoch is None and self.last_epoch < 0:
            epoch = 0
        if epoch is None:
            epoch = self.last_epoch + 1
            self.T_cur += 1
            if self.T_cur >= self.T_i:
                self.T_cur %= self.T_i
                self.T_i *= self.T_mult
        else:
            self.find(epoch)
        self.last_epoch = math.floor(epoch)
        self.write(self.rates())

    def find(self, epoch: float) -> None:
        """Set T_cur and T_i for any epoch."""
        if epoch < 0:
            raise ValueError(f"Expected non-negative epoch, but got {epoch}")
        if epoch < self.T_0:
            self.T_i, self.T_cur = self.T_0, epoch
        elif self.T_mult == 1:
            self.T_cur = epoch % self.T_0
        else:  # n cosines are over; their lengths are a geometric series
            ratio = self.T_mult
            n = int(math.log(epoch / self.T_0 * (ratio - 1) + 1, ratio))
            self.T_cur = epoch - self.T_0 * (ratio**n - 1) / (ratio - 1)
            self.T_i = self.T_0 * ratio**n
