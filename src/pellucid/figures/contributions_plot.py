"""A weighted sum as bars: what every term adds or takes away, from the first to the total.

The numbers beside the bars are those of `explain.sums`: as printed they add up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pellucid.explain.digits import MINUS
from pellucid.explain.explanation import Explanation
from pellucid.explain.sums import Line, tabulate
from pellucid.figures.canvas import painting
from pellucid.figures.text import cut
from pellucid.figures.theme import Theme, blend

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 9
NAMES = {"bias": "bias", "rounding": "rounding", "total": "sum"}


def plot_contributions(
    node: Explanation,
    *,
    title: str = "",
    most: int = MOST,
    axes: Axes | None = None,
    theme: str = "light",
) -> Axes:
    """Draw the terms of a sum, each bar beginning where the one above it ended.

    Args:
        node: a sum, such as a neuron's weighted sum.
        title: over the picture; left out: the node's name.
        most: so many terms at most; the smallest ones stand together, with their exact sum.
        axes: where to draw; left out: a new figure.
        theme: "light", "dark" or "print".

    Returns:
        The axes.
    """
    lines = tabulate(node, most)
    with painting(axes, theme, (6.2, 0.9 + 0.42 * len(lines))) as paint:
        axes, colours = paint
        reached = 0.0
        ends = [0.0]
        for place, line in enumerate(lines):
            value = _number(line)
            start = 0.0 if line.kind == "total" else reached
            reached = value if line.kind == "total" else reached + value
            ends.append(reached)
            _draw_bar(axes, colours, place, (start, value), line)
            if place + 1 < len(lines):
                axes.plot(
                    [reached, reached], [place, place + 1], color=colours.quiet, linewidth=0.8,
                    zorder=1,
                )  # fmt: skip
        low, high = min(ends), max(ends)
        room = 0.28 * ((high - low) or 1.0)
        axes.set_xlim(low - (room if low < 0 else 0.06 * room), high + room)
        axes.set_ylim(len(lines) - 0.45, -0.55)
        axes.axvline(0.0, color=colours.quiet, linewidth=1.0)
        axes.set_title(title or f"What makes the sum of {cut(node.name, 24)}")
        _write_names(axes, lines)
    return axes


def _number(line: Line) -> float:
    try:
        return float(line.value.replace(",", "").replace(MINUS, "-"))
    except ValueError:  # what ran away has no length
        return 0.0


def _draw_bar(
    axes: Axes, colours: Theme, place: int, span: tuple[float, float], line: Line
) -> None:
    """One term; what takes away is hatched, so that colour is not needed to see it."""
    start, value = span
    is_negative = value < 0
    colour = colours.negative if is_negative else colours.positive
    is_total = line.kind == "total"
    axes.barh(
        place, value, left=start, height=0.62, zorder=2,
        color=colour if is_total else blend(colours.ground, colour, 0.62),
        edgecolor=colours.ground if not is_negative else blend(colours.ground, colour, 0.35),
        hatch="////" if is_negative and not is_total else None, linewidth=0.0,
    )  # fmt: skip
    sign = "" if is_total or is_negative or (line.value.startswith("0.0") and value == 0) else "+"
    axes.annotate(
        f"{sign}{line.value}", (start + value, place), (-5 if is_negative else 5, 0),
        textcoords="offset points", ha="right" if is_negative else "left", va="center", size=9,
        weight="bold" if is_total else "normal", color=colours.text,
    )  # fmt: skip


def _write_names(axes: Axes, lines: list[Line]) -> None:
    axes.set_yticks(range(len(lines)))
    axes.set_yticklabels([cut(NAMES.get(each.kind, each.name), 20) for each in lines])
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    axes.spines["left"].set_visible(False)
