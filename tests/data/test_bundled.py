"""Bundled tables: the same on every machine, documented column by column, true to their rules."""

import re
from importlib.resources import files

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neural_network import MLPClassifier, MLPRegressor

from pellucid.data.bundled import circles, students
from pellucid.data.bundled.chance import Chance
from pellucid.data.bundled.examples import bundled, bundled_names, bundled_table, units_of
from pellucid.data.preparation import Preparation
from pellucid.data.reading import read_table
from pellucid.data.split import split_rows
from pellucid.data.table import Table
from pellucid.data.target import Target, usable_rows
from pellucid.errors import InputError

# Fifty epochs are what is asked of scikit-learn's networks too, converged or not.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

FINGERPRINTS = {
    "students": "44dde268db4a49b32c9d6f9dabded26567d64afeaa70aad2269d9cc2c3afacf1",
    "houses": "9ecb28a4e18e05353eff793aef620fff5b652b7c2bd6a31c821fdca002daf825",
    "restaurants": "c73f4b6f64d70693e9cf313e4f6f64c65c633466384312f1d5b134b629c4a79d",
    "spam": "ca09330e1a220e4d0a33d0c71439f469c0e588ee9e37433720b39f8514978d81",
    "circles": "b20918af82eab0cebdf6a0dce058bc5e7baf93e87c99a2411b30240e6905e5ba",
    "digits": "f479da286ab2742b46c16262bcae60543440e5c7013b4f393817d90e54453827",
    "penguins": "62209d4a2ae70e7decdc9cecfaf4f7a34531d41ab7cb0eb2bd24fef6df9f6ce9",
}


class Prepared:
    """A bundled table split and prepared as `train` does it."""

    def __init__(self, table: Table, target: str) -> None:
        self.target = Target.of(table, target)
        self.split = split_rows(usable_rows(table, target))
        self.preparation = Preparation.fit(table, self.split.train, target)
        self.target = self.target.fit(table, self.split.train)
        self.inputs = self.preparation.inputs(table)
        self.targets = self.target.encode(table).ravel()

    def right(self, model: object) -> float:
        train, test = self.split.train, self.split.test
        model.fit(self.inputs[train], self.targets[train])
        return float(model.score(self.inputs[test], self.targets[test]))


def network(neurons: int, kind: type = MLPClassifier) -> object:
    return kind(
        hidden_layer_sizes=(neurons,), learning_rate_init=0.03, batch_size=100, max_iter=50,
        n_iter_no_change=50, alpha=0.0, random_state=0,
    )  # fmt: skip


def test_the_list() -> None:
    assert bundled_names() == list(FINGERPRINTS)
    with pytest.raises(InputError, match=r"no bundled table 'student'. Did you mean 'students'\?"):
        bundled("student")


@pytest.mark.parametrize("name", FINGERPRINTS)
def test_the_cells_are_pinned(name: str) -> None:
    assert bundled_table(name).fingerprint() == FINGERPRINTS[name]


@pytest.mark.parametrize("name", FINGERPRINTS)
def test_every_column_is_documented(name: str) -> None:
    example, table = bundled(name), bundled_table(name)
    assert [column.name for column in example.columns] == table.columns
    assert example.target in table.columns
    assert all(column.description for column in example.columns)
    assert all((example.description, example.rule, example.source, example.licence))
    assert table.source == name
    assert table.units == example.units == units_of(table)
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", column) for column in table.columns)


def test_real_tables_are_small_files() -> None:
    folder = files("pellucid.data.bundled")
    sizes = {each.name: len(each.read_bytes()) for each in folder.iterdir() if ".csv" in each.name}
    assert set(sizes) == {"digits.csv", "penguins.csv"}
    assert max(sizes.values()) < 300_000


def test_units_need_the_very_same_cells() -> None:
    table = bundled_table("houses")
    assert units_of(table.take(range(len(table) - 1))) == {}
    assert units_of(table.select(["size", "price"])) == {}


def test_the_textbook_student() -> None:
    table = bundled_table("students")
    assert len(table) == 1250
    cells = [table.cell_text(0, name) for name in table.columns]
    assert cells == ["10 h", "7 h", "75", "80", "yes"]
    one = (np.array([value]) for value in (10.0, 7.0, 75.0, 80.0))
    assert students.chance_to_pass(*one)[0] == pytest.approx(0.782, abs=0.001)


