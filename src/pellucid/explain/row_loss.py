"""One row's own loss, by the loss's own formula, and what it sends back to each output.

How the rows' losses become that of a step is told in `loss`; how much each row counts in `weighing`;
losses of classes are in `class_loss`.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Protocol

from pellucid.explain.address import quote_name
from pellucid.explain.batch import mean_of
from pellucid.explain.equation import settle
from pellucid.explain.explanation import Explanation, given
from pellucid.explain.functions import FUNCTIONS, add
from pellucid.explain.neurons import Neurons
from pellucid.explain.subject import Subject
from pellucid.explain.sums import write_sum
from pellucid.explain.weighing import Weighing

# For each kind of loss the settings that its formula reads.
READS = {"huber": ("delta",), "smooth_l1": ("beta",)}
TEMPLATES = {
    "mse": "({} − {})²",
    "l1": "|{} − {}|",
    "huber": "Huber({} − {}, δ = {})",
    "smooth_l1": "SmoothL1({} − {}, β = {})",
    "quantile": "Quantile({} − {}, q = {})",
    "poisson_nll": "Poisson({}, truth {})",
    "bce": "BCE(p = {}, truth {})",
    "bce_with_logits": "BCE(z = {}, truth {}, weight of yes {})",
}
WRONG = "How wrong the prediction is: 0 would be perfect."


class RowLoss(Protocol):
    """A row's own loss, and the way back from it."""

    @property
    def node(self) -> Explanation:
        """The row's own loss."""
        ...

    def delta(self, index: int, address: str, value: float | None) -> Explanation:
        """The derivative of the step's loss by what the loss reads.

        Args:
            index: of the output, from 0.
            address: of the node.
            value: the engine's number; None: from the parts.
        """
        ...


class NumberLoss:
    """The loss of outputs that are compared with numbers, each output on its own.

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
        self.loss = subject.program.loss
        self.width = neurons.wiring.widths[self.loss.prediction]
        self.prefix = neurons.prefix

    @property
    def node(self) -> Explanation:
        """The mean of what the outputs cost, or their sum if the loss sums."""
        if self.width == 1:
            return self.cost(0)
        terms = [self.cost(each) for each in range(self.width)]
        if self.loss.reduction == "mean":
            count = given(f"{self.neurons.owner}outputs", self.width, "outputs")
            node = mean_of(f"{self.prefix}loss", "loss", WRONG, terms, count)
            return replace(node, epsilon=4 * self.neurons.epsilon)
        total = add(each.value for each in terms)
        formula = "sum over the outputs"
        node = Explanation(
            f"{self.prefix}loss", total, "sum", tuple(terms), name="loss", formula=formula
        )
        return replace(node, numbers=write_sum(node), epsilon=4 * self.neurons.epsilon)

    def cost(self, index: int) -> Explanation:
        """What one output costs."""
        return self.neurons.keep(("cost", index), lambda: self._cost(index))

    def _cost(self, index: int) -> Explanation:
        function = f"{self._rule()}_cost"
        parts = self._parts(index)
        rule = FUNCTIONS[function]
        numbers = [each.value for each in parts]
        value = rule.compute(numbers)
        template = self._template(len(parts))
        written = settle(
            template,
            numbers,
            rule.compute,
            value,
            decimals=3,
            exact=[False, False, True][: len(parts)],
        )
        return Explanation(
            self._place(index),
            value,
            "function",
            parts,
            function=function,
            name="loss" if self.width == 1 else self.subject.outputs[index],
            formula=rule.formula,
            numbers=written.write(),
            sentence=WRONG,
            epsilon=self.neurons.epsilon,
        )

    def _template(self, count: int) -> str:
        """How the cost is written; some formulas read a setting more."""
        template = TEMPLATES[self.loss.kind]
        return template if template.count("{}") == count else template.replace("})", "}, ε = {})")

    def _place(self, index: int) -> str:
        if self.width == 1:
            return f"{self.prefix}loss"
        return f"{self.prefix}loss.{quote_name(self.subject.outputs[index])}"

    def _rule(self) -> str:
        """The name of the formula, without the ending."""
        kind = self.loss.kind
        if kind == "poisson_nll":
            form = "poisson_log" if self.loss.setting("log_input") else "poisson"
            return f"{form}_full" if self.loss.setting("full") else form
        return kind

    def _parts(self, index: int) -> tuple[Explanation, ...]:
        parts = (
            self.neurons.unit(self.loss.prediction, index),
            self.subject.truth_of_output(self.row, self.prefix, index),
        )
        settings = list(READS.get(self.loss.kind, ()))
        if self.loss.kind == "poisson_nll" and not self.loss.setting("log_input"):
            settings.append("eps")
        more = [
            setting_node(self.neurons.owner, each, self.loss.setting(each)) for each in settings
        ]
        name = {"quantile": "quantile", "bce_with_logits": "pos_weight"}.get(self.loss.kind)
        if name is not None:
            weight = self.loss.weights[index] if self.loss.weights else 1.0
            place = name if self.width == 1 else f"{name}.{quote_name(self.subject.outputs[index])}"
            more.append(setting_node(self.neurons.owner, place, weight))
        return (*parts, *more)

    def slope(self, index: int) -> Explanation:
        """How the row's own loss grows with one output."""
        rule_name = self._rule().removesuffix("_full")
        function = f"{rule_name}_slope"
        parts = self._parts(index)
        rule = FUNCTIONS[function]
        return Explanation(
            f"{self._place(index)}.slope",
            rule.compute([each.value for each in parts]),
            "function",
            parts,
            function=function,
            name="slope of the loss",
            formula=rule.formula,
            sentence="How this row's own loss grows if the prediction grows by 1.",
            epsilon=self.neurons.epsilon,
        )

    def delta(self, index: int, address: str, value: float | None) -> Explanation:
        """The slope of the row's own loss, times how much the row counts."""
        weighing = plain_weighing(self.weighing)
        if weighing.is_plain and weighing.is_mean and self.width == 1:
            short = self._short_delta(address, value)
            if short is not None:
                return short
        parts = [self.slope(index)]
        share = weighing.share(self.row)
        if share is not None:
            parts.append(share)
        if self.width > 1 and weighing.is_mean:
            parts.append(self._per_output())
        return product_of(self.neurons, address, tuple(parts), value)

    def _per_output(self) -> Explanation:
        count = given(f"{self.neurons.owner}outputs", self.width, "outputs")
        return Explanation(
            f"{self.prefix}loss.per_output",
            1.0 / self.width,
            "function",
            (count,),
            function="one_of",
            name="share of the output",
            formula="1 ÷ outputs",
            sentence="A row's loss is the mean over its outputs.",
        )

    def _short_delta(self, address: str, value: float | None) -> Explanation | None:
        """(prediction − truth) ÷ rows on one line, for the two losses that everybody meets first."""
        rows = plain_weighing(self.weighing).total()
        truth = self.subject.truth_of_output(self.row, self.prefix, 0)
        output = self.neurons.activation(len(self.neurons.layers) - 1, 0)
        if self.loss.kind == "mse":
            prediction = self.neurons.unit(self.loss.prediction, 0)
            parts, function = (prediction, truth, rows), "double_difference_share"
            return share_node(self.neurons, address, function, parts, value)
        if self.loss.kind == "bce_with_logits" and not self.loss.weights:
            parts = (output, truth, rows)
            return share_node(self.neurons, address, "difference_share", parts, value)
        return None


