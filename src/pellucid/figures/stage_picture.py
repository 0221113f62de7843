"""One picture of a step: the strip of its five stages, the network, and a caption with numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.explain.layers import Layer
from pellucid.figures.network_look import Labels, Look
from pellucid.figures.network_plot import plot_network
from pellucid.figures.text import cut, fold_line
from pellucid.figures.theme import Theme, blend

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = np.ndarray[Any, Any]
Box = tuple[float, float, float, float]

STAGES = ("Forward", "Loss", "Zero gradients", "Backward", "Update")
LETTER = 0.60  # of the font's size: how wide a letter is


@dataclass(frozen=True, slots=True)
class Stage:
    """One picture of a step.

    Attributes:
        number: of the stage, from 0: forward, loss, zero the gradients, backward, update.
        look: what is laid over the network.
        title: the calculation, with its numbers.
        said: what it means.
        seconds: how long it stays in a film.
        labels: the words around the network.
        values: parameters and running statistics under their state_dict names.
    """

    number: int
    look: Look
    title: str
    said: str
    seconds: float
    labels: Labels
    values: Mapping[str, Array]


def draw_stage(
    figure: Figure, stage: Stage, layers: list[Layer], colours: Theme, box: Box = (0, 0, 1, 1)
) -> None:
    """Draw a stage onto a part of a figure.

    Args:
        figure: where.
        stage: what.
        layers: of the network.
        colours: of the theme.
        box: left, bottom, width and height of the part, in shares of the figure.
    """
    left, bottom, width, height = box
    across, up = 72.0 * figure.get_figwidth() * width, 72.0 * figure.get_figheight() * height
    size = min(across / 62, up / 32)
    _draw_strip(figure, stage.number, colours, box, size)
    network = (left + 0.02 * width, bottom + 0.21 * height, 0.96 * width, 0.67 * height)
    plot_network(
        layers,
        stage.values,
        stage.labels,
        look=stage.look,
        axes=figure.add_axes(network),
        theme=colours.name,
    )
    letters = int(0.94 * across / (size * LETTER))
    lines = fold_line(stage.title, letters, 2)
    lines = lines if len(lines) <= 2 else [lines[0], cut(lines[1], letters - 2) + " …"]
    y = bottom + 0.155 * height
    for line in lines:
        figure.text(left + 0.03 * width, y, line, size=size, weight="bold", va="center")
        y -= 0.05 * height
    said = cut(stage.said, int(letters * 1.08))
    place = left + 0.03 * width, y - 0.005 * height
    figure.text(*place, said, size=0.92 * size, va="center", color=colours.quiet)


def _draw_strip(figure: Figure, lit: int, colours: Theme, box: Box, size: float) -> None:
    """The names of the five stages, the running one lit."""
    left, bottom, width, height = box
    each = 0.94 * width / len(STAGES)
    for place, name in enumerate(STAGES):
        is_lit = place == lit
        figure.text(
            left + 0.03 * width + (place + 0.5) * each,
            bottom + 0.93 * height,
            name,
            size=size,
            ha="center",
            va="center",
            weight="bold" if is_lit else "normal",
            color=colours.ground if is_lit else colours.quiet,
            bbox={
                "boxstyle": "round,pad=0.45",
                "facecolor": colours.text if is_lit else blend(colours.ground, colours.grid, 0.6),
                "edgecolor": "none",
            },
        )
