"""Losses between modules and programs, both ways.

What a loss computes is said in `nn`; here only its kind and its settings change hands.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from pellucid.engine.obstacle import CannotLower
from pellucid.engine.program import LOSS_SETTINGS, Loss, Program
from pellucid.nn.classification import CrossEntropyLoss, NLLLoss
from pellucid.nn.loss import BCELoss, BCEWithLogitsLoss, MSELoss
from pellucid.nn.loss import Loss as AnyLoss
from pellucid.nn.regression import (
    HuberLoss,
    L1Loss,
    PoissonNLLLoss,
    QuantileLoss,
    SmoothL1Loss,
)
from pellucid.tensor.tensor import Tensor

LOSSES: dict[type[AnyLoss], str] = {
    MSELoss: "mse",
    L1Loss: "l1",
    HuberLoss: "huber",
    SmoothL1Loss: "smooth_l1",
    QuantileLoss: "quantile",
    PoissonNLLLoss: "poisson_nll",
    BCELoss: "bce",
    BCEWithLogitsLoss: "bce_with_logits",
    CrossEntropyLoss: "cross_entropy",
    NLLLoss: "nll",
}
LOSS_OF = {kind: module for module, kind in LOSSES.items()}
LOSS_OF["soft_cross_entropy"] = CrossEntropyLoss
# Under which name a loss keeps the numbers that a program calls its weights.
WEIGHTS = {
    "quantile": "quantiles",
    "bce_with_logits": "pos_weight",
    "cross_entropy": "weight",
    "nll": "weight",
    "soft_cross_entropy": "weight",
}


def lower_loss(loss_function: Any, prediction: str, outputs: int) -> Loss:
    """The loss on the buffer `prediction` of so many outputs.

    Raises:
        CannotLower: the engine does not know it, or it weighs the elements of each row by others.

    Example:
        >>> lower_loss(HuberLoss(delta=2.0), "2", 1).settings
        (('delta', 2.0),)
    """
    kind = LOSSES.get(type(loss_function))
    if kind is None or "forward" in vars(loss_function):
        known = ", ".join(each.__name__ for each in LOSSES)
        name = getattr(loss_function, "__name__", type(loss_function).__name__)
        raise CannotLower(f"the loss is {name}; the engine knows {known}")
    if loss_function.reduction not in ("mean", "sum"):
        raise CannotLower(f"the loss has reduction='{loss_function.reduction}', not one number")
    settings = tuple(
        (name, getattr(loss_function, name))
        for name, usual in LOSS_SETTINGS[kind].items()
        if getattr(loss_function, name) != usual
    )
    weights = read_weights(loss_function, WEIGHTS.get(kind, ""), outputs)
    own = "" if WEIGHTS.get(kind) == "weight" else "weight"
    elements = read_weights(loss_function, own, outputs)
    check_settings(kind, settings)
    if kind == "smooth_l1" and loss_function.beta == 0:
        return Loss("l1", loss_function.reduction, prediction)
    return Loss(kind, loss_function.reduction, prediction, settings, weights, elements)


def of_chances(loss: Loss) -> Loss:
    """A loss of classes for targets that are chances of all of them.

    Raises:
        CannotLower: it takes classes only.
    """
    if loss.kind != "cross_entropy" or dict(loss.settings).get("ignore_index", -100) >= 0:
        raise CannotLower("the targets are chances of classes, not classes")
    settings = tuple(each for each in loss.settings if each[0] == "label_smoothing")
    return replace(loss, kind="soft_cross_entropy", settings=settings)


def read_weights(loss_function: Any, name: str, outputs: int) -> tuple[float, ...]:
    """The loss's weights of that name, one for each output; none if it has none."""
    given = getattr(loss_function, name, None) if name else None
    if given is None:
        return ()
    array = np.asarray(given.array if isinstance(given, Tensor) else given, np.float64)
    is_broadcast = name == "pos_weight" or isinstance(loss_function, BCELoss | BCEWithLogitsLoss)
    if is_broadcast and array.shape in ((), (1,), (1, 1), (1, outputs)):
        array = np.broadcast_to(array.reshape(-1), (outputs,))
    if array.shape != (outputs,):
        raise CannotLower(f"the loss has a `{name}` of shape {array.shape} for {outputs} outputs")
    return tuple(float(each) for each in array)


def check_settings(kind: str, settings: tuple[tuple[str, float], ...]) -> None:
    """Raise if a setting is outside of its range; the loss itself says so in PyTorch's words."""
    given = dict(settings)
    is_fit = {
        "huber": given.get("delta", 1) > 0,
        "smooth_l1": given.get("beta", 1) >= 0,
        "cross_entropy": 0 <= given.get("label_smoothing", 0) <= 1,
    }.get(kind, True)
    if not is_fit:
        told = ", ".join(f"{name}={value}" for name, value in settings)
        raise CannotLower(f"the loss has {told}")


def build_loss(program: Program) -> AnyLoss:
    """The loss function of a program."""
    loss = program.loss
    settings: dict[str, Any] = dict(loss.settings)
    if loss.kind == "quantile":
        settings["quantiles"] = loss.weights
    elif loss.weights:
        settings[WEIGHTS[loss.kind]] = Tensor(np.array(loss.weights, program.dtype))
    if loss.element_weights:
        settings["weight"] = Tensor(np.array(loss.element_weights, program.dtype))
    make: Any = LOSS_OF[loss.kind]
    built: AnyLoss = make(reduction=loss.reduction, **settings)
    return built
