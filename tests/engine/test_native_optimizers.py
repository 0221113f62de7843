"""Every optimizer of the native engine against PyTorch: parameters and memory over 60 steps."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

import pellucid
from pellucid import nn
from pellucid.engine.exchange import read_state, write_state
from pellucid.engine.lowering import lower
from pellucid.engine.native import NativeEngine
from pellucid.engine.optimizers import OPTIMIZERS
from pellucid.random import Generator

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from torch.testing._internal.common_optimizers import optim_db

STEPS, ROWS = 60, 33
random = np.random.default_rng(0)
X = random.normal(size=(ROWS, 5))
Y = random.normal(size=(ROWS, 3))
ONE = [
    ("SGD", {"momentum": 0.9, "dampening": 0.3, "weight_decay": 0.01}),
    ("SGD", {"momentum": 0.5, "nesterov": True, "maximize": True, "lr": 1e-4}),
    ("Adam", {"amsgrad": True, "betas": (0.6, 0.9), "eps": 1e-3, "weight_decay": 0.1}),
    ("AdamW", {"weight_decay": 0.3, "maximize": True, "lr": 1e-3}),
    ("AdamW", {"amsgrad": True, "betas": (0.0, 0.5)}),
    ("RMSprop", {"alpha": 0.7, "centered": True, "momentum": 0.4, "eps": 0.1}),
    ("RMSprop", {"momentum": 0.9, "eps": 0.01}),
    ("RMSprop", {"centered": True, "lr": 1e-3}),
    ("Adagrad", {"lr_decay": 0.1, "initial_accumulator_value": 0.5, "weight_decay": 0.01}),
    ("Adagrad", {"eps": 0.1, "maximize": True, "lr": 1e-3}),
]
# Settings of the optimizer, and of the groups: the first weight, the last bias, all others.
GROUPS = [
    ("SGD", {"lr": 0.05}, [{"momentum": 0.9}, {"lr": 0.2, "weight_decay": 0.1}, {}]),
    ("Adam", {"lr": 0.01}, [{"amsgrad": True}, {"lr": 0.1}, {"betas": (0.5, 0.6)}]),
    ("RMSprop", {}, [{"centered": True}, {"momentum": 0.3}, {"alpha": 0.5}]),
    ("Adagrad", {"lr": 0.1}, [{"lr_decay": 0.3}, {"weight_decay": 0.2}, {"maximize": True}]),
]


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """On tensors this small PyTorch's threads mostly wait for one another."""
    count = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(count)


def known_configurations() -> list[tuple[str, dict[str, Any]]]:
    """PyTorch's own, without what concerns only its ways of doing the same sums."""
    found = []
    for info in optim_db:
        name = info.optim_cls.__name__
        if name not in {each.__name__ for each in OPTIMIZERS}:
            continue
        for config in info.optim_inputs_func(device="cpu"):
            unknown = {"foreach", "fused", "capturable", "differentiable"} & set(config.kwargs)
            tensors = [v for v in config.kwargs.values() if isinstance(v, torch.Tensor)]
            if not unknown and not tensors:
                found.append((name, config.kwargs))
    return found


def network(lib: Any, dtype: str) -> Any:
    layers = lib.nn.Linear(5, 7), lib.nn.Tanh(), lib.nn.Linear(7, 3)
    model = lib.nn.Sequential(*layers).to(getattr(lib, dtype))
    values = np.random.default_rng(1)
    for each in model.parameters():
        array = values.normal(size=tuple(each.shape)) / 2
        with lib.no_grad():
            each.copy_(lib.tensor(array).to(getattr(lib, dtype)))
    return model


def optimizer_of(lib: Any, model: Any, name: str, settings: Any, groups: Any = None) -> Any:
    learned = list(model.parameters())
    if groups is not None:
        shares = [learned[0]], [learned[3]], learned[1:3]
        learned = [{"params": p} | g for p, g in zip(shares, groups, strict=True)]
    return getattr(lib.optim, name)(learned, **settings)


