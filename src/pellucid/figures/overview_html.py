"""Whole things as HTML that needs nothing beside it: a run, a model, a moment, a module.

Each is a card with its facts and, where there is one, its picture, for light and for dark readers.
Single numbers are in `explanation_html`.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from html import escape
from typing import TYPE_CHECKING

from pellucid.explain.digits import write_count, write_number
from pellucid.explain.layers import read_layers
from pellucid.explain.moment import Moment
from pellucid.figures.canvas import as_svg, figure_of
from pellucid.figures.explanation_html import STYLE, write_html
from pellucid.figures.loss_plot import plot_losses
from pellucid.figures.network_look import Labels
from pellucid.figures.network_plot import plot_network
from pellucid.figures.run_view import RunView
from pellucid.figures.text import printable
from pellucid.model.model import Model
from pellucid.nn.module import Module
from pellucid.nn.summary import Summary, summary, totals
from pellucid.runs.run import Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MORE = """
.pellucid-number table{border-collapse:collapse;margin:.5em 0;font-size:14px}
.pellucid-number th,.pellucid-number td{border:0;border-top:1px solid var(--line);
padding:3px 1.2em 3px 0;text-align:left;vertical-align:top;background:none;color:inherit}
.pellucid-number th{font-weight:400;color:var(--soft)}
.pellucid-number td.n{text-align:right;font-variant-numeric:tabular-nums;padding-right:0}
.pellucid-number img{max-width:100%;height:auto}
"""
MOST_ROWS = 10  # of a batch, by number
MOST_MODULES = 40


def write_run_html(run: Run) -> str:
    """A run: what it learned from, how it went, and its network with its losses.

    Args:
        run: finished or not.
    """
    view = RunView(run)
    recipe, outcome = run.recipe, run.outcome
    facts = [
        ("predicts", f"{recipe.target}, from {recipe.table.name}"),
        ("network", _layers(view.model)),
        (
            "training",
            _training(outcome.steps, outcome.finished_epochs, outcome.best_epoch),
        ),
        ("learning rate", write_number(recipe.learning_rate)),
        ("seed", str(recipe.seed)),
        ("kept in", str(run.folder)),
    ]
    pictures = [_network_picture(view.model)]
    if outcome.steps:
        pictures.append(
            _picture(lambda theme: figure_of(_losses(view, theme)), "How the loss fell")
        )
    return _card(run.name, [_facts(facts), *pictures])


def _losses(view: RunView, theme: str) -> Axes:
    run = view.run
    return plot_losses(
        run.losses,
        run.validation_losses,
        steps_per_epoch=view.steps_per_epoch,
        best_epoch=run.outcome.best_epoch,
        theme=theme,
    )


def write_model_html(model: Model) -> str:
    """A model: what it predicts from what, and its network with its weights."""
    columns = ", ".join(each.name for each in model.preparation.used)
    history = model.history
    facts = [("predicts", model.target.name), ("from", columns), ("network", _layers(model))]
    if history is not None and history.steps:
        told = _training(history.steps, history.epochs, history.best_epoch)
        facts.append(("training", told))
    return _card("Model", [_facts(facts), _network_picture(model)])


def _training(steps: int, epochs: int, best: int) -> str:
    if not steps:
        return "none yet"
    told = f"{write_count(steps, 'step')} in {write_count(epochs, 'epoch')}"
    return f"{told}; kept as after epoch {best:,}" if best else told


def _network_picture(model: Model) -> str:
    labels = Labels(model.preparation.input_names, model.target.output_names)

    def draw(theme: str) -> Figure:
        layers = read_layers(model.program)
        return figure_of(plot_network(layers, model.parameters, labels, theme=theme))

    return _picture(draw, "The network with its weights")


def write_moment_html(moment: Moment) -> str:
    """A moment: where in the run it is, and its step in five stages that open."""
    title = f"{moment.run.name} @{'last' if moment.step is None else moment.step}"
    facts = [("learning rate", write_number(moment.learning_rate))]
    if moment.step is not None:
        rows = [f"row:{each}" for each in moment.rows[:MOST_ROWS]]
        more = len(moment.rows) - len(rows)
        batch = ", ".join(rows) + (f" and {more:,} more" if more else "")
        step = f"{moment.step:,} of {moment.run.steps:,}, in epoch {moment.epoch:,}"
        facts = [
            ("step", step),
            *facts,
            ("loss", write_number(float(moment.trace.loss))),
            ("batch", batch),
        ]
    return _card(title, [_facts(facts)]) + write_html(moment.explain(""))


def write_module_html(module: Module) -> str:
    """A module: its layers with their numbers of parameters."""
    told = summary(module)
    lines = [_module_row(told, place) for place in range(min(len(told.rows), MOST_MODULES))]
    more = len(told.rows) - len(lines)
    if more:
        lines.append(
            f'<tr><td colspan="3" class="s">and {write_count(more, "more layer")}</td></tr>'
        )
    head = "<tr><th>layer</th><th>kind</th><th>parameters</th></tr>"
    table = f"<table>{head}{''.join(lines)}</table>"
    return _card(told.kind, [table, *(f'<p class="s">{_text(each)}</p>' for each in totals(told))])


def _module_row(told: Summary, place: int) -> str:
    row = told.rows[place]
    name = f"<code>{_text(row.path or '–')}</code>"
    return (
        f'<tr><td>{name}</td><td>{_text(row.kind)}</td><td class="n">{row.parameters:,}</td></tr>'
    )


def _layers(model: Model) -> str:
    layers = read_layers(model.program)
    words = [f"{each.width:,} × {each.title}" if each.width > 1 else each.title for each in layers]
    learned = sum(each.learned for each in layers)
    inputs = write_count(len(model.preparation.input_names), "input")
    return f"{inputs} → {' → '.join(words)}; {learned:,} numbers learned"


def _picture(draw: Callable[[str], Figure], told: str) -> str:
    """A figure that follows the reader's system from light to dark."""
    sources = {
        theme: "data:image/svg+xml;base64," + base64.b64encode(as_svg(draw(theme), theme)).decode()
        for theme in ("light", "dark")
    }
    dark = f'<source media="(prefers-color-scheme: dark)" srcset="{sources["dark"]}">'
    return f'<picture>{dark}<img src="{sources["light"]}" alt="{_text(told)}"></picture>'


def _facts(facts: Iterable[tuple[str, str]]) -> str:
    lines = [
        f"<tr><th>{_text(name)}</th><td>{_text(told)}</td></tr>" for name, told in facts if told
    ]
    return f"<table>{''.join(lines)}</table>"


def _card(title: str, inside: list[str]) -> str:
    body = "\n".join([f"<h4>{_text(title)}</h4>", *inside])
    return f'<div class="pellucid-number"><style>{STYLE}{MORE}</style>\n{body}\n</div>'


def _text(text: str) -> str:
    return escape(printable(text))
