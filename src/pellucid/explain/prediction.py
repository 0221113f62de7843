"""Why a row is predicted as it is: from the answer down to the raw cells, and the row's loss.

The way through the neurons is made in `neurons`; here the output gets its meaning.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pellucid.explain.address import quote_name
from pellucid.explain.batch import Batch
from pellucid.explain.class_loss import ClassLoss
from pellucid.explain.digits import decimals_for, write_chance
from pellucid.explain.equation import settle, settle_sum
from pellucid.explain.explanation import Explanation, given
from pellucid.explain.functions import FUNCTIONS
from pellucid.explain.neurons import Neurons
from pellucid.explain.row_loss import WRONG, NumberLoss, RowLoss
from pellucid.explain.subject import Subject
from pellucid.explain.weighing import Weighing

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Prediction:
    """One row opened.

    Args:
        row: counts from 1.
        root: a story of the answer and, where the truth is known, the loss.
        answer: the prediction's node; its text is what people say, "76 % yes".
        loss: the row's own loss, if the truth is known.
        truth: the truth as people say it, or "".
        inputs: a node for each input.
        neurons: the row's way through the network.
        costs: the loss's way back, if the truth is known.
    """

    row: int
    root: Explanation
    answer: Explanation
    loss: Explanation | None
    truth: str
    inputs: list[Explanation]
    neurons: Neurons
    costs: RowLoss | None = None

    @property
    def deciding_sum(self) -> Explanation:
        """The weighted sum that the answer was made of."""
        return self.answer.parts[0]


def explain_row(
    subject: Subject,
    row: int,
    parameters: Mapping[str, Array],
    values: Mapping[str, Array],
    *,
    owner: str = "",
    row_loss: float | None = None,
    batch: Batch | None = None,
    weighing: Weighing | None = None,
) -> Prediction:
    """Open the prediction of one row.

    Args:
        subject: the network and what its numbers mean.
        row: counts from 1.
        parameters: under their state_dict names.
        values: for every buffer this row's numbers, shape (units,), as the engine has them.
        owner: what addresses of this moment begin with, such as "@120 "; "" means the model.
        row_loss: the row's loss as the engine has it; left out: from its parts.
        batch: that the row was learnt with; left out: it is looked at in evaluation mode.
        weighing: how the rows of that batch count.

    Raises:
        AddressError: the table has no such row.
    """
    subject.check_row(row)
    prefix = f"{owner}row:{row} "
    inputs = subject.input_nodes(row, values[subject.program.inputs[0][0]], prefix)
    neurons = Neurons(
        subject.names,
        parameters,
        values,
        inputs,
        prefix=prefix,
        owner=owner,
        epsilon=subject.epsilon,
        batch=batch,
        position=0 if batch is None else list(batch.table_rows).index(row),
    )
    answer = _answer(subject, neurons, prefix)
    has_truth = subject.has_truth(row)
    costs = row_loss_of(subject, row, neurons, weighing) if has_truth else None
    loss = costs.node if costs is not None else None
    if loss is not None and row_loss is not None:
        exact = replace(loss, value=row_loss)  # without a step a probability may have become 0
        loss = exact if owner.startswith("@") or exact.check().ok else loss
    truth = subject.truth_text(row) if has_truth else ""
    parts = (answer,) if loss is None else (answer, loss)
    sentence = f"The network says {answer.text}" + (f"; the truth is {truth}." if truth else ".")
    root = Explanation(
        f"{owner}row:{row}", answer.value, "story", parts, text=answer.text, sentence=sentence
    )
    return Prediction(row, root, answer, loss, truth, inputs, neurons, costs)


def _answer(subject: Subject, neurons: Neurons, prefix: str) -> Explanation:
    last = len(subject.layers) - 1
    target = subject.target
    if target.kind == "number":
        return _number_answer(subject, neurons, prefix)
    if target.kind == "classes":
        feed = subject.layers[last].feed
        best = int(np.argmax(neurons.values[feed]))
        node = neurons.activation(last, best)
        return replace(node, text=f"{write_chance(node.value)} {target.labels[best]}")
    node = neurons.activation(last, 0)
    return replace(node, text=f"{write_chance(node.value)} {target.positive}")


def _number_answer(subject: Subject, neurons: Neurons, prefix: str) -> Explanation:
    """A standardised output turned back into the target's unit."""
    target = subject.target
    total = neurons.activation(len(subject.layers) - 1, 0)
    if total.op == "function" and total.function in ("identity", "passed"):
        total = total.parts[0]
    name = quote_name(target.name)
    parts = (
        total,
        given(f"{name}.std", target.std, "standard deviation", unit=target.unit),
        given(f"{name}.mean", target.mean, "mean", unit=target.unit),
    )
    compute = FUNCTIONS["unstandardise"].compute
    value = compute([each.value for each in parts])
    written = settle("{} × {} + {}", [each.value for each in parts], compute, value)
    return Explanation(
        f"{prefix}output.{name}",
        value,
        "function",
        parts,
        function="unstandardise",
        name=target.name,
        formula=FUNCTIONS["unstandardise"].formula,
        numbers=written.write(),
        text=target.say(value),
        unit=target.unit,
        sentence="The network works in standard deviations from the mean; this is the way back.",
        epsilon=subject.epsilon,
    )