def test_students_give_the_hidden_layer_something_to_earn(monkeypatch: pytest.MonkeyPatch) -> None:
    prepared = Prepared(bundled_table("students"), "passed")
    assert (len(prepared.split.train), len(prepared.split.test)) == (1000, 125)
    assert prepared.targets.mean() == pytest.approx(0.35, abs=0.015)
    monkeypatch.setattr(students, "_ROWS", 20_001)
    monkeypatch.setattr(students, "_SEED", 123)
    fresh = students.build().take(range(1, 20_001))
    inputs, targets = prepared.preparation.inputs(fresh), prepared.target.encode(fresh).ravel()
    neuron, hidden = LogisticRegression(C=1e6), network(5)
    prepared.right(neuron)
    prepared.right(hidden)
    assert neuron.predict_proba(prepared.inputs[:1])[0, 1] == pytest.approx(0.28, abs=0.03)
    assert neuron.score(inputs, targets) == pytest.approx(0.775, abs=0.01)
    assert 0.74 < hidden.predict_proba(prepared.inputs[:1])[0, 1] < 0.89
    assert hidden.score(inputs, targets) == pytest.approx(0.86, abs=0.01)


def test_one_neuron_finds_the_weights_of_the_restaurants() -> None:
    prepared = Prepared(bundled_table("restaurants"), "go")
    neuron = LogisticRegression(C=1e6)
    assert prepared.right(neuron) > 0.68
    weights = bundled("restaurants").weights
    assert list(weights) == prepared.preparation.input_names
    np.testing.assert_allclose(neuron.coef_[0], list(weights.values()), atol=0.1)
    # Deciding by the rule itself is as good as what was learned.
    test = prepared.split.test
    ruled = prepared.inputs[test] @ np.array(list(weights.values())) > 0
    assert np.mean(ruled == prepared.targets[test]) > 0.68


def test_houses_spam_and_circles_repay_a_hidden_layer() -> None:
    houses = Prepared(bundled_table("houses"), "price")
    assert houses.target.kind == "number"
    line, curve = houses.right(LinearRegression()), houses.right(network(5, MLPRegressor))
    assert line < 0.93
    assert curve > 0.96
    spam = Prepared(bundled_table("spam"), "spam")
    assert spam.right(network(8)) > spam.right(LogisticRegression()) > 0.8
    points = Prepared(bundled_table("circles"), "inside")
    assert points.right(LogisticRegression()) < 0.65
    assert points.right(network(8)) > 0.95


def test_the_circle() -> None:
    table = circles.build()
    x, y = table.column("x").values, table.column("y").values
    assert table.column("inside").cells() == [
        "yes" if inside else "no" for inside in np.hypot(x, y) < np.sqrt(0.5)
    ]


def test_digits_are_scikit_learns() -> None:
    table, theirs = bundled_table("digits"), load_digits()
    ours = np.stack([column.values for column in table.data], axis=1)
    np.testing.assert_array_equal(ours[:, :64], theirs.data)
    np.testing.assert_array_equal(ours[:, 64], theirs.target)
    assert Target.of(table, "digit").kind == "classes"
    assert Prepared(table, "digit").right(network(32)) > 0.93


def test_penguins_are_the_real_ones(shared_data: object) -> None:
    real = read_table(shared_data / "penguins" / "penguins.csv")
    assert real.fingerprint() == bundled_table("penguins").fingerprint()
    assert real.cell_text(0, "bill_length_mm") == "39.1 mm"
    assert Prepared(real, "species").right(network(8)) > 0.95


def test_draws_have_the_spread_they_say() -> None:
    chance = Chance(0, 200_000)
    normal, uniform = chance.normal(5, 2), chance.uniform(-1, 3)
    assert normal.mean() == pytest.approx(5, abs=0.02)
    assert normal.std() == pytest.approx(2, abs=0.02)
    assert np.mean(np.abs(normal - 5) < 2) == pytest.approx(0.6827, abs=0.005)
    assert uniform.mean() == pytest.approx(1, abs=0.02)
    assert -1 <= uniform.min() < uniform.max() < 3
    assert chance.happens(np.full(200_000, 0.3)).mean() == pytest.approx(0.3, abs=0.005)
