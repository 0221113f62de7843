"""One row's way through a network, number by number: sums of weighted inputs, then activations.

Every node is made once and shared by all nodes that it is a part of. How a raw cell became an
input, and what the output means, is told in `prediction`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pellucid.explain.address import pytorch_name, quote_name
from pellucid.explain.digits import write_fixed
from pellucid.explain.equation import round_to, settle
from pellucid.explain.explanation import Explanation, given
from pellucid.explain.functions import FUNCTIONS, add, slope_function
from pellucid.explain.later import Later
from pellucid.explain.layers import Layer
from pellucid.explain.softmax import write_softmax
from pellucid.explain.sums import write_sum

Array = np.ndarray[Any, Any]

WRITTEN = {
    "relu": "max(0, {})",
    "sigmoid": "sigmoid({})",
    "tanh": "tanh({})",
    "identity": "{}",
}


class Neurons:
    """The numbers of one row as nodes, made when they are asked for.

    Args:
        layers: of the network.
        parameters: under their state_dict names.
        values: for every buffer this row's numbers, shape (units,).
        inputs: one node for each input of the network.
        outputs: a name for each output, such as "passed" or the classes.
        prefix: what every address begins with, such as "row:17 ".
        owner: what addresses of parameters begin with, such as "@120 ".
        epsilon: relative rounding error of the network's arithmetic.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        parameters: Mapping[str, Array],
        values: Mapping[str, Array],
        inputs: Sequence[Explanation],
        outputs: Sequence[str],
        *,
        prefix: str,
        owner: str = "",
        epsilon: float,
    ) -> None:
        self.layers, self.parameters, self.values = layers, parameters, values
        self.inputs, self.outputs = inputs, outputs
        self.prefix, self.owner, self.epsilon = prefix, owner, epsilon
        self._made: dict[tuple[str, int, int], Explanation] = {}
        self._names: dict[int, list[str]] = {}

    def activation(self, layer: int, neuron: int) -> Explanation:
        """What a neuron passes on. Layer and neuron count from 0; the last layer is the output."""
        key = ("a", layer, neuron)
        if key not in self._made:
            self._made[key] = self._make_activation(layer, neuron)
        return self._made[key]

    def weighted_sum(self, layer: int, neuron: int) -> Explanation:
        """A neuron's weighted sum z: every input times its weight, and the bias."""
        key = ("z", layer, neuron)
        if key not in self._made:
            self._made[key] = self._make_sum(layer, neuron)
        return self._made[key]

    def name(self, layer: int, neuron: int) -> str:
        """A neuron as addresses name it, "hidden1.3" or "output.passed"."""
        return name_neuron(self.layers, self.outputs, layer, neuron)

    def sources(self, layer: int) -> list[str]:
        """What a layer's weights are named by: input names, or numbers of the neurons before."""
        if layer not in self._names:
            self._names[layer] = name_sources(self.layers, self.inputs, layer)
        return self._names[layer]

    def _make_activation(self, layer: int, neuron: int) -> Explanation:
        spec = self.layers[layer]
        total = self.weighted_sum(layer, neuron)
        function = spec.activation
        parts: tuple[Explanation, ...] = (total,)
        if function == "softmax":
            others = [each for each in range(spec.width) if each != neuron]
            parts = (total, *(self.weighted_sum(layer, each) for each in others))
        if spec.activations != spec.sums:
            value = float(self.values[spec.activations][neuron])
        else:
            value = FUNCTIONS[function].compute([each.value for each in parts])
        name = self.name(layer, neuron)
        return Explanation(
            f"{self.prefix}{name}.a",
            value,
            "function",
            parts,
            function=function,
            name=name.rpartition(".")[2] if spec.name != "output" else self.outputs[neuron],
            formula=FUNCTIONS[function].formula,
            numbers=_write_activation(function, parts, value),
            sentence=_say_activation(function, name, total.value, value),
            pytorch=_spell(spec.activations, neuron) if spec.activations != spec.sums else "",
            epsilon=self.epsilon,
        )

    def _make_sum(self, layer: int, neuron: int) -> Explanation:
        spec = self.layers[layer]
        name = self.name(layer, neuron)
        value = float(self.values[spec.sums][neuron])
        terms = [
            self._make_term(layer, neuron, index, source)
            for index, source in enumerate(self.sources(layer))
        ]
        if spec.has_bias:
            terms.append(self.parameter(layer, neuron))
        missed = value - add(each.value for each in terms)
        if missed:
            address = f"{self.prefix}{name}.rounding"  # `.z.rounding` is a column of that name
            told = "What the engine's arithmetic rounded off in this sum."
            terms.append(given(address, missed, "rounding", kind="rounding", sentence=told))
        node = Explanation(
            f"{self.prefix}{name}.z",
            value,
            "sum",
            tuple(terms),
            name=name,
            formula="z = sum of input × weight" + (" + bias" if spec.has_bias else ""),
            sentence=f"The weighted sum of neuron {name}.",
            pytorch=_spell(spec.sums, neuron),
            epsilon=self.epsilon,
        )
        return node.with_numbers(write_sum(node))

    def parameter(self, layer: int, neuron: int, source: int | None = None) -> Explanation:
        """A weight, or the bias if no source is given; layer, neuron and source count from 0."""
        spec = self.layers[layer]
        name = self.name(layer, neuron)
        if source is None:
            value = float(self.parameters[spec.bias][neuron])
            spelt = pytorch_name(spec.bias, neuron)
            return given(f"{self.owner}{name}.bias", value, "bias", kind="bias", pytorch=spelt)
        value = float(self.parameters[spec.weight][neuron, source])
        address = f"{self.owner}{name}.weight.{self.sources(layer)[source]}"
        spelt = pytorch_name(spec.weight, neuron, source)
        return given(address, value, "weight", pytorch=spelt)

    def read(self, layer: int, index: int) -> Explanation:
        """What a layer reads: an input of the network, or a neuron of the layer before."""
        return self.inputs[index] if layer == 0 else self.activation(layer - 1, index)

    def slope(self, layer: int, neuron: int) -> Explanation:
        """How steep the activation is at the neuron's weighted sum."""
        key = ("slope", layer, neuron)
        if key not in self._made:
            self._made[key] = self._make_slope(layer, neuron)
        return self._made[key]

    def _make_slope(self, layer: int, neuron: int) -> Explanation:
        function, reads_sum = slope_function(self.layers[layer].activation)
        node = self.weighted_sum if reads_sum else self.activation
        part = node(layer, neuron)
        value = FUNCTIONS[function].compute([part.value])
        address = f"{self.prefix}{self.name(layer, neuron)}.slope"
        sentence = "How much the activation grows if the weighted sum grows by 1."
        return Explanation(
            address,
            value,
            "function",
            (part,),
            function=function,
            name="slope",
            formula=FUNCTIONS[function].formula,
            sentence=sentence,
            epsilon=self.epsilon,
        )

    def _make_term(self, layer: int, neuron: int, index: int, source: str) -> Explanation:
        spec = self.layers[layer]
        weight = float(self.parameters[spec.weight][neuron, index])
        before = float(self.values[spec.source][index])
        return Explanation(
            f"{self.prefix}{self.name(layer, neuron)}.z.{source}",
            before * weight,
            "product",
            Later(lambda: (self.read(layer, index), self.parameter(layer, neuron, index))),
            name=self.inputs[index].name
            if layer == 0
            else f"{self.layers[layer - 1].name}.{source}",
            formula="input × weight",
        )


