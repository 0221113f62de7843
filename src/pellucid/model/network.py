"""From a method to a network: layers in PyTorch's words, their loss and optimizer, the program.

The first weights are PyTorch's for the same seed. Training lives in `train`, prediction in
`model`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from pellucid.data.kinds import CLASSES, NUMBER, YES_NO
from pellucid.engine.lowering import lower
from pellucid.engine.program import Operation, Program
from pellucid.errors import InputError
from pellucid.model.settings import Method
from pellucid.nn import (
    BCEWithLogitsLoss,
    CrossEntropyLoss,
    Identity,
    Linear,
    Module,
    MSELoss,
    ReLU,
    Sequential,
    Sigmoid,
    Tanh,
)
from pellucid.optim import SGD, Adam
from pellucid.random import Generator, default_generator

ACTIVATION_MODULES: dict[str, type[Module]] = {
    "relu": ReLU,
    "sigmoid": Sigmoid,
    "tanh": Tanh,
    "none": Identity,
}
LOSSES: dict[str, type[Module]] = {
    YES_NO: BCEWithLogitsLoss,
    CLASSES: CrossEntropyLoss,
    NUMBER: MSELoss,
}
_LENT = threading.Lock()
DECISIONS = {YES_NO: "sigmoid", CLASSES: "softmax"}  # from outputs to probabilities


def build_network(method: Method, inputs: int, outputs: int) -> Sequential:
    """Give a linear layer and an activation for each hidden layer, then a linear output.

    The weights are drawn from the default generator, layer by layer, as PyTorch draws them.

    Args:
        method: names the layers, their activation and the dtype.
        inputs: of the first layer.
        outputs: neurons of the output.
    """
    modules: list[Module] = []
    width = inputs
    for neurons in method.layers:
        modules.append(Linear(width, neurons, dtype=method.dtype))
        modules.append(ACTIVATION_MODULES[method.activation]())
        width = neurons
    return Sequential(*modules, Linear(width, outputs, dtype=method.dtype))


def lower_network(network: Module, method: Method, task: str, inputs: int) -> Program:
    """Give the program of the network with the task's loss and the method's optimizer."""
    optimizers = {"adam": Adam, "sgd": SGD}
    optimizer = optimizers[method.optimizer](network.parameters(), lr=method.learning_rate)
    return lower(network, LOSSES[task](), optimizer, input_width=inputs)


def decide(program: Program, task: str) -> Program:
    """Give the program whose last buffer holds probabilities, if the task has any."""
    if task not in DECISIONS or program.loss.kind == "bce":  # which judges probabilities
        return program
    last = program.operations[-1]
    decision = Operation(DECISIONS[task], (last.output,), "decision", last.width)
    return replace(program, operations=(*program.operations, decision))


def take_weights(network: Sequential, weights: tuple[float, ...], input_names: list[str]) -> None:
    """Put given weights into a network of one neuron, and 0 into its bias.

    Raises:
        InputError: the network has several outputs, or not as many inputs as weights.
    """
    output, width = network.state_dict()["0.weight"].shape
    if output != 1:
        raise InputError(
            f"Given weights are those of one neuron, and {output} classes need {output}."
            " Leave the weights out."
        )
    if len(weights) != width:
        names = ", ".join(input_names[:8]) + (", …" if width > 8 else "")
        raise InputError(
            f"There must be one weight for each of the {width} inputs ({names})."
            f" Got {len(weights)}."
        )
    parameters = dict(network.named_parameters())
    parameters["0.weight"].array[...] = np.asarray(weights)
    parameters["0.bias"].array[...] = 0


@contextmanager
def seeded(seed: int) -> Iterator[Generator]:
    """Let the default generator start from a seed for a while; afterwards it is as it was.

    Modules draw their first weights from the default generator, of which there is only one: while
    one thread has it, the others wait.
    """
    with _LENT:
        words, first = default_generator.get_state(), default_generator.initial_seed()
        try:
            yield default_generator.manual_seed(seed)
        finally:
            default_generator.manual_seed(first).set_state(words)
