"""Layers between modules and operations, both ways.

One table says which module is which kind of operation, with which of its attributes as settings.
How operations are joined to a program is said in `lowering`, the way back in `building`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid.engine.obstacle import CannotLower
from pellucid.engine.program import Operation, Program
from pellucid.errors import InputError
from pellucid.nn.activation import (
    ELU,
    GELU,
    SELU,
    Identity,
    LeakyReLU,
    LogSoftmax,
    Mish,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Tanh,
)
from pellucid.nn.dropout import Dropout
from pellucid.nn.embedding import Embedding
from pellucid.nn.flatten import Flatten
from pellucid.nn.linear import Linear
from pellucid.nn.module import Module
from pellucid.nn.normalization import BatchNorm1d, LayerNorm
from pellucid.nn.parameter import Parameter

KINDS: dict[type[Module], str] = {
    Linear: "linear",
    ReLU: "relu",
    Sigmoid: "sigmoid",
    Tanh: "tanh",
    LeakyReLU: "leaky_relu",
    ELU: "elu",
    SELU: "selu",
    GELU: "gelu",
    SiLU: "silu",
    Mish: "mish",
    Softplus: "softplus",
    Identity: "identity",
    Flatten: "flatten",
    Softmax: "softmax",
    LogSoftmax: "log_softmax",
    Dropout: "dropout",
    LayerNorm: "layer_norm",
    BatchNorm1d: "batch_norm",
    Embedding: "embedding",
}
MODULES = {kind: module for module, kind in KINDS.items()}
# Attributes of a module that an operation keeps as settings.
SETTINGS: dict[str, tuple[str, ...]] = {
    "leaky_relu": ("negative_slope",),
    "elu": ("alpha",),
    "softplus": ("beta", "threshold"),
    "dropout": ("p",),
    "layer_norm": ("eps",),
    "batch_norm": ("eps", "momentum"),
}
STATISTICS = ("running_mean", "running_var", "num_batches_tracked")
# Kinds that work otherwise in evaluation mode; one that does so while training goes on says it.
MODED = ("dropout", "batch_norm")


def lower_layer(layer: Module, path: str, buffer: str, width: int) -> Operation:
    """The operation of one layer that reads `buffer`, `width` units wide.

    Raises:
        CannotLower: the engine does not know the layer, or it does not fit the buffer.

    Example:
        >>> lower_layer(LeakyReLU(0.1), "1", "0", 5).settings
        (('negative_slope', 0.1),)
    """
    kind = KINDS.get(type(layer))
    if kind is None:
        raise CannotLower(f"the engine does not know {name_of(layer, path)}")
    if isinstance(layer, Embedding):
        raise CannotLower(f"{name_of(layer, path)} wants categories (whole numbers), not numbers")
    check_layer(layer, path, width)
    if isinstance(layer, GELU) and layer.approximate == "tanh":
        kind = "gelu_tanh"
    owned = [name for name, _ in layer.named_parameters(recurse=False)]
    names = [name for name in STATISTICS if getattr(layer, name, None) is not None]
    return Operation(
        kind,
        (buffer,),
        path,
        layer.out_features if isinstance(layer, Linear) else width,
        tuple(f"{path}.{name}" for name in owned),
        settings_of(layer, kind),
        tuple(f"{path}.{name}" for name in names),
    )


def lower_table(layer: Embedding, path: str, buffer: str, column: int, count: int) -> Operation:
    """The operation of an embedding that reads so many columns of `buffer`, from `column` on.

    Raises:
        CannotLower: its gradients depend on how often a category comes.

    Example:
        >>> lower_table(Embedding(9, 3), "kind", "kinds", 0, 2).width
        6
    """
    if layer.scale_grad_by_freq:
        raise CannotLower(f"{name_of(layer, path)} has scale_grad_by_freq=True")
    padding = () if layer.padding_idx is None else (("padding_idx", float(layer.padding_idx)),)
    return Operation(
        "embedding",
        (buffer,),
        path,
        count * layer.embedding_dim,
        (f"{path}.weight",),
        (("column", float(column)), *padding),
    )


def settings_of(layer: Module, kind: str) -> tuple[tuple[str, float], ...]:
    """The attributes that are not None, and whether the layer is out of training mode."""
    named = ((name, getattr(layer, name)) for name in SETTINGS.get(kind, ()))
    settings = [(name, float(value)) for name, value in named if value is not None]
    if kind in MODED and not layer.training:
        settings.append(("training", 0.0))
    return tuple(settings)


def check_layer(layer: Module, path: str, width: int) -> None:
    """Raise a `CannotLower` if the layer does not fit a buffer of so many units."""
    name = name_of(layer, path)
    if isinstance(layer, Linear) and layer.in_features != width:
        raise CannotLower(f"{name} wants {layer.in_features} inputs but gets {width}")
    if isinstance(layer, Softmax | LogSoftmax) and layer.dim not in (-1, 1):
        kind = type(layer).__name__
        raise CannotLower(f"{name} is not over the last axis; write nn.{kind}(dim=1)")
    if isinstance(layer, GELU) and layer.approximate not in ("none", "tanh"):
        raise CannotLower(f"{name} has approximate={layer.approximate!r}")
    if isinstance(layer, Flatten) and (layer.start_dim, layer.end_dim) not in ((1, -1), (1, 1)):
        raise CannotLower(f"{name} flattens other axes than those behind the rows")
    if isinstance(layer, LayerNorm) and layer.normalized_shape != (width,):
        shape = layer.normalized_shape
        raise CannotLower(f"{name} wants rows of the shape {shape} but gets ({width},)")
    if isinstance(layer, BatchNorm1d):
        if layer.num_features != width:
            raise CannotLower(f"{name} wants {layer.num_features} columns but gets {width}")
        if not layer.track_running_stats or layer.running_mean is None:
            raise CannotLower(f"{name} keeps no running statistics")
        if layer.eps <= 0:
            raise CannotLower(f"{name} has eps={layer.eps}, which must be above 0")


def build_layer(operation: Operation, program: Program) -> Module:
    """The module of one operation; its parameters are zeros, and it has drawn nothing.

    Raises:
        InputError: no module computes such an operation.
    """
    if operation.kind == "linear":
        shape = dict(program.parameters)[operation.parameters[0]]
        return empty_linear(shape, has_bias=len(operation.parameters) > 1, dtype=program.dtype)
    if operation.kind == "embedding":
        return empty_table(operation, program)
    settings: dict[str, Any] = dict(operation.settings)
    is_training = bool(settings.pop("training", 1))
    if operation.kind == "gelu_tanh":
        return GELU(approximate="tanh")
    if operation.kind in ("softmax", "log_softmax"):
        settings = {"dim": -1}
    if operation.kind not in MODULES:
        raise InputError(f"No module computes '{operation.kind}'. Known: {', '.join(MODULES)}.")
    if operation.kind not in ("layer_norm", "batch_norm"):
        make: Any = MODULES[operation.kind]
        module: Module = make(**settings)
        return module.train(is_training)
    return build_norm(operation, settings, program.dtype).train(is_training)


def build_norm(operation: Operation, settings: dict[str, Any], dtype: str) -> Module:
    """A normalization that has as many parameters as the operation."""
    has_weight, has_bias = len(operation.parameters) > 0, len(operation.parameters) > 1
    kind: Any = np.dtype(dtype)
    if operation.kind == "layer_norm":
        return LayerNorm(operation.width, settings["eps"], has_weight, bias=has_bias, dtype=kind)
    return BatchNorm1d(
        operation.width,
        settings["eps"],
        settings.get("momentum"),
        affine=has_weight,
        bias=has_bias or not has_weight,
        dtype=kind,
    )


def empty_linear(shape: tuple[int, ...], *, has_bias: bool, dtype: str) -> Linear:
    """A `Linear` of zeros that has drawn nothing from the generator."""
    layer = Linear(0, shape[0], bias=has_bias, dtype=dtype)
    layer.in_features = shape[1]
    layer.weight = Parameter(np.zeros(shape, dtype))
    return layer


def empty_table(operation: Operation, program: Program) -> Embedding:
    """An `Embedding` of zeros that has drawn nothing from the generator."""
    count, size = dict(program.parameters)[operation.parameters[0]]
    layer = Embedding(0, size)
    layer.num_embeddings = count
    padding = int(operation.setting("padding_idx", -1))
    layer.padding_idx = None if padding < 0 else padding
    layer.weight = Parameter(np.zeros((count, size), program.dtype))
    return layer


def name_of(module: Module, path: str) -> str:
    """A layer as people know it: 'layer '1', Dropout'."""
    return f"layer '{path}', {type(module).__name__}" if path else f"{type(module).__name__}"
