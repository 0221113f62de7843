"""How likely a network takes each class for a row, the likeliest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pellucid.explain.digits import write_chance
from pellucid.explain.prediction import Prediction
from pellucid.figures.canvas import painting
from pellucid.figures.text import cut
from pellucid.figures.theme import blend

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 6


def plot_chances(prediction: Prediction, *, axes: Axes | None = None, theme: str = "light") -> Axes:
    """Draw a bar for each class; of many, for the likeliest ones, and one for all others together.

    Args:
        prediction: of a row, by a network of several classes.
        axes: where to draw; left out: a new figure.
        theme: "light", "dark" or "print".

    Returns:
        The axes.
    """
    neurons = prediction.neurons
    last = len(neurons.layers) - 1
    pairs = [(neurons.activation(last, at).value, name) for at, name in enumerate(neurons.outputs)]
    pairs.sort(key=lambda each: -each[0])
    shown = pairs if len(pairs) <= MOST else pairs[: MOST - 1]
    if len(shown) < len(pairs):
        rest = pairs[len(shown) :]
        shown = [*shown, (sum(each for each, _ in rest), f"{len(rest):,} others")]
    with painting(axes, theme, (6.2, 1.0 + 0.4 * len(shown))) as paint:
        axes, colours = paint
        for place, (chance, name) in enumerate(shown):
            is_true = name == prediction.truth
            tint = colours.positive if place == 0 else blend(colours.ground, colours.positive, 0.5)
            axes.barh(place, chance, height=0.62, color=tint, zorder=2)
            axes.annotate(
                write_chance(chance) + (" (truth)" if is_true else ""), (chance, place), (5, 0),
                textcoords="offset points", va="center", size=9, color=colours.text,
                weight="bold" if is_true else "normal",
            )  # fmt: skip
        axes.set_xlim(0, 1.5)
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1.0])
        axes.set_ylim(len(shown) - 0.45, -0.55)
        axes.set_yticks(range(len(shown)))
        axes.set_yticklabels([cut(name, 18) for _, name in shown])
        axes.tick_params(axis="y", length=0)
        axes.grid(visible=False, axis="y")
        axes.set_title("How likely each class is")
        axes.set_xlabel("probability")
    return axes
