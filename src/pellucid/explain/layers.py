"""The network as people count it: hidden1, hidden2 … output, read from a program.

A layer joins what a program keeps apart: the weighted sums and the activation behind them.
Drawing a network lives in `figures`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from pellucid.engine.program import Operation, Program
from pellucid.errors import AddressError

ACTIVATIONS = (
    "relu",
    "sigmoid",
    "tanh",
    "leaky_relu",
    "elu",
    "selu",
    "gelu",
    "gelu_tanh",
    "silu",
    "mish",
    "softplus",
    "softmax",
    "log_softmax",
)
# What may stand between a weighted sum and its activation.
PASSING = ("identity", "flatten", "batch_norm", "layer_norm", "dropout")
IMPLIED = {"bce_with_logits": "sigmoid", "cross_entropy": "softmax"}
TITLES = {
    "relu": "ReLU",
    "identity": "sum",
    "leaky_relu": "LeakyReLU",
    "elu": "ELU",
    "selu": "SELU",
    "gelu": "GELU",
    "gelu_tanh": "GELU (tanh)",
    "silu": "SiLU",
    "mish": "Mish",
    "log_softmax": "log-softmax",
}
DECISION = "decision"  # the buffer that `model.network.decide` adds behind what the loss reads


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of neurons.

    Args:
        name: "hidden1", "hidden2" … or "output".
        path: the state_dict path of its weights, such as "0".
        source: the buffer that it reads.
        sums: the buffer with its weighted sums z.
        activations: the buffer with its activations a; the same as `sums` if there is none.
        activation: "relu", "sigmoid", …, or "identity"; for the output also the one that the loss
            implies (a binary cross-entropy on z means a sigmoid).
        inputs: how many numbers every neuron reads.
        width: how many neurons it has.
        has_bias: whether every neuron has a bias.
        feed: the buffer that the activation reads: `sums`, or what a normalization made of them.
        is_implied: whether no buffer holds the activation, because the loss implies it.
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
    feed: str = ""
    is_implied: bool = False

    @property
    def own_buffer(self) -> str:
        """The buffer that holds the activations, if it is another than that of the sums, or ""."""
        return "" if self.is_implied or self.activations == self.sums else self.activations

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
    """The layers of a network: each weighted sum with the activation that follows it, in order.

    Args:
        program: with at least one operation `linear`.

    Returns:
        The layers; the last one is called "output", and what it passes on is what the loss reads.

    Raises:
        AddressError: nothing in the network is a weighted sum.
    """
    sums = [each for each in program.operations if each.kind == "linear"]
    if not sums:
        raise AddressError(
            "This network has no weighted sums (no nn.Linear), so it has no neurons to open."
        )
    hidden = [
        _layer(program, each, f"hidden{number + 1}", *_activation_after(program, each.output))
        for number, each in enumerate(sums[:-1])
    ]
    return [*hidden, _output(program, sums[-1])]


def _layer(
    program: Program, operation: Operation, name: str, feed: str, follower: Operation | None
) -> Layer:
    outputs, inputs = dict(program.parameters)[operation.parameters[0]]
    return Layer(
        name=name,
        path=operation.parameters[0].removesuffix(".weight"),
        source=operation.inputs[0],
        sums=operation.output,
        activations=follower.output if follower else operation.output,
        activation=follower.kind if follower else "identity",
        inputs=inputs,
        width=outputs,
        has_bias=len(operation.parameters) > 1,
        feed=feed,
    )


def _activation_after(program: Program, buffer: str) -> tuple[str, Operation | None]:
    """What the activation of a weighted sum reads, and the activation; (sums, None) if none follows."""
    feed, first = buffer, _only_reader(program, buffer)
    reader = first
    while reader is not None and reader.kind in PASSING:
        feed, reader = reader.output, _only_reader(program, reader.output)
    if reader is not None and reader.kind in ACTIVATIONS:
        return feed, reader
    return buffer, first if first is not None and first.kind == "identity" else None


def _only_reader(program: Program, buffer: str) -> Operation | None:
    readers = [each for each in program.operations if buffer in each.inputs]
    return readers[0] if len(readers) == 1 and buffer != program.loss.prediction else None


def _output(program: Program, operation: Operation) -> Layer:
    """The last layer, whose activations are what the loss reads, or the probability made of it."""
    last = program.operations[-1]
    end = last.output if last.output == DECISION else program.loss.prediction
    writer = next((each for each in program.operations if each.output == end), operation)
    if writer.kind in ACTIVATIONS or writer.output == DECISION:
        return _layer(program, operation, "output", writer.inputs[0], writer)
    layer = _layer(program, operation, "output", end, None)
    implied = IMPLIED.get(program.loss.kind)
    if implied is not None:
        return replace(layer, activation=implied, is_implied=True)
    return replace(layer, activations=end)
