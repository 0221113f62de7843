"""`SWALR`: from the present learning rate to a steady one, at which weights are then averaged."""

from __future__ import annotations

import math
from typing import Any

from pellucid.optim.lr_scheduler.momentum import by_group
from pellucid.optim.lr_scheduler.scheduler import LRScheduler
from pellucid.optim.optimizer import Optimizer


class SWALR(LRScheduler):
    """To `swa_lr` within `anneal_epochs`: swa_lr · a(s) + lr · (1 − a(s)), s the share that is done.

    Args:
        optimizer: whose learning rates.
        swa_lr: the steady learning rate; or a list, one for each group.
        anneal_epochs: how many epochs it takes to get there, 0 or more.
        anneal_strategy: 'cos': a(s) = (1 − cos(π · s)) ÷ 2; or 'linear': a(s) = s.
        last_epoch: −1 to begin; see `LRScheduler`.

    Raises:
        ValueError: an unknown strategy, or a number of epochs that is none.

    Example:
        >>> from pellucid.optim.sgd import SGD
        >>> from pellucid.tensor.creation import ones
        >>> optimizer = SGD([ones(1, requires_grad=True)], lr=0.8)
        >>> schedule = SWALR(optimizer, 0.2, anneal_epochs=3, anneal_strategy="linear")
        >>> rates = []
        >>> for _ in range(5):
        ...     rates += schedule.get_last_lr()
        ...     optimizer.step()
        ...     schedule.step()
        >>> [round(rate, 4) for rate in rates]
        [0.8, 0.6, 0.4, 0.2, 0.2]

    Source:
        Izmailov et al. (2018), "Averaging weights leads to wider optima and better generalization".
    """

    def __init__(
        self,
        optimizer: Optimizer,
        swa_lr: float | list[float],
        anneal_epochs: int = 10,
        anneal_strategy: str = "cos",
        last_epoch: int = -1,
    ) -> None:
        steady = by_group("swa_lr", optimizer, swa_lr)
        for rate, group in zip(steady, optimizer.param_groups, strict=True):
            group["swa_lr"] = rate
        if anneal_strategy not in {"cos", "linear"}:
            raise ValueError(
                f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}"
            )
        self._anneal_strategy = anneal_strategy
        if not isinstance(anneal_epochs, int) or anneal_epochs < 0:
            raise ValueError(f"anneal_epochs must be equal or greater than 0, got {anneal_epochs}")
        self.anneal_epochs = anneal_epochs
        super().__init__(optimizer, last_epoch)

    def rates(self) -> list[float]:
        """The formula above, with lr worked out from the rate of the epoch before."""
        step = self._step_count - 1
        if self.anneal_epochs == 0:
            step = max(1, step)
        before, now = self.part(step - 1), self.part(step)
        rates = []
        for group in self.optimizer.param_groups:
            steady = group["swa_lr"]
            first = steady if before == 1 else (group["lr"] - before * steady) / (1 - before)
            rates.append(steady * now + first * (1 - now))
        return rates

    def part(self, step: int) -> float:
        """A(s) after this many steps."""
        share: Any = max(0, min(1, step / max(1, self.anneal_epochs)))
        if self._anneal_strategy == "linear":
            return float(share)
        return (1 - math.cos(math.pi * share)) / 2
