"""Several figures on one sheet: a run at a glance, and a row from its cells to its answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.explain.prediction import Prediction
from pellucid.figures.answers_plot import plot_answers
from pellucid.figures.canvas import new_figure, themed
from pellucid.figures.chances_plot import plot_chances
from pellucid.figures.contributions_plot import plot_contributions
from pellucid.figures.decision_map import number_columns
from pellucid.figures.decision_plot import plot_decision
from pellucid.figures.loss_plot import plot_losses
from pellucid.figures.network_look import Labels, Look
from pellucid.figures.network_plot import plot_network
from pellucid.figures.prediction_text import write_said
from pellucid.figures.run_view import RunView
from pellucid.figures.text import cut

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = np.ndarray[Any, Any]

SIZE = (12.0, 6.75)  # inches; 16 to 9, as screens and slides are
NETWORK = (0.01, 0.02, 0.57, 0.87)
UPPER = (0.655, 0.585, 0.32, 0.285)
LOWER = (0.655, 0.09, 0.32, 0.365)


def draw_run(
    view: RunView,
    values: Mapping[str, Array] | None = None,
    *,
    step: int | None = None,
    scale: float = 0.0,
    theme: str = "light",
) -> Figure:
    """The network with its weights, its loss, and what it says.

    Args:
        view: the run.
        values: parameters and running statistics; left out: those of the model.
        step: steps done so far; left out: all.
        scale: the weight that the thickest line stands for; 0: the largest one.
        theme: "light", "dark" or "print".
    """
    run = view.run
    values = view.model.parameters if values is None else values
    with themed(theme):
        figure = new_figure(*SIZE, is_fixed=True)
        where = "the model" if step is None else f"after step {step:,} of {run.outcome.steps:,}"
        _write_title(figure, f"{run.recipe.target} from {run.recipe.table.name}", where)
        plot_network(
            view.layers,
            values,
            view_labels(view),
            look=Look(scale=scale),
            axes=figure.add_axes(NETWORK),
            theme=theme,
        )
        plot_losses(
            run.losses,
            run.validation_losses,
            steps_per_epoch=view.steps_per_epoch,
            best_epoch=run.outcome.best_epoch,
            upto=step,
            axes=figure.add_axes(UPPER),
            theme=theme,
        )
        plot_view(view, values, axes=figure.add_axes(LOWER), theme=theme)
    return figure


def plot_view(
    view: RunView,
    values: Mapping[str, Array],
    *,
    row: int = 1,
    axes: Axes | None = None,
    theme: str = "light",
) -> Axes:
    """What the network says, in the picture that suits the target.

    Two columns: the whole map. A number: truth and answer of the rows for choosing. Else a slice
    through the row for yes/no, and for more classes how many rows were taken for which.
    """
    target, used = view.model.target, view.model.preparation.used
    numbers = number_columns(view)
    is_whole = 0 < len(used) == len(numbers) <= 2
    if target.kind == "yes/no" and numbers:
        return plot_decision(view, values, row=row, axes=axes, theme=theme)
    if is_whole and (target.kind == "classes" or len(used) == 1):
        return plot_decision(view, values, row=row, axes=axes, theme=theme)
    return plot_answers(view, values, axes=axes, theme=theme)


def draw_row(view: RunView, prediction: Prediction, *, theme: str = "light") -> Figure:
    """One row's numbers in the network, and the sum that decides its answer.

    Args:
        view: the run.
        prediction: the row opened.
        theme: "light", "dark" or "print".
    """
    answer, truth = write_said(prediction)
    told = f"the network says {answer}" + (f", truth: {truth}" if truth else "")
    with themed(theme):
        figure = new_figure(*SIZE, is_fixed=True)
        _write_title(figure, f"Row {prediction.row:,}: {view.run.recipe.target}", told)
        plot_network(
            view.layers,
            prediction.neurons.parameters,
            view_labels(view, prediction),
            look=Look(values=row_values(prediction)),
            axes=figure.add_axes(NETWORK),
            theme=theme,
        )
        is_class = view.model.target.kind == "classes"
        has_map = is_class or bool(number_columns(view))
        place = UPPER if has_map else (UPPER[0], LOWER[1], UPPER[2], 0.78)
        plot_contributions(
            _sum_of(prediction),
            title="The sum that decides",
            most=5 if has_map else 9,
            axes=figure.add_axes((place[0] + 0.04, place[1], place[2] - 0.04, place[3])),
            theme=theme,
        )
        if is_class:
            plot_chances(prediction, axes=figure.add_axes(LOWER), theme=theme)
        elif has_map:
            plot_decision(
                view,
                prediction.neurons.parameters,
                row=prediction.row,
                axes=figure.add_axes(LOWER),
                theme=theme,
            )
    return figure


def _sum_of(prediction: Prediction) -> Any:
    node = prediction.deciding_sum
    return node if node.op == "sum" else node.parts[0]


def view_labels(view: RunView, prediction: Prediction | None = None) -> Labels:
    """The words around a run's network; with a row its cells and its answer."""
    names = view.model.preparation.input_names
    outputs = view.model.target.output_names
    if prediction is None:
        return Labels(names, outputs)
    cells = [cut(each.text, 14) for each in prediction.inputs]
    return Labels(names, outputs, cells, write_said(prediction)[0])


def row_values(prediction: Prediction) -> dict[int, Array]:
    """The numbers of a row for the circles: the inputs, then what every layer passes on."""
    neurons = prediction.neurons
    values = {0: np.array([each.value for each in prediction.inputs])}
    for number, layer in enumerate(neurons.layers):
        numbers = [neurons.activation(number, each).value for each in range(layer.width)]
        values[number + 1] = np.array(numbers)
    return values


def _write_title(figure: Figure, title: str, beside: str) -> None:
    name = cut(title, 46)
    figure.text(0.02, 0.945, name, size=15, weight="bold", va="center")
    figure.text(0.98, 0.945, cut(beside, 70), size=11, va="center", ha="right")
