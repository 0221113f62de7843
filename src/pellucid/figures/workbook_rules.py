"""The optimizers as spreadsheet formulas, each in PyTorch's order of operations.

In a formula {old} is the weight, {seen} its gradient as the rule sees it, {before} what was
remembered, and every setting and memory stands under its PyTorch name. Where the cells lie is
decided in `workbook_update`.
"""

from __future__ import annotations

from dataclasses import dataclass

from pellucid.engine.program import Optimizer

Setting = tuple[str, str, float]  # PyTorch's name, what it is called here, PyTorch's default


@dataclass(frozen=True, slots=True)
class Rule:
    """An optimizer's formulas.

    Attributes:
        title: as people write it.
        sentence: the update in words.
        settings: all but the learning rate.
        memory: what is remembered, in the order in which it is computed, with its formula.
        new: the new weight.
    """

    title: str
    sentence: str
    settings: tuple[Setting, ...]
    memory: tuple[tuple[str, str], ...]
    new: str


DECAY = ("weight_decay", "weight decay", 0.0)
AVERAGE = "={beta1}*{before}+(1-{beta1})*({seen})"
SQUARES = "={beta2}*{before}+(1-{beta2})*({seen})^2"


def rule_of(optimizer: Optimizer, *, is_first: bool) -> Rule:
    """The formulas of an optimizer with its settings.

    Args:
        optimizer: one of those in `RULES`.
        is_first: whether SGD has no momentum buffer yet, which then begins with the gradient.
    """
    if optimizer.kind == "sgd":
        return _sgd(optimizer, is_first=is_first)
    return RULES[optimizer.kind](optimizer)


def _sgd(optimizer: Optimizer, *, is_first: bool = False) -> Rule:
    settings = (("momentum", "momentum", 0.0), ("dampening", "dampening", 0.0), DECAY)
    sentence = "new = old − learning rate × gradient"
    if not optimizer.setting("momentum"):
        return Rule("SGD", sentence, settings, (), "={old}-{lr}*({seen})")
    grown = "={momentum}*{before}+(1-{dampening})*({seen})"
    new = "={old}-{lr}*{momentum_buffer}"
    sentence = "new = old − learning rate × momentum buffer, the running sum of gradients"
    if optimizer.setting("nesterov"):
        new = "={old}-{lr}*(({seen})+{momentum}*{momentum_buffer})"
        sentence = "new = old − learning rate × (gradient + momentum × momentum buffer)"
    memory = (("momentum_buffer", "={seen}" if is_first else grown),)
    return Rule("SGD", sentence, settings, memory, new)


def _adam(optimizer: Optimizer) -> Rule:
    return Rule(
        "Adam",
        "new = old − learning rate × corrected average ÷ (√corrected squares + ε)",
        (("beta1", "β1", 0.9), ("beta2", "β2", 0.999), ("eps", "ε", 1e-8), DECAY),
        _averages(optimizer),
        _adam_step(optimizer, "{old}"),
    )


def _adamw(optimizer: Optimizer) -> Rule:
    decay = ("weight_decay", "weight decay", 0.01)
    return Rule(
        "AdamW",
        "as Adam, after old was pulled towards 0 by learning rate × weight decay",
        (("beta1", "β1", 0.9), ("beta2", "β2", 0.999), ("eps", "ε", 1e-8), decay),
        _averages(optimizer),
        _adam_step(optimizer, "{old}*(1-{lr}*{weight_decay})"),
    )


def _averages(optimizer: Optimizer) -> tuple[tuple[str, str], ...]:
    memory = (("exp_avg", AVERAGE), ("exp_avg_sq", SQUARES))
    if not optimizer.setting("amsgrad"):
        return memory
    return (*memory, ("max_exp_avg_sq", "=MAX({before},{exp_avg_sq})"))


def _adam_step(optimizer: Optimizer, old: str) -> str:
    squares = "{max_exp_avg_sq}" if optimizer.setting("amsgrad") else "{exp_avg_sq}"
    corrected = f"SQRT({squares}/(1-{{beta2}}^{{step}}))"
    return f"={old}-{{lr}}*({{exp_avg}}/(1-{{beta1}}^{{step}}))/({corrected}+{{eps}})"


def _rmsprop(optimizer: Optimizer) -> Rule:
    settings = (
        ("alpha", "α", 0.99), ("eps", "ε", 1e-8), ("momentum", "momentum", 0.0), DECAY,
    )  # fmt: skip
    memory = [("square_avg", "={alpha}*{before}+(1-{alpha})*({seen})^2")]
    root, said = "SQRT({square_avg})", "√average of its squares"
    if optimizer.setting("centered"):
        memory.append(("grad_avg", "={alpha}*{before}+(1-{alpha})*({seen})"))
        root, said = "SQRT({square_avg}-{grad_avg}^2)", "√variance of the gradients"
    scaled = f"({{seen}})/({root}+{{eps}})"
    if not optimizer.setting("momentum"):
        sentence = f"new = old − learning rate × gradient ÷ ({said} + ε)"
        return Rule("RMSprop", sentence, settings, tuple(memory), f"={{old}}-{{lr}}*{scaled}")
    memory.append(("momentum_buffer", f"={{momentum}}*{{before}}+{scaled}"))
    sentence = f"new = old − learning rate × the running sum of gradient ÷ ({said} + ε)"
    return Rule("RMSprop", sentence, settings, tuple(memory), "={old}-{lr}*{momentum_buffer}")


def _adagrad(optimizer: Optimizer) -> Rule:  # noqa: ARG001 (it has one form only)
    return Rule(
        "Adagrad",
        "new = old − learning rate × gradient ÷ (√sum of all its squares + ε)",
        (("lr_decay", "learning rate decay", 0.0), ("eps", "ε", 1e-10), DECAY),
        (("sum", "={before}+({seen})^2"),),
        "={old}-{lr}/(1+({step}-1)*{lr_decay})*({seen})/(SQRT({sum})+{eps})",
    )


RULES = {"sgd": _sgd, "adam": _adam, "adamw": _adamw, "rmsprop": _rmsprop, "adagrad": _adagrad}
