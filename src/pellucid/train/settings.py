"""Settings of a training, checked before anything is computed.

What they mean is said in `trainer`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid.errors import InputError, did_you_mean
from pellucid.optim.lr_scheduler.plateau import ReduceLROnPlateau
from pellucid.optim.lr_scheduler.scheduler import LRScheduler
from pellucid.optim.optimizer import Optimizer


def check_count(name: str, value: Any, least: int) -> None:
    """Raise if a setting is not a whole number that the engine can count to.

    Raises:
        InputError: it is not.
    """
    is_whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not is_whole or not least <= value < 2**63:
        raise InputError(
            f"`{name}` must be a whole number from {least} to 2**63 - 1. Got {value!r}."
        )


def check_schedule(scheduler: Any, optimizer: Optimizer, every: str) -> None:
    """Raise unless the schedule can steer this optimizer.

    Raises:
        InputError: it is none, is another optimizer's, or is to make its steps at unknown times.
    """
    if every not in ("epoch", "step"):
        raise InputError(
            f"`schedule_every` must be 'epoch' or 'step'. Got {every!r}."
            f"{did_you_mean(str(every), ('epoch', 'step'))}"
        )
    if scheduler is None:
        return
    if not isinstance(scheduler, LRScheduler):
        raise InputError(
            "`scheduler` must be one of pellucid.optim.lr_scheduler, or a subclass of its "
            f"LRScheduler. Got {type(scheduler).__name__}."
        )
    if scheduler.optimizer is not optimizer:
        raise InputError(
            "`scheduler` must be made for the optimizer that the trainer uses. Got one of another "
            f"{type(scheduler.optimizer).__name__}; make it with this one."
        )
    if isinstance(scheduler, ReduceLROnPlateau) and every == "step":
        raise InputError(
            "ReduceLROnPlateau follows the loss of whole epochs. Got schedule_every='step'; leave "
            "it out."
        )


def check_clipping(name: str, bound: Any) -> float | None:
    """The bound as a float.

    Raises:
        InputError: it is not a number above 0.
    """
    if bound is None:
        return None
    is_number = isinstance(bound, int | float | np.number) and not isinstance(bound, bool)
    if not is_number or not bound > 0:
        raise InputError(f"`{name}` must be a number above 0, or None. Got {bound!r}.")
    return float(bound)
