"""Functions that are told what goes into a module, what comes out, and the gradients of both.

Who registers them: the `register_…_hook` methods of `Module`. The hooks of tensors stand in
`tensor.hooks`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pellucid.errors import GraphError
from pellucid.tensor import functions
from pellucid.tensor.graph import recording
from pellucid.tensor.hooks import Handle
from pellucid.tensor.tensor import Tensor

if TYPE_CHECKING:
    from pellucid.nn.module import Module

Function = Callable[..., Any]
# A function, and whether it is told the named arguments too.
Entry = tuple[Function, bool]

numbers = itertools.count()


class ModuleHooks:
    """All hooks of one module, in the order in which they are called."""

    def __init__(self) -> None:
        self.before: dict[int, Entry] = {}
        self.after: dict[int, Entry] = {}
        self.before_backward: dict[int, Entry] = {}
        self.after_backward: dict[int, Entry] = {}

    def __bool__(self) -> bool:
        return any((self.before, self.after, self.before_backward, self.after_backward))

    def call(self, module: Module, inputs: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """The module's forward pass with all hooks around it."""
        for hook, with_named in list(self.before.values()):
            answer = hook(module, inputs, named) if with_named else hook(module, inputs)
            if answer is not None and with_named:
                inputs, named = answer
            elif answer is not None:
                inputs = answer if isinstance(answer, tuple) else (answer,)
        watch = None
        if recording.is_on and (self.before_backward or self.after_backward):
            watch = BackwardWatch(module, self)
            inputs = watch.follow_inputs(inputs)
        output = module.forward(*inputs, **named)
        for hook, with_named in list(self.after.values()):
            told = (inputs, named, output) if with_named else (inputs, output)
            answer = hook(module, *told)
            output = output if answer is None else answer
        return output if watch is None else watch.follow_outputs(output)


def add(
    hooks: dict[int, Entry], hook: Function, *, prepend: bool, with_kwargs: bool = False
) -> Handle:
    """Add a function, as the last one or as the first."""
    number = next(numbers)
    others = dict(hooks) if prepend else {}
    if prepend:
        hooks.clear()
    hooks[number] = (hook, with_kwargs)
    hooks.update(others)
    return Handle(hooks, number)


class BackwardWatch:
    """Collects the gradients of one call's inputs and outputs until the hooks can be told.

    Inputs and outputs are passed on as copies with a place of their own in the graph, so that a
    gradient can be caught on its way into the module and on its way out.

    Args:
        module: which was called.
        hooks: its hooks.
    """

    def __init__(self, module: Module, hooks: ModuleHooks) -> None:
        self.module, self.hooks = module, hooks
        self.of_inputs: list[Tensor | None] = []
        self.of_outputs: list[Tensor | None] = []
        self.waiting: set[int] = set()

    def follow_inputs(self, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        """The inputs, those with a gradient as copies that report it."""
        self.of_inputs = [None] * len(inputs)
        followed = list(inputs)
        for place, each in enumerate(inputs):
            if isinstance(each, Tensor) and each.requires_grad:
                followed[place] = each.apply(functions.copy)
                followed[place].register_hook(self.catch_input(place))
                self.waiting.add(place)
        return tuple(followed)

    def follow_outputs(self, output: Any) -> Any:
        """The output, or the outputs of a tuple, as copies that report their gradient."""
        parts = list(output) if isinstance(output, tuple | list) else [output]
        self.of_outputs = [None] * len(parts)
        for place, each in enumerate(parts):
            if isinstance(each, Tensor) and each.requires_grad:
                parts[place] = each.apply(functions.copy)
                parts[place].register_hook(self.catch_output(place))
        return type(output)(parts) if isinstance(output, tuple | list) else parts[0]

    def catch_output(self, place: int) -> Function:
        """A hook for an output's gradient."""

        def catch(gradient: Tensor) -> Tensor | None:
            self.of_outputs[place] = gradient
            for hook, _ in list(self.hooks.before_backward.values()):
                answer = hook(self.module, tuple(self.of_outputs))
                if answer is not None:
                    self.of_outputs = list(answer if isinstance(answer, tuple) else (answer,))
            if not self.waiting:
                self.tell()
            return self.of_outputs[place]

        return catch

    def catch_input(self, place: int) -> Function:
        """A hook for an input's gradient; the last to arrive tells all."""

        def catch(gradient: Tensor) -> Tensor | None:
            self.of_inputs[place] = gradient
            self.waiting.discard(place)
            if not self.waiting:
                self.tell()
            return self.of_inputs[place]

        return catch

    def tell(self) -> None:
        """Call the hooks that want the gradients of inputs and outputs."""
        for hook, _ in list(self.hooks.after_backward.values()):
            answer = hook(self.module, tuple(self.of_inputs), tuple(self.of_outputs))
            if answer is None:
                continue
            if sum(each is not None for each in self.of_inputs) > 1:
                raise GraphError(
                    "A backward hook can change the gradient of a module with one input; this one "
                    f"has {len(self.of_inputs)}. Use `register_hook` of the inputs themselves."
                )
            self.of_inputs = list(answer if isinstance(answer, tuple) else (answer,))
