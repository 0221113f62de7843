"""Figures along the steps show the run's own numbers."""

import numpy as np
import pytest

from pellucid.errors import AddressError
from pellucid.explain.functions import FUNCTIONS
from pellucid.figures.activation_plot import plot_activation
from pellucid.figures.course import find_weight, follow, gradient_sizes, loss_around, weights_of
from pellucid.figures.course_plot import plot_weights
from pellucid.figures.run_view import RunView
from pellucid.runs.run import Run
from pellucid.train.replay import state_after


def test_weights_are_followed_to_the_last_state(view: RunView) -> None:
    last = view.run.outcome.steps
    for number, layer in enumerate(view.layers):
        weights = weights_of(view, number)
        values = follow(view, weights, [0, 2, last])
        for row, step in enumerate((0, 2, last)):
            wanted = state_after(view.run, step).parameters[layer.weight].ravel()
            np.testing.assert_array_equal(values[row], wanted)
        assert len({each.name for each in weights}) == len(weights)


def test_the_curves_are_those_weights(runs: dict[str, Run]) -> None:
    view = RunView(runs["circles"])
    axes = plot_weights(view)
    ends = sorted(float(np.asarray(each.get_ydata())[-1]) for each in axes.lines[1:])
    last = state_after(view.run, view.run.outcome.steps).parameters[view.layers[0].weight]
    np.testing.assert_allclose(ends, np.sort(last.ravel()))
    signs = {each.get_linestyle() == "-" for each in axes.lines[1:] if each.get_ydata()[-1] >= 0}
    assert signs == {True}  # the sign is said by form as well


def test_sizes_of_gradients(runs: dict[str, Run]) -> None:
    view = RunView(runs["students"])
    sizes = gradient_sizes(view, [1, 4])
    gradients = view.moment(4).trace.gradients
    for place, layer in enumerate(view.layers):
        whole = gradients[layer.weight].astype(float)
        assert sizes[1, place] == pytest.approx(float(np.linalg.norm(whole)) / whole.size**0.5)


def test_the_landscape_holds_the_end_of_the_path(runs: dict[str, Run]) -> None:
    view = RunView(runs["houses"])
    pair = find_weight(view, "hidden1.1.weight.size"), find_weight(view, "output.price.weight.2")
    end = state_after(view.run, view.run.outcome.steps)
    here = [float(end.parameters[each.parameter][each.index]) for each in pair]
    data = view.run.data
    loss, _ = view.engine.evaluate(
        view.subject.program, end.values(), data["inputs"], data["targets"]
    )
    losses = loss_around(view, pair, np.array([here[0], 5.0]), np.array([-5.0, here[1]]))
    assert losses.shape == (2, 2)
    assert losses[1, 0] == pytest.approx(float(loss))
    assert losses[0, 1] > losses[1, 0]
    with pytest.raises(AddressError, match=r"Did you mean 'hidden1.1.weight.size'"):
        find_weight(view, "hidden1.1.weight.siz")


def test_neurons_stand_on_the_curve(view: RunView) -> None:
    prediction = view.open_row(2, view.model.parameters)
    axes = plot_activation(prediction, 0)
    points = np.concatenate([np.asarray(each.get_offsets()) for each in axes.collections])
    assert len(points) == view.layers[0].width
    for z, a in points:
        assert a == pytest.approx(FUNCTIONS[view.layers[0].activation].compute([z]), abs=1e-6)


def test_softmax_is_no_curve(runs: dict[str, Run]) -> None:
    prediction = RunView(runs["digits"]).open_row(2, RunView(runs["digits"]).model.parameters)
    with pytest.raises(AddressError, match="softmax, is no curve"):
        plot_activation(prediction, 1)
