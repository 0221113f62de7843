"""`OneCycleLR`: up to a large learning rate, down to a tiny one; momentum does the opposite."""

from __future__ import annotations

import math
from typing import Any

from pellucid.optim.lr_scheduler.momentum import MomentumCycle, by_group
from pellucid.optim.lr_scheduler.scheduler import attach
from pellucid.optim.optimizer import Optimizer


class OneCycleLR(MomentumCycle):
    """One cycle over the whole training: from max_lr ÷ div_factor up to max_lr, then down.

    A phase goes from a to b along half a cosine, b + (a − b) · (1 + cos(π · s)) ÷ 2, or along a
    line, a + (b − a) · s; s is the share of it that is done. The end is at
    max_lr ÷ div_factor ÷ final_div_factor. Call `step` after every batch.

    Args:
        optimizer: whose learning rates; `SGD`'s momentum or `Adam`'s β₁ takes part.
        max_lr: the largest learning rate; or a list, one for each group.
        total_steps: how many steps the training has; or give both of the next two.
        epochs: how many epochs the training has.
        steps_per_epoch: how many batches an epoch has.
        pct_start: share of the steps that go up, a float from 0 to 1.
        anneal_strategy: 'cos' or 'linear'.
        cycle_momentum: whether momentum falls while the learning rate rises.
        base_momentum: the lowest momentum; or a list, one for each group.
        max_momentum: the highest momentum; or a list, one for each group.
        div_factor: how many times as large as the first learning rate the largest is.
        final_div_factor: how many times as large as the last learning rate the first is.
        three_phase: go down as long as up, and use the rest to get from there to the last one.
        last_epoch: −1 to begin; see `LRScheduler`.

    Raises:
        ValueError: a setting is outside of its range; or, in `step`, the steps are used up.

    Example:
        >>> from pellucid.optim.sgd import SGD
        >>> from pellucid.tensor.creation import ones
        >>> optimizer = SGD([ones(1, requires_grad=True)], lr=0.8)
        >>> schedule = OneCycleLR(
        ...     optimizer, 0.8, total_steps=6, pct_start=0.5, anneal_strategy="linear"
        ... )
        >>> rates = schedule.get_last_lr()
        >>> for _ in range(5):
        ...     optimizer.step()
        ...     schedule.step()
        ...     rates += schedule.get_last_lr()
        >>> [round(rate, 4) for rate in rates]
        [0.032, 0.416, 0.8, 0.5333, 0.2667, 0.0]

    Source:
        Smith & Topin (2018), "Super-convergence: very fast training of neural networks using
        large learning rates"; with `three_phase` as there, without it as fastai does it.
    """

    def __init__(  # noqa: PLR0917 (PyTorch's signature)
        self,
        optimizer: Optimizer,
        max_lr: float | list[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.85,
        max_momentum: float | list[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        self.optimizer = attach(optimizer)
        self.total_steps = count_steps(total_steps, epochs, steps_per_epoch)
        self._schedule_phases = phases(self.total_steps, pct_start, is_threefold=three_phase)
        if pct_start < 0 or pct_start > 1 or not isinstance(pct_start, float):
            raise ValueError(f"Expected float between 0 and 1 pct_start, but got {pct_start}")
        if anneal_strategy not in {"cos", "linear"}:
            raise ValueError(
                f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}"
            )
        self._anneal_func_type = anneal_strategy
        self.cycle_momentum = cycle_momentum
        is_new = last_epoch == -1
        for group, top in zip(
            optimizer.param_groups, by_group("max_lr", optimizer, max_lr), strict=True
        ):
            if is_new:
                group["initial_lr"] = top / div_factor
                group["max_lr"] = top
                group["min_lr"] = group["initial_lr"] / final_div_factor
        if cycle_momentum:
            self.begin_momentum(base_momentum, max_momentum, is_new=is_new)
        super().__init__(optimizer, last_epoch)

    def rates(self) -> list[float]:
        """The formula above; the momentum is written right away."""
        if self.last_epoch > self.total_steps:
            raise ValueError(
                f"Tried to step {self.last_epoch} times. The specified number of total steps is "
                f"{self.total_steps}"
            )
        phase, share = self.place()
        rates = []
        for group in self.optimizer.param_groups:
            rates.append(self.between(group[phase["start_lr"]], group[phase["end_lr"]], share))
            if self.cycle_momentum:
                start, end = group[phase["start_momentum"]], group[phase["end_momentum"]]
                self.write_momentum(group, self.between(start, end, share))
        return rates

    def place(self) -> tuple[dict[str, Any], float]:
        """The present phase, and the share of it that is done."""
        start = 0.0
        for phase in self._schedule_phases[:-1]:
            if self.last_epoch <= phase["end_step"]:
                return phase, (self.last_epoch - start) / (phase["end_step"] - start)
            start = phase["end_step"]
        last = self._schedule_phases[-1]
        return last, (self.last_epoch - start) / (last["end_step"] - start)

    def between(self, start: float, end: float, share: float) -> float:
        """From `start` to `end` along a cosine or a line."""
        if self._anneal_func_type == "cos":
            return end + (start - end) / 2.0 * (math.cos(math.pi * share) + 1)
        return (end - start) * share + start


def count_steps(total: int | None, epochs: int | None, steps_per_epoch: int | None) -> int:
    """How many steps the training has."""
    if total is not None:
        check_whole("total_steps", total)
        return total
    if epochs is None or steps_per_epoch is None:
        raise ValueError("You must define either total_steps OR (epochs AND steps_per_epoch)")
    check_whole("epochs", epochs)
    check_whole("steps_per_epoch", steps_per_epoch)
    return epochs * steps_per_epoch


def check_whole(name: str, value: Any) -> None:
    """Raise PyTorch's sentence if this is no whole number of at least 1."""
    if not isinstance(value, int) or value <= 0:
        raise ValueError(f"Expected positive integer {name}, but got {value}")


def phases(total: int, share: float, *, is_threefold: bool) -> list[dict[str, Any]]:
    """The phases under PyTorch's names: where each ends, and between which settings it goes."""
    up = ("initial_lr", "max_lr", "max_momentum", "base_momentum")
    down = ("max_lr", "min_lr", "base_momentum", "max_momentum")
    plan: list[tuple[float, tuple[str, ...]]] = [(float(share * total) - 1, up)]
    if is_threefold:
        plan.append((float(2 * share * total) - 2, (up[1], up[0], up[3], up[2])))
        down = ("initial_lr", "min_lr", "max_momentum", "max_momentum")
    plan.append((total - 1, down))
    names = ("start_lr", "end_lr", "start_momentum", "end_momentum")
    return [{"end_step": end} | dict(zip(names, each, strict=True)) for end, each in plan]
