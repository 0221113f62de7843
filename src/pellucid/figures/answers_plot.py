"""What a network says beside what is true: numbers against numbers, classes in a square."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.figures.canvas import growing, painting, short_numbers
from pellucid.figures.run_view import RunView
from pellucid.figures.text import cut

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = np.ndarray[Any, Any]

MOST_ROWS = 500
MOST_CLASSES = 12
WIDEST = 32  # letters of all names together


def plot_answers(
    view: RunView,
    values: Mapping[str, Array] | None = None,
    *,
    axes: Axes | None = None,
    theme: str = "light",
) -> Axes:
    """Draw what the network says of the rows it never learnt from, beside the truth.

    Args:
        view: the run.
        values: parameters and running statistics; left out: those of the model.
        axes: where to draw; left out: a new figure.
        theme: "light", "dark" or "print".

    Returns:
        The axes.
    """
    values = view.model.parameters if values is None else values
    rows = _rows(view)
    answers = view.answers(values, view.inputs(rows))
    truths = view.model.target.encode(view.run.table, rows - 1, np.float64).reshape(-1)
    if view.model.target.kind == "number":
        return _plot_numbers(view, answers[:, 0], truths, axes, theme)
    if view.model.target.kind == "yes/no":
        answers = np.hstack([1 - answers, answers])
    return _plot_classes(view, answers.argmax(axis=1), truths.astype(int), axes, theme)


def _rows(view: RunView) -> Array:
    """Rows for choosing, from 1; training rows where there are none."""
    data = view.run.data
    for name in ("rows.validation", "rows.training"):
        rows = data.get(name)
        if rows is not None and len(rows):
            return np.asarray(rows[:MOST_ROWS]) + 1
    return np.arange(1, 2)


def _plot_numbers(view: RunView, said: Array, truths: Array, axes: Axes | None, theme: str) -> Axes:
    """Every row as a dot; on the line the network is right."""
    target = view.model.target
    true = truths * target.std + target.mean
    unit = f" ({target.unit})" if target.unit else ""
    with painting(axes, theme, (5.6, 5.0)) as paint:
        axes, colours = paint
        ends = float(min(true.min(), target.low)), float(max(true.max(), target.high))
        axes.plot(ends, ends, color=colours.quiet, linewidth=1.2, linestyle="--", label="right")
        axes.scatter(
            true, said, s=16, color=colours.positive, alpha=0.65, linewidths=0, label="a row"
        )
        room = 0.04 * (ends[1] - ends[0])
        axes.set_xlim(ends[0] - room, ends[1] + room)
        axes.set_ylim(ends[0] - room, ends[1] + room)
        for side in (axes.xaxis, axes.yaxis):
            side.set_major_locator(_few_ticks())
            side.set_major_formatter(short_numbers())
        axes.set_title(f"What it says: {cut(target.name, 24)}")
        axes.set_xlabel(f"truth{unit}")
        axes.set_ylabel(f"the network says{unit}")
        axes.legend(loc="upper left", fontsize=8.5)
    return axes


def _few_ticks() -> Any:
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415

    return MaxNLocator(5)


def _plot_classes(view: RunView, said: Array, truths: Array, axes: Axes | None, theme: str) -> Axes:
    """How many rows of each class were taken for which: on the diagonal the network is right."""
    labels = view.model.target.labels
    count = len(labels)
    table = np.zeros((count, count), int)
    np.add.at(table, (truths, said), 1)
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    with painting(axes, theme, (5.6, 5.0)) as paint:
        axes, colours = paint
        axes.imshow(shares, cmap=growing(colours), vmin=0, vmax=1.35, aspect="auto")
        axes.set_title("What it says, class by class")
        axes.set_xlabel("the network says")
        axes.set_ylabel("truth")
        axes.grid(visible=False)
        axes.set_xticks(range(count))
        axes.set_yticks(range(count))
        names = [cut(each, max(WIDEST // count, 3)) for each in labels]
        shown = names if count <= MOST_CLASSES else [""] * count
        axes.set_xticklabels(shown)
        axes.set_yticklabels(shown)
        size = 9 if count <= MOST_CLASSES else 5
        for truth, answer in zip(*np.nonzero(table), strict=True):
            axes.text(
                answer, truth, f"{table[truth, answer]:,}", ha="center", va="center", size=size,
                color=colours.text, weight="bold" if truth == answer else "normal",
            )  # fmt: skip
    return axes
