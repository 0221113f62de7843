"""Every picture can be read: no words over words, no words cut off by the edge."""

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from pellucid.figures.activation_plot import plot_activation
from pellucid.figures.answers_plot import plot_answers
from pellucid.figures.canvas import figure_of, themed
from pellucid.figures.course_plot import plot_gradients, plot_weights
from pellucid.figures.decision_plot import plot_decision
from pellucid.figures.landscape_plot import plot_landscape
from pellucid.figures.loss_plot import plot_losses
from pellucid.figures.network_plot import plot_network
from pellucid.figures.run_view import RunView
from pellucid.figures.sheets import draw_row, draw_run, view_labels
from pellucid.figures.step_film import draw_step, film_step
from pellucid.runs.run import Run


def unreadable(figure: Figure) -> list[str]:
    """What is wrong with the words of a figure."""
    drawn: list[Text] = []
    draw = Text.draw

    def watch(text: Text, *arguments: Any, **options: Any) -> None:
        drawn.append(text)
        draw(text, *arguments, **options)

    with themed("light"), pytest.MonkeyPatch.context() as patch:
        patch.setattr(Text, "draw", watch)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        renderer = canvas.get_renderer()
        texts = [each for each in dict.fromkeys(drawn) if each.get_text().strip()]
        boxes = {each: each.get_window_extent(renderer) for each in texts}
    width, height = canvas.get_width_height()
    wrong = [
        f"'{each.get_text()}' is cut off"
        for each, box in boxes.items()
        if box.x0 < -1 or box.y0 < -1 or box.x1 > width + 1 or box.y1 > height + 1
    ]
    for one, other in combinations(texts, 2):
        a, b = boxes[one], boxes[other]
        across = min(a.x1, b.x1) - max(a.x0, b.x0)
        up = min(a.y1, b.y1) - max(a.y0, b.y0)
        if across > 1 and up > 0.25 * min(a.height, b.height):
            wrong.append(f"'{one.get_text()}' lies over '{other.get_text()}'")
    return wrong


def test_the_sheet_of_a_run(view: RunView) -> None:
    assert unreadable(draw_run(view)) == []


@pytest.mark.parametrize("row", [1, 7])
def test_the_sheet_of_a_row(view: RunView, row: int) -> None:
    assert unreadable(draw_row(view, view.open_row(row, view.model.parameters))) == []


def test_single_figures(view: RunView) -> None:
    run = view.run
    drawn = [
        plot_network(view.layers, view.model.parameters, view_labels(view)),
        plot_losses(run.losses, run.validation_losses, steps_per_epoch=view.steps_per_epoch),
        plot_answers(view),
        plot_decision(view),
    ]
    for axes in drawn:
        figure = axes.get_figure(root=True)
        assert figure is not None
        assert unreadable(figure) == []


def test_losses_that_ran_away_are_drawn() -> None:
    losses = np.array([1.0, 1e30, np.nan, np.inf, 0.5])
    figure = plot_losses(losses, [np.nan, 1.0]).get_figure(root=True)
    assert figure is not None
    assert unreadable(figure) == []


def test_every_picture_of_a_step(view: RunView) -> None:
    for figure, _ in film_step(view, 3):
        assert unreadable(figure) == []


def test_the_sheet_of_a_step(runs: dict[str, Run]) -> None:
    assert unreadable(draw_step(RunView(runs["penguins"]), 1)) == []


def test_figures_along_the_steps(view: RunView) -> None:
    row = view.open_row(1, view.model.parameters)
    drawn = [plot_weights(view), plot_gradients(view), plot_activation(row)]
    assert all(unreadable(figure_of(axes)) == [] for axes in drawn)


def test_the_landscape(runs: dict[str, Run]) -> None:
    assert unreadable(figure_of(plot_landscape(RunView(runs["circles"])))) == []
