"""The network drawn with its real weights: circles for neurons, a line for every weight.

A line's colour and dashes say the sign, its thickness the size; a row's numbers stand in the
circles. Where the circles stand is decided in `network_layout`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.explain.digits import write_fixed, write_number, write_science
from pellucid.explain.layers import Layer
from pellucid.figures.canvas import painting, size_in_points
from pellucid.figures.network_key import DASHES, draw_key
from pellucid.figures.network_layout import MOST, Column, lay_out
from pellucid.figures.network_look import Labels, Look
from pellucid.figures.text import cut
from pellucid.figures.theme import Theme, blend

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = np.ndarray[Any, Any]

THICKEST = 4.0  # points
LONGEST_NAME = 18
MOST_LABELLED = 10  # lines between two columns that carry their numbers
LARGEST_CIRCLE = 36.0  # points


def plot_network(
    layers: Sequence[Layer],
    parameters: Mapping[str, Array],
    labels: Labels,
    *,
    look: Look | None = None,
    most: int = MOST,
    axes: Axes | None = None,
    theme: str = "light",
) -> Axes:
    """Draw a network with its real weights.

    Args:
        layers: of the network.
        parameters: under their state_dict names.
        labels: the words around it.
        look: a row's numbers, or whatever else is laid over it.
        most: circles in a column; wider layers have a gap.
        axes: where to draw; left out: a new figure of 8 × 4.5 inches.
        theme: "light", "dark" or "print".

    Returns:
        The axes; `axes.figure.savefig` writes the picture.
    """
    with painting(axes, theme, is_bare=True) as paint:
        axes, colours = paint
        drawing = _Drawing(
            axes, colours, layers=layers, parameters=parameters, labels=labels,
            look=look or Look(), most=most,
        )  # fmt: skip
        drawing.draw()
    return axes


class _Drawing:
    """A network while it is drawn."""

    def __init__(
        self,
        axes: Axes,
        colours: Theme,
        *,
        layers: Sequence[Layer],
        parameters: Mapping[str, Array],
        labels: Labels,
        look: Look,
        most: int,
    ) -> None:
        self.axes, self.colours, self.layers = axes, colours, layers
        self.parameters, self.labels, self.look = parameters, labels, look
        self.columns = lay_out(layers, most)
        self.width, self.height = size_in_points(axes)
        slots = max(len(each.shown) + (each.gap is not None) for each in self.columns)
        step = 0.74 * self.height / max(slots, 3)
        self.circle = min((0.66 if slots <= 8 else 0.82) * step, LARGEST_CIRCLE)
        self.between = step - self.circle  # room under a circle
        self.small = min(max(self.circle * 0.30, 5.5), 9.0)

    def draw(self) -> None:
        """Lines first, then circles over them, then words."""
        self.axes.set_axis_off()
        self._set_limits()
        scale = self.look.scale or self._largest()
        for number in range(1, len(self.columns)):
            self._draw_lines(number, scale)
        for number in range(len(self.columns)):
            self._draw_circles(number)
            self._draw_title(number)
        self._draw_names()
        if self.look.followed is not None:
            self._draw_followed(self.look.followed)
        if self.height > 150:
            self._write_key(scale)

    def _write_key(self, scale: float) -> None:
        what = "gradient" if self.look.is_backward else "weight"
        words = [f"+ {what}", f"− {what}", f"thickest line {write_number(scale, 3)}"]
        words += ["b: bias"] if self._has_biases() else []
        draw_key(self.axes, words, (self._colour(1), self._colour(-1)), self.colours, self.width)

    def _set_limits(self) -> None:
        """Room for names on both sides, in units of the distance between inputs and output."""
        letters = max(len(self._input_name(each)) for each in self.columns[0].shown)
        cells = max((len(each) for each in self.labels.cells), default=0)
        right = max(len(cut(each, LONGEST_NAME)) for each in self.labels.outputs)
        right = max(right, len(self.labels.answer) if self.labels.answer else 0)
        each_letter = 0.62 * self._name_size()
        left_room = max(max(letters, cells) * each_letter + self.circle, 8 + self._title_room(0))
        right_room = max(min(right, 24) * each_letter + self.circle, 8 + self._title_room(-1))
        inner = max(self.width - left_room - right_room, 60)
        self.axes.set_xlim(-left_room / inner, 1 + right_room / inner)
        self.axes.set_ylim(-0.16, 1.16)

    def _title_room(self, number: int) -> float:
        """Half the width of what stands over a column."""
        said = _kind(self.layers[-1]) if number else _count(self.columns[0])
        return 0.31 * self._title_size() * max(len(said), 8)

    def _title_size(self) -> float:
        return 9.5 if self.width > 300 else 7.0

    def _name_size(self) -> float:
        return min(max(self.circle * 0.32, 6.0), 10.0)

    def _input_name(self, place: int) -> str:
        return cut(self.labels.inputs[place], LONGEST_NAME)

    def _numbers(self, number: int) -> Array:
        """What the lines into a column show: its weights, or what was given instead."""
        if number in self.look.lines:
            return self.look.lines[number]
        return self.parameters[self.layers[number - 1].weight]

    def _largest(self) -> float:
        sizes = [float(np.abs(self._numbers(each)).max()) for each in range(1, len(self.columns))]
        finite = [each for each in sizes if np.isfinite(each)]
        return max(finite, default=0.0) or 1.0

    def _is_lit(self, number: int) -> bool:
        return self.look.lit is None or number in self.look.lit

    def _colour(self, value: float) -> str:
        if self.look.is_backward:
            return self.colours.gradient
        return self.colours.positive if value >= 0 else self.colours.negative

    def _draw_lines(self, number: int, scale: float) -> None:
        """All weights between two columns, the heaviest on top."""
        before, behind = self.columns[number - 1], self.columns[number]
        numbers = self._numbers(number)
        lines = [
            (float(numbers[neuron, source]), y_before, y_behind)
            for source, y_before in zip(before.shown, before.heights, strict=True)
            for neuron, y_behind in zip(behind.shown, behind.heights, strict=True)
        ]
        is_labelled = len(lines) <= MOST_LABELLED and self.circle > 18
        lines.sort(key=lambda each: abs(each[0]))
        shares = [min(abs(each) / scale, 1.0) if np.isfinite(each) else 1.0 for each, _, _ in lines]
        self._add_lines(lines, shares, (before.x, behind.x), is_lit=self._is_lit(number))
        if is_labelled and self._is_lit(number):
            for value, start, end in lines:
                self._label_line(value, (before.x, behind.x), (start, end))

    def _add_lines(
        self,
        lines: Sequence[tuple[float, float, float]],
        shares: Sequence[float],
        across: tuple[float, float],
        *,
        is_lit: bool,
    ) -> None:
        """All lines at once: (value, height at the left, height at the right) of each."""
        from matplotlib.collections import LineCollection  # noqa: PLC0415

        colours, widths, styles = [], [], []
        for (value, _, _), share in zip(lines, shares, strict=True):
            strength = (0.25 + 0.75 * share) if is_lit else 0.12
            colours.append(blend(self.colours.ground, self._colour(value), strength))
            widths.append(0.5 + (THICKEST - 0.5) * share)
            spaces = tuple(each * max(1.0, 1.6 / widths[-1]) for each in DASHES)
            styles.append((0, None) if value >= 0 else (0, spaces))
        ends = [((across[0], start), (across[1], end)) for _, start, end in lines]
        drawn = LineCollection(ends, colors=colours, linewidths=widths, linestyles=styles)
        drawn.set_capstyle("butt")
        self.axes.add_collection(drawn)

    def _label_line(
        self, value: float, across: tuple[float, float], heights: tuple[float, float]
    ) -> None:
        """A weight's number on its line, nearer to where it comes from: there lines are apart."""
        share = 0.36
        self.axes.text(
            across[0] + share * (across[1] - across[0]),
            heights[0] + share * (heights[1] - heights[0]),
            write_fixed(value, 3 if self.look.is_backward else 2, sign=True),
            size=self.small,
            color=self._colour(value),
            ha="center",
            va="center",
            zorder=3,
            bbox={"facecolor": self.colours.ground, "edgecolor": "none", "pad": 0.6},
        )

    def _draw_circles(self, number: int) -> None:
        column = self.columns[number]
        values = self.look.values.get(number)
        for place, height in zip(column.shown, column.heights, strict=True):
            value = None if values is None else float(values[place])
            self._draw_circle(number, column.x, height, place, value)
        if column.gap is not None:
            self.axes.text(
                column.x,
                column.gap,
                "⋮",
                ha="center",
                va="center",
                size=12,
                color=self.colours.quiet,
            )
            self.axes.annotate(
                f"{column.hidden:,} more",
                (column.x, column.gap),
                (max(self.circle * 0.35, 8), 0),
                textcoords="offset points",
                va="center",
                size=self.small,
                color=self.colours.quiet,
                zorder=4,
                bbox={"facecolor": self.colours.ground, "edgecolor": "none", "pad": 0.8},
            )

    def _draw_circle(
        self, number: int, x: float, y: float, place: int, value: float | None
    ) -> None:
        """A circle with its number; hollow where nothing comes out of it."""
        colours = self.colours
        edge = colours.quiet if self._is_lit(number) else blend(colours.ground, colours.quiet, 0.4)
        fill = colours.ground
        if value is not None and value != 0 and np.isfinite(value):
            tint = colours.gradient if self.look.is_backward else self._colour(value)
            fill = blend(colours.ground, tint, 0.18)
            edge = tint
        self.axes.scatter(
            [x],
            [y],
            s=self.circle**2,
            color=fill,
            edgecolors=edge,
            linewidths=1.2,
            linestyles="-" if value is None or value >= 0 else (0, DASHES),
            zorder=5,
        )
        inside = self._inside(number, place, value)
        if inside:
            size = min(self.circle * 0.34, 9.5) * min(1.0, 5.5 / max(len(inside), 1))
            faint = value is None or not self._is_lit(number)
            colour = colours.quiet if faint else colours.text
            self.axes.text(
                x, y, inside, ha="center", va="center", size=size, color=colour, zorder=6
            )
        if value is not None and self.look.is_backward and self._is_roomy():
            text = write_number(value, 2)
            self._write_below(x, y, text if len(text) <= 8 else write_science(value, 2))
        self._draw_bias(number, x, y, place)

    def _inside(self, number: int, place: int, value: float | None) -> str:
        """A row's number, or which neuron it is; backwards it stands below, if anywhere."""
        if value is not None and self.look.is_backward:
            return ""
        if value is not None:
            size = abs(value)
            return write_fixed(value, 2 if size < 99.995 or not np.isfinite(value) else 0)
        is_named = number in (0, len(self.columns) - 1)
        return "" if is_named or self.circle < 14 else f"{place + 1}"

    def _has_biases(self) -> bool:
        """Whether there is room for biases, and any."""
        has_any = any(each.has_bias for each in self.layers)
        return has_any and self._is_roomy() and not self.look.is_backward

    def _is_roomy(self) -> bool:
        """Whether a number finds room under each circle."""
        return self.circle >= 19 and self.between > 1.05 * self.small

    def _draw_bias(self, number: int, x: float, y: float, place: int) -> None:
        """The bias under its neuron: it belongs to the sum as much as every line."""
        if number == 0 or not self._has_biases():
            return
        layer = self.layers[number - 1]
        if not layer.has_bias:
            return
        bias = float(self.parameters[layer.bias][place])
        self._write_below(x, y, f"b {write_fixed(bias, 2, sign=True)}")

    def _write_below(self, x: float, y: float, text: str) -> None:
        self.axes.annotate(
            text,
            (x, y),
            (0, -self.circle * 0.56),
            textcoords="offset points",
            ha="center",
            va="top",
            size=self.small * 0.92,
            color=self.colours.quiet,
            zorder=6,
            bbox={"facecolor": self.colours.ground, "edgecolor": "none", "pad": 0.4},
        )

    def _draw_title(self, number: int) -> None:
        column = self.columns[number]
        said = _kind(self.layers[number - 1]) if number else _count(column)
        for text, y, weight, colour in (
            (column.name, 1.13, "bold", self.colours.text),
            (said, 1.07, "normal", self.colours.quiet),
        ):
            self.axes.text(
                column.x, y, text, ha="center", va="center", size=self._title_size(),
                weight=weight, color=colour,
            )  # fmt: skip

    def _draw_names(self) -> None:
        """Names of inputs to the left, of outputs to the right, a row's cells under the names."""
        size = self._name_size()
        for place, height in zip(self.columns[0].shown, self.columns[0].heights, strict=True):
            cell = self.labels.cells[place] if self.labels.cells else ""
            self._beside(0.0, height, self._input_name(place), cell, size, side=-1)
        last = self.columns[-1]
        for place, height in zip(last.shown, last.heights, strict=True):
            name = cut(self.labels.outputs[place], LONGEST_NAME)
            answer = self.labels.answer if last.width == 1 else ""
            self._beside(1.0, height, name, answer, size, side=1)

    def _beside(self, x: float, y: float, name: str, below: str, size: float, *, side: int) -> None:
        """A name beside a circle, and what is said of it underneath."""
        away = side * (self.circle * 0.5 + 5)
        for text, shift, weight, colour in (
            (name, 0.62 if below else 0.0, "normal", self.colours.text),
            (below, -0.62, "bold", self.colours.text),
        ):
            self.axes.annotate(
                text,
                (x, y),
                (away, shift * size),
                textcoords="offset points",
                ha="right" if side < 0 else "left",
                va="center",
                size=size,
                weight=weight,
                color=colour,
                annotation_clip=False,
            )

    def _draw_followed(self, followed: tuple[int, int, int]) -> None:
        """A thin frame of dots around the line that is spoken about."""
        number, neuron, source = followed
        before, behind = self.columns[number - 1], self.columns[number]
        if source not in before.shown or neuron not in behind.shown:
            return
        heights = (
            before.heights[before.shown.index(source)],
            behind.heights[behind.shown.index(neuron)],
        )
        self.axes.plot(
            (before.x, behind.x),
            heights,
            color=blend(self.colours.ground, self.colours.accent, 0.25),
            linewidth=THICKEST + 5,
            solid_capstyle="round",
            zorder=0.5,
        )


def _kind(layer: Layer) -> str:
    """What a layer's neurons do, "5 × ReLU"."""
    return f"{layer.width:,} × {layer.title}" if layer.width > 1 else layer.title


def _count(column: Column) -> str:
    return f"{column.width:,} {'number' if column.width == 1 else 'numbers'}"
