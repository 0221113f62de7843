"""What lines mean, in one line under a drawn network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pellucid.figures.theme import Theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DASHES = (3.2, 1.8)  # of what is negative, in line widths
HEIGHT = 0.022


def draw_key(
    axes: Axes, words: Sequence[str], pair: tuple[str, str], colours: Theme, width: float
) -> None:
    """Draw the key in the middle of the lower edge.

    Args:
        axes: of the network.
        words: for the positive line, the negative line, and what has no line.
        pair: colours of the two lines.
        colours: of the theme.
        width: of the axes, in points.
    """
    size = 8.5 if width > 300 else 6.5
    widths = [len(each) * size * 0.56 + (44 if at < 2 else 20) for at, each in enumerate(words)]
    left = (width - sum(widths)) / 2
    for place, (text, wide) in enumerate(zip(words, widths, strict=True)):
        has_line = place < len(pair)
        if has_line:
            axes.plot(
                [left / width, (left + 20) / width],
                [HEIGHT, HEIGHT],
                transform=axes.transAxes,
                color=pair[place],
                linewidth=2.2,
                linestyle="-" if place == 0 else (0, DASHES),
            )
        axes.text(
            (left + (24 if has_line else 0)) / width,
            HEIGHT,
            text,
            transform=axes.transAxes,
            va="center",
            size=size,
            color=colours.quiet,
        )
        left += wide
