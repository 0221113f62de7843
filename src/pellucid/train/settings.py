"""Settings of a training, checked before anything is computed.

What they mean is said in `trainer`.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.errors import InputError, did_you_mean
from pellucid.nn.loss import Loss
from pellucid.nn.mistakes import callers_level
from pellucid.optim.lr_scheduler.plateau import ReduceLROnPlateau
from pellucid.optim.lr_scheduler.scheduler import LRScheduler
from pellucid.optim.optimizer import Optimizer

if TYPE_CHECKING:
    from pellucid.train.trainer import Trainer


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


def room_for(count: int, what: str) -> np.ndarray[Any, Any]:
    """An array for so many numbers, of which nothing is known yet.

    Raises:
        InputError: there is not enough memory.
    """
    try:
        return np.empty(count)
    except (MemoryError, ValueError) as error:
        raise InputError(
            f"There is not enough memory for the losses of {count:,} {what}, which take "
            f"{count * 8 / 2**30:,.0f} GiB. Ask for fewer `epochs`; to train until it is enough, "
            "call `fit` in a loop, or give it `validation` and `patience` and some 1,000 epochs."
        ) from error


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


def check_learned(trainer: Trainer) -> None:
    """See that a trainer's optimizer changes its model, and warn once if it holds other tensors.

    Raises:
        InputError: nothing would be learned.
    """
    if not isinstance(trainer.optimizer, Optimizer):
        raise InputError(
            "`optimizer` must be an optimizer of pellucid.optim. Got "
            f"{type(trainer.optimizer).__name__}. Make one from the model: "
            "optim.Adam(model.parameters())."
        )
    held = {id(each): each for group in trainer.optimizer.param_groups for each in group["params"]}
    own = {id(each) for each in trainer.model.parameters()}
    learned = [each for key, each in held.items() if key in own]
    kind = type(trainer.optimizer).__name__
    if own and not learned:
        raise InputError(
            "The optimizer must hold parameters of the model. Got one that holds none of them, so "
            "nothing would be learned: it was made from another model, or the model's layers were "
            f"replaced since. Make it from this model: optim.{kind}(model.parameters(), …)."
        )
    if own and not any(each.requires_grad for each in learned):
        raise InputError(
            "The optimizer must hold parameters that are learned. Got one whose parameters are all "
            "frozen (requires_grad=False), so nothing would be learned. Thaw the layers that are to "
            "learn: layer.requires_grad_(True)."
        )
    strange = len(held.keys() - own)
    # A loss of the user's own may have something to learn.
    if strange and isinstance(trainer.loss_function, Loss) and not trainer.has_warned:
        trainer.has_warned = True
        warnings.warn(
            f"The optimizer holds {strange} parameter{'s' * (strange > 1)} of other models beside "
            f"{len(learned)} of this one. They are not changed. If layers were replaced after the "
            f"optimizer was made, make it again: optim.{kind}(model.parameters(), …).",
            stacklevel=callers_level(),
        )
