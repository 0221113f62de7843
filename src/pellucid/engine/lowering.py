"""From a module, a loss and an optimizer to a program: what an engine can execute without Python.

What cannot be lowered is said with a reason; it can still be trained by the loop in Python. The
way back, from a program to a module, is `building`; losses and optimizers go both ways in `losses`
and `optimizers`, values in `exchange`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pellucid.engine.losses import lower_loss
from pellucid.engine.obstacle import CannotLower
from pellucid.engine.optimizers import lower_optimizer
from pellucid.engine.program import Operation, Program
from pellucid.nn.activation import Identity, ReLU, Sigmoid, Softmax, Tanh
from pellucid.nn.container import Sequential
from pellucid.nn.linear import Linear
from pellucid.nn.module import Module
from pellucid.optim.optimizer import Optimizer as AnyOptimizer

INPUTS = "inputs"
ACTIVATIONS: dict[type[Module], str] = {
    ReLU: "relu",
    Sigmoid: "sigmoid",
    Tanh: "tanh",
    Identity: "identity",
    Softmax: "softmax",
}


def lower(
    module: Module, loss_function: Any, optimizer: AnyOptimizer, *, input_width: int
) -> Program:
    """The program of one training step.

    Args:
        module: a `Sequential` (also nested) of known layers.
        loss_function: one of pellucid's losses with reduction 'mean' or 'sum'.
        optimizer: one of pellucid's, over all parameters of the module.
        input_width: columns of the inputs.

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
    if type(module) is not Sequential:
        raise CannotLower(f"{type(module).__name__} is not a Sequential of known layers")
    operations: list[Operation] = []
    buffer, width = INPUTS, input_width
    for path, layer in layers_of(module, ""):
        operation = lower_layer(layer, path, buffer, width)
        operations.append(operation)
        buffer, width = operation.output, operation.width
    parameters = dict(module.named_parameters())
    if not parameters:
        raise CannotLower("the model has no parameters to learn")
    for name, each in parameters.items():
        if each.watch is not None and each.watch.hooks:
            raise CannotLower(f"the parameter {name} has a hook")
    check_parameters(module, operations)
    return Program(
        inputs=((INPUTS, input_width),),
        operations=tuple(operations),
        loss=lower_loss(loss_function, buffer, width),
        optimizer=lower_optimizer(optimizer, parameters),
        parameters=tuple((name, each.shape) for name, each in parameters.items()),
        dtype=next(iter(parameters.values())).dtype.name,
    )


def layers_of(module: Module, path: str) -> Iterator[tuple[str, Module]]:
    """The layers of a module in the order of computation, with their paths."""
    if "forward" in vars(module):
        raise CannotLower(f"{name_of(module, path)} has a `forward` of its own")
    if module.has_hooks:
        raise CannotLower(f"{name_of(module, path)} has hooks")
    if type(module) is not Sequential:
        yield path, module
        return
    children = list(module.named_children())
    if len(children) != len(module):
        raise CannotLower("one layer is used in two places")
    for name, child in children:
        yield from layers_of(child, f"{path}.{name}" if path else name)


def lower_layer(layer: Module, path: str, buffer: str, width: int) -> Operation:
    """The operation of one layer that reads `buffer`, `width` units wide."""
    kind = type(layer)
    if isinstance(layer, Linear) and kind is Linear:
        if layer.in_features != width:
            raise CannotLower(
                f"{name_of(layer, path)} wants {layer.in_features} inputs but gets {width}"
            )
        names = [f"{path}.weight"] + ([f"{path}.bias"] if layer.bias is not None else [])
        return Operation("linear", (buffer,), path, layer.out_features, tuple(names))
    if isinstance(layer, Softmax) and layer.dim not in (-1, 1):
        raise CannotLower(
            f"{name_of(layer, path)} is not over the last axis; write nn.Softmax(dim=1)"
        )
    if kind not in ACTIVATIONS:
        raise CannotLower(f"the engine does not know {name_of(layer, path)}")
    return Operation(ACTIVATIONS[kind], (buffer,), path, width)


def check_parameters(module: Module, operations: list[Operation]) -> None:
    """Raise if a parameter is frozen, used twice, not of one dtype, or outside the layers."""
    parameters = dict(module.named_parameters())
    used = [name for each in operations for name in each.parameters]
    for name in used:
        if name not in parameters:
            raise CannotLower(f"the parameter '{name}' is used in two places")
    for name, parameter in parameters.items():
        if name not in used:
            raise CannotLower(f"the parameter '{name}' belongs to no layer that the engine knows")
        if not parameter.requires_grad:
            raise CannotLower(f"the parameter '{name}' is not learned (requires_grad=False)")
        if parameter.dtype.name not in ("float32", "float64"):
            raise CannotLower(f"the parameter '{name}' is of dtype {parameter.dtype}")
    if len({each.dtype for each in parameters.values()}) > 1:
        raise CannotLower("the parameters are of different dtypes")


def name_of(module: Module, path: str) -> str:
    """A layer as people know it: 'layer '1', Dropout'."""
    return f"layer '{path}', {type(module).__name__}" if path else f"{type(module).__name__}"
