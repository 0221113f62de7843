"""The native engine trains as PyTorch does: same batches, same losses, over 500 steps."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from pellucid.engine.native import NativeEngine
from pellucid.engine.program import Optimizer
from pellucid.engine.state import initial_state
from pellucid.random import Generator

LAYERS = {
    "relu": torch.nn.ReLU,
    "tanh": torch.nn.Tanh,
    "sigmoid": torch.nn.Sigmoid,
    "identity": torch.nn.Identity,
    "softmax": lambda: torch.nn.Softmax(dim=-1),
}
LOSSES = {
    "mse": torch.nn.MSELoss,
    "bce": torch.nn.BCELoss,
    "bce_with_logits": torch.nn.BCEWithLogitsLoss,
    "cross_entropy": torch.nn.CrossEntropyLoss,
}
STEPS, BATCH = 500, 24
SGD = [
    {},
    {"momentum": 0.9},
    {"momentum": 0.9, "dampening": 0.3, "weight_decay": 0.01},
    {"momentum": 0.9, "nesterov": True},
    {"weight_decay": 0.01, "maximize": True},
]
ADAM = [{}, {"betas": (0.8, 0.99), "eps": 1e-6, "weight_decay": 0.01}, {"maximize": True}]


def torch_module(program):
    layers = []
    for each in program.operations:
        if each.kind == "linear":
            width = dict(program.parameters)[each.parameters[0]][1]
            layers.append(torch.nn.Linear(width, each.width, bias=len(each.parameters) > 1))
        else:
            layers.append(LAYERS[each.kind]())
    return torch.nn.Sequential(*layers).to(getattr(torch, program.dtype))


@pytest.fixture(autouse=True)
def one_thread():
    """PyTorch's threads only slow such small networks down."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def torch_rows(count):
    """The rows of the batches that a shuffling DataLoader gives, but many times faster."""
    while True:
        torch.empty((), dtype=torch.int64).random_()
        seed = int(torch.empty((), dtype=torch.int64).random_())
        generator = torch.Generator().manual_seed(seed)
        yield from torch.randperm(count, generator=generator).split(BATCH)


def test_rows_are_the_loaders():
    torch.manual_seed(4)
    data = torch.utils.data.TensorDataset(torch.arange(50))
    loader = torch.utils.data.DataLoader(data, batch_size=BATCH, shuffle=True)
    wanted = [rows.tolist() for _ in range(2) for (rows,) in loader]
    torch.manual_seed(4)
    found = [rows.tolist() for rows, _ in zip(torch_rows(50), wanted, strict=False)]
    assert found == wanted


