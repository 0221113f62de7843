"""Where the circles of a drawn network stand: columns of neurons, wide layers with a gap.

Positions run from 0 to 1 in both directions; how circles and lines look is decided in
`network_plot`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pellucid.explain.layers import Layer

MOST = 8
MOST_OUTPUTS = 12


@dataclass(frozen=True, slots=True)
class Column:
    """One column of circles: the inputs, or a layer's neurons.

    Attributes:
        name: "inputs", "hidden1" … or "output".
        width: how many there are.
        x: from 0 (inputs) to 1 (output).
        shown: which of them are drawn, counted from 0.
        heights: y of each of those, from 0 (bottom) to 1.
        gap: y of the sign that stands for the others; None if all are drawn.
    """

    name: str
    width: int
    x: float
    shown: tuple[int, ...]
    heights: tuple[float, ...]
    gap: float | None

    @property
    def hidden(self) -> int:
        """How many are not drawn."""
        return self.width - len(self.shown)


def lay_out(layers: Sequence[Layer], most: int = MOST) -> list[Column]:
    """Place the inputs and every layer.

    Args:
        layers: of the network.
        most: circles in a column; of a wider layer the first ones and the last one are drawn.

    Returns:
        A column for the inputs, then one for each layer.
    """
    widths = [layers[0].inputs, *(each.width for each in layers)]
    names = ["inputs", *(each.name for each in layers)]
    limits = [most] * len(layers) + [max(most, MOST_OUTPUTS)]
    slots = max(
        min(width, limit + 1) for width, limit in zip(widths, limits, strict=True)
    )  # a gap takes the room of a circle
    last = len(widths) - 1
    return [
        _column(name, width, place / last, limit, slots)
        for place, (name, width, limit) in enumerate(zip(names, widths, limits, strict=True))
    ]


def _column(name: str, width: int, x: float, most: int, slots: int) -> Column:
    """A column in the middle of the height, its circles as far apart as in the fullest one."""
    is_cut = width > most
    count = most + 1 if is_cut else width
    room = 1.0 / max(slots, 1)
    # Short columns are spread a little: circles that stand close look as if they belonged together.
    step = min(room * (1.0 + 0.5 * (slots - count) / max(slots, 1)), 0.24)
    top = 0.5 + step * (count - 1) / 2
    heights = [top - step * place for place in range(count)]
    if not is_cut:
        return Column(name, width, x, tuple(range(width)), tuple(heights), None)
    gap = heights.pop(-2)
    shown = (*range(most - 1), width - 1)
    return Column(name, width, x, shown, tuple(heights), gap)
