"""Functions that are told a gradient on its way back, and what else is noticed about gradients.

Who registers them: `Tensor.register_hook`; who calls them: the walk back in `graph`. The hooks of
modules stand in `nn.hooks`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, Protocol, TypeAlias

from pellucid.errors import GraphError
from pellucid.tensor.dtypes import Array, scalar_name

Hook: TypeAlias = Callable[[Any], Any]

numbers = itertools.count()


class HasHooks(Protocol):
    """What hooks can be registered at."""

    hooks: dict[int, Hook] | None


class Handle:
    """Ends what was registered; also at the end of a `with` block.

    Args:
        hooks: where it is registered.
        number: under which number.
    """

    def __init__(self, hooks: dict[int, Any], number: int) -> None:
        self.hooks = hooks
        self.number = number

    def remove(self) -> None:
        """Have the function not called any more; a second time does nothing."""
        self.hooks.pop(self.number, None)

    def __enter__(self) -> Handle:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()


class Watch:
    """What is remembered about a tensor's gradients besides their sum.

    A gradient is *used* once an optimizer has made a step by it. `is_reused` says that a backward
    pass has added to a used gradient which was not 0 and which nobody had changed since: the old
    part would be stepped by a second time. See `note_addition`.

    Attributes:
        hooks: functions that are told the gradient, by number.
        is_reused: as said above.
    """

    __slots__ = ("edits", "hooks", "is_reused", "version")

    def __init__(self) -> None:
        self.hooks: dict[int, Hook] | None = None
        self.edits: list[int] | None = None
        self.version = 0
        self.is_reused = False

    def note_use(self, edits: list[int]) -> bool:
        """A step goes by the gradient with this counter; returns whether by an old part too."""
        is_old = self.is_reused and self.edits is edits
        self.edits, self.version, self.is_reused = edits, edits[0], False
        return is_old

    def note_addition(self, edits: list[int], gradient: Array) -> None:
        """A backward pass is about to add to a gradient that is there already.

        It is an accident if a step has used that gradient and nobody touched it since: neither the
        counter of changes in place moved, nor is it all 0 (`.grad.data.zero_()` moves no counter).
        """
        if self.edits is not edits:
            return
        if self.version == edits[0] and gradient.any():
            self.is_reused = True
            self.version += 1  # what is about to be added counts as one change
        else:
            self.edits, self.is_reused = None, False


def add_hook(place: HasHooks, hook: Hook) -> Handle:
    """Register a function; the one that was registered first is called first."""
    if place.hooks is None:
        place.hooks = {}
    number = next(numbers)
    place.hooks[number] = hook
    return Handle(place.hooks, number)


def run_hooks(hooks: dict[int, Hook], gradient: Array, as_tensor: Callable[[Array], Any]) -> Array:
    """Show a gradient to every hook in turn; each sees what the one before made of it.

    Args:
        hooks: by number.
        gradient: as an array.
        as_tensor: makes a tensor of it.

    Raises:
        TypeError: a hook returned no tensor.
        GraphError: a hook returned a tensor that cannot take the gradient's place.
    """
    for hook in list(hooks.values()):
        answer = hook(as_tensor(gradient))
        if answer is None:
            continue
        gradient = read_answer(hook, answer, gradient)
    return gradient


def read_answer(hook: Hook, answer: Any, gradient: Array) -> Array:
    """What a hook returned, checked to be able to take the gradient's place."""
    array: Array | None = getattr(answer, "array", None)
    if array is None:
        raise TypeError(
            f"expected Variable, but hook returned '{type(answer).__name__}'. Return None or a "
            "tensor of the gradient's shape."
        )
    name = getattr(hook, "__name__", type(hook).__name__)
    if array.dtype != gradient.dtype:
        kinds = f"was {kind_name(gradient)} got {kind_name(array)}"
        raise GraphError(f"hook '{name}' has changed the type of value ({kinds})")
    if array.shape != gradient.shape:
        raise GraphError(
            f"hook '{name}' has changed the size of value. Got {array.shape} for a gradient of "
            f"shape {gradient.shape}."
        )
    return array


def kind_name(array: Array) -> str:
    """What PyTorch calls a tensor of these numbers."""
    return f"torch.{scalar_name(array.dtype)}Tensor"
