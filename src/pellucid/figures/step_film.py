"""One step as a film: forward, loss, zero the gradients, backward, update, with the run's numbers.

It follows one row through the network, and the weight that moved most. Every number is one of
`explain`; the caption says which.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.errors import AddressError
from pellucid.explain.digits import write_count, write_number
from pellucid.explain.explanation import given
from pellucid.explain.prediction import Prediction
from pellucid.explain.scene import Scene
from pellucid.explain.update import explain_update
from pellucid.figures.canvas import new_figure, themed
from pellucid.figures.loss_plot import plot_losses
from pellucid.figures.network_look import Labels, Look
from pellucid.figures.prediction_text import write_said
from pellucid.figures.run_view import RunView
from pellucid.figures.sheets import row_values, view_labels
from pellucid.figures.stage_picture import Stage, draw_stage
from pellucid.figures.text import cut

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = np.ndarray[Any, Any]

SIZE = (12.0, 6.75)  # inches, of a film's picture
SHEET = (16.0, 14.0)  # of all stages together


@dataclass
class StepStory:
    """What a step's pictures show: a row, a weight, and all their numbers.

    Args:
        view: the run.
        step: counts from 1.
        row: of the table, from 1, in the step's batch; None: the row that pushed the weight most.

    Raises:
        AddressError: there is no such step, or the row is not in its batch.
    """

    view: RunView
    step: int
    row: int | None = None
    forward: dict[int, Array] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.trace = self.view.moment(self.step).trace
        self.layers = self.view.layers
        rows = self.view.run.data["rows.training"][self.trace.rows] + 1
        self.followed = self._moved_most()
        self.position = self._choose(rows)
        self.opened = self._open(int(rows[self.position]))
        self.forward = row_values(self.opened)

    def _moved_most(self) -> tuple[int, int, int]:
        """The weight with the largest gradient: layer (from 1), neuron, source."""
        best, place = -1.0, (1, 0, 0)
        for number, layer in enumerate(self.layers, 1):
            sizes = np.abs(np.nan_to_num(self.trace.gradients[layer.weight]))
            neuron, source = np.unravel_index(int(sizes.argmax()), sizes.shape)
            if float(sizes.max()) > best:
                best, place = float(sizes.max()), (number, int(neuron), int(source))
        return place

    def _choose(self, rows: Array) -> int:
        if self.row is not None:
            found = np.flatnonzero(rows == self.row)
            if not len(found):
                shown = ", ".join(f"row:{each}" for each in sorted(rows.tolist())[:5])
                raise AddressError(
                    f"Row {self.row:,} is not in the batch of step {self.step:,}."
                    f" Its {len(rows):,} rows are {shown}, …"
                )
            return int(found[0])
        number, neuron, source = self.followed
        layer = self.layers[number - 1]
        shares = (
            self.trace.deltas[layer.sums][:, neuron] * self.trace.values[layer.source][:, source]
        )
        return int(np.abs(np.nan_to_num(shares)).argmax())

    def _open(self, row: int) -> Prediction:
        return self.scene.row(row).prediction

    @cached_property
    def scene(self) -> Scene:
        """The moment as explanations read it."""
        rows = self.view.run.data["rows.training"][self.trace.rows] + 1
        return self.view.scene(self.step, self.trace, rows)

    def deltas(self) -> dict[int, Array]:
        """By layer, from 1: how the step's loss grows with each neuron's sum, on this row."""
        return {
            number: self.trace.deltas[layer.sums][self.position].astype(np.float64)
            for number, layer in enumerate(self.layers, 1)
        }

    def gradients(self) -> dict[int, Array]:
        """By layer, from 1: of every weight, over the whole batch."""
        return {
            number: self.trace.gradients[layer.weight]
            for number, layer in enumerate(self.layers, 1)
        }

    def stage(
        self,
        number: int,
        look: Look,
        title: str,
        said: str,
        *,
        seconds: float = 4.0,
        values: Mapping[str, Array] | None = None,
    ) -> Stage:
        """A picture of this step; the row's words stand around it while the row is spoken about."""
        before = self.trace.before.values()
        labels = self._labels(look)
        return Stage(
            number, look, title, said, seconds, labels, before if values is None else values
        )

    def _labels(self, look: Look) -> Labels:
        if 0 not in look.values:
            return view_labels(self.view)
        labels = view_labels(self.view, self.opened)
        return labels if len(self.layers) in look.values else replace(labels, answer="")

    def weight_name(self) -> str:
        """The followed weight as addresses name it."""
        number, neuron, source = self.followed
        neurons = self.opened.neurons
        return (
            f"{neurons.name(number - 1, neuron)}.weight.{neurons.names.sources(number - 1)[source]}"
        )


