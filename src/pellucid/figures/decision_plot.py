"""What a network says everywhere on a map of two columns, or along one; other columns stay put.

With two columns it is the whole decision, with more a slice through a chosen row.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.figures.canvas import diverging, figure_of, growing, painting, short_numbers
from pellucid.figures.decision_map import DecisionMap, map_decision
from pellucid.figures.run_view import RunView
from pellucid.figures.text import cut
from pellucid.figures.theme import Theme, blend

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import LinearSegmentedColormap

Array = np.ndarray[Any, Any]

MARKS = ("o", "X", "s", "^", "D", "v", "P", "*")


def plot_decision(
    view: RunView,
    values: Mapping[str, Array] | None = None,
    *,
    row: int = 1,
    columns: tuple[str, ...] = (),
    axes: Axes | None = None,
    theme: str = "light",
) -> Axes:
    """Draw what the network says, by one or two columns.

    Args:
        view: the run.
        values: parameters and running statistics; left out: those of the model.
        row: whose cells all other columns have, from 1.
        columns: one or two columns of numbers; left out: the two that move the network most.
        axes: where to draw; left out: a new figure.
        theme: "light", "dark" or "print".

    Returns:
        The axes.

    Raises:
        AddressError: the table has no such row.
        ColumnError: a column is unknown, or no number.
    """
    drawn = map_decision(
        view, view.model.parameters if values is None else values, row=row, columns=columns
    )
    with painting(axes, theme, (6.2, 5.0)) as paint:
        axes, colours = paint
        if drawn.is_line:
            _draw_line(axes, drawn, colours)
        elif drawn.labels:
            _draw_classes(axes, drawn, colours)
        else:
            _draw_numbers(axes, drawn, colours)
        _draw_words(axes, drawn)
    return axes


def _draw_classes(axes: Axes, drawn: DecisionMap, colours: Theme) -> None:
    """Areas in the colours of the classes, the border between them, and the rows."""
    across, up = drawn.grid
    if len(drawn.labels) == 2:
        share = drawn.answers[..., -1]
        axes.pcolormesh(
            across, up, share, cmap=_two_sides(colours), vmin=0, vmax=1, shading="gouraud",
            rasterized=True,
        )  # fmt: skip
        if float(share.min()) < 0.5 < float(share.max()):
            axes.contour(across, up, share, levels=[0.5], colors=[colours.text], linewidths=1.3)
    else:
        winner = drawn.answers.argmax(axis=-1)
        _draw_areas(axes, drawn, winner, colours)
    for code, label in _points_order(drawn):
        chosen = drawn.codes == code
        colour = _class_colour(drawn, code, colours)
        if not len(drawn.codes):
            is_seen = bool((drawn.answers.argmax(axis=-1) == code).any())
            if is_seen:
                is_white = colours.name == "print" and len(drawn.labels) == 2 and code == 0
                tint = blend(colours.ground, colour, 0.0 if is_white else 0.6)
                axes.scatter(
                    [],
                    [],
                    s=60,
                    marker="s",
                    color=tint,
                    edgecolors=colours.quiet,
                    label=cut(f"says {label}", 16),
                )
        elif chosen.any():
            axes.scatter(
                drawn.points[chosen, 0], drawn.points[chosen, 1], s=20, marker=_mark(drawn, code),
                color=colour, edgecolors=colours.ground, linewidths=0.4, label=cut(label, 16),
            )  # fmt: skip


def _two_sides(colours: Theme) -> LinearSegmentedColormap:
    """From the negative to the positive class; in print from white to grey, as there is no hue."""
    if colours.name == "print":
        return growing(colours, 0.45)
    return diverging(colours, 0.42)


def _draw_areas(axes: Axes, drawn: DecisionMap, winner: Array, colours: Theme) -> None:
    from matplotlib.colors import ListedColormap  # noqa: PLC0415

    count = len(drawn.labels)
    tints = [
        blend(colours.ground, _class_colour(drawn, each, colours), 0.3 + 0.2 * (each // 5))
        for each in range(count)
    ]
    axes.pcolormesh(
        *drawn.grid, winner, cmap=ListedColormap(tints), vmin=-0.5, vmax=count - 0.5,
        shading="nearest", rasterized=True,
    )  # fmt: skip


def _draw_numbers(axes: Axes, drawn: DecisionMap, colours: Theme) -> None:
    """A number's height in colour, with its lines of equal value."""
    values = drawn.answers[..., 0]
    mesh = axes.pcolormesh(
        *drawn.grid, values, cmap=growing(colours), shading="gouraud", rasterized=True
    )
    if float(values.max()) > float(values.min()):
        axes.contour(*drawn.grid, values, levels=6, colors=[colours.text], linewidths=0.5)
    figure = figure_of(axes)
    if figure.get_layout_engine() is not None:
        bar = figure.colorbar(mesh, ax=axes, format=short_numbers())
        bar.set_label(drawn.unit_label)


def _draw_line(axes: Axes, drawn: DecisionMap, colours: Theme) -> None:
    """One column: the answer as a curve."""
    across = drawn.grid[0]
    answers = drawn.answers[:, -1] if len(drawn.labels) == 2 else drawn.answers
    shown = answers.reshape(len(across), -1)
    names = drawn.labels if shown.shape[1] > 1 else ("",)
    for code, label in enumerate(names):
        colour = colours.positive if len(names) == 1 else _class_colour(drawn, code, colours)
        axes.plot(across, shown[:, code], color=colour, linewidth=2, label=cut(label, 16))
    if drawn.labels:
        axes.set_ylim(-0.03, 1.03)


def _draw_words(axes: Axes, drawn: DecisionMap) -> None:
    axes.set_title(drawn.title)
    axes.set_xlabel(cut(drawn.axis_labels[0], 40))
    axes.set_ylabel(cut(drawn.unit_label if drawn.is_line else drawn.axis_labels[1], 40))
    if drawn.row_point is not None and not drawn.is_line:
        axes.scatter(
            [drawn.row_point[0]], [drawn.row_point[1]], s=150, marker="o", facecolors="none",
            edgecolors=axes.title.get_color(), linewidths=1.8, zorder=6,
        )  # fmt: skip
    if any(axes.get_legend_handles_labels()[1]):
        axes.legend(
            loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=4, fontsize=8.5, borderpad=0.1,
            handletextpad=0.3, columnspacing=1.2, handlelength=1.4,
        )  # fmt: skip
    axes.grid(visible=False)


def _points_order(drawn: DecisionMap) -> list[tuple[int, str]]:
    pairs = list(enumerate(drawn.labels))
    return pairs[::-1] if len(pairs) == 2 else pairs


def _class_colour(drawn: DecisionMap, code: int, colours: Theme) -> str:
    if len(drawn.labels) == 2:
        return colours.positive if code == 1 else colours.negative
    return colours.classes[code % len(colours.classes)]


def _mark(drawn: DecisionMap, code: int) -> str:
    place = 1 - code if len(drawn.labels) == 2 else code
    return MARKS[place % len(MARKS)]
