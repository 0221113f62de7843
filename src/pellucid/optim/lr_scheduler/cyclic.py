"""`CyclicLR`: up and down between two learning rates, again and again."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any

from pellucid.optim.lr_scheduler.momentum import MomentumCycle, by_group
from pellucid.optim.lr_scheduler.scheduler import attach
from pellucid.optim.optimizer import Optimizer

MODES = ("triangular", "triangular2", "exp_range")


class CyclicLR(MomentumCycle):
    """Along straight lines from base_lr up to max_lr and back, in cycles; momentum the other way.

    Cycle c is 1, 2, …; the height of the tip is multiplied by 1 under 'triangular', by
    1 ÷ 2^(c − 1) under 'triangular2', by gamma^t under 'exp_range'. Call `step` after every batch.

    Args:
        optimizer: whose learning rates; `SGD`'s momentum or `Adam`'s β₁ takes part.
        base_lr: the lowest learning rate; or a list, one for each group.
        max_lr: the highest; or a list.
        step_size_up: steps from the lowest to the highest.
        step_size_down: steps back; as many as up if None.
        mode: as said above; what it says does not count if there is a `scale_fn`.
        gamma: for 'exp_range'.
        scale_fn: a function of one's own for the height of the tip.
        scale_mode: whether `scale_fn` is given the 'cycle' or the 'iterations'.
        cycle_momentum: whether momentum falls while the learning rate rises.
        base_momentum: the lowest momentum; or a list.
        max_momentum: the highest momentum; or a list.
        last_epoch: −1 to begin; see `LRScheduler`.

    Raises:
        ValueError: an unknown mode, or an optimizer without momentum that shall cycle it.

    Example:
        >>> from pellucid.optim.sgd import SGD
        >>> from pellucid.tensor.creation import ones
        >>> optimizer = SGD([ones(1, requires_grad=True)], lr=0.8, momentum=0.9)
        >>> schedule = CyclicLR(optimizer, 0.25, 1.0, step_size_up=3)
        >>> rates = []
        >>> for _ in range(8):
        ...     rates += schedule.get_last_lr()
        ...     optimizer.step()
        ...     schedule.step()
        >>> [round(rate, 4) for rate in rates]
        [0.25, 0.5, 0.75, 1.0, 0.75, 0.5, 0.25, 0.5]

    Source:
        Smith (2017), "Cyclical learning rates for training neural networks".
    """

    def __init__(  # noqa: PLR0917 (PyTorch's signature)
        self,
        optimizer: Optimizer,
        base_lr: float | list[float],
        max_lr: float | list[float],
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: str = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[float], float] | None = None,
        scale_mode: str = "cycle",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.8,
        max_momentum: float | list[float] = 0.9,
        last_epoch: int = -1,
    ) -> None:
        self.optimizer = attach(optimizer)
        lowest = by_group("base_lr", optimizer, base_lr)
        if last_epoch == -1:
            for rate, group in zip(lowest, optimizer.param_groups, strict=True):
                group["lr"] = rate
        self.max_lrs = by_group("max_lr", optimizer, max_lr)
        down = step_size_up if step_size_down is None else step_size_down
        self.total_size = float(step_size_up) + float(down)
        self.step_ratio = float(step_size_up) / self.total_size
        self.choose_scale(mode, gamma, scale_fn, scale_mode)
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            self.base_momentums, self.max_momentums = self.begin_momentum(
                base_momentum, max_momentum, is_new=last_epoch == -1
            )
        super().__init__(optimizer, last_epoch)
        self.base_lrs = lowest

    def choose_scale(
        self, mode: str, gamma: float, own: Callable[[float], float] | None, own_mode: str
    ) -> None:
        """Remember how the height of the tip changes."""
        if mode not in MODES and own is None:
            raise ValueError(
                f"mode is invalid and scale_fn is None. Use one of {', '.join(MODES)}."
            )
        self.mode = mode
        self.gamma = gamma
        self._scale_fn_custom = own
        self.scale_mode = own_mode
        if own is None:
            self.scale_mode = "iterations" if mode == "exp_range" else "cycle"

    def scale_fn(self, x: float) -> float:
        """What the height of the tip is multiplied by, in cycle or at step x."""
        if self._scale_fn_custom is not None:
            return self._scale_fn_custom(x)
        if self.mode == "triangular":
            return 1.0
        return 1 / math.pow(2.0, x - 1) if self.mode == "triangular2" else math.pow(self.gamma, x)

    def rates(self) -> list[float]:
        """The lines above; the momentum is written right away."""
        cycle = math.floor(1 + self.last_epoch / self.total_size)
        x = 1.0 + self.last_epoch / self.total_size - cycle
        is_rising = x <= self.step_ratio
        height = x / self.step_ratio if is_rising else (x - 1) / (self.step_ratio - 1)
        tip = self.scale_fn(cycle if self.scale_mode == "cycle" else self.last_epoch)
        if self.cycle_momentum:
            for group, low, high in zip(
                self.optimizer.param_groups, self.base_momentums, self.max_momentums, strict=True
            ):
                self.write_momentum(group, high - (high - low) * height * tip)
        pairs = zip(self.base_lrs, self.max_lrs, strict=True)
        return [low + (high - low) * height * tip for low, high in pairs]

    def state_dict(self) -> dict[str, Any]:
        """All that is remembered; of a function of one's own the attributes if it is an object."""
        own = self._scale_fn_custom
        kept = None if own is None or isinstance(own, FunctionType) else dict(vars(own))
        return super().state_dict() | {"_scale_fn_custom": kept}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over what `state_dict` gave; a function of one's own stays this schedule's."""
        own = self._scale_fn_custom
        super().load_state_dict(state_dict)
        self._scale_fn_custom = own
        if own is not None and state_dict["_scale_fn_custom"] is not None:
            vars(own).update(state_dict["_scale_fn_custom"])
