"""Who writes a buffer of a program and who reads it, and what people call each of its numbers.

Numbers of layers of neurons have names that count from 1 ("hidden1.3.z"); those of other layers
are named by PyTorch's path and index ("1[2]"). Values and derivatives are made in `neurons` and
`backward`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from pellucid.engine.program import Operation, Program
from pellucid.explain.address import quote_name
from pellucid.explain.layers import Layer, read_layers


@dataclass(frozen=True)
class Wiring:
    """The buffers of a network and how they hang together.

    Args:
        program: the network.
    """

    program: Program

    @cached_property
    def layers(self) -> list[Layer]:
        """The layers of neurons."""
        return read_layers(self.program)

    @cached_property
    def inputs(self) -> str:
        """The buffer that a batch fills."""
        return self.program.inputs[0][0]

    @cached_property
    def writers(self) -> dict[str, Operation]:
        """The operation that writes each buffer."""
        return {each.output: each for each in self.program.operations}

    @cached_property
    def widths(self) -> dict[str, int]:
        """How many units each buffer has."""
        return self.program.widths()

    @cached_property
    def sums(self) -> dict[str, int]:
        """The buffers with weighted sums, each with its layer, from 0."""
        return {each.sums: number for number, each in enumerate(self.layers)}

    @cached_property
    def activations(self) -> dict[str, int]:
        """The buffers with activations, each with its layer, from 0."""
        named = {each.own_buffer: number for number, each in enumerate(self.layers)}
        return {buffer: number for buffer, number in named.items() if buffer}

    @cached_property
    def owners(self) -> dict[str, Operation]:
        """The operation that each parameter and each running statistic belongs to."""
        return {
            name: each
            for each in self.program.operations
            for name in each.parameters + each.buffers
        }

    def readers(self, buffer: str, index: int) -> list[tuple[Operation, int]]:
        """The operations that read a unit, each with the place where the unit stands in its result.

        One that reads it twice stands twice; where buffers are joined, places move on.
        """
        found = []
        for operation in self.program.operations:
            start = 0
            for name in operation.inputs:
                if name == buffer:
                    found.append((operation, start + index))
                start += self.widths[name] if operation.kind == "cat" else 0
        return found

    def joined(self, operation: Operation, index: int) -> tuple[str, int]:
        """Which buffer a unit of joined buffers comes from, and its place there."""
        for name in operation.inputs:
            if index < self.widths[name]:
                return name, index
            index -= self.widths[name]
        raise IndexError(f"{operation.output} has no unit {index}.")

    def is_batched(self, operation: Operation) -> bool:
        """Whether rows of a batch meet in this operation while the network learns."""
        return operation.kind == "batch_norm" and operation.setting("training", 1.0) != 0.0

    @cached_property
    def has_chance(self) -> bool:
        """Whether a row's loss in a step is another than in evaluation mode."""
        return any(
            each.kind in ("batch_norm", "dropout") and each.setting("training", 1.0) != 0.0
            for each in self.program.operations
        )


@dataclass(frozen=True)
class Names:
    """What people call the numbers of a network, without step and row.

    Args:
        wiring: the network.
        outputs: a name for each output, such as "passed" or the classes.
        inputs: the inputs as addresses name them.
    """

    wiring: Wiring
    outputs: tuple[str, ...]
    inputs: tuple[str, ...]

    def neuron(self, layer: int, neuron: int) -> str:
        """A neuron, "hidden1.3" or "output.passed"; layer and neuron count from 0."""
        spec = self.wiring.layers[layer]
        known = quote_name(self.outputs[neuron]) if spec.name == "output" else neuron + 1
        return f"{spec.name}.{known}"

    def sources(self, layer: int) -> list[str]:
        """What a layer's weights are named by: inputs, or numbers of what stands before."""
        spec = self.wiring.layers[layer]
        if spec.source == self.wiring.inputs:
            return list(self.inputs)
        return [str(each + 1) for each in range(spec.inputs)]

    def unit(self, buffer: str, index: int) -> str:
        """A number of a buffer on a row: "age", "hidden1.3.z", "hidden1.3.a" or "4[2]"."""
        if buffer == self.wiring.inputs:
            return self.inputs[index]
        if buffer in self.wiring.sums:
            return f"{self.neuron(self.wiring.sums[buffer], index)}.z"
        if buffer in self.wiring.activations:
            return f"{self.neuron(self.wiring.activations[buffer], index)}.a"
        return f"{buffer}[{index}]"

    def short(self, buffer: str, index: int) -> str:
        """The same without the quantity: "age", "hidden1.3" or "4[2]"."""
        return self.unit(buffer, index).removesuffix(".z").removesuffix(".a")

    def delta(self, buffer: str, index: int) -> str:
        """How the step's loss grows with it: "hidden1.3.delta", "hidden1.3.a.delta", "4[2].delta"."""
        return f"{self.unit(buffer, index).removesuffix('.z')}.delta"


def spell(buffer: str, index: int) -> str:
    """PyTorch's spelling of a number, for x the row's inputs and a plain Sequential."""
    return f"model[:{int(buffer) + 1}](x)[{index}]" if buffer.isdigit() else ""
