"""A `forward` of one's own as operations: it is called once with symbols, which note what it does.

Only what a program can hold passes; anything else that is done with a symbol ends the walk with a
reason. What a layer becomes is said in `layers`, and the program around it in `lowering`.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from types import FrameType
from typing import Any, NoReturn

import numpy as np

from pellucid.engine.layers import MODED, lower_layer, name_of
from pellucid.engine.obstacle import CannotLower
from pellucid.engine.program import Operation
from pellucid.nn.activation import LogSoftmax, ReLU, Sigmoid, Softmax, Tanh
from pellucid.nn.container import Sequential
from pellucid.nn.flatten import Flatten
from pellucid.nn.module import Module
from pellucid.nn.modules import ModuleDict, ModuleList
from pellucid.nn.residual import Residual
from pellucid.random import default_generator
from pellucid.tensor.tensor import Tensor
from pellucid.tensor.words import activations

CONTAINERS = (Sequential, ModuleList, ModuleDict, Module)
KNOWN = "layers of pellucid, `pellucid.cat` along dim 1, `+` and activation functions"
# What our own layers and operations ask of a tensor: no word that a person has written.
INNER = ("array", "apply_pair", "dtype", "node", "is_tracked")
# Operations of tensors that a layer does as well; it is made with the operation's settings.
LAYERS: dict[str, Callable[..., Module]] = {
    "relu": ReLU,
    "sigmoid": Sigmoid,
    "tanh": Tanh,
    "softmax": Softmax,
    "log_softmax": LogSoftmax,
}


class Sketch:
    """Operations in the order in which a `forward` asks for them.

    Args:
        module: whose forward is walked.
    """

    def __init__(self, module: Module) -> None:
        self.module = module
        self.paths = {id(each): path for path, each in module.named_modules()}
        self.taken = {*self.paths.values()}
        self.operations: list[Operation] = []
        self.widths: dict[str, int] = {}
        self.reason: str | None = None

    def walk(self, inputs: dict[str, int]) -> Any:
        """Call the module with a symbol for each input, and give what it returns.

        Raises:
            CannotLower: it does something that no program can hold.
        """
        self.taken |= set(inputs)
        self.widths |= inputs
        symbols = [Symbol(self, name) for name in inputs]
        name = type(self.module).__name__
        with self.layers_note(), chance_is_kept(name), modules_are_kept(self.module):
            try:
                answer = self.module(*symbols)
            except CannotLower as obstacle:
                self.reason = self.reason or obstacle.reason
            except Exception as error:  # noqa: BLE001 (a forward may do anything)
                if self.reason is None:
                    cause = f"{type(error).__name__}: {error}".splitlines()[0]
                    self.reason = f"the forward of {name} could not be walked ({cause})"
        if self.reason is not None:  # the forward may have caught what ended the walk
            raise CannotLower(self.reason)
        return answer

    def refuse(self, reason: str) -> NoReturn:
        """End the walk.

        Raises:
            CannotLower: always.
        """
        self.reason = self.reason or reason
        raise CannotLower(self.reason)

    def refuse_use(self, use: str) -> NoReturn:
        """End the walk because of something that is done with a symbol."""
        module = self.walked()
        name = name_of(module, self.paths.get(id(module), ""))
        self.refuse(f"the forward of {name} uses {use}; the engine takes {KNOWN}")

    def walked(self) -> Module:
        """The module whose forward is running, the innermost one."""
        frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 (whose forward asks)
        while frame is not None:
            module = frame.f_locals.get("self")
            if frame.f_code.co_name == "forward" and isinstance(module, Module):
                return module
            frame = frame.f_back
        return self.module

    @contextmanager
    def layers_note(self) -> Iterator[None]:
        """While this lasts, layers note that they are called instead of computing."""
        leaves = []
        for path, each in self.module.named_modules():
            if "forward" in vars(each):
                raise CannotLower(f"{name_of(each, path)} has a `forward` of its own")
            if each.has_hooks:
                raise CannotLower(f"{name_of(each, path)} has hooks")
            if is_ours(each):
                leaves.append(each)
        for each in leaves:
            vars(each)["forward"] = partial(self.note, each)
        try:
            yield
        finally:
            for each in leaves:
                del vars(each)["forward"]

    def note(self, layer: Module, symbol: Any, *others: Any) -> Symbol:
        """A layer that reads a symbol."""
        path = self.paths.get(id(layer), "")
        if type(symbol) is not Symbol or others:
            self.refuse(f"{name_of(layer, path)} is not called with one tensor")
        if type(layer) is Residual:
            change: Any = symbol
            for each in layer:
                change = each(change)
            return symbol.plus(change, path)
        operation = lower_layer(layer, path, symbol.name, symbol.width)
        is_again = any(operation.output == each.output for each in self.operations)
        if is_again and (operation.parameters or operation.buffers):
            self.refuse(f"{name_of(layer, path)} is used in two places")
        return self.add(operation, path or operation.kind)

    def add(self, operation: Operation, name: str) -> Symbol:
        """An operation, under a name that no other has."""
        output, number = name, 1
        while output in self.widths or (output in self.taken and output != operation.output):
            number += 1
            output = f"{name}_{number}"
        self.operations.append(replace(operation, output=output))
        self.widths[output] = operation.width
        return Symbol(self, output)


class Symbol:
    """What stands in for a tensor while a `forward` is walked: a buffer without numbers.

    Args:
        sketch: which notes what is done with it.
        name: of the buffer.
    """

    ndim = 2  # rows and columns

    def __init__(self, sketch: Sketch, name: str) -> None:
        self.sketch, self.name, self.width = sketch, name, sketch.widths[name]

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        """A forward that asks for a tensor gets the answer that it would get."""
        return Tensor

    def through(self, layer: Module) -> Symbol:
        """What a function of `nn.functional` gives, by the layer that computes it."""
        return self.sketch.note(layer, self)

    def plus(self, other: Any, path: str = "") -> Symbol:
        """The sum with another symbol of the same width."""
        if type(other) is not Symbol:
            self.sketch.refuse_use(f"`+` with a {type(other).__name__}")
        if other.width != self.width:
            self.sketch.refuse(f"{self.width} and {other.width} columns are added")
        inputs = (self.name, other.name)
        return self.sketch.add(Operation("add", inputs, path, self.width), path or "add")

    def join(self, symbols: Sequence[Any], dim: int) -> Symbol:
        """What `cat` makes of this and others."""
        for each in symbols:
            if type(each) is not Symbol:
                self.sketch.refuse_use(f"`cat` with a {type(each).__name__}")
        if dim not in (1, -1):
            self.sketch.refuse_use(f"`cat` along dim={dim}")
        names, width = tuple(each.name for each in symbols), sum(each.width for each in symbols)
        return self.sketch.add(Operation("cat", names, "", width), "cat")

    def __add__(self, other: Any) -> Symbol:
        return self.plus(other)

    def __radd__(self, other: Any) -> Symbol:
        if type(other) is int and other == 0:  # `sum` begins with it
            return self
        return self.plus(other)

    def floating(self, dtype: Any = None) -> Symbol:
        """The symbol itself: a program's numbers have fractions."""
        if dtype is not None:
            self.sketch.refuse_use("a dtype of its own")
        return self

    def apply(self, operation: Any, *others: Any, **settings: Any) -> Symbol:
        """What an operation of tensors gives, by the layer that computes it."""
        if operation.name not in LAYERS or others:
            self.sketch.refuse_use(f"`{operation.name}`")
        return self.through(LAYERS[operation.name](*settings.values()))

    # The words of tensors, as they are: each reads what it was told and asks for `apply`.
    relu, sigmoid, tanh = activations.relu, activations.sigmoid, activations.tanh
    softmax, log_softmax = activations.softmax, activations.log_softmax

    def flatten(self, start_dim: int = 0, end_dim: int = -1) -> Symbol:
        """As the layer does it."""
        return self.through(Flatten(start_dim, end_dim))

    def __repr__(self) -> str:
        return f"Symbol({self.name!r}, {self.width})"

    def __getattr__(self, name: str) -> Any:
        if name in INNER:
            self.sketch.refuse_use("a layer or a function that the engine does not know")
        self.sketch.refuse_use(f"`.{name}`")


