"""Importances count what a column does to the sums, not how many inputs it has."""

import numpy as np
import pytest

from pellucid.explain.importance import share_of_columns
from pellucid.explain.layers import Layer


def layer(name, inputs, width):
    return Layer(name, name, "", "", "", "identity", inputs, width, has_bias=True)


def test_one_neuron_counts_by_the_sizes_of_its_weights():
    draw = np.random.default_rng(0)
    inputs = draw.normal(size=(1000, 3))
    inputs = (inputs - inputs.mean(0)) / inputs.std(0)
    weights = {"output.weight": np.array([[3.0, -1.0, 0.0]])}
    shares = share_of_columns([layer("output", 3, 1)], weights, inputs, [[0], [1], [2]])
    assert shares == pytest.approx([0.75, 0.25, 0.0])


def test_a_rare_level_counts_little_however_large_its_weight():
    draw = np.random.default_rng(1)
    level = draw.integers(0, 50, 2000)
    one_hot = (level[:, None] == np.arange(50)).astype(float)
    number = draw.normal(size=(2000, 1))
    weights = {"output.weight": np.ones((1, 51))}
    weights["output.weight"][0, 1:] = np.where(np.arange(50) == 0, 1.0, 0.0)
    inputs = np.hstack([number, one_hot])
    shares = share_of_columns([layer("output", 51, 1)], weights, inputs, [[0], list(range(1, 51))])
    assert shares[0] > 0.8


def test_paths_go_through_every_layer():
    layers = [layer("hidden1", 2, 2), layer("output", 2, 1)]
    weights = {"hidden1.weight": np.eye(2), "output.weight": np.array([[0.0, -5.0]])}
    inputs = np.random.default_rng(2).normal(size=(100, 2))
    assert share_of_columns(layers, weights, inputs, [[0], [1]]) == pytest.approx([0.0, 1.0])


def test_nothing_that_moves_is_shared_alike():
    layers = [layer("output", 2, 1)]
    weights = {"output.weight": np.zeros((1, 2))}
    assert share_of_columns(layers, weights, np.ones((5, 2)), [[0], [1]]) == [0.5, 0.5]
