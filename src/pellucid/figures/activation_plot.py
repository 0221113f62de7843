"""A layer's activation as a curve, with every neuron's place on it for one row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.errors import AddressError
from pellucid.explain.functions import FUNCTIONS
from pellucid.explain.prediction import Prediction
from pellucid.figures.canvas import painting
from pellucid.figures.theme import blend

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = np.ndarray[Any, Any]

MOST_NAMED = 12


def plot_activation(
    prediction: Prediction, layer: int = 0, *, axes: Axes | None = None, theme: str = "light"
) -> Axes:
    """Draw what a layer does to its weighted sums, and where a row's neurons stand.

    Args:
        prediction: of the row.
        layer: counted from 0.
        axes: where to draw; left out: a new figure.
        theme: "light", "dark" or "print".

    Returns:
        The axes.

    Raises:
        AddressError: the layer's activation is no curve, because it looks at all neurons at once.
    """
    neurons = prediction.neurons
    spec = neurons.layers[layer]
    if spec.activation == "softmax" or spec.activation not in FUNCTIONS:
        raise AddressError(
            f"The activation of {spec.name}, {spec.title}, is no curve: each of its numbers depends"
            " on all sums."
        )
    places = range(spec.width)
    sums = np.array([neurons.weighted_sum(layer, each).value for each in places])
    passed = np.array([neurons.activation(layer, each).value for each in places])
    compute = FUNCTIONS[spec.activation].compute
    with painting(axes, theme, (6.2, 4.4)) as paint:
        axes, colours = paint
        reach = max(float(np.abs(np.nan_to_num(sums)).max()) * 1.15, 1.5)
        curve = np.linspace(-reach, reach, 241)
        axes.plot(
            curve, [compute([float(each)]) for each in curve], color=colours.quiet, linewidth=2
        )
        axes.axvline(0.0, color=colours.grid, linewidth=1.2)
        is_on = passed > 0
        for chosen, colour, mark, word in (
            (is_on, colours.positive, "o", "above 0"),
            (~is_on, colours.negative, "s", "0 or below"),
        ):
            if chosen.any():
                axes.scatter(
                    sums[chosen], passed[chosen], s=55, marker=mark, zorder=3, label=word,
                    color=blend(colours.ground, colour, 0.85), edgecolors=colours.ground,
                )  # fmt: skip
        if spec.width <= MOST_NAMED:
            _name_neurons(axes, sums, passed)
        axes.set_title(f"{spec.name}: {spec.title}, row {prediction.row:,}")
        axes.set_xlabel("weighted sum z")
        axes.set_ylabel("passed on: a")
        axes.legend(loc="upper left")
    return axes


def _name_neurons(axes: Axes, sums: Array, passed: Array) -> None:
    """Numbers of the neurons over their points, in steps where points lie close together."""
    apart = 0.045 * float(np.ptp(axes.get_xlim()))
    last, level = -np.inf, 0
    for place in np.argsort(sums, kind="stable"):
        level = level + 1 if sums[place] - last < apart else 0
        last = float(sums[place])
        axes.annotate(
            f"{place + 1}", (sums[place], passed[place]), (0, 9 + 11 * level),
            textcoords="offset points", ha="center", size=9,
        )  # fmt: skip