def refused(sign: str) -> Callable[..., Any]:
    """A method that ends the walk."""

    def method(self: Symbol, *_: Any) -> Any:
        self.sketch.refuse_use(f"`{sign}`")

    return method


ENDS = {
    **dict.fromkeys(("__sub__", "__rsub__", "__isub__", "__neg__"), "-"),
    **dict.fromkeys(("__mul__", "__rmul__", "__imul__"), "*"),
    **dict.fromkeys(("__truediv__", "__rtruediv__", "__itruediv__"), "/"),
    **dict.fromkeys(("__pow__", "__rpow__", "__ipow__"), "**"),
    **dict.fromkeys(("__matmul__", "__rmatmul__", "__imatmul__"), "@"),
    **dict.fromkeys(("__floordiv__", "__rfloordiv__", "__mod__", "__rmod__"), "// or %"),
    **dict.fromkeys(("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"), "a comparison"),
    **dict.fromkeys(("__invert__", "__and__", "__or__", "__xor__"), "~, &, | or ^"),
    **dict.fromkeys(("__bool__", "__len__", "__iter__", "__contains__"), "if, for, len or in"),
    **dict.fromkeys(("__float__", "__int__", "__index__"), "float() or int()"),
    **dict.fromkeys(("__getitem__", "__setitem__"), "[…]"),
    **dict.fromkeys(("__str__", "__format__"), "print"),
    "__iadd__": "+=",
    "__abs__": "abs",
    "__array__": "numpy",
}
for method_name, shown in ENDS.items():
    setattr(Symbol, method_name, refused(shown))
