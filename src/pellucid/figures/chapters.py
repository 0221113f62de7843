"""What stands on the page of a run: every figure of it, with a sentence each."""

from __future__ import annotations

from pellucid.figures.canvas import figure_of
from pellucid.figures.course_plot import plot_gradients, plot_weights
from pellucid.figures.landscape_plot import plot_landscape
from pellucid.figures.page import Chapter
from pellucid.figures.run_view import RunView
from pellucid.figures.sheets import draw_row, draw_run
from pellucid.figures.step_film import draw_step


def run_chapters(view: RunView, *, theme: str = "light") -> list[Chapter]:
    """The figures of a run, from the whole to a single step.

    Args:
        view: the run.
        theme: "light", "dark" or "print".
    """
    model = view.model.parameters
    chapters = [
        Chapter(
            "The run",
            "The network with its weights, how its loss fell, and what it says.",
            draw_run(view, theme=theme),
        ),
        Chapter(
            "Row 1",
            "One row on its way through the network, and the sum that decides its answer.",
            draw_row(view, view.open_row(1, model), theme=theme),
        ),
    ]
    if view.run.outcome.steps:
        chapters += _learning(view, theme)
    return chapters


def _learning(view: RunView, theme: str) -> list[Chapter]:
    """How the run learned: only where it did a step."""
    return [
        Chapter(
            "The first step",
            "Forward, loss, zero the gradients, backward, update.",
            draw_step(view, 1, theme=theme),
        ),
        Chapter(
            "Weights",
            "How the weights of the first layer wandered; those that moved most have names.",
            figure_of(plot_weights(view, theme=theme)),
        ),
        Chapter(
            "Gradients",
            "How hard each layer was pushed, step by step.",
            figure_of(plot_gradients(view, theme=theme)),
        ),
        Chapter(
            "The path",
            "The loss for other values of the two weights that moved furthest, and the path that"
            " the run walked. The landscape is that of the run's end.",
            figure_of(plot_landscape(view, theme=theme)),
        ),
    ]
