"""A run along its steps: how its weights wandered, and how large the gradients were in each layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.figures.canvas import log_scale, painting
from pellucid.figures.course import follow, gradient_sizes, moments, weights_of
from pellucid.figures.run_view import RunView
from pellucid.figures.text import cut
from pellucid.figures.theme import blend

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = np.ndarray[Any, Any]

POINTS = 120
TRACED = 60  # steps whose gradients are looked at
MOST_NAMED = 6
STYLES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)))
MARKS = ("o", "s", "^", "D")


def plot_weights(
    view: RunView, layer: int = 0, *, axes: Axes | None = None, theme: str = "light"
) -> Axes:
    """Draw a layer's weights over the steps; those that moved most have names.

    Args:
        view: the run.
        layer: counted from 0.
        axes: where to draw; left out: a new figure.
        theme: "light", "dark" or "print".

    Returns:
        The axes.
    """
    steps = moments(view.run.outcome.steps, POINTS)
    weights = weights_of(view, layer)
    values = follow(view, weights, steps)
    order = np.argsort(-np.abs(values[-1] - values[0]), kind="stable")
    named = set(order[:MOST_NAMED].tolist())
    with painting(axes, theme, (8.0, 4.6)) as paint:
        axes, colours = paint
        axes.axhline(0.0, color=colours.quiet, linewidth=1.0)
        for place in order[::-1]:
            end = float(values[-1, place])
            colour = colours.positive if end >= 0 else colours.negative
            is_named = int(place) in named
            axes.plot(
                steps, values[:, place], zorder=3 if is_named else 2,
                color=colour if is_named else blend(colours.ground, colour, 0.3),
                linewidth=1.8 if is_named else 0.7,
                linestyle="-" if end >= 0 else (0, (4, 1.6)),
            )  # fmt: skip
        _name_ends(axes, steps[-1], {weights[each].name: values[-1, each] for each in named})
        axes.set_title(f"Weights of {view.layers[layer].name}")
        axes.set_xlabel("step")
        axes.set_ylabel("weight")
        axes.set_xlim(0, 1.42 * max(steps[-1], 1))
        axes.set_xticks([each for each in axes.get_xticks() if each <= steps[-1]])
    return axes


def _name_ends(axes: Axes, last: int, ends: dict[str, float]) -> None:
    """Names at the right ends of lines, moved apart where they would lie over each other."""
    low, high = axes.get_ylim()
    apart = 0.055 * (high - low)
    heights: list[float] = []
    for name, value in sorted(ends.items(), key=lambda each: each[1]):
        height = max(float(value), heights[-1] + apart if heights else low + apart / 2)
        heights.append(height)
        axes.annotate(
            cut(name.replace(".weight", ""), 26), (last, value),
            xytext=(1.02 * last, height), size=8, va="center", annotation_clip=False,
        )  # fmt: skip


def plot_gradients(view: RunView, *, axes: Axes | None = None, theme: str = "light") -> Axes:
    """Draw how large the gradients of every layer are over the steps.

    Args:
        view: the run.
        axes: where to draw; left out: a new figure.
        theme: "light", "dark" or "print".

    Returns:
        The axes; the scale is logarithmic, so layers that hardly learn are seen as well.
    """
    steps = [each for each in moments(view.run.outcome.steps, TRACED) if each > 0]
    sizes = gradient_sizes(view, steps)
    with painting(axes, theme, (8.0, 4.2)) as paint:
        axes, colours = paint
        for place, layer in enumerate(view.layers):
            shown = np.where(sizes[:, place] > 0, sizes[:, place], np.nan)
            axes.plot(
                steps, shown, color=colours.classes[place % len(colours.classes)], linewidth=1.5,
                linestyle=STYLES[place % len(STYLES)], marker=MARKS[place % len(MARKS)],
                markersize=3.5, markevery=4, label=layer.name,
            )  # fmt: skip
        if (np.nan_to_num(sizes) > 0).any():
            log_scale(axes)
        axes.set_title("Size of the gradients")
        axes.set_xlabel("step")
        axes.set_ylabel("root mean square")
        axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=4, borderpad=0.1)
    return axes
