"""The numbers of a run along its steps: weights, sizes of gradients, and the loss around its end.

All are the engine's, from states and traces of the run itself; the pictures are in `course_plot` and
`landscape_plot`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pellucid.errors import AddressError, did_you_mean
from pellucid.figures.run_view import RunView
from pellucid.train.replay import state_after

Array = np.ndarray[Any, Any]

MOST_ROWS = 2_000


@dataclass(frozen=True, slots=True)
class Weight:
    """One weight: where it stands among the parameters.

    Attributes:
        name: as addresses name it, "hidden1.3.weight.age".
        parameter: state_dict name.
        index: (neuron, source), from 0.
    """

    name: str
    parameter: str
    index: tuple[int, int]


def moments(last: int, count: int) -> list[int]:
    """Steps done at `count` moments of a run, evenly spread, the first and last among them.

    Example:
        >>> moments(10, 3)
        [0, 5, 10]
    """
    return sorted({round(float(each)) for each in np.linspace(0, last, count)})


def weights_of(view: RunView, layer: int) -> list[Weight]:
    """All weights of a layer, counted from 0."""
    spec = view.layers[layer]
    sources = view.subject.names.sources(layer)
    return [
        Weight(
            f"{view.subject.names.neuron(layer, neuron)}.weight.{source}",
            spec.weight,
            (neuron, place),
        )
        for neuron in range(spec.width)
        for place, source in enumerate(sources)
    ]


def find_weight(view: RunView, name: str) -> Weight:
    """The weight of that name.

    Raises:
        AddressError: there is none; the nearest is named.
    """
    known = {
        each.name: each for layer in range(len(view.layers)) for each in weights_of(view, layer)
    }
    if name not in known:
        raise AddressError(f"There is no weight '{name}'.{did_you_mean(name, known)}")
    return known[name]


def follow(view: RunView, weights: Sequence[Weight], steps: Sequence[int]) -> Array:
    """The weights after so many steps: shape (steps, weights), float64."""
    found = []
    for step in steps:
        parameters = state_after(view.run, step).parameters
        found.append([float(parameters[each.parameter][each.index]) for each in weights])
    return np.array(found).reshape(len(steps), len(weights))


def gradient_sizes(view: RunView, steps: Sequence[int]) -> Array:
    """How large the gradients of each layer's weights are, root mean square: (steps, layers).

    Args:
        view: the run.
        steps: counted from 1.
    """
    sizes = []
    for step in steps:
        gradients = view.moment(step).trace.gradients
        each = [gradients[layer.weight].astype(np.float64) for layer in view.layers]
        sizes.append([float(np.sqrt(np.mean(np.square(one)))) for one in each])
    return np.array(sizes).reshape(len(steps), len(view.layers))


def loss_around(view: RunView, pair: tuple[Weight, Weight], across: Array, up: Array) -> Array:
    """The loss over the training rows for other values of two weights; all others as at the end.

    Args:
        view: the run.
        pair: the two weights.
        across: values of the first.
        up: values of the second.

    Returns:
        Shape (up, across), float64.
    """
    end = state_after(view.run, view.run.outcome.steps)
    values = {name: each.copy() for name, each in end.values().items()}
    data = view.run.data
    inputs, targets = data["inputs"][:MOST_ROWS], data["targets"][:MOST_ROWS]
    losses = np.empty((len(up), len(across)))
    first, second = pair
    for row, height in enumerate(up):
        for column, place in enumerate(across):
            values[first.parameter][first.index] = place
            values[second.parameter][second.index] = height
            losses[row, column], _ = view.engine.evaluate(
                view.subject.program, values, inputs, targets
            )
    return losses
