"""`fit`: the same seed gives the same model, PyTorch's loop gives the same losses, and so on."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid.data.reading import read_table
from pellucid.data.writing import write_csv
from pellucid.engine.eager import EagerEngine
from pellucid.errors import ColumnError, InputError, TrainingError
from pellucid.model.fit import Fitted, fit, learn
from pellucid.model.prepared import Prepared, prepare_fit
from pellucid.random import default_generator
from pellucid.train.loop import Plan, train

TASKS = {"yes/no": "passed", "number": "prev_score", "classes": "sleep_hours"}


def students(rows: int = 200) -> Any:
    table = read_table("students").take(np.arange(rows))
    columns = {column.name: column.cells() for column in table.data}
    columns["sleep_hours"] = [f"{hours:.0f} h" for hours in columns["sleep_hours"]]
    return columns


def fitted(**settings: Any) -> Fitted:
    chosen = {"epochs": 5, "target": "passed"} | settings
    return learn(prepare_fit(students(), **chosen))


def fingerprints(done: Fitted) -> tuple[str, str]:
    return done.training.best.fingerprint(), done.training.last.fingerprint()


def test_the_students_picture() -> None:
    prepared = prepare_fit("students", "passed")
    assert (len(prepared.training), len(prepared.validation)) == (1000, 125)
    assert prepared.method.layers == (5,)
    done = learn(prepared).training
    assert (done.steps, done.epochs, done.ending) == (500, 50, "epochs")


@given(st.integers(0, 2**40), st.sampled_from(list(TASKS.values())))
@settings(max_examples=10, deadline=None)
def test_the_same_seed_gives_the_same_bits(seed: int, target: str) -> None:
    once, again = (fitted(seed=seed, target=target, epochs=2) for _ in range(2))
    assert fingerprints(once) == fingerprints(again)
    np.testing.assert_array_equal(once.training.losses, again.training.losses)


def test_another_seed_gives_another_model() -> None:
    assert fingerprints(fitted(seed=0)) != fingerprints(fitted(seed=1))


def test_nobodys_generator_is_moved() -> None:
    before = default_generator.get_state()
    fitted()
    np.testing.assert_array_equal(default_generator.get_state(), before)


def test_fits_in_several_threads_do_not_disturb_each_other() -> None:
    alone = [fingerprints(fitted(seed=seed, epochs=2)) for seed in range(8)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda seed: fingerprints(fitted(seed=seed, epochs=2)), range(8)))
    assert together == alone


@pytest.mark.parametrize("target", TASKS.values())
def test_threads_do_not_change_the_bits(target: str) -> None:
    prepared = prepare_fit(students(), target, layers=(64, 64), epochs=3)
    runs = [train_by(prepared, threads=threads) for threads in (1, 2)]
    assert runs[0].last.fingerprint() == runs[1].last.fingerprint()


def train_by(prepared: Prepared, engine: Any = None, threads: int | None = None) -> Any:
    return train(
        engine or prepared.engine,
        prepared.program,
        prepared.state,
        training=prepared.training,
        validation=prepared.validation,
        plan=Plan(prepared.method.batch_size, prepared.method.epochs, threads=threads),
    )


@pytest.mark.parametrize("target", TASKS.values())
@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh", "none"])
def test_native_and_eager_agree_to_rounding(target: str, activation: str) -> None:
    prepared = prepare_fit(students(), target, activation=activation, epochs=3, dtype="float64")
    native, eager = train_by(prepared), train_by(prepared, EagerEngine())
    np.testing.assert_allclose(native.losses, eager.losses, rtol=1e-9)
    np.testing.assert_allclose(native.validation_losses, eager.validation_losses, rtol=1e-9)
    assert native.best_epoch == eager.best_epoch


@pytest.mark.parametrize("target", TASKS.values())
@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_the_losses_are_those_of_pytorchs_own_loop(target: str, optimizer: str) -> None:
    done = fitted(target=target, optimizer=optimizer, layers=(7, 3), dtype="float64", seed=3)
    np.testing.assert_allclose(done.training.losses, torch_losses(done.prepared), rtol=1e-8)


def torch_losses(prepared: Prepared) -> list[float]:
    method = prepared.method
    torch.manual_seed(method.seed)
    widths = [len(prepared.preparation.input_names), *method.layers]
    layers: list[torch.nn.Module] = []
    for before, width in itertools.pairwise(widths):
        layers += [torch.nn.Linear(before, width, dtype=torch.float64), torch.nn.ReLU()]
    layers.append(torch.nn.Linear(widths[-1], prepared.target.outputs, dtype=torch.float64))
    model = torch.nn.Sequential(*layers)
    loss_function = {
        "yes/no": torch.nn.BCEWithLogitsLoss,
        "classes": torch.nn.CrossEntropyLoss,
        "number": torch.nn.MSELoss,
    }[prepared.target.kind]()
    kind = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}[method.optimizer]
    optimizer = kind(model.parameters(), lr=method.learning_rate)
    arrays = (torch.tensor(each) for each in (prepared.training.inputs, prepared.training.targets))
    data = torch.utils.data.TensorDataset(*arrays)
    loader = torch.utils.data.DataLoader(data, batch_size=method.batch_size, shuffle=True)
    losses = []
    for _ in range(method.epochs):
        for inputs, truths in loader:
            loss = loss_function(model(inputs), truths)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


def test_every_kind_of_table_gives_the_same_model(tmp_path: Path) -> None:
    columns = students()
    write_csv(read_table(columns), tmp_path / "table.csv")
    sources = [columns, tmp_path / "table.csv", pd.DataFrame(columns), pl.DataFrame(columns)]
    prints = {fingerprints(learn(prepare_fit(each, "passed", epochs=2))) for each in sources}
    assert len(prints) == 1


def test_the_model_has_the_weights_of_the_best_epoch() -> None:
    done = fitted(epochs=20, learning_rate=0.3, patience=5)
    for name, array in done.model.parameters.items():
        np.testing.assert_array_equal(array, done.training.best.parameters[name])
    loss, _ = done.prepared.engine.evaluate(
        done.prepared.program,
        done.model.parameters,
        done.prepared.validation.inputs,
        done.prepared.validation.targets,
    )
    assert loss == done.training.validation_losses[1:].min()
    assert done.model.history.best_epoch == done.training.best_epoch


def test_no_row_is_in_two_parts_and_none_is_lost() -> None:
    split = prepare_fit(students(), "passed").split
    together = np.concatenate([split.train, split.validation, split.test])
    np.testing.assert_array_equal(np.sort(together), np.arange(200))


def test_rows_never_seen_have_no_influence() -> None:
    columns = students()
    prepared = prepare_fit(columns, "passed", epochs=3)
    for row in prepared.split.test:
        columns["attendance"][row] = 1e6
    changed = learn(prepare_fit(columns, "passed", epochs=3))
    assert fingerprints(learn(prepared)) == fingerprints(changed)


def test_given_weights_decide_without_learning() -> None:
    weights = (0.9, -0.6, -0.3, 0.8)
    done = learn(prepare_fit("restaurants", "go", layers="none", weights=weights, epochs=0))
    assert done.training.steps == 0
    np.testing.assert_array_equal(done.model.parameters["0.weight"], np.float32([weights]))
    np.testing.assert_array_equal(done.model.parameters["0.bias"], [0])
    assert done.model.evaluate("restaurants").value > 0.7


def test_weights_must_be_as_many_as_inputs() -> None:
    with pytest.raises(InputError, match=r"each of the 4 inputs \(.*hours_studied.*\). Got 2."):
        fit("students", "passed", layers="none", weights=(1, 2))


def test_weights_are_those_of_one_neuron() -> None:
    with pytest.raises(InputError, match=r"those of one neuron, and . classes need"):
        fit(students(), "sleep_hours", layers="none", weights=(1, 2, 3))


def test_an_unknown_target_is_answered_with_the_nearest() -> None:
    with pytest.raises(ColumnError, match=r"Did you mean 'passed'"):
        fit("students", "pased")


def test_fewer_than_three_rows_are_too_few() -> None:
    with pytest.raises(InputError, match=r"At least 3 rows"):
        fit({"x": [1, 2], "y": ["a", "b"]}, "y")


def test_an_explosion_names_the_step_and_a_cure() -> None:
    with pytest.raises(TrainingError, match=r"Step \d+: layer .* a smaller learning rate"):
        fit(students(), "prev_score", optimizer="sgd", learning_rate=1e30)


def test_progress_is_told_from_the_first_state_to_the_last_epoch() -> None:
    epochs: list[int] = []
    fit(students(), "passed", epochs=4, progress=lambda each: epochs.append(each.epoch))
    assert epochs == sorted(epochs)
    assert (epochs[0], epochs[-1]) == (0, 4)


def test_an_early_stop_leaves_a_model() -> None:
    def press(progress: Any) -> None:
        if progress.epoch >= 2:
            raise KeyboardInterrupt

    model = fit(students(), "passed", epochs=100_000, progress=press)
    assert model.history.ending == "interrupted"
    assert 2 <= model.history.epochs < 100_000
    assert len(model.predict(students())) == 200


def test_without_hidden_layer_all_else_stays() -> None:
    prepared = prepare_fit(students(), "passed", layers=(9,), learning_rate=0.2)
    simple = prepared.without_hidden_layer()
    assert simple.method == replace(prepared.method, layers=())
    assert list(simple.state.parameters) == ["0.weight", "0.bias"]
    alone = prepare_fit(students(), "passed", layers="none", learning_rate=0.2)
    assert simple.state.fingerprint() == alone.state.fingerprint()