def torch_training(module, criterion, optimizer, data, steps):
    """Losses of the five-line loop."""
    inputs, targets = map(torch.tensor, data)
    losses = []
    for rows, _ in zip(torch_rows(len(inputs)), range(steps), strict=False):
        loss = criterion(module(inputs[rows]), targets[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def settings_of(options):
    options = dict(options)
    betas = options.pop("betas", None)
    named = dict(zip(("beta1", "beta2"), betas, strict=True)) if betas else {}
    return tuple((named | options).items())


def both_losses(program, options, learning_rate, data):
    torch.manual_seed(3)
    module = torch_module(program)
    kinds = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}
    optimizer = kinds[program.optimizer.kind](module.parameters(), lr=learning_rate, **options)
    values = {name: each.detach().numpy() for name, each in module.state_dict().items()}
    state = initial_state(program, values, learning_rate, Generator(9).get_state())
    found = np.zeros(STEPS)
    NativeEngine().run(program, state, *data, steps=STEPS, batch_size=BATCH, losses=found)
    torch.manual_seed(9)
    criterion = LOSSES[program.loss.kind](reduction=program.loss.reduction)
    wanted = torch_training(module, criterion, optimizer, data, STEPS)
    return found, np.array(wanted)


def learning_rate_of(options, rate):
    return rate / 1000 if options.get("maximize") else rate


@pytest.mark.parametrize("options", SGD, ids=str)
def test_sgd_in_float64(options, dense_program, examples):
    optimizer = Optimizer("sgd", settings_of(options))
    program = dense_program((5, 8, 3), ("tanh", None), "mse", optimizer=optimizer)
    rate = learning_rate_of(options, 0.02)
    found, wanted = both_losses(program, options, rate, examples(program, 100))
    np.testing.assert_allclose(found, wanted, rtol=1e-10)


@pytest.mark.parametrize("options", ADAM, ids=str)
def test_adam_in_float64(options, dense_program, examples):
    optimizer = Optimizer("adam", settings_of(options))
    program = dense_program((20, 16, 3), ("sigmoid", None), "cross_entropy", optimizer=optimizer)
    rate = learning_rate_of(options, 0.01)
    found, wanted = both_losses(program, options, rate, examples(program, 100))
    np.testing.assert_allclose(found, wanted, rtol=1e-10)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("loss", LOSSES)
def test_losses_in_float64(loss, reduction, dense_program, examples):
    last = "sigmoid" if loss == "bce" else None
    program = dense_program(
        (4, 20, 20, 2),
        ("relu", "tanh", last),
        loss,
        reduction=reduction,
        optimizer=Optimizer("adam"),
    )
    found, wanted = both_losses(program, {}, 0.003, examples(program, 100))
    np.testing.assert_allclose(found, wanted, rtol=1e-10)


@pytest.mark.parametrize("loss", LOSSES)
def test_losses_in_float32_agree_to_rounding(loss, dense_program, examples):
    last = "sigmoid" if loss == "bce" else None
    program = dense_program(
        (4, 20, 2), ("tanh", last), loss, optimizer=Optimizer("adam"), dtype="float32"
    )
    found, wanted = both_losses(program, {}, 0.003, examples(program, 100))
    np.testing.assert_allclose(found, wanted, rtol=2e-4)


def test_softmax_as_a_layer(dense_program, examples):
    program = dense_program((4, 6, 3), ("softmax", "softmax"), optimizer=Optimizer("adam"))
    found, wanted = both_losses(program, {}, 0.01, examples(program, 100))
    np.testing.assert_allclose(found, wanted, rtol=1e-10)


@pytest.mark.parametrize(
    ("prediction", "target"),
    [(0.0, 1.0), (1.0, 0.0), (1.0, 1.0), (0.0, 0.0), (0.3, 1.0), (0.5, 0.2)],
)
def test_binary_cross_entropy_at_the_edges(prediction, target, dense_program, start):
    program = dense_program((1,), (), "bce", leading="identity")
    x, y = np.array([[prediction]]), np.array([[target]])
    trace = NativeEngine().trace(program, start(program), x, y, batch_size=1)
    tensor = torch.tensor(x, requires_grad=True)
    loss = torch.nn.functional.binary_cross_entropy(tensor, torch.tensor(y))
    loss.backward()
    np.testing.assert_allclose(trace.loss, loss.item(), rtol=1e-12)
    np.testing.assert_allclose(trace.deltas["0"], tensor.grad.numpy(), rtol=1e-12)


@pytest.mark.parametrize("logit", [-800.0, -30.0, -1e-9, 0.0, 2.0, 40.0, 900.0])
@pytest.mark.parametrize("target", [0.0, 1.0, 0.25])
def test_logits_of_any_size(logit, target, dense_program, start):
    program = dense_program((1,), (), "bce_with_logits", leading="identity")
    x, y = np.array([[logit]]), np.array([[target]])
    trace = NativeEngine().trace(program, start(program), x, y, batch_size=1)
    tensor = torch.tensor(x, requires_grad=True)
    loss = torch.nn.functional.binary_cross_entropy_with_logits(tensor, torch.tensor(y))
    loss.backward()
    np.testing.assert_allclose(trace.loss, loss.item(), rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(trace.deltas["0"], tensor.grad.numpy(), rtol=1e-12, atol=1e-300)
