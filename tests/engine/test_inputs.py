"""Programs with several inputs, and embeddings: native held to eager, eager to PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import pellucid
from pellucid import Trainer, _native, fit_many, manual_seed, nn, optim
from pellucid.engine.eager import EagerEngine
from pellucid.engine.exchange import read_state
from pellucid.engine.inputs import Input, Inputs
from pellucid.engine.lowering import lower, name_inputs
from pellucid.engine.native import NativeEngine
from pellucid.engine.obstacle import CannotLower
from pellucid.errors import InputError, ShapeError
from pellucid.random import Generator

ENGINES = [NativeEngine(kernels=name) for name, _ in _native.machines()]
FUSED = [engine for engine in ENGINES if engine.arithmetic == "fma"]
on_all_machines = pytest.mark.parametrize("engine", ENGINES, ids=lambda each: each.kernels)
INPUTS = (Input("", 5), Input("", 4, is_category=True))


def shop_of(lib: Any) -> Any:
    class Shop(lib.nn.Module):  # type: ignore[misc]
        """Numbers beside categories, a table for one column, and one for two."""

        def __init__(self) -> None:
            super().__init__()
            self.kind = lib.nn.Embedding(7, 3, padding_idx=2)
            self.city = lib.nn.Embedding(4, 2)
            self.pair = lib.nn.Embedding(9, 2)
            self.hidden = lib.nn.Linear(14, 6)
            self.out = lib.nn.Linear(6, 2)

        def forward(self, numbers: Any, kinds: Any) -> Any:
            pair = self.pair(kinds[:, 2:]).flatten(1)
            parts = [self.kind(kinds[:, 0]), numbers, self.city(kinds[:, 1]), pair]
            return self.out(self.hidden(lib.cat(parts, dim=1)).relu())

    return Shop()


def rows_of(count: int, dtype: str = "float64", seed: int = 0) -> tuple[Any, Any, Any]:
    """Numbers, categories and targets."""
    random = np.random.default_rng(seed)
    columns = [random.integers(0, most, count) for most in (7, 4, 9, 9)]
    numbers, targets = random.normal(size=(count, 5)), random.normal(size=(count, 2))
    return numbers.astype(dtype), np.stack(columns, 1), targets.astype(dtype)


def training_of(count: int, batch_size: int, dtype: str = "float64", rule: Any = None) -> Any:
    """The arguments of `Engine.run`."""
    manual_seed(4)
    model = shop_of(pellucid).to(dtype)
    rule = (rule or optim.Adam)(model.parameters(), lr=0.02)
    numbers, kinds, targets = rows_of(count, dtype)
    named = name_inputs(model, INPUTS)
    return {
        "program": lower(model, nn.MSELoss(), rule, inputs=named),
        "state": read_state(model, rule, Generator(1)),
        "inputs": Inputs((numbers, kinds)),
        "targets": targets,
        "batch_size": batch_size,
    }


def test_inputs_are_named_as_the_forward_names_them() -> None:
    program = training_of(5, 5)["program"]
    assert program.inputs == (("numbers", 5), ("kinds", 4))
    assert program.categories == ("kinds",)
    kinds = [each for each in program.operations if each.kind == "embedding"]
    assert [(each.output, each.width, each.setting("column")) for each in kinds] == [
        ("pair", 4, 2.0),
        ("kind", 3, 0.0),
        ("city", 2, 1.0),
    ]


@pytest.mark.parametrize("rule", [optim.SGD, optim.Adam, optim.RMSprop, optim.Adagrad])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_native_trains_as_eager(dtype: str, rule: Any) -> None:
    training = training_of(40, 7, dtype, rule)
    losses = np.empty(12), np.empty(12)
    native, eager = (
        engine.run(**training, steps=12, losses=each)
        for engine, each in zip((NativeEngine(), EagerEngine()), losses, strict=True)
    )
    exactness: Any = {"rtol": 1e-3, "atol": 1e-4} if dtype == "float32" else {"rtol": 1e-9}
    np.testing.assert_allclose(*losses, **exactness)
    for name in native.parameters:
        np.testing.assert_allclose(native.parameters[name], eager.parameters[name], **exactness)
    assert not native.parameters["kind.weight"][2].any()
    values = native.values()
    for mine, theirs in (
        (
            NativeEngine().forward(training["program"], values, training["inputs"]),
            EagerEngine().forward(training["program"], values, training["inputs"]),
        ),
    ):
        assert mine["kinds"].dtype == np.int64
        for name in mine:
            np.testing.assert_allclose(mine[name], theirs[name], rtol=1e-4, atol=1e-5)
    arguments = training["program"], values, training["inputs"], training["targets"]
    found, rows = NativeEngine().evaluate(*arguments)
    wanted, its_rows = EagerEngine().evaluate(*arguments)
    assert found == pytest.approx(wanted, rel=1e-4)
    np.testing.assert_allclose(rows, its_rows, rtol=1e-3, atol=1e-5)


def test_a_traced_step_is_the_eager_one() -> None:
    training = training_of(40, 9)
    native, eager = (engine.trace(**training) for engine in (NativeEngine(), EagerEngine()))
    np.testing.assert_array_equal(native.values["kinds"], training["inputs"].arrays[1][native.rows])
    for mine, theirs in (
        (native.values, eager.values),
        (native.deltas, eager.deltas),
        (native.gradients, eager.gradients),
    ):
        assert list(mine) == list(theirs)
        for name in mine:
            np.testing.assert_allclose(mine[name], theirs[name], rtol=1e-9, atol=1e-12)


def test_large_batches_sum_in_blocks() -> None:
    training = training_of(2500, 2500)
    native, eager = (engine.trace(**training) for engine in (NativeEngine(), EagerEngine()))
    for name in native.gradients:
        np.testing.assert_allclose(native.gradients[name], eager.gradients[name], atol=1e-12)
    chosen, deltas = training["inputs"].arrays[1][native.rows, 0], native.deltas["kind"]
    blocks = np.zeros((7, 3))
    for start in range(0, 2500, 1024):
        block = np.zeros((7, 3))
        np.add.at(block, chosen[start : start + 1024], deltas[start : start + 1024])
        blocks += block
    blocks[2] = 0
    assert native.gradients["kind.weight"].tobytes() == blocks.tobytes()


@on_all_machines
@settings(max_examples=12, deadline=None, derandomize=True)
@given(
    count=st.integers(1, 90),
    batch_size=st.integers(1, 100),
    dtype=st.sampled_from(["float32", "float64"]),
    threads=st.sampled_from([2, 3, 5]),
    first=st.integers(0, 7),
)
def test_the_determinism_contract(engine: NativeEngine, **drawn: Any) -> None:
    count, batch_size, dtype = drawn["count"], drawn["batch_size"], drawn["dtype"]
    threads, first = drawn["threads"], drawn["first"]
    training = training_of(count, batch_size, dtype)
    whole = engine.run(**training, steps=7, threads=1)
    assert engine.run(**training, steps=7, threads=threads).fingerprint() == whole.fingerprint()
    half = engine.run(**training, steps=first)
    rest = engine.run(**training | {"state": half}, steps=7 - first, threads=threads)
    assert rest.fingerprint() == whole.fingerprint()
    loss = np.zeros(1)
    after = engine.run(**training | {"state": half}, steps=1, losses=loss)
    trace = engine.trace(**training | {"state": half})
    assert (trace.after.fingerprint(), trace.loss) == (after.fingerprint(), loss[0])
    program, values, inputs = training["program"], whole.values(), training["inputs"]
    together = engine.predict(program, values, inputs)
    alone = engine.predict(program, values, inputs[np.array([count - 1])])
    assert alone.tobytes() == together[-1:].tobytes()
    others = {each.run(**training, steps=3).fingerprint() for each in FUSED}
    assert len(others) <= 1


def test_trainer_learns_what_pytorch_learns() -> None:
    manual_seed(5)
    model = shop_of(pellucid).double()
    theirs = shop_of(torch).double()
    theirs.load_state_dict({k: torch.tensor(np.asarray(v)) for k, v in model.state_dict().items()})
    rule = torch.optim.Adam(theirs.parameters(), lr=0.05)
    numbers, kinds, targets = rows_of(30)
    trainer = Trainer(model, nn.MSELoss(), optim.Adam(model.parameters(), lr=0.05))
    history = trainer.fit((numbers, kinds), targets, batch_size=30, epochs=15, shuffle=False)
    assert history.engine == "native", history.reason
    for loss in history.losses:
        made = theirs(torch.tensor(numbers), torch.tensor(kinds))
        found = torch.nn.functional.mse_loss(made, torch.tensor(targets))
        assert loss == pytest.approx(found.item(), rel=1e-10)
        rule.zero_grad()
        found.backward()
        rule.step()
    for name, each in theirs.state_dict().items():
        np.testing.assert_allclose(np.asarray(model.state_dict()[name]), each, rtol=1e-8)


def test_validation_weights_and_many_networks() -> None:
    numbers, kinds, targets = rows_of(40)
    weights = np.arange(40) % 3

    def trainer_of(seed: int) -> Trainer:
        manual_seed(seed)
        model = shop_of(pellucid).double()
        return Trainer(model, nn.MSELoss(), optim.Adam(model.parameters(), lr=0.02))

    judged = (pellucid.tensor(numbers[:9]), pellucid.tensor(kinds[:9])), targets[:9]
    alone = trainer_of(1)
    manual_seed(8)
    history = alone.fit((numbers, kinds), targets, 8, 6, validation=judged, patience=5)
    assert len(history.validation_losses) == history.epochs
    trainers = [trainer_of(1), trainer_of(2)]
    many = fit_many(
        trainers, (numbers, kinds), targets, 8, 6, seeds=[8, 9], validation=judged, patience=5
    )
    np.testing.assert_array_equal(many[0].losses, history.losses)
    np.testing.assert_array_equal(many[0].validation_losses, history.validation_losses)
    native, eager = trainer_of(3), trainer_of(3)
    eager.model.out.register_forward_hook(lambda *_: None)
    histories = []
    for each in (native, eager):
        manual_seed(3)
        histories.append(each.fit((numbers, kinds), targets, 8, 3, sample_weight=weights))
    assert [each.engine for each in histories] == ["native", "eager"]
    np.testing.assert_allclose(histories[0].losses, histories[1].losses, rtol=1e-9)


@pytest.mark.parametrize("shape", ["(n,)", "(n, 2)"])
def test_an_embedding_comes_first_in_a_sequential(shape: str) -> None:
    kinds = rows_of(30)[1][:, 2:]
    targets = rows_of(30)[2]
    inputs = kinds if shape == "(n, 2)" else kinds[:, 0]
    middle = [nn.Flatten()] if shape == "(n, 2)" else []
    width = 8 if shape == "(n, 2)" else 4
    histories = []
    for is_native in (True, False):
        manual_seed(0)
        model = nn.Sequential(nn.Embedding(9, 4), *middle, nn.Linear(width, 2)).double()
        trainer = Trainer(model, nn.MSELoss(), optim.SGD(model.parameters(), lr=0.1))
        if not is_native:
            model[0].register_forward_hook(lambda *_: None)
        histories.append(trainer.fit(inputs.astype(np.int32), targets, 7, 4))
    assert [each.engine for each in histories] == ["native", "eager"]
    np.testing.assert_allclose(histories[0].losses, histories[1].losses, rtol=1e-10)


class Own(nn.Module):
    """A table, and a forward that is given."""

    def __init__(self, walk: Any, **settings: Any) -> None:
        super().__init__()
        self.table = nn.Embedding(9, 4, **settings)
        self.line, self.walk = nn.Linear(4, 1), walk

    def forward(self, kinds: Any) -> Any:
        return self.walk(self, kinds)


@pytest.mark.parametrize(
    ("walk", "words"),
    [
        (lambda m, x: m.line(m.table(x)), "'line', Linear reads the rows of several categories"),
        (lambda m, x: m.line(m.table(x).flatten(1, 1)), "reads the rows of several"),
        (lambda m, x: m.line(x), "'line', Linear is given categories"),
        (lambda m, x: m.line(x.relu()), "ReLU is given categories"),
        (lambda m, x: m.line(m.table(x[:, 0]) + x[:, 1]), "with what is no row of numbers"),
        (lambda m, x: m.table(x), "with what is no row of numbers"),
        (lambda m, x: m.line(m.table(x[:, 7])), r"uses `\[:, 7\]`"),
        (lambda m, x: m.line(m.table(x[:, ::2]).flatten(1)), r"uses `\[:, slice"),
        (lambda m, x: m.line(m.table(x[0])), r"uses `\[…\]`"),
        (lambda m, x: m.line(m.table(x[:, 0]) + m.table(x[:, 1])), "'table', Embedding is used"),
        (lambda m, _: m.line(m.line.weight), "is not called with one tensor"),
    ],
)
def test_what_ends_the_walk(walk: Any, words: str) -> None:
    model = Own(walk)
    named = name_inputs(model, [Input("", 2, is_category=True)])
    with pytest.raises(CannotLower, match=words):
        lower(model, nn.MSELoss(), optim.SGD(model.parameters()), inputs=named)


def test_gradients_by_frequency_are_left_to_python() -> None:
    model = Own(lambda m, x: m.line(m.table(x)), scale_grad_by_freq=True)
    trainer = Trainer(model, nn.MSELoss(), optim.SGD(model.parameters(), lr=0.1))
    history = trainer.fit(np.arange(6), np.ones((6, 1)))
    assert history.reason == "layer 'table', Embedding has scale_grad_by_freq=True"


def test_an_input_that_nobody_reads() -> None:
    class Deaf(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.numbers = nn.Linear(5, 1)

        def forward(self, numbers: Any, kinds: Any) -> Any:  # noqa: ARG002
            return self.numbers(numbers)

    named = name_inputs(model := Deaf(), INPUTS)
    assert [each.name for each in named] == ["numbers_", "kinds"]
    with pytest.raises(CannotLower, match="the input 'kinds' is not used"):
        lower(model, nn.MSELoss(), optim.SGD(model.parameters()), inputs=named)


def test_a_category_that_the_table_does_not_have_is_told_before_the_first_step() -> None:
    numbers, kinds, targets = rows_of(10)
    model = shop_of(pellucid).double()
    trainer = Trainer(model, nn.MSELoss(), optim.Adam(model.parameters()))
    for wrong, cure in ((11, "give it num_embeddings=12 or more, or number"), (-1, "8: number")):
        kinds[4, 3] = wrong
        with pytest.raises(IndexError) as caught:
            trainer.fit((numbers, kinds), targets)
        assert str(caught.value).startswith(
            f"index out of range in self. Row 4, column 3 of `kinds` (counted from 0) holds {wrong}, "
            "but layer 'pair', Embedding(9, 2), has the categories 0 to 8: "
        )
        assert cure in str(caught.value)


def test_what_engines_say_about_several_inputs() -> None:
    training = training_of(10, 5)
    numbers, kinds = training["inputs"].arrays
    for engine in (NativeEngine(), EagerEngine()):
        for inputs, error, words in (
            (Inputs((numbers,)), ShapeError, r"each input \(numbers, kinds\). Got 1"),
            (Inputs((numbers, kinds[:, :2])), ShapeError, r"`kinds` must have shape .*\(any, 4\)"),
            (Inputs((numbers, kinds[:4])), InputError, "as many rows"),
            (Inputs((numbers, kinds.astype(float))), InputError, "`kinds` must be of dtype int64"),
        ):
            with pytest.raises(error, match=words):
                engine.run(**training | {"inputs": inputs}, steps=1)


def test_the_compiled_module_looks_at_categories_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    training = training_of(10, 5)
    kinds = training["inputs"].arrays[1]
    kinds[3, 0] = 7
    monkeypatch.setattr("pellucid.engine.batch._check_categories", lambda *_: None)
    with pytest.raises(ValueError, match="categories of the tables"):
        NativeEngine().run(**training, steps=1)


def test_a_number_that_is_not_finite_names_its_input() -> None:
    numbers, kinds, targets = rows_of(10)
    numbers[7, 1] = np.nan
    model = shop_of(pellucid).double()
    trainer = Trainer(model, nn.MSELoss(), optim.Adam(model.parameters()))
    with pytest.raises(pellucid.errors.TrainingError, match="'numbers' gave nan for row 7, column"):
        trainer.fit((numbers, kinds), targets, shuffle=False)
