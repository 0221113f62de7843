"""The report of a training: every figure adds up and can be found again by other means."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier, DummyRegressor

from pellucid.data.reading import read_table
from pellucid.errors import TrainingError
from pellucid.model.fit import Fitted, learn
from pellucid.model.prepared import prepare_fit
from pellucid.report.baselines import STEPS_AFTER_INTERRUPT, always_the_same, one_neuron
from pellucid.report.judge import judge, outline, pick_losses
from pellucid.train.loop import Progress

TARGETS = {"students": "passed", "penguins": "species", "houses": "price"}
tables = pytest.mark.parametrize("name", TARGETS)


@cache
def fitted(name: str) -> Fitted:
    return learn(prepare_fit(name, TARGETS[name], epochs=12))


@tables
def test_the_outline_adds_up(name: str) -> None:
    facts = outline(fitted(name).prepared)
    assert facts.training + facts.validation + facts.test == facts.rows
    assert facts.rows + facts.rows_without_target == len(read_table(name))
    assert (facts.steps_per_epoch - 1) * facts.batch_size < facts.training
    assert facts.steps_per_epoch * facts.batch_size >= facts.training
    assert facts.steps == fitted(name).training.steps
    assert facts.learned == sum(array.size for array in fitted(name).model.parameters.values())
    if facts.shares:
        assert sum(share for _, share in facts.shares) == pytest.approx(1)


def test_the_students_outline_is_the_picture() -> None:
    facts = outline(prepare_fit("students", "passed"))
    assert [(each.name, each.width, each.activation, each.numbers) for each in facts.layers] == [
        ("hidden1", 5, "ReLU", 25),
        ("output", 1, "sigmoid", 6),
    ]
    assert (facts.steps_per_epoch, facts.steps, facts.learned) == (10, 500, 31)
    assert (facts.loss, facts.optimizer) == ("binary cross-entropy", "Adam")
    assert [label for label, _ in facts.shares] == ["yes", "no"]


@tables
def test_always_the_same_is_scikit_learns_dummy(name: str) -> None:
    prepared = fitted(name).prepared
    _, score = always_the_same(prepared)
    train = prepared.training.targets.reshape(-1)
    test = prepared.target.encode(prepared.table, prepared.split.test, "float64").reshape(-1)
    if prepared.target.kind == "number":
        dummy = DummyRegressor(strategy="median").fit(np.zeros((len(train), 1)), train)
        errors = np.abs(dummy.predict(np.zeros((len(test), 1))) - test)
        assert score.value == pytest.approx(errors.mean() * prepared.target.std, rel=1e-5)
    else:
        dummy = DummyClassifier(strategy="most_frequent").fit(np.zeros((len(train), 1)), train)
        assert score.value == dummy.score(np.zeros((len(test), 1)), test)


@tables
def test_one_neuron_is_the_network_with_layers_none(name: str) -> None:
    report = judge(fitted(name))
    method = fitted(name).prepared.method
    alone = learn(
        prepare_fit(
            name,
            TARGETS[name],
            layers="none",
            epochs=12,
            learning_rate=method.learning_rate,
            batch_size=method.batch_size,
        )
    )
    assert report.rivals[1].score == judge(alone).network
    assert len(judge(alone).rivals) == 1


@tables
def test_the_network_is_scored_on_the_rows_never_seen(name: str) -> None:
    done = fitted(name)
    report = judge(done)
    unseen = done.prepared.table.take(done.prepared.split.test)
    assert report.network == done.model.evaluate(unseen)
    assert report.network.rows == report.outline.test == report.rivals[0].score.rows


def test_losses_are_shown_at_the_pictures_steps() -> None:
    training = learn(prepare_fit("students", "passed")).training
    assert [step for step, _ in pick_losses(training)] == [1, 10, 50, 100, 500]
    assert pick_losses(training)[-1][1] == training.losses[-1]


@pytest.mark.parametrize(("epochs", "steps"), [(0, []), (1, [1, 10]), (5, [1, 10, 50])])
def test_a_short_training_shows_its_own_last_step(epochs: int, steps: list[int]) -> None:
    training = learn(prepare_fit("students", "passed", epochs=epochs)).training
    assert [step for step, _ in pick_losses(training)] == steps


def test_a_tie_goes_to_the_first_label() -> None:
    table = {"x": [each % 7 for each in range(40)], "y": ["b", "a"] * 20}
    prepared = prepare_fit(table, "y", seed=1)
    name, _ = always_the_same(prepared)
    counts = np.bincount(prepared.training.targets.reshape(-1).astype(int))
    assert name == f'always "{prepared.target.labels[int(counts.argmax())]}"'


def test_one_neuron_that_explodes_is_left_out() -> None:
    settings = {"optimizer": "sgd", "learning_rate": 0.3, "layers": "4", "activation": "sigmoid"}
    draws = np.random.default_rng(0)
    x = draws.normal(size=200)
    table = {f"x{place}": (x + 0.01 * draws.normal(size=200)).tolist() for place in range(30)}
    done = learn(prepare_fit(table | {"y": (3 * x).tolist()}, "y", epochs=40, **settings))
    with pytest.raises(TrainingError):
        learn(done.prepared.without_hidden_layer())
    assert [rival.name[:6] for rival in judge(done).rivals] == ["always"]


def interrupted(progress: Progress) -> None:
    """Ctrl-C once an epoch is done."""
    if progress.epoch >= 1:
        raise KeyboardInterrupt


@pytest.mark.parametrize("until", [2, 300])
def test_after_ctrl_c_the_one_neuron_is_quick(until: int) -> None:
    def stop(progress: Progress) -> None:
        if progress.epoch >= until:
            raise KeyboardInterrupt

    done = learn(prepare_fit("students", "passed", epochs=100_000), stop)
    seen: list[Progress] = []
    assert one_neuron(done, seen.append) is not None
    assert done.training.ending == "interrupted"
    assert seen[-1].steps == min(done.training.steps, STEPS_AFTER_INTERRUPT)


def test_a_second_ctrl_c_is_not_swallowed() -> None:
    done = learn(prepare_fit("students", "passed", epochs=400), interrupted)
    assert done.training.ending == "interrupted"
    with pytest.raises(KeyboardInterrupt):
        judge(done, lambda _: interrupted_at_once())


def interrupted_at_once() -> None:
    raise KeyboardInterrupt


def test_ctrl_c_in_the_one_neuron_leaves_it_out_and_keeps_the_network() -> None:
    report = judge(fitted("students"), interrupted)
    assert [rival.name[:6] for rival in report.rivals] == ["always"]
    assert report.ending == "epochs"


def test_the_one_neuron_stops_when_nothing_gets_better() -> None:
    done = learn(prepare_fit("houses", "price", epochs=400, learning_rate=0.05))
    seen: list[Progress] = []
    one_neuron(done, seen.append)
    assert 50 <= seen[-1].epoch < 400


@pytest.mark.parametrize(
    ("settings", "cure"),
    [
        ({"layers": "none"}, "--layers 8."),
        ({"layers": "8,8", "activation": "none"}, "--activation relu."),
        ({"layers": "8", "epochs": 0, "seed": 1}, "Other columns or more rows may help."),
    ],
)
def test_the_advice_for_circles_is_what_would_help(settings: dict[str, str], cure: str) -> None:
    report = judge(learn(prepare_fit("circles", "inside", **{"epochs": 20, **settings})))
    assert report.sentences[0].startswith("The network is no better than always")
    assert report.sentences[0].endswith(cure)
