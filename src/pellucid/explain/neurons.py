"""One row's way through a network, number by number: sums of weighted inputs, then activations.

Every node is made once and shared by all nodes that it is a part of. What other layers do with a
number is told in `units`; how a raw cell became an input, and what the output means, in `prediction`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import numpy as np

from pellucid.engine.program import Operation
from pellucid.explain.address import pytorch_name
from pellucid.explain.batch import Batch
from pellucid.explain.explanation import Explanation, given
from pellucid.explain.functions import add
from pellucid.explain.later import Later
from pellucid.explain.sums import write_sum
from pellucid.explain.units import make_turned, make_unit
from pellucid.explain.wiring import Names, spell

Array = np.ndarray[Any, Any]


class Neurons:
    """The numbers of one row as nodes, made when they are asked for.

    Args:
        names: of the network's numbers.
        parameters: parameters and running statistics under their state_dict names.
        values: for every buffer this row's numbers, shape (units,).
        inputs: one node for each input of the network.
        prefix: what every address begins with, such as "row:17 ".
        owner: what addresses of parameters begin with, such as "@120 ".
        epsilon: relative rounding error of the network's arithmetic.
        batch: the batch that the row was learnt with; None: it is looked at in evaluation mode.
        position: the row's place in that batch, from 0.
    """

    def __init__(
        self,
        names: Names,
        parameters: Mapping[str, Array],
        values: Mapping[str, Array],
        inputs: Sequence[Explanation],
        *,
        prefix: str,
        owner: str = "",
        epsilon: float,
        batch: Batch | None = None,
        position: int = 0,
    ) -> None:
        self.names, self.wiring, self.layers = names, names.wiring, names.wiring.layers
        self.parameters, self.values = parameters, values
        self.inputs, self.outputs = inputs, names.outputs
        self.prefix, self.owner, self.epsilon = prefix, owner, epsilon
        self.batch, self.position = batch, position
        self._made: dict[Hashable, Explanation] = {}

    def keep(self, key: Hashable, make: Callable[[], Explanation]) -> Explanation:
        """The node behind a key, made the first time that it is asked for."""
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]

    def unit(self, buffer: str, index: int) -> Explanation:
        """Any number of the row: an input, a weighted sum, or what a layer made of them."""
        if buffer == self.wiring.inputs:
            return self.inputs[index]
        if buffer in self.wiring.sums:
            return self.weighted_sum(self.wiring.sums[buffer], index)
        operation = self.wiring.writers[buffer]
        return self.keep((buffer, index), lambda: make_unit(self, operation, index))

    def activation(self, layer: int, neuron: int) -> Explanation:
        """What a neuron passes on. Layer and neuron count from 0; the last layer is the output."""
        own = self.layers[layer].own_buffer
        if own:
            return self.unit(own, neuron)
        return self.keep(("a", layer, neuron), lambda: make_turned(self, layer, neuron))

    def weighted_sum(self, layer: int, neuron: int) -> Explanation:
        """A neuron's weighted sum z: every input times its weight, and the bias."""
        return self.keep(("z", layer, neuron), lambda: self._make_sum(layer, neuron))

    def name(self, layer: int, neuron: int) -> str:
        """A neuron as addresses name it, "hidden1.3" or "output.passed"."""
        return self.names.neuron(layer, neuron)

    def _make_sum(self, layer: int, neuron: int) -> Explanation:
        spec = self.layers[layer]
        name = self.name(layer, neuron)
        value = float(self.values[spec.sums][neuron])
        terms = [
            self._make_term(layer, neuron, index, source)
            for index, source in enumerate(self.names.sources(layer))
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
            pytorch=spell(spec.sums, neuron),
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
        address = f"{self.owner}{name}.weight.{self.names.sources(layer)[source]}"
        spelt = pytorch_name(spec.weight, neuron, source)
        return given(address, value, "weight", pytorch=spelt)

    def number(self, parameter: str, *index: int) -> Explanation:
        """A number of any parameter or running statistic, by its state_dict name and index from 0."""
        for layer, spec in enumerate(self.layers):
            if parameter in (spec.weight, spec.bias):
                return self.parameter(layer, *index)
        place = f"{parameter}[{', '.join(map(str, index))}]" if index else parameter
        value = float(self.parameters[parameter][index])
        name = parameter.rpartition(".")[2].replace("_", " ")
        spelt = pytorch_name(parameter, *index) if index else ""
        return given(f"{self.owner}{place}", value, name, pytorch=spelt)

    def setting(self, operation: Operation, name: str, value: float) -> Explanation:
        """A setting of a layer."""
        place = f"{self.owner}{operation.output}.{name}"
        return given(place, value, name, sentence="A setting of the layer.")

    def count_of(self, operation: Operation) -> Explanation:
        """How many units a layer has."""
        return given(f"{self.owner}{operation.output}.units", float(operation.width), "units")

    def read(self, layer: int, index: int) -> Explanation:
        """What a layer reads: an input of the network, or a number of what stands before it."""
        return self.unit(self.layers[layer].source, index)

    def _make_term(self, layer: int, neuron: int, index: int, source: str) -> Explanation:
        spec = self.layers[layer]
        weight = float(self.parameters[spec.weight][neuron, index])
        before = float(self.values[spec.source][index])
        is_input = spec.source == self.wiring.inputs
        return Explanation(
            f"{self.prefix}{self.name(layer, neuron)}.z.{source}",
            before * weight,
            "product",
            Later(lambda: (self.read(layer, index), self.parameter(layer, neuron, index))),
            name=self.inputs[index].name if is_input else self.names.short(spec.source, index),
            formula="input × weight",
        )