def native(
    name: str, settings: Any, groups: Any = None, dtype: str = "float64", **clip: Any
) -> Any:
    """The parameters and the optimizer after all steps, in two stretches."""
    model = network(pellucid, dtype)
    optimizer = optimizer_of(pellucid, model, name, settings, groups)
    program = lower(model, nn.MSELoss(), optimizer, input_width=5)
    program = replace(program, optimizer=replace(program.optimizer, **clip))
    data = X.astype(dtype), Y.astype(dtype)
    for steps in (STEPS // 3, STEPS - STEPS // 3):
        state = read_state(model, optimizer, Generator(0))
        after = NativeEngine().run(
            program, state, *data, steps=steps, batch_size=ROWS, shuffle=False, threads=1
        )
        write_state(after, model, optimizer)
    return model, optimizer


def by_torch(
    name: str, settings: Any, groups: Any = None, dtype: str = "float64", **clip: Any
) -> Any:
    model = network(torch, dtype)
    optimizer = optimizer_of(torch, model, name, settings, groups)
    x, y = (torch.tensor(each.astype(dtype)) for each in (X, Y))
    for _ in range(STEPS):
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(x), y).backward()
        if "clip_norm" in clip:
            torch.nn.utils.clip_grad_norm_(model.parameters(), clip["clip_norm"])
        if "clip_value" in clip:
            torch.nn.utils.clip_grad_value_(model.parameters(), clip["clip_value"])
        optimizer.step()
    return model, optimizer


def same(found: Any, wanted: Any, rtol: float) -> None:
    for mine, other in zip(found[0].parameters(), wanted[0].parameters(), strict=True):
        np.testing.assert_allclose(
            np.asarray(mine), other.detach().numpy(), rtol=rtol, atol=rtol / 10
        )
    ours, theirs = found[1].state_dict()["state"], wanted[1].state_dict()["state"]
    assert ours.keys() == theirs.keys()
    for place, memory in theirs.items():
        kept = {kind: value for kind, value in memory.items() if value is not None}
        assert ours[place].keys() == kept.keys()
        for kind, value in kept.items():
            mine = np.asarray(ours[place][kind])
            np.testing.assert_allclose(mine, value.numpy(), rtol=rtol, atol=rtol / 10)


@pytest.mark.parametrize(("name", "settings"), [*ONE, *known_configurations()])
def test_steps_and_memory_are_pytorchs(name: str, settings: dict[str, Any]) -> None:
    same(native(name, settings), by_torch(name, settings), 1e-10)


@pytest.mark.parametrize(("name", "settings"), ONE)
def test_in_float32_they_agree_to_rounding(name: str, settings: dict[str, Any]) -> None:
    same(native(name, settings, dtype="float32"), by_torch(name, settings, dtype="float32"), 2e-3)


@pytest.mark.parametrize(("name", "settings", "groups"), GROUPS)
def test_groups_have_settings_of_their_own(name: str, settings: Any, groups: Any) -> None:
    same(native(name, settings, groups), by_torch(name, settings, groups), 1e-10)


@pytest.mark.parametrize("clip", [{"clip_norm": 0.2}, {"clip_value": 0.05}, {"clip_norm": 50.0}])
def test_clipped_gradients(clip: dict[str, float]) -> None:
    settings = {"lr": 0.1, "momentum": 0.5}
    same(native("SGD", settings, **clip), by_torch("SGD", settings, **clip), 1e-10)


def test_every_optimizer_is_held_against_pytorch() -> None:
    assert {name for name, _ in ONE} == {each.__name__ for each in OPTIMIZERS}
    assert len(known_configurations()) >= 32


def test_a_weight_without_gradient_stays_even_where_eps_is_next_to_nothing() -> None:
    """The share of eps that the corrections leave is no number of its own any more in float32."""
    settings = {"eps": 2e-38, "lr": 0.01}
    model = network(pellucid, "float32")
    still = np.array(model[0].weight.detach().numpy()[:, 0])
    optimizer = optimizer_of(pellucid, model, "Adam", settings)
    inputs = X.astype("float32")
    inputs[:, 0] = 0
    program = lower(model, nn.MSELoss(), optimizer, input_width=5)
    state = read_state(model, optimizer, Generator(0))
    after = NativeEngine().run(
        program, state, inputs, Y.astype("float32"), steps=5, batch_size=ROWS
    )
    assert np.isfinite(after.parameters["0.weight"]).all()
    np.testing.assert_array_equal(after.parameters["0.weight"][:, 0], still)
