"""The gradient of one parameter of a step: the sum of the rows' shares, the heaviest first.

A row's share of a weight's gradient is delta × input; of a bias's it is delta. What a delta is
made of is told in `backward`.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import replace

import numpy as np

from pellucid.explain.explanation import Check, Explanation, given
from pellucid.explain.functions import add
from pellucid.explain.later import Later
from pellucid.explain.scene import Scene
from pellucid.explain.sums import write_sum

NUDGES = (1e-6, 1e-5, 1e-7)  # another width if a kink of ReLU lies between


class Gradient:
    """The gradient of one weight or bias.

    Args:
        scene: a moment with a step.
        layer: from 0.
        neuron: from 0.
        source: from 0, which of the neuron's weights; None: its bias.
    """

    def __init__(self, scene: Scene, layer: int, neuron: int, source: int | None) -> None:
        self.scene, self.layer, self.neuron, self.source = scene, layer, neuron, source
        self.trace = scene.traced("A gradient")
        spec = scene.subject.layers[layer]
        self.parameter = spec.bias if source is None else spec.weight
        self.index = (neuron,) if source is None else (neuron, source)
        self.deltas = self.trace.deltas[spec.sums][:, neuron].astype(np.float64)
        self.values = np.ones(scene.count)
        if source is not None:
            self.values = self.trace.values[spec.source][:, source].astype(np.float64)
        self.shares = self.deltas * self.values
        self.order = np.argsort(-np.abs(self.shares), kind="stable").tolist()

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
        what = "bias" if self.source is None else "weight"
        node = Explanation(
            f"{address}.grad",
            value,
            "sum",
            tuple(shares),
            name="gradient",
            formula="sum of delta over the rows"
            if self.source is None
            else "sum of delta × input over the rows",
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
        if self.source is None and is_open:
            return replace(self._delta(position), name=name)
        neuron = f"{place}{self.scene.neuron_name(self.layer, self.neuron)}.delta"
        source = self.source
        if source is None:
            return given(neuron, delta, name)
        if is_open:
            parts = Later(lambda: (self._delta(position), self._read(position, source)))
        else:
            read = given(
                f"{place}{self._read_place(source)}", float(self.values[position]), "input"
            )
            parts = Later(lambda: (given(neuron, delta, "delta"), read))
        return Explanation(
            f"{address}.grad.row:{row}",
            float(self.shares[position]),
            "product",
            parts,
            name=name,
            formula="delta × input",
            sentence="How hard this row pushes: its delta times what the weight read.",
            epsilon=self.scene.subject.epsilon,
        )

    def _delta(self, position: int) -> Explanation:
        return self.scene.deltas_at(position).delta(self.layer, self.neuron)

    def _read(self, position: int, source: int) -> Explanation:
        return self.scene.at(position).prediction.neurons.read(self.layer, source)

    def _read_place(self, source: int) -> str:
        if self.layer:
            return f"{self.scene.neuron_name(self.layer - 1, source)}.a"
        return self.scene.subject.input_places[source]

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
        small that is. The weights in between carry the error back to the followed neuron.
        """
        layers = self.scene.subject.layers
        reach = np.ones(layers[-1].width)
        for layer in reversed(layers[self.layer + 1 :]):
            reach = np.abs(self.scene.parameters[layer.weight]).T @ reach
        carried = float(reach[self.neuron]) * float(np.abs(self.values).sum()) / self.scene.count
        return 8 * self.scene.subject.epsilon * carried

    def _nudged(self, nudge: float) -> float:
        parameters = {
            name: array.astype(np.float64) for name, array in self.scene.parameters.items()
        }
        parameters[self.parameter][self.index] += nudge
        losses = self.scene.engine.row_losses(parameters, self.scene.table_rows)
        return add(losses.tolist()) / self.scene.share
