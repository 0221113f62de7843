"""Several schedules of one optimizer: `SequentialLR` in turn, `ChainedScheduler` all at once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from pellucid.optim.lr_scheduler.plateau import ReduceLROnPlateau
from pellucid.optim.lr_scheduler.scheduler import LRScheduler
from pellucid.optim.optimizer import Optimizer


class SeveralSchedules(LRScheduler):
    """What both share: the memory of several schedules. Abstract."""

    _schedulers: list[LRScheduler]

    def state_dict(self) -> dict[str, Any]:
        """All that is remembered, with the state of each schedule."""
        state = super().state_dict()
        del state["_schedulers"]
        return state | {"_schedulers": [each.state_dict() for each in self._schedulers]}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over what `state_dict` gave, each schedule its own."""
        own = self._schedulers
        super().load_state_dict(state_dict)
        self._schedulers = own
        for schedule, state in zip(own, state_dict["_schedulers"], strict=True):
            schedule.load_state_dict(state)


class SequentialLR(SeveralSchedules):
    """Schedules in turn: at each milestone the next one begins, with its own epoch 0.

    Args:
        optimizer: whose learning rates.
        schedulers: the schedules, made for this optimizer, in the order of their turns.
        milestones: the epochs at which the second, the third, … begin; ascending.
        last_epoch: −1 to begin.

    Raises:
        ValueError: there is no schedule, one is of another optimizer or follows a loss, or there
            are more or fewer milestones than changes.
        TypeError: what was given as a schedule is none.

    Example:
        >>> from pellucid.optim.lr_scheduler.exponential import ExponentialLR
        >>> from pellucid.optim.lr_scheduler.linear import LinearLR
        >>> from pellucid.optim.sgd import SGD
        >>> from pellucid.tensor.creation import ones
        >>> optimizer = SGD([ones(1, requires_grad=True)], lr=0.8)
        >>> rise = LinearLR(optimizer, start_factor=0.25, total_iters=3)
        >>> fall = ExponentialLR(optimizer, gamma=0.5)
        >>> schedule = SequentialLR(optimizer, [rise, fall], milestones=[3])
        >>> rates = []
        >>> for _ in range(6):
        ...     rates += schedule.get_last_lr()
        ...     optimizer.step()
        ...     schedule.step()
        >>> [round(rate, 4) for rate in rates]
        [0.2, 0.4, 0.6, 0.8, 0.4, 0.2]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        schedulers: list[LRScheduler],
        milestones: list[int],
        last_epoch: int = -1,
    ) -> None:
        if not schedulers:
            raise ValueError(
                f"{type(self).__name__} expects at least one scheduler, but got no scheduler."
            )
        check_schedules(type(self).__name__, optimizer, schedulers)
        if len(milestones) != len(schedulers) - 1:
            raise ValueError(
                "Sequential Schedulers expects number of schedulers provided to be one more than "
                f"the number of milestone points, but got number of schedulers {len(schedulers)} "
                f"and the number of milestones to be equal to {len(milestones)}"
            )
        self._schedulers = schedulers
        self._milestones = milestones
        self.last_epoch = last_epoch + 1
        self.optimizer = optimizer
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"]
        self.undo()
        first = schedulers[bisect_right(milestones, 0)]
        first.begin()
        self._last_lr = first.get_last_lr()

    def undo(self) -> None:
        """Take back the steps that the schedules did when they were made, one after another."""
        for each in self._schedulers:
            if isinstance(each, SequentialLR):
                each.undo()
            else:
                each.last_epoch -= 1

    def step(self, epoch: int | None = None) -> None:
        """Write the learning rates of the next epoch.

        Raises:
            TypeError: an epoch was given; a sequence cannot jump.
        """
        if epoch is not None:
            raise TypeError("SequentialLR.step() takes no epoch: call it once an epoch.")
        self.last_epoch += 1
        turn = bisect_right(self._milestones, self.last_epoch)
        schedule = self._schedulers[turn]
        if turn > 0 and self._milestones[turn - 1] == self.last_epoch:
            schedule.move(0)
        else:
            schedule.step()
        self._last_lr = schedule.get_last_lr()


class ChainedScheduler(SeveralSchedules):
    """Schedules that all act in every epoch, each on what the one before has written.

    Args:
        schedulers: the schedules, made for one optimizer; such that multiply the present rate.
        optimizer: that optimizer; the first schedule's if None.

    Raises:
        ValueError: there is no schedule, one is of another optimizer or follows a loss.
        TypeError: what was given as a schedule is none.

    Example:
        >>> from pellucid.optim.lr_scheduler.constant import ConstantLR
        >>> from pellucid.optim.lr_scheduler.exponential import ExponentialLR
        >>> from pellucid.optim.sgd import SGD
        >>> from pellucid.tensor.creation import ones
        >>> optimizer = SGD([ones(1, requires_grad=True)], lr=0.8)
        >>> small = ConstantLR(optimizer, factor=0.25, total_iters=2)
        >>> schedule = ChainedScheduler([small, ExponentialLR(optimizer, gamma=0.5)])
        >>> rates = []
        >>> for _ in range(4):
        ...     rates += schedule.get_last_lr()
        ...     optimizer.step()
        ...     schedule.step()
        >>> [round(rate, 4) for rate in rates]
        [0.2, 0.1, 0.2, 0.1]
    """

    def __init__(
        self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None
    ) -> None:
        name = type(self).__name__
        if len(schedulers) < 1:
            raise ValueError(
                f"{name} expects at least one scheduler to be chained, but got no scheduler."
            )
        self.optimizer = optimizer or schedulers[0].optimizer
        check_schedules(name, self.optimizer, schedulers)
        self._schedulers = list(schedulers)
        self._last_lr = self.current()

    def step(self, epoch: int | None = None) -> None:
        """Let every schedule write the learning rates of its next epoch.

        Raises:
            TypeError: an epoch was given; a chain cannot jump.
        """
        if epoch is not None:
            raise TypeError("ChainedScheduler.step() takes no epoch: call it once an epoch.")
        for each in self._schedulers:
            each.step()
        self._last_lr = self.current()


def check_schedules(name: str, optimizer: Optimizer, schedules: Sequence[LRScheduler]) -> None:
    """Raise PyTorch's sentence if these cannot work together."""
    for place, each in enumerate(schedules):
        if not hasattr(each, "optimizer"):
            raise TypeError(f"{name} at index {place} should have `optimizer` as its attribute.")
        if isinstance(each, ReduceLROnPlateau):
            raise ValueError(  # noqa: TRY004 (PyTorch's kind of error)
                f"{name} does not support `ReduceLROnPlateau` scheduler as it requires additional "
                "kwargs to be specified when calling `step`, but got one at index "
                f"{place} in the given schedulers sequence."
            )
        if each.optimizer is not optimizer:
            raise ValueError(
                f"{name} expects all schedulers to belong to the same optimizer, but got scheduler "
                f"{type(each).__name__} at index {place} has {each.optimizer}, which is different "
                f"from {type(optimizer).__name__}."
            )
