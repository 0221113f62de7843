"""Why a row is predicted as it is: from the answer down to the raw cells, and the row's loss.

The way through the neurons is made in `neurons`; here the output gets its meaning.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pellucid.explain.address import quote_name
from pellucid.explain.digits import decimals_for, write_chance
from pellucid.explain.equation import settle, settle_sum
from pellucid.explain.explanation import Explanation, given
from pellucid.explain.functions import FUNCTIONS
from pellucid.explain.neurons import Neurons
from pellucid.explain.subject import Subject

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
    """

    row: int
    root: Explanation
    answer: Explanation
    loss: Explanation | None
    truth: str
    inputs: list[Explanation]
    neurons: Neurons

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
) -> Prediction:
    """Open the prediction of one row.

    Args:
        subject: the network and what its numbers mean.
        row: counts from 1.
        parameters: under their state_dict names.
        values: for every buffer this row's numbers, shape (units,), as the engine has them.
        owner: what addresses of this moment begin with, such as "@120 "; "" means the model.
        row_loss: the row's loss as the engine has it; left out: from its parts.

    Raises:
        AddressError: the table has no such row.
    """
    subject.check_row(row)
    prefix = f"{owner}row:{row} "
    inputs = subject.input_nodes(row, values[subject.program.inputs[0][0]], prefix)
    neurons = Neurons(
        subject.layers,
        parameters,
        values,
        inputs,
        subject.outputs,
        prefix=prefix,
        owner=owner,
        epsilon=subject.epsilon,
    )
    answer = _answer(subject, neurons, prefix)
    has_truth = subject.has_truth(row)
    loss = _loss(subject, row, neurons, prefix) if has_truth else None
    if loss is not None and row_loss is not None:
        exact = replace(loss, value=row_loss)  # without a step a probability may have become 0
        loss = exact if owner.startswith("@") or exact.check().ok else loss
    truth = subject.truth_text(row) if has_truth else ""
    parts = (answer,) if loss is None else (answer, loss)
    sentence = f"The network says {answer.text}" + (f"; the truth is {truth}." if truth else ".")
    root = Explanation(
        f"{owner}row:{row}", answer.value, "story", parts, text=answer.text, sentence=sentence
    )
    return Prediction(row, root, answer, loss, truth, inputs, neurons)


def _answer(subject: Subject, neurons: Neurons, prefix: str) -> Explanation:
    last = len(subject.layers) - 1
    target = subject.target
    if target.kind == "number":
        return _number_answer(subject, neurons, prefix)
    if target.kind == "classes":
        sums = [neurons.weighted_sum(last, each).value for each in range(len(target.labels))]
        best = int(np.argmax(sums))
        node = neurons.activation(last, best)
        return replace(node, text=f"{write_chance(node.value)} {target.labels[best]}")
    node = neurons.activation(last, 0)
    return replace(node, text=f"{write_chance(node.value)} {target.positive}")


def _number_answer(subject: Subject, neurons: Neurons, prefix: str) -> Explanation:
    """A standardised output turned back into the target's unit."""
    target = subject.target
    total = neurons.activation(len(subject.layers) - 1, 0)
    if total.op == "function" and total.function == "identity":
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


def _loss(subject: Subject, row: int, neurons: Neurons, prefix: str) -> Explanation:
    """The row's own loss, from its prediction and its truth."""
    last = len(subject.layers) - 1
    truth = subject.truth(row)
    if subject.target.kind == "number":
        output = neurons.activation(last, 0)
        known = subject.truth_node(row, prefix)
        return _loss_node(subject, "square_error", (output, known), prefix, "({} − {})²")
    if subject.target.kind == "classes":
        chance = neurons.activation(last, int(truth))
    else:
        chance = _truth_chance(subject, neurons, prefix, is_positive=truth == 1.0)
    return _loss_node(subject, "minus_log", (chance,), prefix, "−ln({})")


def loss_function(subject: Subject) -> str:
    """The name of the function by which a row's loss is made."""
    return "square_error" if subject.target.kind == "number" else "minus_log"


def _truth_chance(
    subject: Subject, neurons: Neurons, prefix: str, *, is_positive: bool
) -> Explanation:
    """The probability that a yes/no network gave to what was true."""
    output = neurons.activation(len(subject.layers) - 1, 0)
    return output if is_positive else other_chance(subject, neurons, prefix)


def other_chance(subject: Subject, neurons: Neurons, prefix: str) -> Explanation:
    """The probability of the answer that a yes/no network's output does not name."""
    last = len(subject.layers) - 1
    output = neurons.activation(last, 0)
    function = FUNCTIONS["other_probability"]
    total = neurons.weighted_sum(last, 0)
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


def _loss_node(
    subject: Subject, function: str, parts: tuple[Explanation, ...], prefix: str, template: str
) -> Explanation:
    compute = FUNCTIONS[function].compute
    numbers = [each.value for each in parts]
    value = compute(numbers)
    return Explanation(
        f"{prefix}loss",
        value,
        "function",
        parts,
        function=function,
        name="loss",
        formula=FUNCTIONS[function].formula,
        numbers=settle(template, numbers, compute, value, decimals=3).write(),
        sentence="How wrong the prediction is: 0 would be perfect.",
        epsilon=subject.epsilon,
    )
