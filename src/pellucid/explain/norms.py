"""Batch and layer normalization on a row, forwards and backwards.

A number is moved by a mean and divided by a spread, then scaled and shifted by what was learnt. In
a batch normalization mean and spread belong to all rows of the batch (`batch`), in a layer
normalization to the row's own units.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pellucid.engine.program import Operation
from pellucid.explain.batch import mean_of
from pellucid.explain.equation import settle
from pellucid.explain.explanation import Explanation
from pellucid.explain.functions import FUNCTIONS
from pellucid.explain.later import Later
from pellucid.explain.wiring import spell

if TYPE_CHECKING:
    from pellucid.explain.backward import Deltas
    from pellucid.explain.neurons import Neurons


def make_normalised(neurons: Neurons, operation: Operation, index: int) -> Explanation:
    """Normalised × weight + bias."""
    normed = normed_of(neurons, operation, index)
    value = float(neurons.values[operation.output][index])
    parts = (normed, *(neurons.number(each, index) for each in operation.parameters))
    function = ("passed", "scaled", "scaled_shifted")[len(parts) - 1]
    template = ("{}", "{} × {}", "{} × {} + {}")[len(parts) - 1]
    rule = math.prod if len(parts) == 2 else FUNCTIONS[function].compute
    numbers = [each.value for each in parts]
    return Explanation(
        f"{neurons.prefix}{neurons.names.unit(operation.output, index)}",
        value,
        "product" if len(parts) == 2 else "function",
        parts,
        function="" if len(parts) == 2 else function,
        name=neurons.names.short(operation.output, index),
        formula=("normalised", "normalised × weight", "normalised × weight + bias")[len(parts) - 1],
        numbers=settle(template, numbers, rule, value).write(),
        sentence="The normalised number, with a size and a place that were learnt.",
        pytorch=spell(operation.output, index),
        epsilon=neurons.epsilon * _loss_of_digits(neurons, operation, index, numbers),
    )


def _loss_of_digits(
    neurons: Neurons, operation: Operation, index: int, numbers: list[float]
) -> float:
    """How many times coarser than its own digits the result is: number and mean may nearly cancel."""
    number, mean, variance, epsilon = (
        each.value for each in normed_of(neurons, operation, index).parts
    )
    scale = abs(numbers[1]) if len(numbers) > 1 else 1.0
    lost = scale * (abs(number) + abs(mean)) / math.sqrt(variance + epsilon)
    size = abs(scale * numbers[0]) + (abs(numbers[2]) if len(numbers) > 2 else 0.0)
    return 1.0 + lost / max(size, 1e-30)


def normed_of(neurons: Neurons, operation: Operation, index: int) -> Explanation:
    """(number − mean) ÷ √(variance + ε)."""
    return neurons.keep(
        ("normed", operation.output, index), lambda: _normed(neurons, operation, index)
    )


def _normed(neurons: Neurons, operation: Operation, index: int) -> Explanation:
    parts = (
        neurons.unit(operation.inputs[0], index),
        *moments_of(neurons, operation, index),
        neurons.setting(operation, "eps", operation.setting("eps")),
    )
    rule = FUNCTIONS["normalise"]
    numbers = [each.value for each in parts]
    value = rule.compute(numbers)
    exact = [False, False, False, True]
    written = settle("({} − {}) ÷ √({} + {})", numbers, rule.compute, value, exact=exact)
    return Explanation(
        f"{neurons.prefix}{operation.output}[{index}].normed",
        value,
        "function",
        parts,
        function="normalise",
        name="normalised",
        formula=rule.formula,
        numbers=written.write(),
        sentence="How many spreads the number lies above or below the mean.",
    )


def moments_of(
    neurons: Neurons, operation: Operation, index: int
) -> tuple[Explanation, Explanation]:
    """Mean and variance by which a unit is normalised on this row."""
    if operation.kind == "layer_norm":
        return _row_mean(neurons, operation), _row_variance(neurons, operation)
    if neurons.batch is not None and neurons.wiring.is_batched(operation):
        return neurons.batch.mean(operation, index), neurons.batch.variance(operation, index)
    mean, variance = (neurons.number(each, index) for each in operation.buffers[:2])
    return mean, variance


def _row_mean(neurons: Neurons, operation: Operation) -> Explanation:
    buffer = operation.inputs[0]

    def make() -> Explanation:
        units = [neurons.unit(buffer, each) for each in range(operation.width)]
        told = "The mean of all units of this layer on this row."
        return mean_of(
            _at(neurons, operation, "mean"),
            "mean of the row",
            told,
            units,
            neurons.count_of(operation),
        )

    return neurons.keep(("mean", operation.output), make)


def _row_variance(neurons: Neurons, operation: Operation) -> Explanation:
    buffer, rule = operation.inputs[0], FUNCTIONS["squared_distance"]
    place = _at(neurons, operation, "var")

    def make() -> Explanation:
        mean = _row_mean(neurons, operation)
        terms = []
        for each in range(operation.width):
            unit = neurons.unit(buffer, each)
            terms.append(
                Explanation(
                    f"{place}.{each}",
                    rule.compute([unit.value, mean.value]),
                    "function",
                    (unit, mean),
                    function="squared_distance",
                    name=unit.name,
                    formula=rule.formula,
                )
            )
        told = "How far the units of this layer usually lie from their mean on this row, squared."
        return mean_of(place, "variance of the row", told, terms, neurons.count_of(operation))

    return neurons.keep(("variance", operation.output), make)


def _at(neurons: Neurons, operation: Operation, what: str) -> str:
    return f"{neurons.prefix}{operation.output}.{what}"


def normalised_back(
    deltas: Deltas, operation: Operation, index: int, address: str, value: float
) -> Explanation:
    """The derivative by what a normalization read: less what moves its mean and its spread."""
    neurons = deltas.neurons
    normed = normed_of(neurons, operation, index)
    spread = (*normed.parts[2:],)
    if operation.kind == "layer_norm":
        function = "normalised_back_bare"
        means = _row_means_back(deltas, operation)
        parts = (scaled_delta(deltas, operation, index), means[0], normed, means[1], *spread)
    else:
        delta = deltas.unit(operation.output, index)
        weight = [neurons.number(each, index) for each in operation.parameters[:1]]
        end = "" if weight else "_bare"
        if neurons.batch is not None and neurons.wiring.is_batched(operation):
            function = f"normalised_back{end}"
            batch = neurons.batch
            means = batch.mean_delta(operation, index), batch.mean_push(operation, index)
            parts = (delta, means[0], normed, means[1], *spread, *weight)
        else:
            function, parts = f"scaled_back{end}", (delta, *spread, *weight)
    return Explanation(
        address,
        value,
        "function",
        parts,
        function=function,
        name="delta",
        formula=FUNCTIONS[function].formula,
        sentence="How the step's loss grows with what was normalised; moving it moves the mean and"
        " the spread as well.",
        epsilon=neurons.epsilon * _loss_of_digits(neurons, operation, index, [normed.value]),
    )


def scaled_delta(deltas: Deltas, operation: Operation, index: int) -> Explanation:
    """Delta × weight of one unit of a layer normalization."""
    delta = deltas.unit(operation.output, index)
    if not operation.parameters:
        return delta
    neurons = deltas.neurons
    weight = neurons.number(operation.parameters[0], index)
    return Explanation(
        f"{neurons.prefix}{operation.output}[{index}].delta.scaled",
        delta.value * weight.value,
        "product",
        (delta, weight),
        name=neurons.names.short(operation.output, index),
        formula="delta × weight",
    )


def _row_means_back(deltas: Deltas, operation: Operation) -> tuple[Explanation, Explanation]:
    """The means over a row's units of delta × weight, and of that × normalised."""
    neurons = deltas.neurons
    count = neurons.count_of(operation)
    units = range(operation.width)

    def mean() -> Explanation:
        told = "Moving one unit moves the row's mean, and with it every unit."
        terms = [scaled_delta(deltas, operation, each) for each in units]
        return mean_of(_at(neurons, operation, "delta.mean"), "mean delta", told, terms, count)

    def push(index: int) -> Explanation:
        scaled = scaled_delta(deltas, operation, index)
        normed = normed_of(neurons, operation, index)
        return Explanation(
            f"{_at(neurons, operation, 'delta.spread')}.{index}",
            scaled.value * normed.value,
            "product",
            Later(lambda: (scaled, normed)),
            name=scaled.name,
            formula="delta × weight × normalised",
        )

    def spread() -> Explanation:
        told = "Moving one unit moves the row's spread, and with it every unit."
        place = _at(neurons, operation, "delta.spread")
        return mean_of(
            place, "mean of delta × normalised", told, [push(each) for each in units], count
        )

    return (
        neurons.keep(("delta mean", operation.output), mean),
        neurons.keep(("delta spread", operation.output), spread),
    )
