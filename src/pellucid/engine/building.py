"""From a program back to modules: the network that it was lowered from.

The paths are those of the program's buffers, so the state_dict has the program's names.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import numpy as np

from pellucid.engine.lowering import ACTIVATIONS, INPUTS
from pellucid.engine.program import Operation, Program
from pellucid.errors import InputError
from pellucid.nn.activation import Softmax
from pellucid.nn.container import Sequential
from pellucid.nn.linear import Linear
from pellucid.nn.module import Module
from pellucid.nn.parameter import Parameter

ACTIVATION_OF = {kind: module for module, kind in ACTIVATIONS.items()}


def build_network(program: Program, parameters: Mapping[str, Any] | None = None) -> Sequential:
    """A `Sequential` that computes what the program computes.

    Args:
        program: operations one after another.
        parameters: values under their state_dict names; zeros if None.

    Raises:
        InputError: the program is not a chain, or has an operation that no module computes.

    Example:
        >>> from pellucid import nn, optim
        >>> from pellucid.engine.lowering import lower
        >>> network = nn.Sequential(nn.Linear(4, 5), nn.ReLU())
        >>> rule = optim.SGD(network.parameters(), lr=0.1)
        >>> build_network(lower(network, nn.MSELoss(), rule, input_width=4))
        Sequential(
          (0): Linear(in_features=4, out_features=5, bias=True)
          (1): ReLU()
        )
    """
    tree: dict[str, Any] = {}
    before = INPUTS
    for operation in program.operations:
        if operation.inputs != (before,):
            raise InputError(
                f"Only a chain of operations is a Sequential. '{operation.output}' reads "
                f"{operation.inputs}, and '{before}' stands before it."
            )
        *path, name = operation.output.split(".")
        branch = tree
        for part in path:
            branch = branch.setdefault(part, {})
        branch[name] = build_layer(operation, program)
        before = operation.output
    network = sequence(tree)
    if parameters is not None:
        network.load_state_dict({name: parameters[name] for name, _ in program.parameters})
    return network


def sequence(tree: dict[str, Any]) -> Sequential:
    """Nested dicts of modules as nested `Sequential`s."""
    return Sequential(
        OrderedDict(
            (name, sequence(each) if isinstance(each, dict) else each)
            for name, each in tree.items()
        )
    )


def build_layer(operation: Operation, program: Program) -> Module:
    """The module of one operation; parameters are zeros."""
    if operation.kind == "linear":
        shapes = dict(program.parameters)
        shape = shapes[operation.parameters[0]]
        return empty_linear(shape, has_bias=len(operation.parameters) > 1, dtype=program.dtype)
    if operation.kind == "softmax":
        return Softmax(dim=-1)
    if operation.kind not in ACTIVATION_OF:
        raise InputError(
            f"No module computes '{operation.kind}'. Known: linear, {', '.join(ACTIVATION_OF)}."
        )
    return ACTIVATION_OF[operation.kind]()


def empty_linear(shape: tuple[int, ...], *, has_bias: bool, dtype: str) -> Linear:
    """A `Linear` of zeros that has drawn nothing from the generator."""
    layer = Linear(0, shape[0], bias=has_bias, dtype=dtype)
    layer.in_features = shape[1]
    layer.weight = Parameter(np.zeros(shape, dtype))
    return layer
