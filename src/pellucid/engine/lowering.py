"""From a module, a loss and an optimizer to a program: what an engine can execute without Python.

What cannot be lowered is said with a reason; it can still be trained by the loop in Python. The
way back, from a program to a module, is `building`; losses and optimizers go both ways in `losses`
and `optimizers`, values in `exchange`.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from pellucid.engine.inputs import Input
from pellucid.engine.layers import lower_layer, name_of
from pellucid.engine.losses import lower_loss
from pellucid.engine.obstacle import CannotLower
from pellucid.engine.optimizers import lower_optimizer
from pellucid.engine.program import Operation, Program
from pellucid.engine.sketch import is_chain, is_ours, sketch
from pellucid.nn.container import Sequential
from pellucid.nn.module import Module
from pellucid.nn.parameter import Parameter
from pellucid.nn.residual import Residual
from pellucid.optim.optimizer import Optimizer as AnyOptimizer
from pellucid.tensor.tensor import Tensor

INPUTS = "inputs"
FLOATS = {np.dtype(name): name for name in ("float32", "float64")}


def lower(
    module: Module,
    loss_function: Any,
    optimizer: AnyOptimizer,
    *,
    input_width: int = 0,
    inputs: Sequence[Input] = (),
) -> Program:
    """The program of one training step.

    Args:
        module: a `Sequential` of known layers, of `Residual`s and of further `Sequential`s, or a
            module with a forward of its own that is made of them (see `sketch`).
        loss_function: one of pellucid's losses with reduction 'mean' or 'sum'.
        optimizer: one of pellucid's, over parameters of the module; the others are not learned.
        input_width: columns of the inputs, if there is one array of numbers.
        inputs: else what the module's forward takes; see `name_inputs`.

    Raises:
        CannotLower: there is no program for this; `.reason` says why.

    Example:
        >>> from pellucid import nn, optim
        >>> network = nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 1))
        >>> rule = optim.SGD(network.parameters(), lr=0.1)
        >>> program = lower(network, nn.MSELoss(), rule, input_width=4)
        >>> [(each.output, each.kind, each.width) for each in program.operations]
        [('0', 'linear', 5), ('1', 'relu', 5), ('2', 'linear', 1)]
    """
    if is_ours(module):
        raise CannotLower(f"{type(module).__name__} is not a Sequential of known layers")
    inputs = inputs or name_inputs(module, [Input(INPUTS, input_width)])
    if is_chain(module) and len(inputs) == 1 and not inputs[0].is_category:
        operations, buffer, width = lower_chain(module, "", inputs[0].name, inputs[0].width)
    else:
        operations, answer = sketch(module, inputs)
        buffer, width = answer.name, answer.width
    parameters = dict(module.named_parameters())
    if not parameters:
        raise CannotLower("the model has no parameters to learn")
    for name, each in parameters.items():
        if each.watch is not None and each.watch.hooks:
            raise CannotLower(f"the parameter {name} has a hook")
    buffers = dict(module.named_buffers())
    check_parts(parameters, buffers, operations)
    return Program(
        inputs=tuple((each.name, each.width) for each in inputs),
        operations=tuple(operations),
        loss=lower_loss(loss_function, buffer, width),
        optimizer=lower_optimizer(optimizer, parameters),
        parameters=tuple((name, each.shape) for name, each in parameters.items()),
        dtype=FLOATS[next(iter(parameters.values())).dtype],
        buffers=tuple((name, each.shape, each.dtype.name) for name, each in buffers.items()),
        categories=tuple(each.name for each in inputs if each.is_category),
    )


def name_inputs(module: Module, inputs: Sequence[Input]) -> list[Input]:
    """The inputs under the names that the module's forward gives them.

    One input alone is called 'inputs'. No name is that of one of the module's layers.

    Example:
        >>> from pellucid import nn
        >>> class Shop(nn.Module):
        ...     def forward(self, numbers, kinds): ...
        >>> [each.name for each in name_inputs(Shop(), [Input("", 2), Input("", 1, True)])]
        ['numbers', 'kinds']
    """
    names = [INPUTS]
    if len(inputs) > 1:  # else the names are not asked for, which takes long
        places = inspect.signature(module.forward).parameters.values()
        kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        names = [each.name for each in places if each.kind in kinds]
    names += [f"{INPUTS}_{number}" for number in range(len(names) + 1, len(inputs) + 1)]
    taken = dict(module.named_modules())
    named = []
    for each, name in zip(inputs, names, strict=False):
        while name in taken:
            name += "_"  # noqa: PLW2901 (until it is free)
        named.append(replace(each, name=name))
    return named


def lower_chain(
    module: Module, path: str, buffer: str, width: int
) -> tuple[list[Operation], str, int]:
    """The operations of a module that reads `buffer`, and the buffer and width that it ends with."""
    if "forward" in vars(module):
        raise CannotLower(f"{name_of(module, path)} has a `forward` of its own")
    if module.has_hooks:
        raise CannotLower(f"{name_of(module, path)} has hooks")
    if type(module) not in (Sequential, Residual):
        operation = lower_layer(module, path, buffer, width)
        return [operation], operation.output, operation.width
    children = list(module.named_children())
    if isinstance(module, Sequential) and len(children) != len(module):
        raise CannotLower("one layer is used in two places")
    operations: list[Operation] = []
    before, before_width = buffer, width
    for name, child in children:
        more, buffer, width = lower_chain(child, f"{path}.{name}" if path else name, buffer, width)
        operations += more
    if type(module) is Residual:
        if width != before_width:
            raise CannotLower(
                f"{name_of(module, path)} adds {before_width} inputs to {width} outputs"
            )
        operations.append(Operation("add", (before, buffer), path, width))
        buffer = path
    return operations, buffer, width


def check_parts(
    parameters: dict[str, Parameter], buffers: dict[str, Tensor], operations: list[Operation]
) -> None:
    """Raise if a parameter is used twice, not of one dtype, or outside the layers."""
    used = [name for each in operations for name in each.parameters]
    kept = [name for each in operations for name in each.buffers]
    for name in buffers:
        if name not in kept:
            raise CannotLower(f"the buffer '{name}' belongs to no layer that the engine knows")
    for name in used:
        if name not in parameters:
            raise CannotLower(f"the parameter '{name}' is used in two places")
    for name, parameter in parameters.items():
        if name not in used:
            raise CannotLower(f"the parameter '{name}' belongs to no layer that the engine knows")
        if parameter.dtype not in FLOATS:
            raise CannotLower(f"the parameter '{name}' is of dtype {parameter.dtype}")
    if len({each.dtype for each in parameters.values()}) > 1:
        raise CannotLower("the parameters are of different dtypes")
