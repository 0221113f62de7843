"""Every layer natively against PyTorch: steps, losses, gradients, running statistics, both modes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import pellucid
from pellucid import nn, optim
from pellucid.engine.exchange import read_state, write_state
from pellucid.engine.lowering import lower
from pellucid.engine.native import NativeEngine
from pellucid.random import Generator

ROWS, INPUTS, UNITS, BATCH = 50, 4, 6, 20

LAYERS: dict[str, Any] = {
    "identity": lambda lib: lib.Identity(),
    "flatten": lambda lib: lib.Flatten(),
    "relu": lambda lib: lib.ReLU(),
    "sigmoid": lambda lib: lib.Sigmoid(),
    "tanh": lambda lib: lib.Tanh(),
    "leaky_relu": lambda lib: lib.LeakyReLU(0.2),
    "turned leaky_relu": lambda lib: lib.LeakyReLU(-0.2),
    "elu": lambda lib: lib.ELU(0.7),
    "selu": lambda lib: lib.SELU(),
    "gelu": lambda lib: lib.GELU(),
    "gelu_tanh": lambda lib: lib.GELU(approximate="tanh"),
    "silu": lambda lib: lib.SiLU(),
    "mish": lambda lib: lib.Mish(),
    "softplus": lambda lib: lib.Softplus(),
    "sharp softplus": lambda lib: lib.Softplus(3.0, 2.0),
    "softmax": lambda lib: lib.Softmax(dim=1),
    "log_softmax": lambda lib: lib.LogSoftmax(dim=1),
    "dropout": lambda lib: lib.Dropout(0.0),
    "dropout in eval": lambda lib: lib.Dropout(0.5).eval(),
    "layer_norm": lambda lib: lib.LayerNorm(UNITS),
    "layer_norm without bias": lambda lib: lib.LayerNorm(UNITS, bias=False),
    "bare layer_norm": lambda lib: lib.LayerNorm(UNITS, eps=1e-3, elementwise_affine=False),
    "batch_norm": lambda lib: lib.BatchNorm1d(UNITS),
    "mean batch_norm": lambda lib: lib.BatchNorm1d(UNITS, momentum=None),
    "bare batch_norm": lambda lib: lib.BatchNorm1d(UNITS, 1e-3, 0.3, affine=False),
    "batch_norm in eval": lambda lib: lib.BatchNorm1d(UNITS).eval(),
}


class TorchResidual(torch.nn.Sequential):
    """What a forward does by hand there."""

    def forward(self, input: Any) -> Any:
        return input + super().forward(input)


def network(lib: Any, name: str) -> Any:
    """The layer alone, behind itself, and beside a way around it."""
    residual = TorchResidual if lib is torch.nn else nn.Residual
    make = LAYERS[name]
    return lib.Sequential(
        lib.Linear(INPUTS, UNITS),
        make(lib),
        make(lib),
        residual(lib.Linear(UNITS, UNITS), make(lib), residual(make(lib))),
        lib.Linear(UNITS, 3),
    )


def data(dtype: str, seed: int = 0) -> tuple[Any, Any]:
    random = np.random.default_rng(seed)
    return random.normal(size=(ROWS, INPUTS)).astype(dtype), random.normal(size=(ROWS, 3)).astype(
        dtype
    )


def twins(name: str, dtype: str) -> tuple[Any, Any]:
    """The network in both libraries, with the same values, none of them special."""
    ours, theirs = network(nn, name), network(torch.nn, name)
    random = np.random.default_rng(1)
    values = {}
    for key, value in theirs.state_dict().items():
        low, high = (0.5, 1.5) if key.endswith("running_var") else (-0.5, 0.5)
        array = random.uniform(low, high, value.shape) if "norm" in name else value.numpy()
        is_count = key.endswith("num_batches_tracked")
        values[key] = value.numpy() if is_count else array.astype(dtype)
    theirs.to(getattr(torch, dtype))
    ours.to(dtype)
    theirs.load_state_dict({key: torch.tensor(value) for key, value in values.items()})
    ours.load_state_dict(values)
    return ours, theirs


def tolerance(dtype: str) -> dict[str, float]:
    return {"rtol": 2e-3, "atol": 2e-5} if dtype == "float32" else {"rtol": 1e-9, "atol": 1e-11}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", LAYERS)
def test_steps_are_pytorchs(name: str, dtype: str) -> None:
    ours, theirs = twins(name, dtype)
    inputs, targets = data(dtype)
    rule = optim.SGD(ours.parameters(), lr=0.005, momentum=0.9)
    program = lower(ours, nn.MSELoss(), rule, input_width=INPUTS)
    state = read_state(ours, rule, Generator(0))
    chosen = {"batch_size": BATCH, "shuffle": False}
    losses = np.empty(9)
    trace = NativeEngine().trace(program, state, inputs, targets, **chosen)
    after = NativeEngine().run(program, state, inputs, targets, steps=9, losses=losses, **chosen)

    its_rule = torch.optim.SGD(theirs.parameters(), lr=0.005, momentum=0.9)
    x, y = torch.tensor(inputs), torch.tensor(targets)
    for step in range(9):
        rows = slice(step % 3 * BATCH, (step % 3 + 1) * BATCH)
        loss = torch.nn.functional.mse_loss(theirs(x[rows]), y[rows])
        its_rule.zero_grad()
        loss.backward()
        if step == 0:
            for key, parameter in theirs.named_parameters():
                np.testing.assert_allclose(
                    trace.gradients[key], parameter.grad, err_msg=key, **tolerance(dtype)
                )
        its_rule.step()
        np.testing.assert_allclose(losses[step], loss.item(), **tolerance(dtype))
    write_state(after, ours, rule)
    found = ours.state_dict()
    for key, value in theirs.state_dict().items():
        np.testing.assert_allclose(
            np.asarray(found[key]), value.numpy(), err_msg=key, **tolerance(dtype)
        )
        assert np.asarray(found[key]).dtype == value.numpy().dtype
    theirs.eval()
    wanted = theirs(x).detach().numpy()
    near = tolerance(dtype)
    if dtype == "float32":
        near["atol"] = 1e-3  # PyTorch's own rounding, that of its threads too, is magnified by now
    predicted = NativeEngine().predict(program, after.values(), inputs)
    np.testing.assert_allclose(predicted, wanted, **near)
    loss, _ = NativeEngine().evaluate(program, after.values(), inputs, targets)
    wanted_loss = torch.nn.functional.mse_loss(torch.tensor(wanted), y).item()
    np.testing.assert_allclose(loss, wanted_loss, **tolerance(dtype))


@pytest.mark.parametrize("name", LAYERS)
def test_deltas_are_pytorchs_gradients_of_every_layer(name: str) -> None:
    ours, theirs = twins(name, "float64")
    inputs, targets = data("float64")
    rule = optim.SGD(ours.parameters(), lr=0.05)
    program = lower(ours, nn.MSELoss(), rule, input_width=INPUTS)
    state = read_state(ours, rule, Generator(0))
    trace = NativeEngine().trace(program, state, inputs, targets, batch_size=ROWS, shuffle=False)
    outputs: dict[str, Any] = {}

    def keep(path: str) -> Any:
        def hook(_module: Any, _inputs: Any, out: Any) -> Any:
            out = out.clone()  # identity gives its input, which others read too
            out.retain_grad()
            outputs[path] = out
            return out

        return hook

    for path, module in theirs.named_modules():
        if path:
            module.register_forward_hook(keep(path))
    loss = torch.nn.functional.mse_loss(theirs(torch.tensor(inputs)), torch.tensor(targets))
    loss.backward()
    assert trace.deltas.keys() == outputs.keys()
    for path, out in outputs.items():
        np.testing.assert_allclose(
            trace.values[path], out.detach().numpy(), rtol=1e-10, atol=1e-12, err_msg=path
        )
        np.testing.assert_allclose(
            trace.deltas[path], out.grad.numpy(), rtol=1e-9, atol=1e-12, err_msg=path
        )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_dropout_has_the_eager_layers_masks(dtype: str) -> None:
    """Bit for bit, for a batch of several panels, two layers and several steps."""
    layers = nn.Identity(), nn.Dropout(0.3), nn.Dropout(0.6), nn.Linear(7, 1, dtype=dtype)
    model = nn.Sequential(*layers)
    rule = optim.SGD(model.parameters(), lr=0.0)
    program = lower(model, nn.MSELoss(), rule, input_width=7)
    inputs = np.random.default_rng(0).normal(size=(45, 7)).astype(dtype)
    targets = np.zeros((45, 1), dtype)
    pellucid.manual_seed(5)
    state = read_state(model, rule, pellucid.random.default_generator)
    for step in range(3):
        trace = NativeEngine().trace(program, state, inputs, targets, batch_size=45)
        batch = pellucid.random.default_generator.random_int64(), 0
        seed = pellucid.random.default_generator.random_int64() & 0xFFFFFFFF
        assert trace.after.order_seed == seed, (step, batch)
        once = layers[1](pellucid.tensor(inputs[trace.rows]))
        twice = layers[2](once)
        assert trace.values["1"].tobytes() == np.asarray(once).tobytes()
        assert trace.values["2"].tobytes() == np.asarray(twice).tobytes()
        state = trace.after
    np.testing.assert_array_equal(state.generator, pellucid.random.default_generator.get_state())


@pytest.mark.parametrize("name", ["batch_norm", "dropout"])
def test_the_trainers_loops_agree(name: str) -> None:
    """The engine and the loop in Python, from the same generator, leave the same module."""
    inputs, targets = data("float64")
    results = []
    for wraps in (False, True):
        pellucid.manual_seed(3)
        layer = nn.Dropout(0.4) if name == "dropout" else nn.BatchNorm1d(UNITS)
        model = nn.Sequential(nn.Linear(INPUTS, UNITS), layer, nn.SiLU(), nn.Linear(UNITS, 3))
        model.double()
        loss: Any = (lambda p, y: ((p - y) ** 2).mean()) if wraps else nn.MSELoss()
        rule = optim.Adam(model.parameters(), lr=0.01)
        history = pellucid.Trainer(model, loss, rule).fit(inputs, targets, BATCH, epochs=4)
        assert history.engine == ("eager" if wraps else "native")
        results.append(
            (history.losses, model.state_dict(), pellucid.random.default_generator.get_state())
        )
    (losses, values, words), (its_losses, its_values, its_words) = results
    np.testing.assert_allclose(losses, its_losses, rtol=1e-9)
    np.testing.assert_array_equal(words, its_words)
    for key, value in its_values.items():
        np.testing.assert_allclose(
            np.asarray(values[key]), np.asarray(value), rtol=1e-8, atol=1e-12
        )


@pytest.mark.parametrize("is_native", [True, False])
def test_a_batch_of_one_row_is_refused_before_the_first_step(is_native: bool) -> None:
    model = nn.Sequential(nn.Linear(INPUTS, UNITS), nn.BatchNorm1d(UNITS), nn.Linear(UNITS, 3))
    inputs, targets = data("float32")
    before = {key: np.array(value) for key, value in model.state_dict().items()}
    words = pellucid.random.default_generator.get_state()
    loss: Any = nn.MSELoss() if is_native else (lambda p, y: ((p - y) ** 2).mean())
    trainer = pellucid.Trainer(model, loss, optim.SGD(model.parameters(), lr=0.1))
    with pytest.raises(ValueError, match="Expected more than 1 value per channel when training"):
        trainer.fit(inputs, targets, batch_size=7)
    for key, value in model.state_dict().items():
        np.testing.assert_array_equal(np.asarray(value), before[key])
    np.testing.assert_array_equal(pellucid.random.default_generator.get_state(), words)
    assert trainer.fit(inputs, targets, batch_size=6).steps == 9
    model.eval()
    assert trainer.fit(inputs, targets, batch_size=7).steps == 8


def test_fitting_leaves_every_layer_in_its_mode() -> None:
    model = nn.Sequential(nn.Linear(INPUTS, 3), nn.Dropout(0.5), nn.Dropout(0.5).eval())
    inputs, targets = data("float32")
    pellucid.Trainer(model, nn.MSELoss(), optim.SGD(model.parameters(), lr=0.1)).fit(
        inputs, targets
    )
    assert [each.training for each in model] == [True, True, False]