def name_neuron(layers: Sequence[Layer], outputs: Sequence[str], layer: int, neuron: int) -> str:
    """A neuron as addresses name it; layer and neuron count from 0."""
    spec = layers[layer]
    is_output = spec.name == "output"
    return f"{spec.name}.{quote_name(outputs[neuron]) if is_output else neuron + 1}"


def name_sources(layers: Sequence[Layer], inputs: Sequence[Explanation], layer: int) -> list[str]:
    """What a layer's weights are named by."""
    if layer == 0:
        return [quote_name(each.name) for each in inputs]
    return [str(each + 1) for each in range(layers[layer].inputs)]


def _write_activation(function: str, parts: Sequence[Explanation], value: float) -> str:
    if function == "softmax":
        written = write_softmax([each.value for each in parts], 4, 4)
        sign = "=" if written.holds(round_to(value, 4)) else "≈"
        return f"{written.left} {sign} {write_fixed(value, 4)}"
    compute = FUNCTIONS[function].compute
    return settle(WRITTEN[function], [parts[0].value], compute, value).write()


def _say_activation(function: str, name: str, total: float, value: float) -> str:
    if function == "relu" and total <= 0:
        return f"Neuron {name} is off: its sum is not above 0, so it passes on 0."
    if function == "relu":
        return f"Neuron {name} is on: ReLU passes its sum on as it is."
    if function == "sigmoid":
        return f"The sigmoid turns any sum into a number from 0 to 1: here {value:.3f}."
    if function == "tanh":
        return "tanh turns any sum into a number from −1 to 1."
    if function == "softmax":
        return "Softmax turns the sums of all classes into probabilities that add up to 1."
    return "The sum is passed on as it is."


def _spell(buffer: str, neuron: int) -> str:
    """PyTorch's spelling of a neuron's number, for x the row's inputs and a plain Sequential."""
    return f"model[:{int(buffer) + 1}](x)[{neuron}]" if buffer.isdigit() else ""
