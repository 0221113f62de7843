"""A `forward` of one's own as operations: it is called once with symbols, which note what it does.

Only what a program can hold passes; anything else that is done with a symbol ends the walk with a
reason. What a layer becomes is said in `layers`, and the program around it in `lowering`.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from types import FrameType
from typing import Any, NoReturn

import numpy as np

from pellucid.engine.inputs import Input
from pellucid.engine.layers import MODED, lower_layer, lower_table, name_of
from pellucid.engine.obstacle import CannotLower
from pellucid.engine.program import Operation
from pellucid.engine.symbol import Symbol
from pellucid.nn.container import Sequential
from pellucid.nn.embedding import Embedding
from pellucid.nn.flatten import Flatten
from pellucid.nn.module import Module
from pellucid.nn.modules import ModuleDict, ModuleList
from pellucid.nn.residual import Residual
from pellucid.random import default_generator

CONTAINERS = (Sequential, ModuleList, ModuleDict, Module)
KNOWN = "layers of pellucid, `pellucid.cat` along dim 1, `+` and activation functions"


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

    def walk(self, inputs: Sequence[Input]) -> Any:
        """Call the module with a symbol for each input, and give what it returns.

        Raises:
            CannotLower: it does something that no program can hold.
        """
        self.widths |= {each.name: each.width for each in inputs}
        symbols = [Symbol(self, each.name, each) for each in inputs]
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
        if symbol.given is not None and symbol.given.is_category:
            return self.note_table(layer, path, symbol)
        if symbol.is_deep and not (isinstance(layer, Flatten) and layer.end_dim != 1):
            self.refuse(
                f"{name_of(layer, path)} reads the rows of several categories; nn.Flatten() or "
                "`.flatten(1)` puts them behind one another"
            )
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

    def note_table(self, layer: Module, path: str, symbol: Symbol) -> Symbol:
        """An embedding that reads columns of categories."""
        if type(layer) is not Embedding:
            self.refuse(f"{name_of(layer, path)} is given categories (whole numbers)")
        operation = lower_table(layer, path, symbol.name, symbol.column, symbol.width)
        if any(operation.parameters == each.parameters for each in self.operations):
            self.refuse(f"{name_of(layer, path)} is used in two places")
        looked_up = self.add(operation, path)
        looked_up.is_deep = symbol.axes == 2
        return looked_up

    def add(self, operation: Operation, name: str) -> Symbol:
        """An operation, under a name that no other has."""
        output, number = name, 1
        while output in self.widths or (output in self.taken and output != operation.output):
            number += 1
            output = f"{name}_{number}"
        self.operations.append(replace(operation, output=output))
        self.widths[output] = operation.width
        return Symbol(self, output)


def sketch(module: Module, inputs: Sequence[Input]) -> tuple[list[Operation], Any]:
    """The operations of a module's forward, and the symbol that it returns.

    Args:
        module: any; its forward may call pellucid's layers, `cat`, `+` and activations.
        inputs: what its forward takes, in order.

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
    answer.check_flat("returning")
    check_readers(drawing.operations, (answer.name,))
    check_inputs_read(drawing.operations, inputs)
    return drawing.operations, answer


def is_ours(module: Module) -> bool:
    """Whether a module computes by itself, as pellucid's layers do, and not by calling others."""
    kind = type(module)
    return kind.__module__.startswith("pellucid.") and kind not in CONTAINERS


def is_chain(module: Module) -> bool:
    """Whether a module is a `Sequential` of nothing but pellucid's layers."""
    return type(module) is Sequential and all(
        type(each) is Sequential or (is_ours(each) and type(each) is not Embedding)
        for each in module.modules()
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


def check_inputs_read(operations: Sequence[Operation], inputs: Sequence[Input]) -> None:
    """Raise if an input is not read."""
    read = {name for each in operations for name in each.inputs}
    for each in inputs:
        if each.name not in read:
            raise CannotLower(f"the input '{each.name}' is not used")


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
