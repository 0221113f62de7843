"""One training step told in five stages: forward, loss, zero the gradients, backward, update.

The stages follow the weight that moved most and the rows that pushed it. The way of one row is
made in `prediction` and `backward`, the optimizer's formula in `update`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pellucid.engine.trace import Trace
from pellucid.explain.address import pytorch_name
from pellucid.explain.backward import Deltas
from pellucid.explain.digits import decimals_for, write_count, write_endless, write_number
from pellucid.explain.equation import settle
from pellucid.explain.explanation import Check, Explanation, given
from pellucid.explain.functions import FUNCTIONS, add
from pellucid.explain.neurons import name_neuron
from pellucid.explain.prediction import Prediction, explain_row
from pellucid.explain.subject import Subject
from pellucid.explain.update import explain_update

Array = np.ndarray[Any, Any]
LossOf = Callable[[Mapping[str, Array]], float]

OPENED = ((4, 10_000), (2, 50_000), (1, math.inf))  # rows, for so many learned numbers


@dataclass(frozen=True, slots=True)
class Step:
    """One step opened.

    Args:
        step: counts from 1.
        root: a story of five parts, named "forward", "loss", "zero", "backward", "update".
        weight: the address of the weight that moved most, without the step.
        pytorch: PyTorch's spelling of it.
        opened: the rows that pushed it hardest, each with its prediction in this step.
        count: rows of the batch.
        decimals: of the rows' shares of the gradient.
    """

    step: int
    root: Explanation
    weight: str
    pytorch: str
    opened: list[Prediction]
    count: int
    decimals: int


def explain_step(
    subject: Subject,
    trace: Trace,
    table_rows: Array,
    *,
    before: Mapping[str, Array] | None,
    loss_of: LossOf,
) -> Step:
    """Tell one step in its five stages.

    Args:
        subject: the network and what its numbers mean.
        trace: all numbers of the step.
        table_rows: the table's row (from 1) of each row of the batch, in batch order.
        before: the gradients that the step before left; None for the first step.
        loss_of: the batch's loss in float64 for any parameters, for the finite difference.
    """
    with np.errstate(invalid="ignore", over="ignore"):  # what ran away is shown as it is
        return _Telling(subject, trace, table_rows, before, loss_of).tell()


class _Telling:
    """The state of telling one step: the chosen weight and the opened rows."""

    def __init__(
        self,
        subject: Subject,
        trace: Trace,
        table_rows: Array,
        before: Mapping[str, Array] | None,
        loss_of: LossOf,
    ) -> None:
        self.subject, self.trace, self.table_rows = subject, trace, table_rows
        self.before, self.loss_of = before, loss_of
        self.step = trace.before.step + 1
        self.count = len(trace.rows)
        self.layer, self.neuron, self.source = _moved_most(subject, trace)
        spec = subject.layers[self.layer]
        self.parameter, self.index = spec.weight, (self.neuron, self.source)
        self.deltas = trace.deltas[spec.sums][:, self.neuron].astype(np.float64)
        self.values = trace.values[spec.source][:, self.source].astype(np.float64)
        shares = np.abs(self.deltas * self.values)
        self.size = float(shares.sum())
        self.hardest = np.argsort(-shares, kind="stable")[: _rows_to_open(subject)]
        self.decimals = decimals_for(shares.tolist(), 3)
        self.opened = {int(each): self._open(int(each)) for each in self.hardest}

    def tell(self) -> Step:
        """The five stages in order."""
        weight = self._weight_name()
        address = f"@{self.step} {weight}"
        gradient = self._gradient(address)
        update = explain_update(self.trace, self.parameter, self.index, address, gradient)
        stages = (self._forward(), self._loss(), self._zero(address), gradient, update)
        names = ("forward", "loss", "zero", "backward", "update")
        parts = tuple(replace(node, name=name) for node, name in zip(stages, names, strict=True))
        root = Explanation(
            f"@{self.step}",
            float(self.trace.loss),
            "story",
            parts,
            sentence=f"Step {self.step:,} in five stages, for a batch of"
            f" {write_count(self.count, 'row')}.",
        )
        opened = [self.opened[int(each)] for each in self.hardest]
        pytorch = pytorch_name(self.parameter, *self.index)
        return Step(self.step, root, weight, pytorch, opened, self.count, self.decimals)

    def _weight_name(self) -> str:
        subject = self.subject
        name = name_neuron(subject.layers, subject.outputs, self.layer, self.neuron)
        first = next(iter(self.opened.values()))
        return f"{name}.weight.{first.neurons.sources(self.layer)[self.source]}"

    def _open(self, position: int) -> Prediction:
        values = {name: array[position] for name, array in self.trace.values.items()}
        row = int(self.table_rows[position])
        parameters = self.trace.before.parameters
        return explain_row(self.subject, row, parameters, values, step=self.step)

    def _forward(self) -> Explanation:
        parts = tuple(each.answer for each in self.opened.values())
        return Explanation(
            f"@{self.step} forward",
            float(self.count),
            "story",
            parts,
            sentence="Every row of the batch goes through the network.",
        )

    def _loss(self) -> Explanation:
        """The mean of the rows' own losses."""
        nodes = []
        for position, value in enumerate(self.trace.row_losses):
            opened = self.opened.get(position)
            row = int(self.table_rows[position])
            own = given(f"@{self.step} row:{row} loss", float(value), f"row {row:,}")
            if opened is not None and opened.loss is not None:
                own = replace(opened.loss, value=float(value), name=f"row {row:,}")
            nodes.append(own)
        exact = add(each.value for each in nodes)
        total = Explanation(
            f"@{self.step} loss.sum", exact, "sum", tuple(nodes), name="sum of the row losses"
        )
        parts = (total, given(f"@{self.step} rows", float(self.count), "rows"))
        value = float(self.trace.loss)
        compute = FUNCTIONS["mean"].compute
        numbers = settle("{} ÷ {}", [exact, float(self.count)], compute, value, exact=[False, True])
        return Explanation(
            f"@{self.step} loss",
            value,
            "function",
            parts,
            function="mean",
            formula="sum of the row losses ÷ rows",
            numbers=numbers.write(),
            sentence="The step's loss is the mean of its rows' losses.",
            epsilon=self.subject.epsilon * 4,
        )

    def _zero(self, address: str) -> Explanation:
        """Clearing the gradients, with what would happen without it."""
        if self.before is None:
            sentence = "Before the first step there is no gradient yet: nothing is left over."
            return Explanation(f"{address}.grad.zero", 0.0, "story", sentence=sentence)
        old = float(self.before[self.parameter][self.index])
        left = given(f"@{self.step - 1} {self._weight_name()}.grad", old, "left over")
        shown = write_number(old) if math.isfinite(old) else write_endless(old)
        sentence = (
            f"PyTorch adds new gradients to old ones. Without this stage the"
            f" {shown} of step {self.step - 1:,} would be added to this step's gradient."
        )
        return Explanation(f"{address}.grad.zero", 0.0, "story", (left,), sentence=sentence)

    def _gradient(self, address: str) -> Explanation:
        """The batch's gradient as the sum of the rows' shares."""
        shares = [self._share(address, each) for each in range(self.count)]
        value = float(self.trace.gradients[self.parameter][self.index])
        missed = value - add(each.value for each in shares)
        if missed:
            shares.append(given(f"{address}.grad.rounding", missed, "rounding", kind="rounding"))
        return Explanation(
            f"{address}.grad",
            value,
            "sum",
            tuple(shares),
            formula="sum of delta × input over the rows",
            sentence="The gradient says how the loss grows if this weight grows;"
            " each row adds its share.",
            epsilon=self.subject.epsilon,
            probe=lambda: self._probe(value),
        )

    def _share(self, address: str, position: int) -> Explanation:
        """One row's share of the gradient: its delta times what the weight read."""
        row = int(self.table_rows[position])
        delta, read = float(self.deltas[position]), float(self.values[position])
        opened = self.opened.get(position)
        parts = (
            given(f"@{self.step} row:{row} delta", delta, "delta"),
            given(f"@{self.step} row:{row} input", read, "input"),
        )
        numbers = ""
        if opened is not None:
            parts = (self._delta_node(position, opened), self._read_node(opened))
            written = settle(
                "{} × {}", [delta, read], math.prod, delta * read, decimals=self.decimals
            )
            numbers = written.write()
        return Explanation(
            f"{address}.grad.row:{row}",
            delta * read,
            "product",
            parts,
            name=f"row {row:,}",
            formula="delta × input",
            numbers=numbers,
            epsilon=self.subject.epsilon,
        )

    def _delta_node(self, position: int, opened: Prediction) -> Explanation:
        deltas = Deltas(
            opened.neurons,
            {name: array[position] for name, array in self.trace.deltas.items()},
            truth=self.subject.truth(opened.row),
            count=self.count,
            is_squared=self.subject.program.loss.kind == "mse",
        )
        return deltas.delta(self.layer, self.neuron)

    def _read_node(self, opened: Prediction) -> Explanation:
        if self.layer == 0:
            return opened.inputs[self.source]
        return opened.neurons.activation(self.layer - 1, self.source)

    def _probe(self, value: float) -> Check:
        """The gradient again, from how the loss moves when the weight is nudged both ways."""
        again = math.nan
        for nudge in (1e-6, 1e-5, 1e-7):  # another width if a kink of ReLU lies between
            again = (self._nudged(nudge) - self._nudged(-nudge)) / (2.0 * nudge)
            allowed = (
                1e-3 * abs(value)
                + 64 * self.subject.epsilon * self.size
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
        parameters = self.trace.before.parameters
        reach = np.ones(self.subject.layers[-1].width)
        for layer in reversed(self.subject.layers[self.layer + 1 :]):
            reach = np.abs(parameters[layer.weight]).T @ reach
        carried = float(reach[self.neuron]) * float(np.abs(self.values).sum()) / self.count
        return 8 * self.subject.epsilon * carried

    def _nudged(self, nudge: float) -> float:
        parameters = {
            name: array.astype(np.float64) for name, array in self.trace.before.parameters.items()
        }
        parameters[self.parameter][self.index] += nudge
        return self.loss_of(parameters)


def _rows_to_open(subject: Subject) -> int:
    """Four rows, fewer where one row alone has tens of thousands of numbers to open."""
    learned = sum(each.learned for each in subject.layers)
    return next(rows for rows, most in OPENED if learned <= most)


def _moved_most(subject: Subject, trace: Trace) -> tuple[int, int, int]:
    """The weight that moved most: layer, neuron and source, from 0.

    Adam's first steps move nearly all weights alike; among those within a hundredth of the
    largest move the one with the largest gradient is taken.
    """
    updates = trace.updates()
    largest = max(float(np.abs(updates[each.weight]).max()) for each in subject.layers)
    best, best_gradient = (0, 0, 0), -1.0
    for number, layer in enumerate(subject.layers):
        moves = np.abs(updates[layer.weight])
        gradients = np.where(moves >= 0.99 * largest, np.abs(trace.gradients[layer.weight]), -1.0)
        place = np.unravel_index(int(np.argmax(gradients)), gradients.shape)
        if float(gradients[place]) > best_gradient:
            best, best_gradient = (number, int(place[0]), int(place[1])), float(gradients[place])
    return best
