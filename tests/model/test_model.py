"""A model's answers: the same bits for a row in any table, and scikit-learn's figures."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

import pellucid
from pellucid.data.reading import read_table
from pellucid.errors import ColumnError, InputError
from pellucid.model.fit import fit
from pellucid.model.model import Model
from pellucid.model.prediction import say_share

TARGETS = {"students": "passed", "penguins": "species", "houses": "price"}
tables = pytest.mark.parametrize("name", TARGETS)


@cache
def model_of(name: str) -> Model:
    return fit(name, TARGETS[name], epochs=8)


def truths(name: str) -> Any:
    model = model_of(name)
    column = read_table(name).column(TARGETS[name])
    if model.target.kind == "number":
        return column.numbers
    codes = model.target.encode(read_table(name)).reshape(-1).astype(int)
    return [model.target.labels[code] for code in codes]


@tables
@given(st.data())
@settings(max_examples=15, deadline=None)
def test_a_row_has_the_same_bits_in_any_table(name: str, data: st.DataObject) -> None:
    model, table = model_of(name), read_table(name)
    whole = np.asarray(model.predict(table))
    rows = data.draw(st.lists(st.integers(0, len(table) - 1), min_size=1, max_size=40))
    np.testing.assert_array_equal(np.asarray(model.predict(table.take(rows))), whole[rows])
    if model.target.kind != "number":
        shares = model.predict_probabilities(table)
        np.testing.assert_array_equal(model.predict_probabilities(table.take(rows)), shares[rows])


@tables
def test_a_typed_row_has_the_bits_of_the_table(name: str) -> None:
    model, table = model_of(name), read_table(name)
    row = {key: cell for key, cell in table.row(3).items() if key != TARGETS[name]}
    answer = model.predict_row(row)
    assert answer.value == model.predict(table)[3]
    if model.target.kind != "number":
        shares = model.predict_probabilities(table)[3].tolist()
        assert list(answer.probabilities.values()) == shares


@tables
def test_evaluate_agrees_with_scikit_learn(name: str) -> None:
    model = model_of(name)
    score, predicted, true = model.evaluate(name), model.predict(name), truths(name)
    if model.target.kind == "number":
        assert score.value == pytest.approx(metrics.mean_absolute_error(true, predicted))
        spread = model.target.std
        squared = metrics.mean_squared_error(np.array(true) / spread, predicted / spread)
        assert score.loss == pytest.approx(squared, rel=1e-5)
    else:
        assert score.value == metrics.accuracy_score(true, predicted)
        shares = model.predict_probabilities(name)
        labels = list(model.target.labels)
        if labels == sorted(labels):
            assert score.loss == pytest.approx(
                metrics.log_loss(true, shares, labels=labels), rel=1e-4
            )


@pytest.mark.parametrize("name", ["students", "penguins"])
def test_probabilities_are_shares_and_the_largest_wins(name: str) -> None:
    model = model_of(name)
    shares = model.predict_probabilities(name)
    assert shares.shape == (len(read_table(name)), len(model.target.labels))
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-6)
    assert shares.min() >= 0
    best = [model.target.labels[each] for each in shares.argmax(axis=1)]
    assert best == model.predict(name)


def test_a_row_is_answered_in_words() -> None:
    row = {"hours_studied": 19, "sleep_hours": 7, "prev_score": 90, "attendance": 95}
    answer = model_of("students").predict_row(row)
    assert answer.value == "yes"
    assert str(answer) == answer.text == f"{say_share(answer.probability)} yes"
    assert answer.warnings == ()


def test_a_number_is_answered_in_its_unit() -> None:
    model, table = model_of("houses"), read_table("houses")
    answer = model.predict_row({k: v for k, v in table.row(0).items() if k != "price"})
    assert answer.text == model.target.say(answer.value)
    assert (answer.probability, answer.probabilities) == (None, {})


def test_a_changed_weight_changes_the_predictions() -> None:
    model = fit("students", "passed", epochs=2)
    before = model.predict_probabilities("students")
    model.parameters["0.weight"][...] *= 2
    assert np.abs(model.predict_probabilities("students") - before).max() > 0.01


def test_the_network_gives_the_models_numbers() -> None:
    model, table = model_of("students"), read_table("students")
    inputs = pellucid.tensor(model.preparation.inputs(table))
    logits = model.network(inputs).detach().numpy()
    shares = 1 / (1 + np.exp(-logits.astype(np.float64)))
    np.testing.assert_allclose(model.predict_probabilities(table)[:, 1:], shares, atol=1e-6)


def test_repr_says_what_and_how_large() -> None:
    assert repr(model_of("students")) == "Model(passed: yes/no, network 4-5-1)"


def test_a_number_has_no_probabilities() -> None:
    with pytest.raises(InputError, match=r"which has no probabilities. Call `model.predict`"):
        model_of("houses").predict_probabilities("houses")


TYPED = {"hours_studied": 10, "sleep_hours": 7, "prev_score": 75, "attendance": 80}


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"hours": 10} | TYPED, r"no column 'hours'. Did you mean 'hours_studied'"),
        ({k: v for k, v in TYPED.items() if k != "attendance"}, r"lacking: attendance; add"),
        (TYPED | {"hours_studied": "many"}, r"'hours_studied' must be a finite number .* 'many'"),
    ],
)
def test_a_typed_row_that_cannot_be_read_is_refused(row: Any, sentence: str) -> None:
    with pytest.raises(ColumnError, match=sentence):
        model_of("students").predict_row(row)


def test_a_missing_cell_is_predicted_with_a_warning() -> None:
    answer = model_of("students").predict_row(TYPED | {"attendance": None})
    assert answer.warnings
    assert "attendance is missing" in answer.warnings[0]


def test_evaluating_without_the_target_is_refused() -> None:
    table = read_table("students").select(["hours_studied", "sleep_hours"])
    with pytest.raises(ColumnError, match=r"no column 'passed'"):
        model_of("students").evaluate(table)


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0 %"), (1, "100 %"), (0.5, "50 %"), (0.996, "over 99 %"), (0.004, "under 1 %")],
)
def test_certainty_is_said_only_where_it_is_exact(share: float, text: str) -> None:
    assert say_share(share) == text
