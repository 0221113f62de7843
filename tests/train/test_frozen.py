"""Fine-tuning natively: frozen parameters, and optimizers over a part of a model, as in PyTorch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

import pellucid
from pellucid import nn, optim
from pellucid.errors import InputError

random = np.random.default_rng(3)
X = random.normal(size=(50, 6))
Y = random.normal(size=(50, 2))
CLASSES = random.integers(0, 2, 50)

LEARNED = {
    "the head": [5],
    "the middle": [3, 4],
    "the body": [0],
    "a normalization": [2],
    "all but the middle": [0, 2, 5],
}
RULES: list[tuple[str, dict[str, Any]]] = [
    ("SGD", {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.1}),
    ("Adam", {"lr": 0.01, "weight_decay": 0.1}),
    ("AdamW", {"lr": 0.01, "weight_decay": 0.5}),
    ("RMSprop", {"lr": 0.01, "momentum": 0.5}),
    ("Adagrad", {"lr": 0.05}),
]


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """On tensors this small PyTorch's threads mostly wait for one another."""
    count = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(count)


def network(lib: Any, dtype: str = "float64") -> Any:
    """One layer is wide enough for the kernels of large layers."""
    lib.manual_seed(5)
    return lib.nn.Sequential(
        lib.nn.Linear(6, 24),
        lib.nn.Tanh(),
        lib.nn.BatchNorm1d(24),
        lib.nn.Linear(24, 16),
        lib.nn.LayerNorm(16),
        lib.nn.Linear(16, 2),
    ).to(getattr(lib, dtype))


def by_torch(model: Any, rule: Any, epochs: int = 4, clip: float | None = None) -> Any:
    """The loop that everybody writes."""
    x, y = torch.tensor(X), torch.tensor(Y)
    for _ in range(epochs):
        for start in range(0, 50, 20):
            loss = torch.nn.functional.mse_loss(model(x[start : start + 20]), y[start : start + 20])
            rule.zero_grad()
            loss.backward()
            if clip is not None:
                learned = [each for group in rule.param_groups for each in group["params"]]
                torch.nn.utils.clip_grad_norm_(learned, clip)
            rule.step()
    return model


def fitted(model: Any, rule: Any, clip: float | None = None, *, eager: bool = False) -> Any:
    loss: Any = nn.MSELoss()
    if eager:
        loss = nn.functional.mse_loss  # not lowered
    trainer = pellucid.Trainer(model, loss, rule, clip_norm=clip)
    history = trainer.fit(X, Y, batch_size=20, epochs=4, shuffle=False)
    assert history.engine == ("eager" if eager else "native")
    return model


def same(ours: Any, theirs: Any, rtol: float = 1e-9) -> None:
    wanted = theirs.state_dict()
    for name, mine in ours.state_dict().items():
        np.testing.assert_allclose(
            np.asarray(mine), wanted[name].numpy(), rtol=rtol, atol=rtol, err_msg=name
        )


def same_memory(ours: Any, theirs: Any) -> None:
    wanted = theirs.state_dict()["state"]
    found = ours.state_dict()["state"]
    assert found.keys() == wanted.keys()
    for place, memory in wanted.items():
        for kind, value in memory.items():
            if value is not None:
                np.testing.assert_allclose(np.asarray(found[place][kind]), value.numpy(), rtol=1e-8)


@pytest.mark.parametrize(("name", "settings"), RULES)
@pytest.mark.parametrize("part", LEARNED)
def test_an_optimizer_over_a_part(name: str, settings: dict[str, Any], part: str) -> None:
    found = []
    for lib in (pellucid, torch):
        model = network(lib)
        learned = [each for place in LEARNED[part] for each in model[place].parameters()]
        rule = getattr(lib.optim, name)(learned, **settings)
        (fitted if lib is pellucid else by_torch)(model, rule)
        found.append((model, rule))
    same(found[0][0], found[1][0])
    same_memory(found[0][1], found[1][1])


