"""The way back through a network on one row: how the step's loss changes with every neuron's sum.

delta of an output = (prediction − truth) ÷ rows (times 2 for a squared error); delta of a hidden
neuron = sum of the deltas behind it, each times its weight, times the slope of the activation.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from pellucid.explain.equation import settle
from pellucid.explain.explanation import Explanation, given
from pellucid.explain.functions import FUNCTIONS, add, slope
from pellucid.explain.neurons import Neurons
from pellucid.explain.sums import write_sum

Array = np.ndarray[Any, Any]


class Deltas:
    """The derivatives of one row in one step as nodes, made when they are asked for.

    Args:
        neurons: the same row's way forward.
        deltas: for every buffer this row's derivatives, shape (units,).
        truth: as the loss reads it: 0 or 1, the class's number, or standardised.
        count: rows of the batch.
        is_squared: whether the loss is the squared error.
    """

    def __init__(
        self,
        neurons: Neurons,
        deltas: Mapping[str, Array],
        *,
        truth: float,
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
        prefix = self.neurons.prefix
        truth = self.truth
        if spec.activation == "softmax":
            truth = float(int(self.truth) == neuron)
        function = "double_difference_share" if self.is_squared else "difference_share"
        template = "2 × ({} − {}) ÷ {}" if self.is_squared else "({} − {}) ÷ {}"
        parts = (
            self.neurons.activation(layer, neuron),
            given(f"{prefix}truth.{self.neurons.outputs[neuron]}", truth, "truth"),
            given(f"{prefix.split(' ')[0]} rows", float(self.count), "rows"),
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
        passed = self._passed_back(layer, neuron)
        total = self.neurons.weighted_sum(layer, neuron)
        value = float(self.deltas[spec.sums][neuron])
        rise = slope(spec.activation, total.value, self.neurons.activation(layer, neuron).value)
        steepness = given(
            f"{self.neurons.prefix}{self.neurons.name(layer, neuron)}.slope", rise, "slope"
        )
        return Explanation(
            self._address(layer, neuron),
            value,
            "product",
            (passed, steepness),
            name="delta",
            formula="what comes back × slope of the activation",
            numbers=settle("{} × {}", [passed.value, rise], math.prod, value).write(),
            sentence="How much the step's loss grows if this neuron's sum grows by 1.",
            epsilon=self.neurons.epsilon,
        )

    def _passed_back(self, layer: int, neuron: int) -> Explanation:
        """The deltas of the layer behind, each times the weight that leads there."""
        behind = self.neurons.layers[layer + 1]
        weights = self.neurons.parameters[behind.weight][:, neuron]
        name = self.neurons.name(layer, neuron)
        address = f"{self.neurons.prefix}{name}.a.delta"
        terms = []
        for index in range(behind.width):
            delta = self.delta(layer + 1, index)
            other = self.neurons.name(layer + 1, index)
            weight = given(
                f"{self.neurons.owner}{other}.weight.{neuron + 1}", float(weights[index])
            )
            terms.append(
                Explanation(
                    f"{address}.{other}",
                    delta.value * weight.value,
                    "product",
                    (delta, weight),
                    name=other,
                    formula="delta × weight",
                )
            )
        value = self._known(layer, neuron, add(each.value for each in terms))
        missed = value - add(each.value for each in terms)
        if missed:
            terms.append(given(f"{address}.rounding", missed, "rounding", kind="rounding"))
        node = Explanation(
            address,
            value,
            "sum",
            tuple(terms),
            name=name,
            formula="sum of delta × weight over the neurons behind",
            epsilon=self.neurons.epsilon,
        )
        return node.with_numbers(write_sum(node))

    def _known(self, layer: int, neuron: int, otherwise: float) -> float:
        """The engine's derivative by the activation, where it has a buffer of its own."""
        spec = self.neurons.layers[layer]
        if spec.activations != spec.sums and spec.activations in self.deltas:
            return float(self.deltas[spec.activations][neuron])
        return otherwise
