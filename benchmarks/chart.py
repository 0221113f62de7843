"""The chart of growth: three panels of lines, as an SVG that is readable on light and dark pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

mpl.use("svg")

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator

# In the middle between black and white, so that both pages contrast with them.
INK = "#7d8590"
GRID = "#7d859040"
COLOURS = {"pellucid": "#1f9e89", "JAX": "#a371f7", "PyTorch eager": "#e0703a"}
TITLES = {
    "width": ("units in each of 2 hidden layers", "Width"),
    "depth": ("hidden layers of 64 units", "Depth"),
    "batch": ("rows in a batch", "Batch"),
}
STYLE = {
    "svg.hashsalt": "pellucid",  # equal figures, equal file
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}


def time_words(micros: float, _: int | None = None) -> str:
    """Microseconds in the unit that suits: 1 µs, 100 µs, 10 ms."""
    return f"{micros:g} µs" if micros < 1000 else f"{micros / 1000:g} ms"


def draw_panel(axes: Axes, name: str, points: dict[str, dict[str, float]]) -> None:
    """One line a library, over what grows."""
    label, title = TITLES[name]
    sizes = [int(size) for size in points]
    for peer, colour in COLOURS.items():
        known = [(int(size), each[peer]) for size, each in points.items() if peer in each]
        if known:
            style = {"linewidth": 2.6, "zorder": 4} if peer == "pellucid" else {"linewidth": 1.8}
            axes.plot(*zip(*known, strict=True), "o-", color=colour, markersize=4.5, **style)
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(time_words))
    axes.grid(visible=True, axis="y", color=GRID, linewidth=0.8)
    axes.set_title(title, loc="left", fontweight="bold", fontsize=12)
    axes.set_xlabel(label)
    axes.tick_params(length=0, labelsize=9)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)


def apart(heights: dict[str, float], gap: float) -> dict[str, float]:
    """The heights from the lowest to the highest, pushed up until none is nearer than `gap`."""
    placed: dict[str, float] = {}
    for name, height in sorted(heights.items(), key=lambda each: each[1]):
        placed[name] = max(height, *(below + gap for below in placed.values()), height)
    return placed


def draw_names(axes: Axes, points: dict[str, dict[str, float]]) -> None:
    """The libraries' names at the ends of their lines, never on top of each other."""
    size, last = list(points.items())[-1]
    low, high = np.log10(axes.get_ylim())
    ends = {peer: float(np.log10(last[peer])) for peer in COLOURS if peer in last}
    for peer, height in apart(ends, gap=(high - low) / 16).items():
        axes.annotate(
            peer,
            (int(size), 10**height),
            xytext=(9, 0),
            textcoords="offset points",
            va="center",
            color=COLOURS[peer],
            fontweight="bold",
        )


def draw(measured: dict[str, Any]) -> Figure:
    """All three panels, on one scale of time."""
    with mpl.rc_context(STYLE):
        figure, grid = plt.subplots(1, len(measured), figsize=(12, 4.2), sharey=True, squeeze=False)
        panels = grid[0]
        for axes, (name, points) in zip(panels, measured.items(), strict=True):
            draw_panel(axes, name, points)
        draw_names(panels[-1], list(measured.values())[-1])
        panels[0].set_ylabel("time of a training step")
        for axes in panels:
            axes.patch.set_alpha(0)
        figure.tight_layout(w_pad=2)
        figure.subplots_adjust(right=0.9)
    return figure


def save(measured: dict[str, Any], path: Path) -> None:
    """Write the picture; text becomes outlines, so that it looks alike everywhere."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context(STYLE):
        figure = draw(measured)
        figure.savefig(path, metadata={"Date": None}, transparent=True)
        plt.close(figure)
