"""`LRScheduler`: what every schedule of learning rates shares.

The schedules themselves stand beside it, one a file. Attributes are named as PyTorch names them,
also those that begin with an underscore, since `state_dict` gives them all.
"""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from pellucid.optim.optimizer import Optimizer


class LRScheduler:
    """What every schedule shares. Abstract: use `StepLR`, `CosineAnnealingLR` or another one.

    A schedule writes the learning rate of each group of parameters when it is made and at each
    `step`; what it is asked for is called an epoch, though one may as well step after every batch.

    Args:
        optimizer: whose learning rates; the first ones are those that it has now.
        last_epoch: −1 to begin; another one to go on after that epoch, then each group of the
            optimizer must say its first learning rate under 'initial_lr'.

    Attributes:
        base_lrs: the first learning rate of each group.
        last_epoch: how many steps were done; 0 after the start.

    Raises:
        TypeError: `optimizer` is none.
        KeyError: it shall go on, but a group has no 'initial_lr'.
    """

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        self.optimizer = attach(optimizer)
        for place, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise KeyError(
                    f"param 'initial_lr' is not specified in param_groups[{place}] when resuming "
                    "scheduler with last_epoch >= 0. Load the optimizer's state first, or begin "
                    "with last_epoch=-1."
                )
        self.base_lrs: list[float] = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self._get_lr_called_within_step = False
        self.begin()

    def begin(self) -> None:
        """Do the step that writes the first learning rates."""
        self._step_count = 0
        self._is_initial = True
        try:
            self.step()
        finally:
            self._is_initial = False

    def step(self, epoch: int | None = None) -> None:
        """Write the learning rates of the next epoch. Call it after the optimizer's `step`.

        Args:
            epoch: jump there instead; in PyTorch on its way out.
        """
        if self._step_count == 1:
            check_order(self.optimizer)
        self._step_count += 1
        if epoch is not None:
            warn_of_epoch()
        self.move(epoch)

    def move(self, epoch: int | None = None) -> None:
        """Write the learning rates of the next epoch, or of this one."""
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        self._get_lr_called_within_step = True
        try:
            rates = self.get_lr() if epoch is None else self.rates_anywhere()
        finally:
            self._get_lr_called_within_step = False
        self.write(rates)

    def write(self, rates: list[float]) -> None:
        """Give each group its learning rate."""
        for group, rate in zip(self.optimizer.param_groups, rates, strict=True):
            group["lr"] = rate
        self._last_lr = self.current()

    def current(self) -> list[float]:
        """The learning rates that the optimizer's groups have now."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def scaled(self, factor: float) -> list[float]:
        """The present learning rates times a factor."""
        return [rate * factor for rate in self.current()]

    def get_last_lr(self) -> list[float]:
        """The learning rates that were written last, one a group."""
        return self._last_lr

    def get_lr(self) -> list[float]:
        """Compute the learning rates for `step`; to look at them use `get_last_lr`."""
        if not self._get_lr_called_within_step:
            warnings.warn(
                "To get the last learning rate computed by the scheduler, please use "
                "`get_last_lr()`.",
                stacklevel=2,
            )
        return self.rates()

    @abstractmethod
    def rates(self) -> list[float]:
        """The learning rates of epoch `last_epoch`, from those of the epoch before it."""

    def rates_anywhere(self) -> list[float]:
        """The learning rates of epoch `last_epoch`, whatever those before were."""
        return self.get_lr()

    def state_dict(self) -> dict[str, Any]:
        """All that the schedule remembers, under PyTorch's names; the optimizer is not part."""
        return {name: value for name, value in vars(self).items() if name != "optimizer"}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over what `state_dict` gave; the optimizer's own state is loaded apart."""
        vars(self).update(state_dict)


def attach(optimizer: Optimizer) -> Optimizer:
    """The optimizer; if this is its first schedule, its steps count from now on."""
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"{type(optimizer).__name__} is not an Optimizer")
    if all("initial_lr" not in group for group in optimizer.param_groups):
        optimizer.has_stepped = False
    return optimizer


def check_order(optimizer: Optimizer) -> None:
    """Warn if the schedule moves on although the optimizer has not used the first rate yet."""
    if optimizer.has_stepped:
        return
    if "step" in vars(optimizer):
        warnings.warn(
            "Seems like `optimizer.step()` has been overridden after learning rate scheduler "
            "initialization. Please, make sure to call `optimizer.step()` before "
            "`lr_scheduler.step()`.",
            stacklevel=3,
        )
    elif type(optimizer).step is Optimizer.step:  # what another `step` does cannot be seen
        warnings.warn(
            "Detected call of `lr_scheduler.step()` before `optimizer.step()`. Call "
            "`optimizer.step()` first; otherwise the first learning rate is never used.",
            stacklevel=3,
        )


def warn_of_epoch() -> None:
    """Say that PyTorch wants `step` to be called without an epoch."""
    warnings.warn(
        "The epoch parameter in `scheduler.step()` was not necessary and is being deprecated where "
        "possible. Please use `scheduler.step()` to step the scheduler.",
        stacklevel=3,
    )
