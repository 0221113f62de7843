"""One training step told in five stages: forward, loss, zero the gradients, backward, update.

The stages follow the weight that moved most and the rows that pushed it. The way of one row is
made in `prediction` and `backward`, the gradient in `gradient`, the optimizer's formula in `update`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from pellucid.engine.trace import Trace
from pellucid.explain.address import pytorch_name
from pellucid.explain.digits import decimals_for, write_count, write_endless, write_number
from pellucid.explain.explanation import Explanation, given
from pellucid.explain.gradient import Gradient, gradient_of
from pellucid.explain.loss import explain_loss
from pellucid.explain.prediction import Prediction
from pellucid.explain.scene import Scene
from pellucid.explain.subject import Subject
from pellucid.explain.update import explain_update

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


def explain_step(scene: Scene) -> Step:
    """Tell one step in its five stages.

    Args:
        scene: the moment before the step, with its trace.
    """
    with np.errstate(invalid="ignore", over="ignore"):  # what ran away is shown as it is
        return _Telling(scene).tell()


class _Telling:
    """The state of telling one step: the chosen weight and the opened rows."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.trace = scene.traced("A step")
        self.step = self.trace.before.step + 1
        self.layer, self.neuron, self.source = _moved_most(scene.subject, self.trace)
        self.gradient = gradient_of(scene, self.layer, self.neuron, self.source)
        self.hardest = self.gradient.order[: _rows_to_open(scene.subject)]
        self.opened = {each: scene.at(each).prediction for each in self.hardest}

    def tell(self) -> Step:
        """The five stages in order."""
        scene, parameter = self.scene, self.gradient.parameter
        neurons = self.opened[self.hardest[0]].neurons
        weight = neurons.parameter(self.layer, self.neuron, self.source).address
        gradient = self.gradient.node(weight, self.hardest)
        update = explain_update(self.trace, parameter, self.gradient.index, weight, gradient)
        loss = explain_loss(scene, self.hardest)
        stages = (
            self._forward(),
            loss,
            explain_zero(scene, self.gradient, weight),
            gradient,
            update,
        )
        names = ("forward", "loss", "zero", "backward", "update")
        parts = tuple(replace(node, name=name) for node, name in zip(stages, names, strict=True))
        root = Explanation(
            f"@{self.step}",
            float(self.trace.loss),
            "story",
            parts,
            sentence=f"Step {self.step:,} in five stages, for a batch of"
            f" {write_count(scene.count, 'row')}.",
        )
        return Step(
            self.step,
            root,
            weight.removeprefix(scene.owner),
            pytorch_name(parameter, *self.gradient.index),
            list(self.opened.values()),
            scene.count,
            decimals_for(np.abs(self.gradient.shares).tolist(), 3),
        )

    def _forward(self) -> Explanation:
        parts = tuple(each.answer for each in self.opened.values())
        return Explanation(
            f"@{self.step} forward",
            float(self.scene.count),
            "story",
            parts,
            sentence="Every row of the batch goes through the network.",
        )


def explain_zero(scene: Scene, gradient: Gradient, weight: str) -> Explanation:
    """Clearing a gradient, with what would happen without it.

    Args:
        scene: the moment before the step.
        gradient: whose gradient.
        weight: its address.
    """
    earlier, step = scene.earlier(), scene.traced("A step").before.step + 1
    if earlier is None:
        sentence = "Before the first step there is no gradient yet: nothing is left over."
        if step > 1:
            sentence = "What the step before left lies in the run that this one is a branch of."
        return Explanation(f"{weight}.grad.zero", 0.0, "story", sentence=sentence)
    old = float(earlier[gradient.parameter][gradient.index])
    place = weight.removeprefix(scene.owner)
    left = given(f"@{step - 1} {place}.grad", old, "left over")
    shown = write_number(old) if math.isfinite(old) else write_endless(old)
    sentence = (
        f"PyTorch adds new gradients to old ones. Without this stage the"
        f" {shown} of step {step - 1:,} would be added to this step's gradient."
    )
    return Explanation(f"{weight}.grad.zero", 0.0, "story", (left,), sentence=sentence)


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
