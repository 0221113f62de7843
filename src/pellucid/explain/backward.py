"""The way back through a network on one row: how the step's loss changes with every neuron's sum.

delta of an output = (prediction − truth) ÷ rows (times 2 for a squared error); delta of a hidden
neuron = sum of the deltas behind it, each times its weight, times the slope of the activation.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from pellucid.explain.address import quote_name
from pellucid.explain.equation import settle
from pellucid.explain.explanation import Explanation, given
from pellucid.explain.functions import FUNCTIONS, add
from pellucid.explain.later import Later
from pellucid.explain.neurons import Neurons
from pellucid.explain.sums import write_sum

Array = np.ndarray[Any, Any]


class Deltas:
    """The derivatives of one row in one step as nodes, made when they are asked for.

    Args:
        neurons: the same row's way forward.
        deltas: for every buffer this row's derivatives, shape (units,).
        truth: the node of what the loss reads: 0 or 1, the class's number, or standardised.
        count: rows of the batch.
        is_squared: whether the loss is the squared error.
    """

    def __init__(
        self,
        neurons: Neurons,
        deltas: Mapping[str, Array],
        *,
        truth: Explanation,
        count: int,
        is_squared: bool,
    ) -> None:
        self.neurons, self.deltas = neurons, deltas
        self.truth, self.count, self.is_squared = truth, count, is_squared
        self._made: dict[tuple[int, int], Explanation] = {}

    def delta(self, layer: int, neuron: int) -> Explanation:
        """The derivative of the step's loss by a neuron's weighted sum on this row."""
        key = (layer, neuron)
        if key not in self._made:
            is_output = layer == len(self.neurons.layers) - 1
            self._made[key] = self._output(neuron) if is_output else self._hidden(layer, neuron)
        return self._made[key]

    def _address(self, layer: int, neuron: int) -> str:
        return f"{self.neurons.prefix}{self.neurons.name(layer, neuron)}.delta"

    def _output(self, neuron: int) -> Explanation:
        layer = len(self.neurons.layers) - 1
        spec = self.neurons.layers[layer]
        function = "double_difference_share" if self.is_squared else "difference_share"
        template = "2 × ({} − {}) ÷ {}" if self.is_squared else "({} − {}) ÷ {}"
        parts = (
            self.neurons.activation(layer, neuron),
            truth_of(self.truth, self.neurons, neuron),
            given(f"{self.neurons.owner}rows", float(self.count), "rows"),
        )
        value = float(self.deltas[spec.sums][neuron])
        compute = FUNCTIONS[function].compute
        values = [each.value for each in parts]
        exact = [False, not self.is_squared, True]
        return Explanation(
            self._address(layer, neuron),
            value,
            "function",
            parts,
            function=function,
            name="delta",
            formula=FUNCTIONS[function].formula,
            numbers=settle(template, values, compute, value, exact=exact).write(),
            sentence="How much the step's loss grows if this output's sum grows by 1.",
            epsilon=self.neurons.epsilon,
        )

    def _hidden(self, layer: int, neuron: int) -> Explanation:
        spec = self.neurons.layers[layer]
        value = float(self.deltas[spec.sums][neuron])
        rise = self.neurons.slope(layer, neuron).value
        back = self._known(layer, neuron)
        return Explanation(
            self._address(layer, neuron),
            value,
            "product",
            Later(lambda: (self.passed_back(layer, neuron), self.neurons.slope(layer, neuron))),
            name="delta",
            formula="what comes back × slope of the activation",
            numbers=settle("{} × {}", [back, rise], math.prod, value).write(),
            sentence="How much the step's loss grows if this neuron's sum grows by 1.",
            epsilon=self.neurons.epsilon,
        )

    def passed_back(self, layer: int, neuron: int) -> Explanation:
        """The deltas of the layer behind, each times the weight that leads there."""
        behind = self.neurons.layers[layer + 1]
        name = self.neurons.name(layer, neuron)
        address = f"{self.neurons.prefix}{name}.a.delta"
        terms = [self._term(layer, neuron, index) for index in range(behind.width)]
        value = self._known(layer, neuron)
        missed = value - add(each.value for each in terms)
        if missed:
            terms.append(given(f"{address}.rounding", missed, "rounding", kind="rounding"))
        node = Explanation(
            address,
            value,
            "sum",
            tuple(terms),
            name="what comes back",
            formula="sum of delta × weight over the neurons behind",
            sentence="How much the step's loss grows if this neuron passes on 1 more.",
            epsilon=self.neurons.epsilon,
        )
        return node.with_numbers(write_sum(node))

    def _term(self, layer: int, neuron: int, index: int) -> Explanation:
        """What one neuron of the layer behind sends back."""
        behind = self.neurons.layers[layer + 1]
        weight = float(self.neurons.parameters[behind.weight][index, neuron])
        name, other = self.neurons.name(layer, neuron), self.neurons.name(layer + 1, index)
        return Explanation(
            f"{self.neurons.prefix}{name}.a.delta.{other}",
            float(self.deltas[behind.sums][index]) * weight,
            "product",
            Later(
                lambda: (
                    self.delta(layer + 1, index),
                    self.neurons.parameter(layer + 1, index, neuron),
                )
            ),
            name=other,
            formula="delta × weight",
        )

    def _known(self, layer: int, neuron: int) -> float:
        """The derivative by the activation: the engine's, where it has a buffer of its own."""
        spec, behind = self.neurons.layers[layer], self.neurons.layers[layer + 1]
        if spec.activations != spec.sums and spec.activations in self.deltas:
            return float(self.deltas[spec.activations][neuron])
        weights = self.neurons.parameters[behind.weight][:, neuron].astype(np.float64)
        deltas = self.deltas[behind.sums].astype(np.float64)
        return add((weights * deltas).tolist())


def truth_of(truth: Explanation, neurons: Neurons, output: int) -> Explanation:
    """The truth beside an output: of several classes 1 for the true one, 0 for the others."""
    if neurons.layers[-1].activation != "softmax":
        return truth
    name = quote_name(neurons.outputs[output])
    is_true = float(int(truth.value) == output)
    return given(f"{truth.address}.{name}", is_true, "truth", text=truth.text)
