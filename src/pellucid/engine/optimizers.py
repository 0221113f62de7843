"""Optimizers between modules and programs, both ways: their rule, its settings and its groups.

What an optimizer remembers is carried to and fro in `exchange`; learning rates are part of the state.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid.engine.obstacle import CannotLower
from pellucid.engine.program import Group, Optimizer, Program
from pellucid.nn.module import Module
from pellucid.optim.adagrad import Adagrad
from pellucid.optim.adam import Adam
from pellucid.optim.adamw import AdamW
from pellucid.optim.optimizer import Optimizer as AnyOptimizer
from pellucid.optim.rmsprop import RMSprop
from pellucid.optim.sgd import SGD

Settings = tuple[tuple[str, float | bool], ...]

OPTIMIZERS: dict[type[AnyOptimizer], str] = {
    SGD: "sgd",
    Adam: "adam",
    AdamW: "adamw",
    RMSprop: "rmsprop",
    Adagrad: "adagrad",
}
OPTIMIZER_OF = {kind: rule for rule, kind in OPTIMIZERS.items()}
ADAM_SETTINGS = ("beta1", "beta2", "eps", "weight_decay", "amsgrad", "maximize")
# Under PyTorch's names, but for the two betas.
OPTIMIZER_SETTINGS = {
    "sgd": ("momentum", "dampening", "weight_decay", "nesterov", "maximize"),
    "adam": ADAM_SETTINGS,
    "adamw": ADAM_SETTINGS,
    "rmsprop": ("alpha", "eps", "weight_decay", "momentum", "centered", "maximize"),
    "adagrad": ("lr_decay", "eps", "weight_decay", "initial_accumulator_value", "maximize"),
}


def lower_optimizer(optimizer: AnyOptimizer, parameters: dict[str, Any]) -> Optimizer:
    """The rule with the settings of its groups, all but the learning rates.

    Args:
        optimizer: one of pellucid's; parameters that it has but the module has not are left out.
        parameters: the module's, by name.

    Raises:
        CannotLower: the engine does not know it, or it changes none of the module's parameters.
    """
    kind = OPTIMIZERS.get(type(optimizer))
    if kind is None or "step" in vars(optimizer):
        known = ", ".join(each.__name__ for each in OPTIMIZERS)
        raise CannotLower(f"the optimizer is {type(optimizer).__name__}; the engine knows {known}")
    names = {id(each): name for name, each in parameters.items() if each.requires_grad}
    groups = [
        Group(
            tuple(names[id(each)] for each in group["params"] if id(each) in names),
            read_settings(kind, group),
        )
        for group in optimizer.param_groups
    ]
    learned = [name for group in groups for name in group.parameters]
    if not learned:
        raise CannotLower("the optimizer changes none of the model's parameters")
    if len(set(learned)) < len(learned):
        raise CannotLower("the optimizer has a parameter twice")
    is_plain = len(groups) == 1 and len(learned) == len(parameters)
    return Optimizer(kind, groups[0].settings, () if is_plain else tuple(groups))


def read_settings(kind: str, group: dict[str, Any]) -> Settings:
    """A group's settings; the pair of betas as two numbers."""
    beta1, beta2 = group.get("betas", (0.0, 0.0))
    known = group | {"beta1": beta1, "beta2": beta2}
    return tuple((name, known[name]) for name in OPTIMIZER_SETTINGS[kind])


def memory_names(optimizer: AnyOptimizer) -> dict[int, tuple[str, ...]]:
    """What the optimizer remembers of each parameter that it learns, PyTorch's names by `id`."""
    kind = OPTIMIZERS[type(optimizer)]
    names: dict[int, tuple[str, ...]] = {}
    for group in optimizer.param_groups:
        remembered = Optimizer(kind, read_settings(kind, group)).memory_names()
        learned = (id(each) for each in group["params"] if each.requires_grad)
        names |= dict.fromkeys(learned, remembered)
    return names


def build_optimizer(program: Program, network: Module, learning_rates: Any) -> AnyOptimizer:
    """The optimizer of a program, over a network's parameters, remembering nothing yet.

    Parameters that it does not learn want no gradients from then on.

    Args:
        program: whose optimizer.
        network: whose parameters.
        learning_rates: one for each group, or one for all.
    """
    rule = program.optimizer
    parameters = dict(network.named_parameters())
    for name, parameter in parameters.items():
        parameter.requires_grad_(requires_grad=rule.learns(name))
    groups = rule.groups or (Group(tuple(parameters), rule.settings),)
    rates = np.broadcast_to(np.asarray(learning_rates, np.float64), (len(groups),))
    make: Any = OPTIMIZER_OF[rule.kind]
    built: AnyOptimizer = make(
        [
            keywords(group.settings)
            | {"params": [parameters[name] for name in group.parameters], "lr": float(rate)}
            for group, rate in zip(groups, rates, strict=True)
        ],
        **keywords(rule.settings),
    )
    return built


def keywords(settings: Settings) -> dict[str, Any]:
    """Settings as the optimizer's own arguments: the betas as a pair."""
    given: dict[str, Any] = dict(settings)
    if "beta1" in given or "beta2" in given:
        given["betas"] = (given.pop("beta1", 0.9), given.pop("beta2", 0.999))
    return given


def write_rates(optimizer: AnyOptimizer, learning_rates: Any, momenta: Any) -> None:
    """Give each group its learning rate, and its momentum (or β₁) if a schedule changes it."""
    for i, group in enumerate(optimizer.param_groups):
        group["lr"] = float(learning_rates[i])
        if momenta is None:
            continue
        if "betas" in group:
            group["betas"] = (float(momenta[i]), *group["betas"][1:])
        else:
            group["momentum"] = float(momenta[i])
