"""A rule by which learning rates fall when a figure no longer does, at the ends of epochs.

The schedule that people make is `optim.lr_scheduler.ReduceLROnPlateau`; what it counts is part of the
`State`. The native engine has the same rule in C++.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pellucid.engine.obstacle import CannotLower
from pellucid.engine.schedule import check_known
from pellucid.engine.state import State
from pellucid.optim.lr_scheduler.plateau import ReduceLROnPlateau

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Plateau:
    """When learning rates fall, under PyTorch's names.

    The figure of an epoch is its loss on the watched rows; without a watch the mean of its batches'
    losses over the rows.

    Args:
        mode: 'min' or 'max': which figures are better.
        factor: what a learning rate is multiplied by.
        patience: how many epochs in a row may be no better.
        threshold: how much better is better.
        threshold_mode: 'rel' or 'abs'.
        cooldown: how many epochs after a fall do not count.
        lowest: for each group, what its learning rate does not go below.
        eps: a fall by less is not done.

    Example:
        >>> rule = Plateau("min", 0.5, 0, 1e-4, "rel", 0, (0.0,), 1e-8)
        >>> state = State({}, {}, 0, 0, 0, 0, np.zeros(625, np.uint32), 0.1, 0.0)
        >>> for loss in (0.9, 0.7, 0.8):
        ...     state = rule.moved(state, loss)
        >>> state.learning_rate, state.plateau
        (0.05, array([0.7, 0. , 0. ]))
    """

    mode: str
    factor: float
    patience: float
    threshold: float
    threshold_mode: str
    cooldown: float
    lowest: tuple[float, ...]
    eps: float

    def counts(self, state: State) -> Array:
        """What the state counts of this rule, or what it begins with."""
        if len(state.plateau):
            return state.plateau
        return np.array([math.inf if self.mode == "min" else -math.inf, 0.0, 0.0])

    def words(self) -> tuple[bool, bool, list[float], list[float]]:
        """The rule as the compiled module takes it."""
        settings = [self.factor, self.patience, self.threshold, self.cooldown, self.eps]
        return self.mode == "max", self.threshold_mode == "abs", settings, list(self.lowest)

    def moved(self, state: State, figure: float) -> State:
        """The state when the figure of its epoch is known."""
        best, waiting, cooling = self.counts(state).tolist()
        if self._is_better(figure, best):
            best, waiting = figure, 0.0
        else:
            waiting += 1
        if cooling > 0:
            cooling, waiting = cooling - 1, 0.0
        rates = state.learning_rates()
        if waiting > self.patience:
            cooling, waiting = self.cooldown, 0.0
            fallen = np.maximum(rates * self.factor, self.lowest)
            rates = np.where(rates - fallen > self.eps, fallen, rates)
        return replace(
            state,
            learning_rate=float(rates[0]),
            further_rates=rates[1:].copy(),
            plateau=np.array([best, waiting, cooling]),
        )

    def _is_better(self, figure: float, best: float) -> bool:
        sign = 1.0 if self.mode == "max" else -1.0
        is_absolute = self.threshold_mode == "abs"
        shift = sign * self.threshold
        bound = best + shift if is_absolute else best * (1.0 + shift)
        return figure > bound if self.mode == "max" else figure < bound


def lower_plateau(schedule: ReduceLROnPlateau) -> Plateau:
    """The rule of a schedule.

    Raises:
        CannotLower: it is not pellucid's own, or has not a lowest rate for each group.
    """
    check_known(schedule)
    groups, lowest = len(schedule.optimizer.param_groups), schedule.min_lrs
    if len(lowest) != groups:
        if schedule.default_min_lr is None:
            raise CannotLower(f"the schedule has {len(lowest)} lowest rates for {groups} groups")
        lowest = [schedule.default_min_lr] * groups
    return Plateau(
        schedule.mode,
        float(schedule.factor),
        float(schedule.patience),
        float(schedule.threshold),
        schedule.threshold_mode,
        float(schedule.cooldown),
        tuple(float(each) for each in lowest),
        float(schedule.eps),
    )


def read_counts(schedule: ReduceLROnPlateau) -> Array:
    """What a schedule has counted by now, as a `State` holds it."""
    return np.array([schedule.best, schedule.num_bad_epochs, schedule.cooldown_counter], np.float64)


def settle(schedule: ReduceLROnPlateau, state: State, epochs: int) -> None:
    """Leave a schedule and its optimizer as the loop in Python would have left them.

    Args:
        schedule: as it was before the training.
        state: what was reached.
        epochs: how many have ended on the way.
    """
    if epochs == 0:
        return
    best, waiting, cooling = state.plateau.tolist()
    schedule.last_epoch += epochs
    schedule.best, schedule.num_bad_epochs = best, int(waiting)
    schedule.cooldown_counter = int(cooling)
    for group, rate in zip(schedule.optimizer.param_groups, state.learning_rates(), strict=True):
        group["lr"] = float(rate)
    schedule._last_lr = schedule.current()  # noqa: SLF001 (PyTorch's name)
