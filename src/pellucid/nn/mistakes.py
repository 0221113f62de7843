"""What is said when a layer cannot work with what it was given: which layer, what came, the cure."""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING, Any

from pellucid.errors import InputError, ShapeError
from pellucid.tensor.dtypes import is_floating, scalar_name
from pellucid.tensor.operation import Operation
from pellucid.tensor.tensor import Tensor

if TYPE_CHECKING:
    from pellucid.nn.module import Module


class LayerInputError(ShapeError):
    """A layer cannot work with its input. The modules around it add where the layer stands.

    Args:
        sentence: PyTorch's sentence for the mistake.
        layer: the layer.
        cure: what came and how to mend it.
    """

    def __init__(self, sentence: str, layer: Module, cure: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.layer = layer
        self.cure = cure
        self.path = ""

    def place_in(self, module: Module) -> None:
        """Remember where the layer stands in a module around it."""
        for path, each in module.named_modules():
            if each is self.layer:
                self.path = path
                return

    def __str__(self) -> str:
        name = f"Layer '{self.path}'" if self.path else "The layer"
        return f"{self.sentence}\n{name}, {self.layer!r}: {self.cure}"


class LayerValueError(LayerInputError, ValueError):
    """A layer cannot work with its input; a ValueError too, because PyTorch raises that."""


def check_tensor(value: Any, operation: str, name: str = "input", position: int = 1) -> None:
    """Raise PyTorch's sentence if an argument is not a tensor."""
    if isinstance(value, Tensor):
        return
    kind = type(value)
    place = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
    raise TypeError(
        f"{operation}(): argument '{name}' (position {position}) must be Tensor, not "
        f"{place}{kind.__name__}. Make one: `pellucid.tensor(…)`."
    )


def check_floating(value: Tensor, kernel: str) -> None:
    """Raise PyTorch's sentence if a tensor holds whole numbers or yes/no.

    Args:
        value: what came.
        kernel: what PyTorch calls the function that does not take it.
    """
    if not is_floating(value.dtype):
        raise NotImplementedError(
            f"\"{kernel}\" not implemented for '{scalar_name(value.dtype)}'. "
            "Make them numbers with a fraction: `.float()`."
        )


def warn_of_repetition(loss: Any, input: Tensor, row: Operation, cure: str) -> None:
    """Warn once, for each loss object, if its input comes from a function that it applies itself.

    Args:
        loss: has the attribute `has_warned`.
        input: what it was given.
        row: the function's row of the operation table.
        cure: what follows, and how to mend it.
    """
    node = input.node
    if node is not None and node.operation is row and not loss.has_warned:
        loss.has_warned = True
        kind = type(loss).__name__
        warnings.warn(
            f"{kind} was given the output of a {row.name}, and applies a {row.name} itself. {cure}",
            stacklevel=callers_level(),
        )


def callers_level() -> int:
    """How far up the stack the line stands that called pellucid, for a warning about that line."""
    frame, level = sys._getframe(1), 1  # noqa: SLF001 (what `warnings` itself uses)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("pellucid"):
        frame, level = frame.f_back, level + 1
    return level


def check_not_in_place(layer: Module, *, inplace: bool) -> None:
    """Raise if a layer is asked to write its output over its input."""
    if inplace:
        raise InputError(
            f"{type(layer).__name__} must have inplace=False here. Got {inplace}. Leave it out: the "
            "numbers are the same, in memory of their own."
        )
