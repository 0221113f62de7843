"""The gradient of one parameter of a step: the sum of the rows' shares, the heaviest first.

A row's share of a weight's gradient is delta × input; of a bias's it is delta. What a delta is
made of is told in `backward`.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

import numpy as np

from pellucid.engine.program import Operation
from pellucid.explain.explanation import Check, Explanation, given
from pellucid.explain.functions import add
from pellucid.explain.later import Later
from pellucid.explain.norms import normed_of
from pellucid.explain.scene import Scene
from pellucid.explain.sums import write_sum

Array = np.ndarray[Any, Any]

# What activations can make of an error where they are steepest, and dropout of what it keeps.
STEEPEST = {"selu": 1.8, "gelu": 1.2, "gelu_tanh": 1.2, "silu": 1.2, "mish": 1.2, "dropout": 4.0}
NUDGES = (1e-6, 1e-5, 1e-7)  # another width if a kink of ReLU lies between


class Gradient:
    """The gradient of one number of a parameter.

    Args:
        scene: a moment with a step.
        parameter: state_dict name.
        index: which number of it, from 0.
    """

    def __init__(self, scene: Scene, parameter: str, index: tuple[int, ...]) -> None:
        self.scene, self.parameter, self.index = scene, parameter, index
        self.trace = scene.traced("A gradient")
        self.operation = scene.subject.names.wiring.owners[parameter]
        self.unit = index[0]
        self.is_bias = self.operation.parameters.index(parameter) == 1
        self.deltas = scene.batch.deltas(self.operation.output, self.unit)
        self.values = self._factors()
        self.shares = self.deltas * self.values
        self.order = np.argsort(-np.abs(self.shares), kind="stable").tolist()

    @property
    def is_layer(self) -> bool:
        """Whether the parameter belongs to a layer of neurons."""
        return self.operation.kind == "linear"

    def _factors(self) -> Array:
        """What the parameter multiplies on every row; 1 for a bias."""
        if self.is_bias:
            return np.ones(self.scene.count)
        if self.is_layer:
            return self.scene.batch.column(self.operation.inputs[0], self.index[1])
        return self.scene.batch.normed(self.operation)[:, self.unit]

    def node(self, address: str, opened: Collection[int] | None = None) -> Explanation:
        """The sum of the rows' shares.

        Args:
            address: of the parameter, such as "@120 hidden1.2.weight.age".
            opened: places in the batch whose shares open further; left out: all.
        """
        shares = [
            self._share(address, each, is_open=opened is None or each in opened)
            for each in self.order
        ]
        value = float(self.trace.gradients[self.parameter][self.index])
        missed = value - add(each.value for each in shares)
        if missed:
            shares.append(given(f"{address}.grad.rounding", missed, "rounding", kind="rounding"))
        what = "bias" if self.is_bias else "weight"
        node = Explanation(
            f"{address}.grad",
            value,
            "sum",
            tuple(shares),
            name="gradient",
            formula="sum of delta over the rows"
            if self.is_bias
            else f"sum of delta × {self._factor_name} over the rows",
            sentence=f"The gradient says how the loss grows if this {what} grows;"
            " each row adds its share, the heaviest first.",
            epsilon=self.scene.subject.epsilon,
            probe=lambda: self.probe(value),
        )
        return node.with_numbers(write_sum(node))

    def _share(self, address: str, position: int, *, is_open: bool) -> Explanation:
        row = self.scene.table_rows[position]
        name, delta = f"row {row:,}", float(self.deltas[position])
        place = f"{self.scene.owner}row:{row} "
        if self.is_bias and is_open:
            return self._bias_share(address, position, name)
        neuron = f"{place}{self.scene.subject.names.delta(self.operation.output, self.unit)}"
        if self.is_bias:
            return given(neuron, delta, name)
        if is_open:
            parts = Later(lambda: (self._delta(position), self._read(position)))
        else:
            read = given(
                f"{place}{self._read_place()}", float(self.values[position]), self._factor_name
            )
            parts = Later(lambda: (given(neuron, delta, "delta"), read))
        return Explanation(
            f"{address}.grad.row:{row}",
            float(self.shares[position]),
            "product",
            parts,
            name=name,
            formula=f"delta × {self._factor_name}",
            sentence="How hard this row pushes: its delta times what the weight read.",
            epsilon=self.scene.subject.epsilon,
        )

    def _bias_share(self, address: str, position: int, name: str) -> Explanation:
        """A row's share of a bias's gradient: its delta, whose own way is made when it is opened."""
        row = self.scene.table_rows[position]
        return Explanation(
            f"{address}.grad.row:{row}",
            float(self.deltas[position]),
            "function",
            Later(lambda: (self._delta(position),)),
            function="identity",
            name=name,
            formula="delta",
            sentence="How hard this row pushes: a bias reads nothing, so its share is the delta.",
            epsilon=self.scene.subject.epsilon,
        )

    @property
    def _factor_name(self) -> str:
        return "input" if self.is_layer else "normalised"

    def _delta(self, position: int) -> Explanation:
        return self.scene.deltas_at(position).unit(self.operation.output, self.unit)

    def _read(self, position: int) -> Explanation:
        neurons = self.scene.at(position).prediction.neurons
        if self.is_layer:
            return neurons.unit(self.operation.inputs[0], self.index[1])
        return normed_of(neurons, self.operation, self.unit)

    def _read_place(self) -> str:
        if self.is_layer:
            return self.scene.subject.names.unit(self.operation.inputs[0], self.index[1])
        return f"{self.operation.output}[{self.unit}].normed"

    def probe(self, value: float) -> Check:
        """The gradient again, from how the loss moves when the parameter is nudged both ways."""
        again, allowed = math.nan, math.nan
        for nudge in NUDGES:
            again = (self._nudged(nudge) - self._nudged(-nudge)) / (2.0 * nudge)
            allowed = (
                1e-3 * abs(value)
                + 64 * self.scene.subject.epsilon * float(np.abs(self.shares).sum())
                + self._resolution()
                + 1e-9
            )
            if abs(again - value) <= allowed:
                break
        ok = abs(again - value) <= allowed or not (math.isfinite(again) or math.isfinite(value))
        return Check(ok, value, again, allowed, "finite difference")

    def _resolution(self) -> float:
        """How finely the gradient can be told at all.

        An output near 1 is known to one rounding error, and so is its distance from the truth, however
        small that is. The weights in between carry the error back to the followed number.
        """
        program = self.trace.program
        widths = self.scene.subject.names.wiring.widths
        reach = {program.loss.prediction: np.ones(widths[program.loss.prediction])}
        for operation in reversed(program.operations):
            back = reach.get(operation.output)
            if back is None or operation is self.operation:
                continue
            sent, start = self._carried(operation, back), 0
            for buffer in operation.inputs:
                width = widths[buffer]
                own = sent[start : start + width] if operation.kind == "cat" else sent
                start += width
                reach[buffer] = reach[buffer] + own if buffer in reach else own
        back = reach.get(self.operation.output, np.zeros(self.operation.width))
        carried = float(back[self.unit]) * float(np.abs(self.values).sum()) / self.scene.count
        return 8 * self.scene.subject.epsilon * carried

    def _carried(self, operation: Operation, reach: Array) -> Array:
        """How far an error behind an operation reaches back through it, at most."""
        parameters = self.scene.parameters
        if operation.kind == "linear":
            out: Array = np.abs(parameters[operation.parameters[0]]).T @ reach
            return out
        if operation.kind in ("batch_norm", "layer_norm"):
            values = self.trace.values[operation.inputs[0]].astype(np.float64)
            axis = 0 if operation.kind == "batch_norm" else 1
            spread = np.sqrt(values.var(axis).min() + operation.setting("eps"))
            weights = [np.abs(parameters[each]) for each in operation.parameters[:1]]
            wide: Array = 4.0 * reach * (weights[0] if weights else 1.0) / spread
            return wide
        return reach * STEEPEST.get(operation.kind, 1.0)

    def _nudged(self, nudge: float) -> float:
        parameters = {
            name: array.astype(np.float64) if array.dtype.kind == "f" else array
            for name, array in self.scene.parameters.items()
        }
        parameters[self.parameter][self.index] += nudge
        return self.scene.batch_loss(parameters)


def gradient_of(scene: Scene, layer: int, neuron: int, source: int | None) -> Gradient:
    """The gradient of a neuron's weight, or of its bias.

    Args:
        scene: a moment with a step.
        layer: from 0.
        neuron: from 0.
        source: from 0, which of the neuron's weights; None: its bias.
    """
    spec = scene.subject.layers[layer]
    if source is None:
        return Gradient(scene, spec.bias, (neuron,))
    return Gradient(scene, spec.weight, (neuron, source))
