"""Settings: what is understood, and one sentence for everything that is not."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pellucid.errors import InputError
from pellucid.model.defaults import choose_batch_size, choose_method
from pellucid.model.settings import Settings, check_names, read_settings


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (None, None),
        ("none", ()),
        ([], ()),
        ("16", (16,)),
        ("16, 8", (16, 8)),
        (16, (16,)),
        ((4, 4), (4, 4)),
        (np.array([3, 2]), (3, 2)),
    ],
)
def test_layers_are_understood(given: Any, read: Any) -> None:
    assert read_settings(layers=given).layers == read


def test_texts_and_numbers_mean_the_same() -> None:
    typed = read_settings(layers="none", weights="0.9,-0.6", activation="ReLU")
    assert typed == read_settings(layers=(), weights=[0.9, -0.6], activation="relu")
    assert read_settings(dtype=np.float64).dtype == "float64"


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        ({"layers": "16,x"}, "such as 16 or 16,16, or none. Got '16,x'."),
        ({"layers": [16, 0]}, "1 to 100,000 each, such as 16 or 16,16, or none. Got '16,0'."),
        ({"layers": 2.5}, "whole numbers of neurons, 1 to 100,000 each, .* Got '2.5'."),
        ({"layers": ""}, "or none. Got ''."),
        ({"activation": "rellu"}, "relu, sigmoid, tanh or none. .* Did you mean 'relu'?"),
        ({"activation": None}, "The activation can be .* Got None."),
        ({"optimizer": "adm"}, "The optimizer can be adam or sgd. Got 'adm'. Did you mean 'adam'?"),
        ({"learning_rate": 0}, "must be a number above 0, such as 0.01. Got 0."),
        ({"learning_rate": "fast"}, "a number above 0, such as 0.01. Got 'fast'."),
        ({"learning_rate": float("nan")}, "a number above 0, such as 0.01. Got nan."),
        ({"batch_size": 0}, "The batch size must be a whole number, at least 1. Got 0."),
        ({"epochs": -1}, "The number of epochs must be a whole number, at least 0. Got -1."),
        ({"epochs": 2.5}, "The number of epochs must be a whole number, at least 0. Got 2.5."),
        ({"seed": "x"}, "The seed must be a whole number. Got 'x'."),
        ({"patience": True}, "The patience must be a whole number, at least 1. Got True."),
        ({"dtype": "float16"}, "The dtype can be float32 or float64. Got 'float16'."),
        ({"dtype": "floaty"}, "The dtype can be float32 or float64. Got 'floaty'."),
        ({"weights": "0.9,x", "layers": "none"}, "such as 0.9,-0.6. Got '0.9,x'."),
        ({"weights": [], "layers": "none"}, "one for each input, such as 0.9,-0.6. Got"),
        ({"weights": "1,2"}, 'without a hidden layer. Add layers="none"'),
        ({"task": "clases"}, "yes/no, classes or number. Got 'clases'. Did you mean 'classes'?"),
    ],
)
def test_each_wrong_setting_has_its_sentence(bad: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence.replace("?", r"\?").replace("(", r"\(")):
        read_settings(**bad)


def test_the_rules_give_the_students_picture() -> None:
    method = choose_method(Settings(), task="yes/no", rows=1000, inputs=4)
    assert (method.layers, method.batch_size, method.learning_rate) == ((5,), 100, 0.03)
    assert (method.epochs, method.optimizer, method.seed) == (50, "adam", 0)


def test_what_was_asked_for_is_done() -> None:
    asked = Settings(layers=(7,), learning_rate=0.5, batch_size=3, epochs=2, optimizer="sgd")
    method = choose_method(asked, task="number", rows=50_000, inputs=300)
    assert (method.layers, method.learning_rate, method.batch_size) == ((7,), 0.5, 3)
    assert (method.epochs, method.optimizer) == (2, "sgd")


@pytest.mark.parametrize("rows", [1, 2, 30, 1999, 2000, 10**7])
@pytest.mark.parametrize("inputs", [1, 30, 64, 5000])
@pytest.mark.parametrize("task", ["yes/no", "number"])
@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_the_rules_stay_within_reason(rows: int, inputs: int, task: str, optimizer: str) -> None:
    method = choose_method(Settings(optimizer=optimizer), task=task, rows=rows, inputs=inputs)
    assert len(method.layers) == (2 if rows >= 10_000 else 1)
    assert all(5 <= width <= 64 for width in method.layers)
    assert 1 <= method.batch_size <= 100
    assert 0 < method.learning_rate <= (0.03 if optimizer == "adam" else 0.3)


@given(st.integers(1, 200_000))
def test_no_default_batch_is_less_than_half_full(rows: int) -> None:
    batch = choose_batch_size(rows)
    assert 1 <= batch <= 100
    assert batch >= rows or rows % batch == 0 or rows % batch >= batch / 2
    assert batch >= min(100, rows / 10) / 2


def test_an_unknown_setting_is_answered_with_the_nearest() -> None:
    check_names("fit", ["epochs", "kinds", "progress"], ["progress"])
    with pytest.raises(InputError, match=r"^fit\(\) knows no .* 'epoch'.* Did you mean 'epochs'"):
        check_names("fit", ["epoch"])
