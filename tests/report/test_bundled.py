"""What the defaults make of every bundled table, and what circles and restaurants are there to show."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from pellucid.data.bundled.examples import bundled, bundled_names
from pellucid.model.fit import Fitted, learn
from pellucid.model.prepared import prepare_fit
from pellucid.report.judge import judge
from pellucid.report.report import Report


@cache
def trained(name: str, seed: int = 0, **settings: Any) -> Fitted:
    return learn(prepare_fit(name, bundled(name).target, seed=seed, **settings))


@cache
def report_on(name: str, seed: int = 0, **settings: Any) -> Report:
    return judge(trained(name, seed, **settings))


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("name", bundled_names())
def test_the_defaults_learn(name: str, seed: int) -> None:
    trivial, simple = report_on(name, seed).rivals
    assert trivial.comparison.outcome == "better"
    assert simple.comparison.outcome != "worse"


@pytest.mark.parametrize("name", ["students", "houses", "circles"])
def test_the_hidden_layer_earns_its_keep_where_the_rule_is_bent(name: str) -> None:
    simple = report_on(name).rivals[1]
    assert simple.comparison.outcome == "better"
    assert not any("--layers none" in each for each in report_on(name).sentences)


def test_restaurants_say_that_one_neuron_is_as_good() -> None:
    assert any("--layers none" in each for each in report_on("restaurants").sentences)


@pytest.mark.parametrize("seed", [0, 1])
def test_no_line_parts_the_circles_and_eight_neurons_do(seed: int) -> None:
    line = report_on("circles", seed, layers="none")
    assert line.rivals[0].comparison.outcome != "better"
    eight = report_on("circles", seed, layers="8").network
    assert eight.value > 0.85
    assert eight.low > line.network.high


@pytest.mark.parametrize("layers", ["8", "16,16", "8,8,8"])
def test_layers_without_activation_are_one_line_however_deep(layers: str) -> None:
    bent = report_on("circles", layers=layers, activation="none")
    assert bent.rivals[0].comparison.outcome != "better"
    assert bent.rivals[1].comparison.outcome == "undecided"


def test_one_neuron_finds_the_restaurants_rule() -> None:
    rule = np.array([bundled("restaurants").weights[name] for name in restaurant_inputs()])
    learned = trained("restaurants", layers="none").model.parameters["0.weight"][0]
    assert (np.sign(learned) == np.sign(rule)).all()
    np.testing.assert_allclose(
        learned / np.abs(learned).sum(), rule / np.abs(rule).sum(), atol=0.06
    )


def restaurant_inputs() -> list[str]:
    return prepare_fit("restaurants", "go").preparation.input_names


def test_the_rules_own_weights_are_about_as_good_as_learned_ones() -> None:
    rule = [bundled("restaurants").weights[name] for name in restaurant_inputs()]
    decided = report_on("restaurants", layers="none", weights=tuple(rule), epochs=0).network
    learned = report_on("restaurants", layers="none").network
    assert abs(decided.value - learned.value) < 0.05


def test_a_training_that_is_too_short_names_the_flag() -> None:
    short = report_on("houses", epochs=3, learning_rate=0.003)
    assert short.curve.is_falling
    assert any("--epochs 6" in each for each in short.sentences)


def test_targets_of_pure_chance_are_not_praised() -> None:
    draws = np.random.default_rng(0)
    table = {name: draws.normal(size=400).tolist() for name in ("a", "b", "c")}
    table["heads"] = np.where(draws.random(400) < 0.5, "yes", "no").tolist()
    praised = 0
    for seed in range(10):
        report = judge(learn(prepare_fit(table, "heads", seed=seed)))
        praised += report.rivals[0].comparison.outcome == "better"
    assert praised <= 1