def share_node(
    neurons: Neurons,
    address: str,
    function: str,
    parts: tuple[Explanation, ...],
    value: float | None,
) -> Explanation:
    """The delta of an output as one short calculation."""
    rule = FUNCTIONS[function]
    numbers = [each.value for each in parts]
    value = rule.compute(numbers) if value is None else value
    is_squared = function == "double_difference_share"
    template = "2 × ({} − {}) ÷ {}" if is_squared else "({} − {}) ÷ {}"
    exact = [False, not is_squared, True]
    return Explanation(
        address,
        value,
        "function",
        parts,
        function=function,
        name="delta",
        formula=rule.formula,
        numbers=settle(template, numbers, rule.compute, value, exact=exact).write(),
        sentence="How much the step's loss grows if this output's sum grows by 1.",
        epsilon=neurons.epsilon,
    )


def product_of(
    neurons: Neurons, address: str, parts: tuple[Explanation, ...], value: float | None
) -> Explanation:
    """The delta of an output as a product of a slope and of shares."""
    numbers = [each.value for each in parts]
    value = math.prod(numbers) if value is None else value
    template = " × ".join(["{}"] * len(parts))
    return Explanation(
        address,
        value,
        "product",
        parts,
        name="delta",
        formula=" × ".join(each.name for each in parts),
        numbers=settle(template, numbers, math.prod, value).write(),
        sentence="How much the step's loss grows if this output grows by 1.",
        epsilon=neurons.epsilon * _cancelled(parts[0]),
    )


def _cancelled(slope: Explanation) -> float:
    """How many times coarser a slope is than its own digits: prediction and truth may nearly cancel."""
    largest = max((abs(each.value) for each in slope.parts), default=0.0)
    return 1.0 + min(largest / max(abs(slope.value), 1e-30), 1e30)


def setting_node(owner: str, name: str, value: float) -> Explanation:
    """A setting of the loss."""
    told = "A setting of the loss."
    return given(f"{owner}loss.{name}", float(value), name, sentence=told)


def plain_weighing(weighing: Weighing | None) -> Weighing:
    """The weighing of a step.

    Raises:
        RuntimeError: there is no step; a row without one has no way back.
    """
    if weighing is None:
        raise RuntimeError("A row outside of a step has no delta.")
    return weighing
