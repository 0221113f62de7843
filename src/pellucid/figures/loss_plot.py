"""How the loss fell: every step's batch, every epoch's validation rows, and the epoch that is kept."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.figures.canvas import painting
from pellucid.figures.theme import blend

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = np.ndarray[Any, Any]

MOST_POINTS = 2_000


def plot_losses(
    losses: Sequence[float] | Array,
    validation: Sequence[float] | Array = (),
    *,
    steps_per_epoch: int = 1,
    best_epoch: int | None = None,
    upto: int | None = None,
    axes: Axes | None = None,
    theme: str = "light",
) -> Axes:
    """Draw the loss over the steps.

    Args:
        losses: of each step's batch, shape (steps,).
        validation: of the first state and at each epoch's end, shape (epochs + 1,).
        steps_per_epoch: where the epochs end.
        best_epoch: the epoch whose weights are kept; None: not shown.
        upto: draw only the first so many steps, on axes made for all.
        axes: where to draw; left out: a new figure.
        theme: "light", "dark" or "print".

    Returns:
        The axes.

    Example:
        >>> axes = plot_losses([0.9, 0.5, 0.4], [1.0, 0.6], steps_per_epoch=3)
        >>> axes.get_xlabel()
        'step'
    """
    losses, validation = np.asarray(losses, float), np.asarray(validation, float)
    ends = np.arange(len(validation)) * steps_per_epoch
    last = len(losses) if upto is None else upto
    with painting(axes, theme) as paint:
        axes, colours = paint
        _draw_steps(axes, losses[:last], blend(colours.ground, colours.loss, 0.6))
        seen = ends <= last
        if len(validation):
            axes.plot(
                ends[seen], validation[seen], color=colours.loss, linewidth=2.0, marker="o",
                markersize=3.2 if len(validation) < 60 else 0, label="rows for choosing, each epoch",
            )  # fmt: skip
        if best_epoch and best_epoch * steps_per_epoch <= last:
            axes.axvline(
                best_epoch * steps_per_epoch, color=colours.accent, linewidth=1.2, linestyle=":",
                label=f"kept: epoch {best_epoch:,}",
            )  # fmt: skip
        axes.set_xlabel("step")
        axes.set_ylabel("loss")
        axes.set_title("Loss")
        axes.set_xlim(0, max(len(losses), 1))
        axes.set_ylim(*_range(losses, validation))
        if axes.get_legend_handles_labels()[0]:
            axes.legend(
                loc="upper right", fontsize=8.5, frameon=True, framealpha=0.85,
                facecolor=colours.ground, edgecolor="none",
            )  # fmt: skip
    return axes


def _draw_steps(axes: Axes, losses: Array, colour: str) -> None:
    if len(losses):
        kept = _thin(losses)
        axes.plot(kept + 1, losses[kept], color=colour, linewidth=0.9, label="batch of each step")


def _range(losses: Array, validation: Array) -> tuple[float, float]:
    """From 0 to a little above the largest, if numbers did not run away."""
    every = np.concatenate([losses, validation])
    finite = every[np.isfinite(every)]
    if not len(finite) or float(finite.max()) == 0.0:
        return 0.0, 1.0
    low = float(finite.min())
    usual = float(np.quantile(finite, 0.995))
    top = float(finite.max()) if finite.max() < 20 * usual else 2 * usual
    return min(low * 1.05, 0.0), 1.08 * top


def _thin(losses: Array) -> Array:
    """Which steps are drawn: all, or of a long run the lowest and highest of each small stretch."""
    if len(losses) <= MOST_POINTS:
        return np.arange(len(losses))
    whole = np.where(np.isfinite(losses), losses, 0.0)
    edges = np.linspace(0, len(losses), MOST_POINTS // 2 + 1).astype(int)
    kept = {0, len(losses) - 1}
    for start, end in itertools.pairwise(edges):
        kept |= {int(start + whole[start:end].argmin()), int(start + whole[start:end].argmax())}
    return np.array(sorted(kept))
