"""The way back through a network on one row: how the step's loss changes with every number.

What comes back to a number is the sum over all that read it: a weighted sum sends its delta times
the weight, an activation its delta times its slope. What the loss sends is made in `row_loss`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping
from typing import Any

import numpy as np

from pellucid.engine.program import Operation
from pellucid.explain.equation import settle
from pellucid.explain.explanation import Explanation, given
from pellucid.explain.functions import FUNCTIONS, add
from pellucid.explain.later import Later
from pellucid.explain.neurons import Neurons
from pellucid.explain.norms import normalised_back
from pellucid.explain.row_loss import RowLoss
from pellucid.explain.sums import write_sum
from pellucid.explain.units import CURVES, drops, kept, slope_of

Array = np.ndarray[Any, Any]

BENT = ("gelu", "gelu_tanh", "silu", "mish")  # curves that fall before they rise
GROWS = "How much the step's loss grows if this number grows by 1."


class Deltas:
    """The derivatives of one row in one step as nodes, made when they are asked for.

    Args:
        neurons: the same row's way forward.
        deltas: for every buffer but the inputs this row's derivatives, shape (units,).
        loss: the row's loss.
    """

    def __init__(self, neurons: Neurons, deltas: Mapping[str, Array], loss: RowLoss) -> None:
        self.neurons, self.wiring = neurons, neurons.wiring
        self.deltas, self.loss = deltas, loss
        self._made: dict[Hashable, Explanation] = {}

    def delta(self, layer: int, neuron: int) -> Explanation:
        """The derivative of the step's loss by a neuron's weighted sum on this row."""
        return self.unit(self.neurons.layers[layer].sums, neuron)

    def passed_back(self, layer: int, neuron: int) -> Explanation:
        """The derivative by what a neuron passes on."""
        spec = self.neurons.layers[layer]
        return self.unit(spec.own_buffer or spec.sums, neuron)

    def unit(self, buffer: str, index: int) -> Explanation:
        """The derivative of the step's loss by any number of the row."""
        key = (buffer, index)
        if key not in self._made:
            self._made[key] = self._make(buffer, index)
        return self._made[key]

    def _make(self, buffer: str, index: int) -> Explanation:
        names = self.neurons.names
        address = f"{self.neurons.prefix}{names.delta(buffer, index)}"
        readers = self.wiring.readers(buffer, index)
        is_judged = buffer == self.wiring.program.loss.prediction
        known = self.deltas.get(buffer)
        value = None if known is None else float(known[index])
        if len(readers) + is_judged == 1:
            if is_judged:
                return self.loss.delta(index, address, 0.0 if value is None else value)
            return self._through(*readers[0], address, value)
        terms = [
            self._through(each, place, f"{address}.{each.output}", None) for each, place in readers
        ]
        if is_judged:
            terms.append(self.loss.delta(index, f"{address}.loss", None))
        told = "Several layers read this number; what they send back is added."
        return self._sum(address, terms, value, "sum of what comes back on every path", told)

    def _through(
        self, operation: Operation, index: int, address: str, value: float | None
    ) -> Explanation:
        """What one reader sends back to a number."""
        if operation.kind == "linear":
            return self._weighted(operation, index, address, value)
        if operation.kind in CURVES:
            rise = slope_of(self.neurons, operation, index)
            return self._product(operation, index, address, value, rise)
        if operation.kind == "dropout" and drops(self.neurons, operation):
            factor = kept(self.neurons, operation, index)
            return self._product(operation, index, address, value, factor)
        if operation.kind in ("batch_norm", "layer_norm"):
            node = normalised_back(self, operation, index, address, value or 0.0)
            return node if value is not None else node.recomputed()
        if operation.kind in ("softmax", "log_softmax"):
            return self._softmax(operation, index, address, value)
        return self._passed(operation, index, address, value)

    def _weighted(
        self, operation: Operation, index: int, address: str, value: float | None
    ) -> Explanation:
        """The deltas of the neurons behind, each times the weight that leads there."""
        layer = self.wiring.sums[operation.output]
        terms = [self._term(layer, index, each, address) for each in range(operation.width)]
        told = "How much the step's loss grows if this neuron passes on 1 more."
        formula = "sum of delta × weight over the neurons behind"
        return self._sum(address, terms, value, formula, told)

    def _term(self, layer: int, index: int, neuron: int, address: str) -> Explanation:
        """What one neuron behind sends back."""
        behind = self.neurons.layers[layer]
        weight = float(self.neurons.parameters[behind.weight][neuron, index])
        other = self.neurons.name(layer, neuron)
        return Explanation(
            f"{address}.{other}",
            float(self.deltas[behind.sums][neuron]) * weight,
            "product",
            Later(
                lambda: (self.delta(layer, neuron), self.neurons.parameter(layer, neuron, index))
            ),
            name=other,
            formula="delta × weight",
        )

    def _sum(
        self, address: str, terms: list[Explanation], value: float | None, formula: str, told: str
    ) -> Explanation:
        exact = add(each.value for each in terms)
        value = exact if value is None else value
        if value - exact:
            missed = given(f"{address}.rounding", value - exact, "rounding", kind="rounding")
            terms = [*terms, missed]
        node = Explanation(
            address,
            value,
            "sum",
            tuple(terms),
            name="what comes back",
            formula=formula,
            sentence=told,
            epsilon=self.neurons.epsilon,
        )
        return node.with_numbers(write_sum(node))

    def _known(self, operation: Operation, index: int) -> float:
        return float(self.deltas[operation.output][index])

    def _product(
        self,
        operation: Operation,
        index: int,
        address: str,
        value: float | None,
        factor: Explanation,
    ) -> Explanation:
        """What came back to an operation's result, times how it made that of the number."""
        back = self._known(operation, index)
        value = back * factor.value if value is None else value
        what = "slope of the activation" if factor.name == "slope" else "kept"
        return Explanation(
            address,
            value,
            "product",
            Later(lambda: (self.unit(operation.output, index), factor)),
            name="delta",
            formula=f"what comes back × {what}",
            numbers=settle("{} × {}", [back, factor.value], math.prod, value).write(),
            sentence="How much the step's loss grows if this neuron's sum grows by 1.",
            epsilon=self.neurons.epsilon * _blur(operation, factor),
        )

    def _softmax(
        self, operation: Operation, index: int, address: str, value: float | None
    ) -> Explanation:
        """Raising one sum takes from the probabilities of all others."""
        own = self.neurons.unit(operation.output, index)
        back = self.unit(operation.output, index)
        total = self._keep(("softmax", operation.output), lambda: self._pull(operation))
        is_log = operation.kind == "log_softmax"
        function = f"{operation.kind}_back"
        parts = (back, own, total) if is_log else (own, back, total)
        template = "{} − e^{} × {}" if is_log else "{} × ({} − {})"
        return self._function(address, function, parts, value, template)

    def _pull(self, operation: Operation) -> Explanation:
        is_log = operation.kind == "log_softmax"
        address = f"{self.neurons.prefix}{operation.output}.delta.sum"
        terms = []
        for each in range(operation.width):
            back, own = (
                self.unit(operation.output, each),
                self.neurons.unit(operation.output, each),
            )
            product = Explanation(
                f"{address}.{each}",
                back.value * own.value,
                "product",
                (back, own),
                name=own.name,
                formula="delta × a",
            )
            terms.append(back if is_log else product)
        formula = "sum of the deltas" if is_log else "sum of delta × a over the classes"
        return self._sum(address, terms, None, formula, "What all classes of the row send back.")

    def _passed(
        self, operation: Operation, index: int, address: str, value: float | None
    ) -> Explanation:
        back = self.unit(operation.output, index)
        return self._function(address, "passed", (back,), value, "{}")

    def _function(
        self,
        address: str,
        function: str,
        parts: tuple[Explanation, ...],
        value: float | None,
        template: str,
    ) -> Explanation:
        rule = FUNCTIONS[function]
        numbers = [each.value for each in parts]
        value = rule.compute(numbers) if value is None else value
        return Explanation(
            address,
            value,
            "function",
            parts,
            function=function,
            name="delta",
            formula=rule.formula,
            numbers=settle(template, numbers, rule.compute, value).write(),
            sentence=GROWS,
            epsilon=self.neurons.epsilon,
        )

    def _keep(self, key: Hashable, make: Callable[[], Explanation]) -> Explanation:
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]


def _blur(operation: Operation, slope: Explanation) -> float:
    """How many times coarser than its digits a slope is; where it crosses 0 its two terms cancel."""
    return 1.0 + 1.0 / max(abs(slope.value), 1e-30) if operation.kind in BENT else 1.0