def row_loss_of(subject: Subject, row: int, neurons: Neurons, weighing: Weighing | None) -> RowLoss:
    """A row's own loss by the program's loss, and its way back."""
    if subject.program.loss.has_classes:
        return ClassLoss(subject, row, neurons, weighing)
    if is_surprise(subject):
        return AnswerLoss(subject, row, neurons, weighing)
    return NumberLoss(subject, row, neurons, weighing)


def is_surprise(subject: Subject) -> bool:
    """Whether a row's loss is −ln of the probability that a yes/no network gave to the truth."""
    loss = subject.program.loss
    return loss.kind == "bce_with_logits" and not loss.weights and subject.target.kind == "yes/no"


def loss_function(subject: Subject) -> str:
    """The name of the function by which a row's loss is made."""
    return "mse_cost" if subject.program.loss.kind == "mse" else "minus_log"


class AnswerLoss(NumberLoss):
    """The loss of a yes/no answer: −ln of the probability that was given to what was true."""

    @property
    def node(self) -> Explanation:
        """−ln(probability of the truth)."""
        is_positive = self.subject.truth(self.row) == 1.0
        output = self.neurons.activation(len(self.subject.layers) - 1, 0)
        chance = output if is_positive else other_chance(self.subject, self.neurons, self.prefix)
        rule = FUNCTIONS["minus_log"]
        value = rule.compute([chance.value])
        return Explanation(
            f"{self.prefix}loss",
            value,
            "function",
            (chance,),
            function="minus_log",
            name="loss",
            formula=rule.formula,
            numbers=settle("−ln({})", [chance.value], rule.compute, value, decimals=3).write(),
            sentence=WRONG,
            epsilon=self.subject.epsilon,
        )


def other_chance(subject: Subject, neurons: Neurons, prefix: str) -> Explanation:
    """The probability of the answer that a yes/no network's output does not name."""
    last = len(subject.layers) - 1
    output = neurons.activation(last, 0)
    function = FUNCTIONS["other_probability"]
    total = neurons.unit(neurons.layers[last].feed, 0)
    value = function.compute([total.value])
    written = settle_sum([1.0, -output.value], value, decimals_for([value]))
    return Explanation(
        f"{prefix}{neurons.name(last, 0)}.rest",
        value,
        "function",
        (total,),
        function="other_probability",
        name=subject.target.labels[0],
        formula=function.formula,
        numbers=written.write(),
        text=f"{write_chance(value)} {subject.target.labels[0]}",
        sentence="The rest of the probability belongs to the other answer.",
        epsilon=subject.epsilon,
    )
