"""The network as people count it: hidden1, hidden2 … output, read from a program.

A layer joins what a program keeps apart: the weighted sums and the activation behind them.
Drawing a network lives in `figures`.
"""

from __future__ import annotations

from dataclasses import dataclass

from pellucid.engine.program import Operation, Program

ACTIVATIONS = ("relu", "sigmoid", "tanh", "softmax", "identity")
IMPLIED = {"bce_with_logits": "sigmoid", "cross_entropy": "softmax"}
TITLES = {"relu": "ReLU", "identity": "sum"}


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of neurons.

    Args:
        name: "hidden1", "hidden2" … or "output".
        path: the state_dict path of its weights, such as "0".
        source: the buffer that it reads.
        sums: the buffer with its weighted sums z.
        activations: the buffer with its activations a; the same as `sums` if there is none.
        activation: "relu", "sigmoid", "tanh", "softmax" or "identity"; for the output also the
            one that the loss implies (a binary cross-entropy on z means a sigmoid).
        inputs: how many numbers every neuron reads.
        width: how many neurons it has.
        has_bias: whether every neuron has a bias.
    """

    name: str
    path: str
    source: str
    sums: str
    activations: str
    activation: str
    inputs: int
    width: int
    has_bias: bool

    @property
    def weight(self) -> str:
        """The weight's name in the state_dict."""
        return f"{self.path}.weight"

    @property
    def bias(self) -> str:
        """The bias's name in the state_dict."""
        return f"{self.path}.bias"

    @property
    def learned(self) -> int:
        """How many numbers the layer learns: inputs · width weights and a bias each."""
        return self.inputs * self.width + (self.width if self.has_bias else 0)

    @property
    def title(self) -> str:
        """The activation as people write it."""
        return TITLES.get(self.activation, self.activation)


def read_layers(program: Program) -> list[Layer]:
    """The layers of a chain of weighted sums and activations, in order.

    Args:
        program: operations `linear`, each followed by at most one activation.

    Returns:
        The layers; the last one is called "output".
    """
    shapes = dict(program.parameters)
    layers: list[Layer] = []
    for position, operation in enumerate(program.operations):
        if operation.kind == "linear":
            follower = _activation_after(program.operations, position)
            outputs, inputs = shapes[operation.parameters[0]]
            layers.append(
                Layer(
                    name=f"hidden{len(layers) + 1}",
                    path=operation.parameters[0].removesuffix(".weight"),
                    source=operation.inputs[0],
                    sums=operation.output,
                    activations=follower.output if follower else operation.output,
                    activation=follower.kind if follower else "identity",
                    inputs=inputs,
                    width=outputs,
                    has_bias=len(operation.parameters) > 1,
                )
            )
    return [*layers[:-1], _as_output(layers[-1], program)]


def _activation_after(operations: tuple[Operation, ...], position: int) -> Operation | None:
    follower = operations[position + 1] if position + 1 < len(operations) else None
    return follower if follower is not None and follower.kind in ACTIVATIONS else None


def _as_output(layer: Layer, program: Program) -> Layer:
    implied = IMPLIED.get(program.loss.kind, layer.activation)
    return Layer(
        "output",
        layer.path,
        layer.source,
        layer.sums,
        layer.activations,
        implied if layer.activation == "identity" else layer.activation,
        layer.inputs,
        layer.width,
        layer.has_bias,
    )
