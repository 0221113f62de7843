"""Explanations of real networks: every number recomputed, every printed sum added up again."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid.cli.opening import open_row
from pellucid.figures.prediction_text import write_opened, write_prediction
from pellucid.model.fit import fit

WIDTH = 80


def make_table(seed: int, rows: int = 60) -> dict[str, list[object]]:
    """A small table with numbers, gaps, categories and every kind of target."""
    draw = np.random.default_rng(seed)
    size = draw.normal(50, 20, rows)
    age: list[object] = [
        None if each < 0.1 else float(round(90 * each)) for each in draw.random(rows)
    ]
    city = draw.choice(["Paris", "Rome", "Oslo, Norway"], rows)
    price = 3000 * size + 200 * draw.normal(size=rows) + 50_000 * (city == "Rome")
    return {
        "size": size.tolist(),
        "age": age,
        "city": city.tolist(),
        "sold": np.where(size + draw.normal(0, 5, rows) > 50, "yes", "no").tolist(),
        "kind": np.where(size > 60, "large", np.where(size < 40, "small", "middle")).tolist(),
        "price": price.tolist(),
    }


@dataclass(frozen=True)
class Case:
    target: str
    layers: str
    activation: str
    dtype: str


CASES = [
    Case(target, layers, activation, dtype)
    for target, layers, activation, dtype in [
        ("sold", "none", "relu", "float32"),
        ("sold", "4", "relu", "float32"),
        ("sold", "6,3", "tanh", "float64"),
        ("kind", "none", "relu", "float32"),
        ("kind", "5", "sigmoid", "float32"),
        ("kind", "40", "relu", "float64"),
        ("price", "none", "relu", "float64"),
        ("price", "5", "relu", "float32"),
        ("price", "3,4,3", "none", "float32"),
        ("price", "30", "tanh", "float32"),
    ]
]


def open_case(case: Case, seed: int, row: int):
    table = make_table(seed)
    others = {"sold", "kind", "price"} - {case.target}
    used = {name: cells for name, cells in table.items() if name not in others}
    model = fit(
        used,
        case.target,
        layers=case.layers,
        activation=case.activation,
        dtype=case.dtype,
        epochs=8,
        seed=seed,
    )
    from pellucid.data.reading import read_table  # noqa: PLC0415 (only here)

    return open_row(model, read_table(used), row)


@pytest.mark.parametrize("case", CASES, ids=str)
@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 1000), row=st.integers(1, 60))
def test_every_number_is_made_of_its_parts_and_every_printed_sum_adds_up(reader, case, seed, row):
    opened = open_case(case, seed, row)
    assert opened.prediction.root.check_all() == []
    short = opened.short()
    text = "\n".join(write_prediction(opened.prediction, opened.subject.target, f"Row {row}"))
    equations = reader.equations(text)
    columns = reader.columns(text)
    assert len(equations) >= len(opened.subject.layers)
    assert [each for each in equations if not each.holds] == []
    assert columns
    assert [each for each in columns if sum(each[0]) != each[1]] == []
    assert [each for each in reader.equations("\n".join(short)) if not each.holds] == []
    assert "✓ adds up" in "\n".join(short)
    assert max(map(len, short)) <= WIDTH
    assert max(map(len, text.splitlines())) <= WIDTH


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_explanation_ends_in_what_the_model_says(case):
    opened = open_case(case, seed=3, row=7)
    prediction = opened.prediction
    target = opened.subject.target
    if case.target == "price":
        assert prediction.answer.text == target.say(prediction.answer.value)
    else:
        label = target.positive if case.target == "sold" else None
        assert label is None or prediction.answer.text.endswith(label)
    assert prediction.truth == opened.subject.truth_text(7)
    leaves = [each for each in prediction.root.walk() if not each.parts]
    assert {each.op for each in leaves} == {"given"}


def test_a_missing_cell_counts_as_the_mean_and_says_so():
    opened = open_case(CASES[1], seed=0, row=1)
    gaps = [i for i, each in enumerate(make_table(0)["age"]) if each is None]
    assert gaps
    opened = open_case(CASES[1], seed=0, row=gaps[0] + 1)
    age = next(each for each in opened.prediction.inputs if each.name == "age")
    assert age.value == 0.0
    assert "missing" in age.sentence


def test_wide_layers_are_folded_and_never_cut():
    opened = open_case(CASES[5], seed=1, row=2)
    lines = write_opened(opened.prediction, opened.subject.target, opened.cells())
    assert "more)" in lines[1]
    text = "\n".join(write_prediction(opened.prediction, opened.subject.target, "Row 2"))
    assert "more neurons in hidden1, which weigh less here" in text


def test_addresses_name_every_part():
    opened = open_case(CASES[1], seed=0, row=5)
    addresses = {each.address for each in opened.prediction.root.walk()}
    assert "row:5 hidden1.1.z" in addresses
    assert "row:5 output.sold.a" in addresses
    assert "output.sold.weight.1" in addresses
    assert 'hidden1.1.weight."city=Oslo, Norway"' in addresses
    assert "row:5 size.raw" in addresses