@pytest.mark.parametrize("clip", [None, 0.1])
@pytest.mark.parametrize("frozen", [["0.weight"], ["0.bias", "3.bias"], ["2.weight", "4.bias"]])
@pytest.mark.parametrize("eager", [False, True])
def test_frozen_parameters(frozen: list[str], clip: float | None, eager: bool) -> None:
    """Also where only the weight or only the bias of a layer is frozen, and with clipping."""
    found = []
    for lib in (pellucid, torch):
        model = network(lib)
        for parameter in dict(model.named_parameters()).items():
            parameter[1].requires_grad_(parameter[0] not in frozen)
        rule = lib.optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.3)
        if lib is pellucid:
            fitted(model, rule, clip, eager=eager)
        else:
            by_torch(model, rule, clip=clip)
        found.append((model, rule))
    same(found[0][0], found[1][0])
    same_memory(found[0][1], found[1][1])


def test_frozen_parameters_keep_every_bit_and_have_no_memory() -> None:
    model = network(pellucid, "float32")
    before = {name: np.array(each) for name, each in model.state_dict().items()}
    rule = optim.AdamW(model[5].parameters(), lr=0.1, weight_decay=0.5)
    fitted(model, rule)
    for name, each in model.named_parameters():
        assert (np.array(each.detach()) == before[name]).all() == (not name.startswith("5"))
    assert len(rule.state) == 2


def test_memory_from_before_the_freezing_is_kept() -> None:
    """And a training goes on with all layers when they have made the same steps."""
    model = network(pellucid)
    rule = optim.Adam(model.parameters())
    fitted(model, rule)
    kept = {name: np.array(value) for name, value in rule.state[model[0].weight].items()}
    model[0].requires_grad_(requires_grad=False)
    fitted(model, rule)
    for name, value in rule.state[model[0].weight].items():
        np.testing.assert_array_equal(np.array(value), kept[name])
    assert rule.state[model[3].weight]["step"].item() == 24
    model[0].requires_grad_()
    history = pellucid.Trainer(model, nn.MSELoss(), rule).fit(X, Y)
    assert "more steps for some parameters" in history.reason


def test_groups_of_frozen_layers_remember_nothing() -> None:
    model = network(pellucid)
    groups = [
        {"params": model[0].parameters(), "momentum": 0.9},
        {"params": model[3].parameters(), "lr": 0.01},
    ]
    rule = optim.SGD(groups, lr=0.1)
    model[0].requires_grad_(requires_grad=False)
    fitted(model, rule)
    assert not any(rule.state.values())


def test_an_optimizer_of_another_model_is_refused() -> None:
    model, other = network(pellucid), network(pellucid)
    trainer = pellucid.Trainer(model, nn.MSELoss(), optim.Adam(other.parameters()))
    with pytest.raises(InputError, match=r"made from another model.*optim\.Adam\(model\.param"):
        trainer.fit(X, Y)
    with pytest.raises(InputError, match="Network 1: The optimizer must hold parameters of the"):
        pellucid.fit_many([trainer], X, Y)


def test_an_optimizer_of_frozen_parameters_is_refused() -> None:
    model = network(pellucid)
    trainer = pellucid.Trainer(model, nn.MSELoss(), optim.Adam(model[0].parameters()))
    model[0].requires_grad_(requires_grad=False)
    with pytest.raises(InputError, match="Thaw the layers that are to learn"):
        trainer.fit(X, Y)


def test_parameters_of_other_models_are_told_once() -> None:
    model = network(pellucid)
    rule = optim.Adam(model.parameters())
    model[5] = nn.Linear(16, 2, dtype=np.dtype("float64"))
    trainer = pellucid.Trainer(model, nn.MSELoss(), rule)
    with pytest.warns(UserWarning, match="holds 2 parameters of other models beside 8 of this one"):
        history = trainer.fit(X, Y)
    assert history.engine == "native"
    trainer.fit(X, Y)


def test_a_loss_of_the_users_own_may_learn_too() -> None:
    model = network(pellucid)
    scale = nn.Parameter(pellucid.ones(1, dtype=np.dtype("float64")))
    rule = optim.SGD([*model.parameters(), scale], lr=0.01)
    trainer = pellucid.Trainer(model, lambda p, y: ((p * scale - y) ** 2).mean(), rule)
    assert trainer.fit(X, Y).engine == "eager"
    assert scale.item() != 1
