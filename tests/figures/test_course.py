"""Figures along the steps show the run's own numbers."""

import numpy as np
import pytest

from pellucid.errors import AddressError
from pellucid.explain.functions import FUNCTIONS
from pellucid.figures.activation_plot import plot_activation
from pellucid.figures.course import find_weight, follow, gradient_sizes, loss_around, weights_of
from pellucid.figures.course_plot import plot_weights
from pellucid.figures.scene import Scene
from pellucid.runs.run import Run
from pellucid.train.replay import state_after


def test_weights_are_followed_to_the_last_state(scene: Scene) -> None:
    last = scene.run.outcome.steps
    for number, layer in enumerate(scene.layers):
        weights = weights_of(scene, number)
        values = follow(scene, weights, [0, 2, last])
        for row, step in enumerate((0, 2, last)):
            wanted = state_after(scene.run, step).parameters[layer.weight].ravel()
            np.testing.assert_array_equal(values[row], wanted)
        assert len({each.name for each in weights}) == len(weights)


def test_the_curves_are_those_weights(runs: dict[str, Run]) -> None:
    scene = Scene(runs["circles"])
    axes = plot_weights(scene)
    ends = sorted(float(np.asarray(each.get_ydata())[-1]) for each in axes.lines[1:])
    last = state_after(scene.run, scene.run.outcome.steps).parameters[scene.layers[0].weight]
    np.testing.assert_allclose(ends, np.sort(last.ravel()))
    signs = {each.get_linestyle() == "-" for each in axes.lines[1:] if each.get_ydata()[-1] >= 0}
    assert signs == {True}  # the sign is said by form as well


def test_sizes_of_gradients(runs: dict[str, Run]) -> None:
    scene = Scene(runs["students"])
    sizes = gradient_sizes(scene, [1, 4])
    gradients = scene.moment(4).trace.gradients
    for place, layer in enumerate(scene.layers):
        whole = gradients[layer.weight].astype(float)
        assert sizes[1, place] == pytest.approx(float(np.linalg.norm(whole)) / whole.size**0.5)


def test_the_landscape_holds_the_end_of_the_path(runs: dict[str, Run]) -> None:
    scene = Scene(runs["houses"])
    pair = find_weight(scene, "hidden1.1.weight.size"), find_weight(scene, "output.price.weight.2")
    end = state_after(scene.run, scene.run.outcome.steps)
    here = [float(end.parameters[each.parameter][each.index]) for each in pair]
    data = scene.run.data
    loss, _ = scene.engine.evaluate(
        scene.subject.program, end.values(), data["inputs"], data["targets"]
    )
    losses = loss_around(scene, pair, np.array([here[0], 5.0]), np.array([-5.0, here[1]]))
    assert losses.shape == (2, 2)
    assert losses[1, 0] == pytest.approx(float(loss))
    assert losses[0, 1] > losses[1, 0]
    with pytest.raises(AddressError, match=r"Did you mean 'hidden1.1.weight.size'"):
        find_weight(scene, "hidden1.1.weight.siz")


def test_neurons_stand_on_the_curve(scene: Scene) -> None:
    prediction = scene.open_row(2, scene.model.parameters)
    axes = plot_activation(prediction, 0)
    points = np.concatenate([np.asarray(each.get_offsets()) for each in axes.collections])
    assert len(points) == scene.layers[0].width
    for z, a in points:
        assert a == pytest.approx(FUNCTIONS[scene.layers[0].activation].compute([z]), abs=1e-6)


def test_softmax_is_no_curve(runs: dict[str, Run]) -> None:
    prediction = Scene(runs["digits"]).open_row(2, Scene(runs["digits"]).model.parameters)
    with pytest.raises(AddressError, match="softmax, is no curve"):
        plot_activation(prediction, 1)