def film_step(
    view: RunView, step: int, row: int | None = None, *, theme: str = "light"
) -> Iterator[tuple[Figure, float]]:
    """The pictures of a step, each with the seconds for which it stays.

    Args:
        view: the run.
        step: counts from 1.
        row: to follow, from 1; it must be in the step's batch. None: the one that pushes most.
        theme: "light", "dark" or "print".
    """
    story = StepStory(view, step, row)
    run = view.run
    for stage in tell_stages(story):
        with themed(theme) as colours:
            figure = new_figure(*SIZE, is_fixed=True)
            named = f"{run.name}: {run.recipe.target}, step {step:,} of {run.outcome.steps:,}"
            figure.text(
                0.5, 0.965, cut(named, 80), size=12, weight="bold", ha="center", va="center"
            )
            draw_stage(figure, stage, view.layers, colours, (0.0, 0.0, 1.0, 0.95))
        yield figure, stage.seconds


def draw_step(view: RunView, step: int, row: int | None = None, *, theme: str = "light") -> Figure:
    """A step's five stages on one sheet, each as the film's last picture of it, and the loss.

    Args:
        view: the run.
        step: counts from 1.
        row: to follow, from 1; it must be in the step's batch. None: the one that pushes most.
        theme: "light", "dark" or "print".
    """
    story = StepStory(view, step, row)
    last = {stage.number: stage for stage in tell_stages(story)}
    run = view.run
    with themed(theme) as colours:
        figure = new_figure(*SHEET, is_fixed=True)
        named = f"{run.name}: {run.recipe.target}, step {step:,} of {run.outcome.steps:,}"
        figure.text(0.02, 0.975, cut(named, 80), size=16, weight="bold", va="center")
        for number, stage in last.items():
            box = (number % 2 / 2, 0.955 * (2 - number // 2) / 3, 0.5, 0.955 / 3)
            draw_stage(figure, stage, view.layers, colours, box)
        axes = plot_losses(
            run.losses,
            run.validation_losses,
            steps_per_epoch=view.steps_per_epoch,
            best_epoch=run.outcome.best_epoch,
            axes=figure.add_axes((0.56, 0.06, 0.41, 0.2)),
            theme=theme,
        )
        axes.axvline(step, color=colours.gradient, linewidth=1.6)
        axes.set_title(f"Loss; this is step {step:,}")
    return figure


def tell_stages(story: StepStory) -> Iterator[Stage]:
    """The five stages, in one or several pictures each."""
    yield from _forward(story)
    yield _loss(story)
    yield _zero(story)
    yield from _backward(story)
    yield from _update(story)


def _forward(story: StepStory) -> Iterator[Stage]:
    """The row's numbers, layer by layer."""
    opened, last = story.opened, len(story.layers)
    cells = [f"{each.name} {each.text}" for each in opened.inputs[:4]]
    more = " …" if len(opened.inputs) > 4 else ""
    count = write_count(len(story.trace.rows), "row")
    yield story.stage(
        0,
        Look(values=_upto(story.forward, 0), lit=frozenset({0})),
        f"Row {opened.row:,} of the batch's {count}: {', '.join(cells)}{more}",
        "Every cell becomes a number near 0: how far it lies from the usual.",
        seconds=3.0,
    )
    for number in range(1, last + 1):
        neurons = opened.neurons
        strongest = int(np.abs(np.nan_to_num(story.forward[number])).argmax())
        node = neurons.activation(number - 1, strongest)
        total = neurons.weighted_sum(number - 1, strongest)
        title = f"{neurons.name(number - 1, strongest)}: {total.numbers}"
        said = f"then {node.numbers}" if node.function != "identity" else "the sum is the answer"
        if number == last:
            said += f". The network says {write_said(opened)[0]}."
        look = Look(values=_upto(story.forward, number), lit=frozenset({number - 1, number}))
        yield story.stage(0, look, title, said)


def _upto(values: Mapping[int, Array], last: int) -> dict[int, Array]:
    return {number: each for number, each in values.items() if number <= last}


def _loss(story: StepStory) -> Stage:
    opened, trace = story.opened, story.trace
    answer, truth = write_said(opened)
    own = f"loss of this row: {opened.loss.numbers}" if opened.loss is not None else ""
    return story.stage(
        1,
        Look(values=story.forward),
        f"It says {answer}, the truth is {truth}.   {own}",
        f"The mean over the batch's {write_count(len(trace.rows), 'row')}:"
        f" {write_number(trace.loss, 4)}. Smaller is better, 0 would be perfect.",
    )


def _zero(story: StepStory) -> Stage:
    """What the step before left is cleared."""
    name = story.weight_name()
    if story.step == 1:
        said = "Before the first step there is nothing to clear."
    else:
        number, neuron, source = story.followed
        before = story.view.moment(story.step - 1).trace.gradients
        old = float(before[story.layers[number - 1].weight][neuron, source])
        said = f"Step {story.step - 1:,} left {write_number(old, 3)} at {name}; it would be added."
    zeros = {number: np.zeros_like(each) for number, each in story.gradients().items()}
    look = Look(lines=zeros, is_backward=True, scale=_scale(story), followed=story.followed)
    return story.stage(2, look, "All gradients become 0.", said, seconds=3.0)


def _scale(story: StepStory) -> float:
    sizes = [float(np.abs(np.nan_to_num(each)).max()) for each in story.gradients().values()]
    return max(sizes, default=0.0) or 1.0


def _backward(story: StepStory) -> Iterator[Stage]:
    """The deltas from the output to the first layer, with the batch's gradients behind them."""
    deltas, gradients, scale = story.deltas(), story.gradients(), _scale(story)
    nodes = story.scene.deltas_at(story.position)
    last = len(story.layers)
    for number in range(last, 0, -1):
        is_followed = number == story.followed[0]
        strongest = int(np.abs(np.nan_to_num(deltas[number])).argmax())
        told = story.followed[1] if is_followed else strongest
        node = nodes.delta(number - 1, told)
        name = story.opened.neurons.name(number - 1, told)
        lines = {
            each: gradients[each] if each >= number else np.zeros_like(gradients[each])
            for each in gradients
        }
        look = Look(
            values={each: deltas[each] for each in range(number, last + 1)},
            lines=lines,
            lit=frozenset(range(number, last + 1)),
            is_backward=True,
            scale=scale,
            followed=story.followed if is_followed else None,
        )
        said = "Circles: delta, how the loss grows with each sum."
        numbers = node.numbers or write_number(node.value, 4)
        yield story.stage(3, look, f"{name}: delta = {numbers}", f"{said} Lines: gradients.")


def _update(story: StepStory) -> Iterator[Stage]:
    """The followed weight's new value, then the whole network with its new weights."""
    number, neuron, source = story.followed
    layer = story.layers[number - 1]
    address = f"@{story.step} {story.weight_name()}"
    value = float(story.trace.gradients[layer.weight][neuron, source])
    gradient = given(f"{address}.grad", value, "gradient")
    node = explain_update(story.trace, layer.weight, (neuron, source), address, gradient)
    look = Look(
        lines=story.gradients(), is_backward=True, scale=_scale(story), followed=story.followed
    )
    yield story.stage(4, look, f"{story.weight_name()}: {node.numbers}", f"new = {node.formula}")
    after = story.trace.after.values()
    moved = f"{write_number(float(node.parts[0].value), 4)} → {write_number(node.value, 4)}"
    said = "Every weight took its small step downhill. The next step begins."
    yield story.stage(
        4, Look(followed=story.followed), f"{story.weight_name()}: {moved}", said, values=after
    )
