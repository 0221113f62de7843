"""The loss of classes on one row: what the true class's probability costs, and the way back.

Cross-entropy reads sums, `NLLLoss` reads logarithms of probabilities; both may weigh classes, leave
one out, or smooth the truth.
"""

from __future__ import annotations

from dataclasses import replace

from pellucid.explain.address import quote_name
from pellucid.explain.equation import settle
from pellucid.explain.explanation import Explanation, given
from pellucid.explain.functions import FUNCTIONS, add
from pellucid.explain.neurons import Neurons
from pellucid.explain.row_loss import (
    WRONG,
    plain_weighing,
    product_of,
    setting_node,
    share_node,
)
from pellucid.explain.subject import Subject
from pellucid.explain.sums import write_sum
from pellucid.explain.weighing import Weighing

LEFT_OUT = "The loss leaves this class out (ignore_index), so the row teaches nothing."


class ClassLoss:
    """The loss of a row whose truth is a class.

    Args:
        subject: the network and what its numbers mean.
        row: of the table, from 1.
        neurons: the row's way forward.
        weighing: how the rows count; None without a step.
    """

    def __init__(
        self, subject: Subject, row: int, neurons: Neurons, weighing: Weighing | None
    ) -> None:
        self.subject, self.row, self.neurons, self.weighing = subject, row, neurons, weighing
        self.loss, self.prefix = subject.program.loss, neurons.prefix
        self.width = neurons.wiring.widths[self.loss.prediction]
        self.truth = int(subject.truth(row))
        is_smooth = self.loss.kind == "cross_entropy" and self.loss.setting("label_smoothing") > 0
        self.smoothing = self.loss.setting("label_smoothing") if is_smooth else 0.0
        self.is_left_out = self.truth == int(self.loss.setting("ignore_index"))
        self.is_plain = not self.smoothing and not self.loss.weights and not self.is_left_out

    @property
    def node(self) -> Explanation:
        """−ln(probability of the truth), times its class's weight; of smoothed truth all classes'."""
        address = f"{self.prefix}loss"
        if self.is_left_out:
            return given(address, 0.0, "loss", sentence=LEFT_OUT)
        if self.is_plain:
            return self._surprise(self.truth, address)
        if not self.smoothing:
            parts = (self._weight(self.truth), self._surprise(self.truth, f"{address}.surprise"))
            node = product_of(self.neurons, address, parts, None)
            return replace(node, name="loss", sentence=WRONG)
        terms = [self._term(each) for each in range(self.width)]
        node = Explanation(
            address,
            add(each.value for each in terms),
            "sum",
            tuple(terms),
            name="loss",
            formula="sum of weight × −ln(probability) over the classes",
            sentence="The truth is smoothed: every class counts a little.",
            epsilon=self.neurons.epsilon,
        )
        return node.with_numbers(write_sum(node))

    def _term(self, index: int) -> Explanation:
        name = quote_name(self.subject.outputs[index])
        place = f"{self.prefix}loss.{name}"
        parts = (self._weight(index), self._surprise(index, f"{place}.surprise"))
        node = product_of(self.neurons, place, parts, None)
        return replace(node, name=self.subject.outputs[index], sentence=WRONG)

    def _surprise(self, index: int, address: str) -> Explanation:
        """−ln(probability), from a probability or from its logarithm."""
        last = len(self.neurons.layers) - 1
        is_log = self.loss.kind == "nll"
        part = (
            self.neurons.unit(self.loss.prediction, index)
            if is_log
            else self.neurons.activation(last, index)
        )
        function, template = ("minus", "−({})") if is_log else ("minus_log", "−ln({})")
        rule = FUNCTIONS[function]
        value = rule.compute([part.value])
        return Explanation(
            address,
            value,
            "function",
            (part,),
            function=function,
            name="loss" if address.endswith(" loss") else "surprise",
            formula="−log-probability of the truth" if is_log else rule.formula,
            numbers=settle(template, [part.value], rule.compute, value, decimals=3).write(),
            sentence=WRONG,
            epsilon=self.neurons.epsilon,
        )

    def _weight(self, index: int) -> Explanation:
        """How much the surprise about a class counts on this row."""
        weight = self._class_weight(index)
        is_true = index == self.truth
        if not self.smoothing:
            if is_true:
                return weight
            return given(self._weight_place(index), 0.0, "weight", sentence="Not the true class.")
        own = self._class_weight(self.truth)
        smoothing = setting_node(self.neurons.owner, "label_smoothing", self.smoothing)
        classes = given(f"{self.neurons.owner}outputs", self.width, "classes")
        told = given(
            f"{self.prefix}truth.{quote_name(self.subject.outputs[index])}", is_true, "truth"
        )
        parts = (told, smoothing, classes, own, weight)
        rule = FUNCTIONS["smoothed"]
        return Explanation(
            self._weight_place(index),
            rule.compute([each.value for each in parts]),
            "function",
            parts,
            function="smoothed",
            name="weight",
            formula=rule.formula,
            sentence="How much this class counts on this row, after smoothing.",
            epsilon=self.neurons.epsilon,
        )

    def _weight_place(self, index: int) -> str:
        return f"{self.prefix}loss.{quote_name(self.subject.outputs[index])}.weight"

    def _class_weight(self, index: int) -> Explanation:
        weights = self.loss.weights
        name = f"weight.{quote_name(self.subject.outputs[index])}"
        return setting_node(self.neurons.owner, name, weights[index] if weights else 1.0)

    def delta(self, index: int, address: str, value: float | None) -> Explanation:
        """(probability − truth) ÷ rows, or with weights in it."""
        weighing = plain_weighing(self.weighing)
        last = len(self.neurons.layers) - 1
        if self.is_left_out:
            return given(address, 0.0 if value is None else value, "delta", sentence=LEFT_OUT)
        if self.loss.kind == "nll":
            return self._delta_of_log(index, address, value)
        chance = self.neurons.activation(last, index)
        if self.is_plain and weighing.is_plain and weighing.is_mean:
            truth = self.subject.truth_of_class(self.row, self.prefix, index)
            parts = (chance, truth, weighing.total())
            return share_node(self.neurons, address, "difference_share", parts, value)
        return self._counted(self._slope(index, chance), address, value)

    def _slope(self, index: int, chance: Explanation) -> Explanation:
        own = self._weight(index)
        parts = (chance, self._whole_weight(), own)
        rule = FUNCTIONS["class_slope"]
        name = quote_name(self.subject.outputs[index])
        return Explanation(
            f"{self.prefix}loss.{name}.slope",
            rule.compute([each.value for each in parts]),
            "function",
            parts,
            function="class_slope",
            name="slope of the loss",
            formula=rule.formula,
            sentence="How this row's own loss grows if this class's sum grows by 1.",
            epsilon=self.neurons.epsilon,
        )

    def _whole_weight(self) -> Explanation:
        """The weights of all classes on this row together."""
        if not self.smoothing:
            return self._weight(self.truth)
        terms = tuple(self._weight(each) for each in range(self.width))
        address = f"{self.prefix}loss.weight"
        total = add(each.value for each in terms)
        return Explanation(address, total, "sum", terms, name="weight of all", formula="sum")

    def _delta_of_log(self, index: int, address: str, value: float | None) -> Explanation:
        weight = self._weight(index)
        rule = FUNCTIONS["minus"]
        name = quote_name(self.subject.outputs[index])
        slope = Explanation(
            f"{self.prefix}loss.{name}.slope",
            rule.compute([weight.value]) + 0.0,
            "function",
            (weight,),
            function="minus",
            name="slope of the loss",
            formula="−weight of the true class; 0 for the others",
            sentence="Only the true class's log-probability is read.",
        )
        return self._counted(slope, address, value)

    def _counted(self, slope: Explanation, address: str, value: float | None) -> Explanation:
        share = plain_weighing(self.weighing).share(self.row)
        parts = (slope,) if share is None else (slope, share)
        return product_of(self.neurons, address, parts, value)