Symbol.__hash__ = object.__hash__  # type: ignore[method-assign]


def sketch(module: Module, inputs: dict[str, int]) -> tuple[list[Operation], Any]:
    """The operations of a module's forward, and the symbol that it returns.

    Args:
        module: any; its forward may call pellucid's layers, `cat`, `+` and activations.
        inputs: names and widths of what its forward takes, in order.

    Raises:
        CannotLower: its forward does more, or does something else in evaluation mode.
    """
    drawing = Sketch(module)
    answer = drawing.walk(inputs)
    modes = [(each, each.training) for each in module.modules()]
    module.eval()
    try:
        judged = Sketch(module)
        other = judged.walk(inputs)
    finally:
        for each, is_training in modes:
            each.training = is_training
    name = type(module).__name__
    for step in judged.operations:
        if step.kind in MODED and step.setting("training", 1) != 0:
            raise CannotLower(f"the forward of {name} uses {step.kind} in evaluation mode too")
    if list(map(unmoded, drawing.operations)) != list(map(unmoded, judged.operations)) or (
        repr(answer) != repr(other)
    ):
        raise CannotLower(f"the forward of {name} does something else in evaluation mode")
    if type(answer) is not Symbol:
        raise CannotLower(f"the forward of {name} returns a {type(answer).__name__}, no tensor")
    check_readers(drawing.operations, (answer.name,))
    return drawing.operations, answer


def is_ours(module: Module) -> bool:
    """Whether a module computes by itself, as pellucid's layers do, and not by calling others."""
    kind = type(module)
    return kind.__module__.startswith("pellucid.") and kind not in CONTAINERS


def is_chain(module: Module) -> bool:
    """Whether a module is a `Sequential` of nothing but pellucid's layers."""
    return type(module) is Sequential and all(
        type(each) is Sequential or is_ours(each) for each in module.modules()
    )


def unmoded(operation: Operation) -> Operation:
    """The operation without the mode that its layer is in."""
    kept = tuple(each for each in operation.settings if each[0] != "training")
    return replace(operation, settings=kept)


def check_readers(operations: Sequence[Operation], outputs: Sequence[str]) -> None:
    """Raise if something is computed that nobody reads."""
    read = {*outputs, *(name for each in operations for name in each.inputs)}
    for each in operations:
        if each.output not in read:
            raise CannotLower(f"what '{each.output}' gives is not used")


@contextmanager
def chance_is_kept(name: str) -> Iterator[None]:
    """See that a walk draws no numbers by chance, which a program would draw at each step."""
    ours, pythons = default_generator.get_state(), random.getstate()
    numpys: Any = np.random.get_state()  # noqa: NPY002 (what a forward may draw from)
    yield
    theirs: Any = np.random.get_state()  # noqa: NPY002
    is_same = (
        np.array_equal(ours, default_generator.get_state())
        and pythons == random.getstate()
        and numpys[2:] == theirs[2:]
        and np.array_equal(numpys[1], theirs[1])
    )
    default_generator.set_state(ours)
    random.setstate(pythons)
    np.random.set_state(numpys)  # noqa: NPY002
    if not is_same:
        raise CannotLower(f"the forward of {name} draws numbers by chance")


@contextmanager
def modules_are_kept(module: Module) -> Iterator[None]:
    """See that a walk changes no attribute of a module, which a program could not do."""
    before = [(each, dict(vars(each))) for each in module.modules()]
    yield
    for each, attributes in before:
        now = vars(each)
        changed = [
            name
            for name in {**attributes, **now}
            if now.get(name, Module) is not attributes.get(name, Module)
        ]
        if changed:
            now.clear()
            now.update(attributes)
            owner = type(each).__name__
            raise CannotLower(f"the forward of {owner} changes its `{min(changed)}`")
