"""From a schedule of learning rates to the table that engines read, before the steps are done.

A copy of the schedule runs ahead and writes the table; the schedule itself follows when it is known
how many steps were done, and then stands where the loop in Python would have left it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import TypeVar

import numpy as np

from pellucid.engine.obstacle import CannotLower
from pellucid.engine.rates import Rates
from pellucid.optim import lr_scheduler
from pellucid.optim.lr_scheduler.scheduler import LRScheduler
from pellucid.optim.lr_scheduler.sequence import SeveralSchedules
from pellucid.optim.optimizer import Optimizer

Schedule = TypeVar("Schedule", bound=LRScheduler)

KNOWN = tuple(getattr(lr_scheduler, name) for name in lr_scheduler.__all__)


def check_known(schedule: LRScheduler) -> None:
    """See that a schedule is pellucid's own, and thus writes nothing but rates and momenta.

    Raises:
        CannotLower: it is not, or one of those that it consists of is not.
    """
    if type(schedule) not in KNOWN or "step" in vars(schedule):
        raise CannotLower(f"the schedule {type(schedule).__name__} is none of pellucid's")
    if isinstance(schedule, SeveralSchedules):
        for each in schedule._schedulers:  # noqa: SLF001 (PyTorch's name)
            check_known(each)


@contextmanager
def rehearsed(schedule: Schedule) -> Iterator[Schedule]:
    """A copy of a schedule that may run ahead; afterwards the optimizer is as it was."""
    optimizer = schedule.optimizer
    groups = [dict(group) for group in optimizer.param_groups]
    has_stepped = optimizer.has_stepped
    optimizer.has_stepped = True
    try:
        yield deepcopy(schedule, {id(optimizer): optimizer})
    finally:
        optimizer.has_stepped = has_stepped
        for group, before in zip(optimizer.param_groups, groups, strict=True):
            group.clear()
            group.update(before)


def rates_of(schedule: LRScheduler, first: int, steps: int, every: int) -> Rates:
    """What a schedule will have written for each of the next steps; it is not moved itself.

    Args:
        schedule: one of pellucid's that needs no figure; its functions are asked for epochs to come.
        first: `State.step` of the state before these steps.
        steps: how many.
        every: after how many of them the schedule makes a step; it begins with the first.

    Raises:
        CannotLower: it is not pellucid's, or it takes the momentum to 0.
        ValueError: the schedule knows no learning rates for so many steps.

    Example:
        >>> from pellucid.optim import SGD
        >>> from pellucid.optim.lr_scheduler import StepLR
        >>> from pellucid.tensor.creation import ones
        >>> schedule = StepLR(SGD([ones(1, requires_grad=True)], lr=0.4), 1, gamma=0.5)
        >>> rates_of(schedule, 0, 5, every=2).learning_rates.ravel()
        array([0.4, 0.4, 0.2, 0.2, 0.1])
        >>> schedule.get_last_lr()
        [0.4]
    """
    check_known(schedule)
    moves = -(-steps // every)
    learning_rates = np.empty((moves, len(schedule.optimizer.param_groups)))
    momenta = np.empty_like(learning_rates)
    with rehearsed(schedule) as ahead:
        for place in range(moves):
            learning_rates[place] = ahead.current()
            momenta[place] = momenta_of(schedule.optimizer)
            if (place + 1) * every <= steps:
                ahead.step()
    row = np.arange(steps) // every
    is_steady = not len(momenta) or bool((momenta == momenta[0]).all())
    if not is_steady and "betas" not in schedule.optimizer.defaults and not momenta.all():
        raise CannotLower("the schedule switches the momentum on or off")
    return Rates(first, learning_rates[row], None if is_steady else momenta[row])


def momenta_of(optimizer: Optimizer) -> list[float]:
    """The momentum or β₁ of each group; 0 for rules that have neither."""
    return [
        group["betas"][0] if "betas" in group else group.get("momentum", 0.0)
        for group in optimizer.param_groups
    ]


def follow(schedule: LRScheduler, moves: int) -> None:
    """Let a schedule make the steps that the loop in Python would have made by now.

    Args:
        schedule: as it was before the training.
        moves: how many steps.
    """
    if moves:
        schedule.optimizer.has_stepped = True
    for _ in range(moves):
        schedule.step()
