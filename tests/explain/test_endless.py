"""NaN and infinite numbers are shown as they are: an explanation never breaks on them."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pellucid.cli.main import run as run_command
from pellucid.cli.opening import open_row, open_step
from pellucid.data.reading import read_table
from pellucid.explain.equation import add_up, settle, settle_sum
from pellucid.explain.explanation import Explanation
from pellucid.explain.explanation import given as leaf
from pellucid.explain.functions import FUNCTIONS
from pellucid.figures.prediction_text import write_opened, write_prediction
from pellucid.figures.step_text import write_step
from pellucid.model.fit import fit
from pellucid.model.model import load
from pellucid.runs import seal
from pellucid.runs.run import Run
from pellucid.runs.states import read_state, state_path, write_state

ANY = st.floats(allow_nan=True, allow_infinity=True) | st.sampled_from([math.nan, math.inf, 0.0])
ENDLESS = [math.nan, math.inf, -math.inf]


@given(st.lists(ANY, min_size=1, max_size=5), ANY)
def test_any_sum_is_written(terms, value):
    assert " = " in settle_sum(terms, value).write()
    assert " = " in add_up(terms, value, 3).write()


@given(st.lists(ANY, min_size=2, max_size=2), ANY)
def test_any_product_is_written(numbers, value):
    assert " × " in settle("{} × {}", numbers, math.prod, value).write()


@given(st.sampled_from(sorted(FUNCTIONS)), st.lists(ANY, min_size=5, max_size=5))
def test_any_function_has_a_value_and_can_be_checked(name, numbers):
    value = FUNCTIONS[name].compute(numbers)
    parts = tuple(leaf(str(place), each) for place, each in enumerate(numbers))
    assert Explanation("f", value, "function", parts, function=name).check().ok


@pytest.mark.parametrize("value", ENDLESS)
def test_endless_numbers_are_checked(value):
    parts = (leaf("a", value), leaf("b", 1.0))
    assert Explanation("z", value, "sum", parts).check().ok
    assert not Explanation("z", 1.0, "sum", parts).check().ok
    assert not Explanation("z", value, "sum", (leaf("b", 1.0),)).check().ok


def test_what_is_endless_is_named():
    assert add_up([math.nan, 1.0], math.nan, 1).write() == "NaN + 1.0 = NaN"
    assert add_up([-math.inf, 1.0], -math.inf, 1).write() == "−∞ + 1.0 = −∞"


@pytest.mark.parametrize("value", ENDLESS)
@pytest.mark.parametrize(("name", "target"), [("students", "passed"), ("penguins", "species")])
@pytest.mark.parametrize("layers", ["none", "5"])
def test_a_model_with_endless_weights_is_opened(name, target, layers, value):
    model = fit(name, target, layers=layers, epochs=1)
    model.parameters["0.weight"][0, 0] = value
    opened = open_row(model, read_table(name), 1)
    text = "\n".join(write_prediction(opened.prediction, model.target, "Row 1"))
    assert "NaN" in text or "∞" in text
    assert len(write_opened(opened.prediction, model.target, opened.cells())) >= 3


def test_a_number_that_is_none_is_opened():
    model = fit("houses", "price", epochs=1)
    model.parameters["2.bias"][0] = math.nan
    opened = open_row(model, read_table("houses"), 1)
    assert "NaN" in "\n".join(write_prediction(opened.prediction, model.target, "Row 1"))


@pytest.mark.parametrize("value", ENDLESS)
def test_a_run_with_endless_weights_is_opened(tmp_path, capsys, value):
    folder = tmp_path / "run"
    words = ["train", "students", "--epochs", "1", "--quiet", "--out", str(folder)]
    assert run_command(words) == 0
    path = state_path(folder, 0)
    state, seconds = read_state(path)
    state.parameters["0.weight"][0, 0] = np.float32(value)
    write_state(path, state, seconds)
    model = load(folder)
    model.parameters["0.weight"][0, 0] = value
    model.save(folder / "model.safetensors")
    sealed = dict(seal.read_seal(folder).sha256)
    states = {name: each for name, each in sealed.items() if name.startswith("states/")}
    states[f"states/{path.name}"] = state.fingerprint()
    files = [name for name in sealed if name not in states]
    seal.write_seal(folder, files, states)
    opened = open_step(Run(folder), load(folder), 1)
    assert "NaN" in "\n".join(write_step(opened, "A step"))
    capsys.readouterr()
    for words in (["show", folder], ["show", folder, "row:1"], ["show", folder, "@1"]):
        assert run_command([str(each) for each in words]) == 0
        assert capsys.readouterr().err == ""
        assert run_command([*(str(each) for each in words), "--json"]) == 0
        json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
