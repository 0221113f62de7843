"""A module or a loss of a person's own as plain data, and back: what it is made of, without numbers.

Every module within is named by its class's import path and described by its attributes. What is no
plain value (an open file, an array that is no buffer) cannot be described, and the reason is said.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Any

import numpy as np

from pellucid.engine.origin import Source, Untraceable, find_code, name_code
from pellucid.nn.module import Module
from pellucid.nn.parameter import Parameter
from pellucid.tensor.tensor import Tensor

REGISTERS = ("_parameters", "_buffers", "_modules")
Plain = Any  # what JSON can hold


class Draughtsman:
    """Describes values.

    Attributes:
        names: import paths of all classes and functions that were met.
    """

    def __init__(self) -> None:
        self.names: set[str] = set()
        self._known: dict[int, int] = {}
        self._tensors: set[int] = set()

    def describe(self, value: Any, where: str) -> Plain:
        """A value as plain data.

        Args:
            value: a module, a function, or an attribute of one.
            where: what it is called, for the reason: "Net.scale".

        Raises:
            Untraceable: it cannot be described.
        """
        if value is None or isinstance(value, bool | int | str):
            return value
        if isinstance(value, Module):
            return self._describe_module(value)
        makers: tuple[tuple[type, Callable[[Any], Plain]], ...] = (
            (float, self._describe_float),
            (list, lambda each: {"list": [self.describe(inner, where) for inner in each]}),
            (tuple, lambda each: {"tuple": [self.describe(inner, where) for inner in each]}),
            (np.dtype, lambda each: {"dtype": each.name}),
            (FunctionType, lambda each: {"code": self._name(each)}),
            (type, lambda each: {"code": self._name(each)}),
        )
        for kind, describe in makers:
            if isinstance(value, kind):
                return describe(value)
        if isinstance(value, dict) and all(isinstance(each, str) for each in value):
            return {"dict": {name: self.describe(each, where) for name, each in value.items()}}
        raise Untraceable(
            f"{where} is of the type {type(value).__name__}, which cannot be written down; make an"
            " array a buffer, and anything else a number, a text or a module"
        )

    def _describe_float(self, number: float) -> Plain:
        return number if math.isfinite(number) else {"float": str(number)}

    def _describe_module(self, module: Module) -> Plain:
        if id(module) in self._known:
            return {"again": self._known[id(module)]}
        self._known[id(module)] = len(self._known)
        kind = type(module)
        for each in kind.__mro__:  # a base class is part of what the module does
            if issubclass(each, Module):
                self._name(each)
        if module.has_hooks:
            raise Untraceable(f"{kind.__name__} has hooks")
        for name, each in (vars(module)["_parameters"] | vars(module)["_buffers"]).items():
            if id(each) in self._tensors:
                raise Untraceable(f"{kind.__name__}.{name} is used in two places")
            self._tensors |= set() if each is None else {id(each)}
        registered = {name for each in REGISTERS for name in vars(module)[each]}
        plain = {
            name: self.describe(value, f"{kind.__name__}.{name}")
            for name, value in vars(module).items()
            if name not in registered and name not in (*REGISTERS, "_hooks")
        }
        return {
            "module": self._name(kind),
            "plain": plain,
            "parameters": {
                name: _shape(each) for name, each in vars(module)["_parameters"].items()
            },
            "buffers": {name: _shape(each) for name, each in vars(module)["_buffers"].items()},
            "modules": {
                name: self._describe_module(each) for name, each in vars(module)["_modules"].items()
            },
        }

    def _name(self, code: Any) -> str:
        name = name_code(code)
        self.names.add(name)
        return name


class Builder:
    """Builds values from their descriptions; parameters and buffers are zeros.

    Args:
        sources: the files of code as they were.
    """

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = sources
        self._made: list[Module] = []

    def build(self, plain: Plain) -> Any:
        """The value that was described.

        Raises:
            RunError: code is gone or has changed.
        """
        if not isinstance(plain, dict):
            return plain
        makers: dict[str, Callable[[Any], Any]] = {
            "float": float,
            "list": lambda inner: [self.build(each) for each in inner],
            "tuple": lambda inner: tuple(self.build(each) for each in inner),
            "dict": lambda inner: {name: self.build(each) for name, each in inner.items()},
            "dtype": np.dtype,
            "code": lambda name: find_code(name, self._sources),
            "again": lambda place: self._made[place],
        }
        if "module" in plain:
            return self._build_module(plain)
        ((kind, inner),) = plain.items()
        return makers[kind](inner)

    def _build_module(self, plain: Plain) -> Module:
        kind = find_code(plain["module"], self._sources)
        module: Module = kind.__new__(kind)
        self._made.append(module)
        Module.__init__(module)
        for name, inner in plain["plain"].items():
            object.__setattr__(module, name, self.build(inner))
        for name, shape in plain["parameters"].items():
            made = None if shape is None else Parameter(_zeros(shape), requires_grad=shape[2])
            module.register_parameter(name, made)
        for name, shape in plain["buffers"].items():
            module.register_buffer(name, None if shape is None else Tensor(_zeros(shape)))
        for name, inner in plain["modules"].items():
            module.add_module(name, self.build(inner))
        return module


def _shape(tensor: Tensor | None) -> list[Any] | None:
    """Shape, dtype and whether it is learned."""
    if tensor is None:
        return None
    return [list(tensor.shape), tensor.dtype.name, tensor.requires_grad]


def _zeros(shape: Sequence[Any]) -> np.ndarray[Any, Any]:
    return np.zeros(tuple(shape[0]), shape[1])
