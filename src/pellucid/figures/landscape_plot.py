"""The loss as a landscape over two weights, with the path that the run walked in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.figures.canvas import growing, painting
from pellucid.figures.course import Weight, find_weight, follow, loss_around, moments, weights_of
from pellucid.figures.run_view import RunView
from pellucid.figures.text import cut

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = np.ndarray[Any, Any]

FINENESS = 25
POINTS = 60


def plot_landscape(
    view: RunView,
    first: str | None = None,
    second: str | None = None,
    *,
    axes: Axes | None = None,
    theme: str = "light",
) -> Axes:
    """Draw the loss for all values of two weights, the others as they are at the run's end.

    The path's end lies in the landscape; earlier points lie over it, because the other weights were
    other ones then.

    Args:
        view: the run.
        first: a weight, "hidden1.3.weight.age"; left out: the one that moved furthest.
        second: another one; left out: the one that moved furthest but for the first.
        axes: where to draw; left out: a new figure.
        theme: "light", "dark" or "print".

    Returns:
        The axes.

    Raises:
        AddressError: there is no such weight.
    """
    pair = _choose(view, first, second)
    path = follow(view, pair, moments(view.run.outcome.steps, POINTS))
    across, up = (_around(path[:, each]) for each in (0, 1))
    losses = loss_around(view, pair, across, up)
    with painting(axes, theme, (6.4, 5.2)) as paint:
        axes, colours = paint
        levels = np.quantile(losses[np.isfinite(losses)], np.linspace(0, 1, 14))
        levels = np.unique(levels)
        if len(levels) > 1:
            axes.contourf(across, up, losses, levels=levels, cmap=growing(colours), alpha=0.75)
            drawn = axes.contour(
                across, up, losses, levels=levels[1:-1:3], colors=[colours.text], linewidths=0.5
            )
            axes.clabel(drawn, fmt="%.3g", fontsize=7.5)
        axes.plot(path[:, 0], path[:, 1], color=colours.negative, linewidth=2.0, label="path")
        axes.plot(
            *path[0], marker="o", color=colours.negative, markersize=7, linestyle="", label="start"
        )
        axes.plot(
            *path[-1], marker="*", color=colours.negative, markersize=13, linestyle="", label="end"
        )
        axes.set_title("Loss")
        axes.set_xlabel(cut(pair[0].name, 44))
        axes.set_ylabel(cut(pair[1].name, 36))
        axes.grid(visible=False)
        axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=3, borderpad=0.1)
    return axes


def _choose(view: RunView, first: str | None, second: str | None) -> tuple[Weight, Weight]:
    """The weights asked for, or those that moved furthest."""
    every = [each for layer in range(len(view.layers)) for each in weights_of(view, layer)]
    ends = follow(view, every, [0, view.run.outcome.steps])
    order = np.argsort(-np.abs(ends[-1] - ends[0]), kind="stable")
    furthest = [every[each] for each in order]
    one = furthest[0] if first is None else find_weight(view, first)
    if second is not None:
        return one, find_weight(view, second)
    return one, next(each for each in [*furthest, one] if each.name != one.name or len(every) == 1)


def _around(values: Array) -> Array:
    """A range around all of a path."""
    low, high = float(values.min()), float(values.max())
    room = 0.35 * (high - low) or 1.0
    return np.linspace(low - room, high + room, FINENESS)
