"""Writes docs/supported.md: what pellucid has of PyTorch's words, read from the code itself.

`make docs` runs it; a test compares the page with what this would write.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from pellucid import nn, optim
from pellucid.engine.inputs import Input
from pellucid.engine.lowering import lower
from pellucid.engine.obstacle import CannotLower
from pellucid.nn.loss import Loss
from pellucid.optim.optimizer import Optimizer
from pellucid.tensor.operations import OPERATIONS

PAGE = Path(__file__).with_name("supported.md")
INTRODUCTION = """\
# What is supported

This page is written by `make docs` from the code; do not edit it. Names, defaults and formulas are
PyTorch 2.13's (`Residual` and `QuantileLoss` are pellucid's own), and a test holds every entry to
PyTorch. *Native* says whether `Trainer.fit` trains
it in the compiled engine; what it cannot run there is trained by the loop in Python, and
`History.reason` says why.

A module with a `forward` of its own is trained natively if that calls native layers (each with
parameters once), `pellucid.cat` along dim 1, `+` between equal shapes, and activation functions
(`nn.functional`'s, and the methods `relu`, `sigmoid`, `tanh`, `softmax`, `log_softmax`, `flatten`).
It may have several inputs, `Trainer.fit((numbers, categories), targets)`; those of whole numbers are
categories for `nn.Embedding`, and `categories[:, 0]` or `categories[:, 1:3]` are columns of them.

A model that returns a dict (or a tuple) of outputs takes a dict of losses, `Trainer(model, {"price":
nn.MSELoss(), "sold": (0.5, nn.BCEWithLogitsLoss())}, optimizer)`, and a dict of targets; the loop in
Python trains it, and `History.losses_by_name` has each loss.
"""
ABSTRACT = {"Module", "ModuleList", "ModuleDict", "Parameter", "Optimizer", "LRScheduler"}

# How a layer is made whose signature has no defaults.
ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "Linear": (4, 4),
    "Embedding": (9, 4),
    "BatchNorm1d": (4,),
    "LayerNorm": (4,),
    "Softmax": (1,),
    "LogSoftmax": (1,),
    "Residual": (nn.Linear(4, 4),),
    "QuantileLoss": ([0.1, 0.5, 0.9],),
}


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE} is written\n")


def page() -> str:
    """The whole page."""
    layers = [each for each in public(nn, nn.Module) if not issubclass(each, Loss)]
    losses = [each for each in public(nn, nn.Module) if issubclass(each, Loss)]
    optimizers = public(optim, Optimizer)
    schedules = public(optim.lr_scheduler, optim.lr_scheduler.LRScheduler)
    parts = [
        INTRODUCTION,
        heading("Layers and activations", "nn", layers, layer_is_native),
        heading("Losses", "nn", losses, loss_is_native),
        heading("Optimizers", "optim", optimizers, optimizer_is_native),
        heading("Schedules", "optim.lr_scheduler", schedules, None),
        operations(),
    ]
    return "\n".join(parts)


def public(module: Any, kind: type) -> list[type]:
    """The classes of a kind that a module offers, by name."""
    found = [getattr(module, name) for name in sorted(module.__all__, key=str.lower)]
    return [
        each
        for each in found
        if inspect.isclass(each) and issubclass(each, kind) and each.__name__ not in ABSTRACT
    ]


def heading(
    title: str, place: str, classes: Iterable[type], is_native: Callable[[type], bool] | None
) -> str:
    """A heading and the table of some classes."""
    head = ["name", "what it does", *(["native"] if is_native else [])]
    lines = [f"## {title}\n", row(head), row(["---"] * len(head))]
    for each in classes:
        first = (inspect.getdoc(each) or "").split("\n\n")[0].replace("\n", " ")
        cells = [f"`{place}.{each.__name__}`", escaped(first)]
        lines.append(row(cells + ([yes(is_native(each))] if is_native else [])))
    return "\n".join(lines) + "\n"


def operations() -> str:
    """The table of operations, with formula and derivative in words."""
    lines = [
        "## Operations of tensors\n",
        "The table that forward pass, backward pass and explanations read.\n",
        row(["operation", "formula and derivative", "`grad_fn`"]),
        row(["---"] * 3),
    ]
    for name, each in OPERATIONS.items():
        has_derivative = any(each.derivatives)
        shown = f"`{each.grad_fn}`" if has_derivative else "–"
        lines.append(row([f"`{name}`", escaped(each.formula), shown]))
    return "\n".join(lines) + "\n"


def row(cells: list[str]) -> str:
    """One line of a table."""
    return f"| {' | '.join(cells)} |"


def escaped(text: str) -> str:
    """A text that no table takes for a border."""
    return text.replace("|", "\\|")


def yes(is_so: bool) -> str:
    """The word for the last column."""
    return "yes" if is_so else "no"


def make(kind: type) -> Any:
    """An object of a class, with arguments if it needs some."""
    return kind(*ARGUMENTS.get(kind.__name__, ()))


def can_lower(network: nn.Module, loss: nn.Module, rule: Any, **inputs: Any) -> bool:
    """Whether the native engine can do a step of this."""
    try:
        lower(network, loss, rule(network.parameters()), **inputs or {"input_width": 4})
    except CannotLower:
        return False
    return True


def sgd(parameters: Any) -> Any:
    """The plainest optimizer."""
    return optim.SGD(parameters, lr=0.1)


def layer_is_native(kind: type) -> bool:
    """Whether a network with this layer is trained natively."""
    layer = make(kind)
    if kind is nn.Sequential:
        return can_lower(nn.Sequential(nn.Sequential(nn.Linear(4, 1))), nn.MSELoss(), sgd)
    if kind is nn.Embedding:
        network = nn.Sequential(layer, nn.Linear(4, 1))
        kinds = [Input("inputs", 1, is_category=True, axes=1)]
        return can_lower(network, nn.MSELoss(), sgd, inputs=kinds)
    return can_lower(nn.Sequential(nn.Linear(4, 4), layer, nn.Linear(4, 1)), nn.MSELoss(), sgd)


def loss_is_native(kind: type) -> bool:
    """Whether a network is trained natively by this loss."""
    last: list[nn.Module] = [nn.Sigmoid()] if kind is nn.BCELoss else []
    last = [nn.LogSoftmax(1)] if kind is nn.NLLLoss else last
    return can_lower(nn.Sequential(nn.Linear(4, 3), *last), make(kind), sgd)


def optimizer_is_native(kind: type) -> bool:
    """Whether a network is trained natively by this optimizer."""
    network = nn.Sequential(nn.Linear(4, 1))
    return can_lower(network, nn.MSELoss(), kind)


if __name__ == "__main__":
    main()
