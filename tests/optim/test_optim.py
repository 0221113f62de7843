"""Optimizers make PyTorch's steps, keep its memory under its names, and refuse in its words."""

import copy
from typing import Any

import numpy as np
import pytest

import pellucid
from pellucid import nn, optim

SETTINGS = [
    ("SGD", {"lr": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.9}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.5}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    ("SGD", {"lr": 0.1, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.5, "weight_decay": 0.1, "maximize": True}),
    ("SGD", {}),
    ("Adam", {"lr": 0.1}),
    ("Adam", {"lr": 0.1, "betas": (0.5, 0.9), "eps": 1e-3}),
    ("Adam", {"lr": 0.1, "weight_decay": 0.1}),
    ("Adam", {"lr": 0.1, "amsgrad": True}),
    ("Adam", {"lr": 0.1, "maximize": True}),
    ("Adam", {}),
    ("AdamW", {"lr": 0.1}),
    ("AdamW", {"lr": 0.1, "betas": (0.5, 0.9), "eps": 1e-3, "weight_decay": 0.5}),
    ("AdamW", {"lr": 0.1, "weight_decay": 0}),
    ("AdamW", {"lr": 0.1, "amsgrad": True}),
    ("AdamW", {"lr": 0.1, "maximize": True}),
    ("AdamW", {}),
    ("RMSprop", {"lr": 0.1}),
    ("RMSprop", {"lr": 0.1, "alpha": 0.5, "eps": 1e-3}),
    ("RMSprop", {"lr": 0.1, "momentum": 0.9}),
    ("RMSprop", {"lr": 0.1, "centered": True}),
    ("RMSprop", {"lr": 0.1, "momentum": 0.5, "centered": True, "weight_decay": 0.1}),
    ("RMSprop", {"lr": 0.1, "maximize": True}),
    ("RMSprop", {}),
    ("Adagrad", {"lr": 0.1}),
    ("Adagrad", {"lr": 0.1, "lr_decay": 0.1}),
    ("Adagrad", {"lr": 0.1, "initial_accumulator_value": 0.5, "eps": 1e-3}),
    ("Adagrad", {"lr": 0.1, "weight_decay": 0.1, "maximize": True}),
    ("Adagrad", {}),
]


def descend(lib: Any, name: str, settings: Any, steps: int, dtype: str) -> tuple[Any, Any]:
    """Steps down ½ Σ curvature · w² + Σ w from the same two starts."""
    starts = [np.array([[1.0, -2.0], [0.0, 3.0]], dtype), np.array([0.5], dtype)]
    weights = [lib.tensor(each, requires_grad=True) for each in starts]
    optimizer = getattr(lib.optim, name)(weights, **settings)
    for _ in range(steps):
        optimizer.zero_grad()
        loss = sum((w * w * 0.7 + w).sum() for w in weights)
        loss.backward()
        optimizer.step()
    return weights, optimizer


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "settings"), SETTINGS)
def test_steps_and_memory(oracle: Any, name: str, settings: Any, dtype: str) -> None:
    weights, ours = descend(oracle.pellucid, name, settings, 5, dtype)
    wanted, theirs = descend(oracle.torch, name, settings, 5, dtype)
    oracle.values(weights, [each.detach() for each in wanted], ulps=32)
    assert ours.state_dict()["state"].keys() == theirs.state_dict()["state"].keys()
    for place, memory in theirs.state_dict()["state"].items():
        mine = ours.state_dict()["state"][place]
        assert list(mine) == list(memory)
        for kind, value in memory.items():
            oracle.values(mine[kind], value, ulps=32)


@pytest.mark.parametrize(("name", "settings"), SETTINGS)
def test_five_hundred_steps_stay_together(oracle: Any, name: str, settings: Any) -> None:
    """Gradients that change sign and size, pull a little towards 0, and are sometimes missing."""
    results = []
    noise = np.random.default_rng(0).normal(size=(500, 3, 4)) * [1e-4, 0.1, 1.0, 50.0]
    for lib in (oracle.pellucid, oracle.torch):
        weight = lib.tensor(np.sin(np.arange(12.0)).reshape(3, 4), requires_grad=True)
        optimizer = getattr(lib.optim, name)([weight], **settings)
        for step, push in enumerate(noise):
            now = np.asarray(weight.detach())
            weight.grad = None if step % 7 == 3 else lib.tensor(push + 0.01 * now)
            optimizer.step()
        results.append(np.asarray(weight.detach()))
    np.testing.assert_allclose(*results, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("name", "settings"), SETTINGS)
def test_we_go_on_from_torchs_state_dict(oracle: Any, name: str, settings: Any) -> None:
    torch = oracle.torch
    weights, theirs = descend(torch, name, settings, 3, "float64")
    wanted, _ = descend(torch, name, settings, 5, "float64")
    copies = [pellucid.tensor(each.detach().numpy(), requires_grad=True) for each in weights]
    ours = getattr(optim, name)(copies, lr=99.0)
    ours.load_state_dict(theirs.state_dict())
    for _ in range(2):
        ours.zero_grad()
        sum((w * w * 0.7 + w).sum() for w in copies).backward()
        ours.step()
    for one, two in zip(copies, wanted, strict=True):
        np.testing.assert_allclose(np.asarray(one), two.detach().numpy(), rtol=1e-12)


# 3 steps down ½‖w‖² from (1, −2) at lr 0.1, computed by PyTorch 2.13 in float64.
KNOWN = [
    ("SGD", {}, (0.729, -1.458)),
    ("SGD", {"momentum": 0.9}, (0.486, -0.972)),
    ("SGD", {"momentum": 0.9, "dampening": 0.5}, (0.60525, -1.2105)),
    ("SGD", {"momentum": 0.9, "nesterov": True}, (0.327321, -0.654642)),
    ("Adam", {}, (0.70158627, -1.70062339)),
    ("AdamW", {}, (0.69891118, -1.69494452)),
]


@pytest.mark.parametrize(("name", "settings", "wanted"), KNOWN)
def test_known_trajectories(name: str, settings: Any, wanted: Any) -> None:
    weight = pellucid.tensor(np.array([1.0, -2.0]), requires_grad=True)
    optimizer = getattr(optim, name)([weight], lr=0.1, **settings)
    for _ in range(3):
        optimizer.zero_grad()
        ((weight * weight).sum() / 2).backward()
        optimizer.step()
    np.testing.assert_allclose(np.asarray(weight), wanted, rtol=1e-8)


@pytest.mark.parametrize(("name", "settings"), SETTINGS)
def test_settings_are_kept_under_pytorchs_names(oracle: Any, name: str, settings: Any) -> None:
    _, ours = descend(oracle.pellucid, name, settings, 0, "float32")
    _, theirs = descend(oracle.torch, name, settings, 0, "float32")
    (mine,), (wanted,) = ours.state_dict()["param_groups"], theirs.state_dict()["param_groups"]
    assert mine.items() <= wanted.items()
    assert set(wanted) - set(mine) <= {
        "foreach",
        "fused",
        "differentiable",
        "capturable",
        "decoupled_weight_decay",
    }


@pytest.mark.parametrize(("name", "settings"), SETTINGS)
def test_training_goes_on_from_a_state_dict(oracle: Any, name: str, settings: Any) -> None:
    weights, ours = descend(oracle.pellucid, name, settings, 3, "float64")
    saved = copy.deepcopy(
        {
            "state": {
                k: {n: np.asarray(v) for n, v in m.items()}
                for k, m in ours.state_dict()["state"].items()
            },
            "param_groups": ours.state_dict()["param_groups"],
        }
    )
    copies = [pellucid.tensor(np.asarray(each), requires_grad=True) for each in weights]
    other = getattr(optim, name)(copies, lr=99.0)
    other.load_state_dict(saved)
    for optimizer, params in ((ours, weights), (other, copies)):
        for _ in range(2):
            optimizer.zero_grad()
            sum((w * w).sum() for w in params).backward()
            optimizer.step()
    for one, two in zip(weights, copies, strict=True):
        np.testing.assert_array_equal(np.asarray(one), np.asarray(two))


@pytest.mark.parametrize(("name", "settings"), SETTINGS)
def test_torch_goes_on_from_our_state_dict(oracle: Any, name: str, settings: Any) -> None:
    torch = oracle.torch
    weights, ours = descend(oracle.pellucid, name, settings, 3, "float64")
    wanted, _ = descend(torch, name, settings, 5, "float64")
    given = ours.state_dict()
    for memory in given["state"].values():
        for kind in memory:
            memory[kind] = torch.tensor(np.array(memory[kind]))
    copies = [torch.tensor(np.array(each), requires_grad=True) for each in weights]
    other = getattr(torch.optim, name)(copies)
    other.load_state_dict(given)
    for _ in range(2):
        other.zero_grad()
        sum((w * w * 0.7 + w).sum() for w in copies).backward()
        other.step()
    for one, two in zip(copies, wanted, strict=True):
        np.testing.assert_allclose(one.detach(), two.detach(), rtol=1e-12)


def weights_of(lib: Any) -> list[Any]:
    return [lib.zeros(2, requires_grad=True)]


def shared_groups(lib: Any) -> Any:
    (weight,) = weights_of(lib)
    return lib.optim.SGD([{"params": [weight]}, {"params": [weight]}])


REFUSED = {
    "rate": lambda lib: lib.optim.SGD(weights_of(lib), lr=-1),
    "nothing": lambda lib: lib.optim.SGD([]),
    "a tensor": lambda lib: lib.optim.SGD(lib.zeros(2, requires_grad=True)),
    "a number": lambda lib: lib.optim.SGD([1]),
    "a result": lambda lib: lib.optim.SGD([lib.zeros(2, requires_grad=True) * 2]),
    "momentum": lambda lib: lib.optim.SGD(weights_of(lib), momentum=-1),
    "decay": lambda lib: lib.optim.SGD(weights_of(lib), weight_decay=-1),
    "nesterov": lambda lib: lib.optim.SGD(weights_of(lib), nesterov=True),
    "adam rate": lambda lib: lib.optim.Adam(weights_of(lib), lr=-1),
    "eps": lambda lib: lib.optim.Adam(weights_of(lib), eps=-1),
    "beta 0": lambda lib: lib.optim.Adam(weights_of(lib), betas=(1.0, 0.9)),
    "beta 1": lambda lib: lib.optim.Adam(weights_of(lib), betas=(0.9, 1.0)),
    "adam decay": lambda lib: lib.optim.Adam(weights_of(lib), weight_decay=-1),
    **{
        f"{name} {setting}": lambda lib, name=name, setting=setting, value=value: getattr(
            lib.optim, name
        )(weights_of(lib), **{setting: value})
        for name, setting, value in (
            ("AdamW", "lr", -1),
            ("AdamW", "eps", -1),
            ("AdamW", "betas", (1.0, 0.9)),
            ("AdamW", "betas", (0.9, -0.5)),
            ("AdamW", "weight_decay", -1),
            ("RMSprop", "lr", -1),
            ("RMSprop", "alpha", -0.5),
            ("RMSprop", "eps", float("nan")),
            ("RMSprop", "momentum", -0.5),
            ("RMSprop", "weight_decay", -1),
            ("Adagrad", "lr", -1),
            ("Adagrad", "lr_decay", -0.5),
            ("Adagrad", "weight_decay", -1),
            ("Adagrad", "initial_accumulator_value", -1),
            ("Adagrad", "eps", -1e-9),
        )
    },
    "no dict": lambda lib: lib.optim.SGD(weights_of(lib)).add_param_group(weights_of(lib)),
    "a set": lambda lib: lib.optim.SGD([{"params": set(weights_of(lib))}]),
    "a group without parameters": lambda lib: lib.optim.SGD([{"lr": 1}]),
    "groups that share": shared_groups,
    "another size": lambda lib: lib.optim.SGD(weights_of(lib)).load_state_dict(
        lib.optim.SGD(weights_of(lib) + weights_of(lib)).state_dict()
    ),
    "other groups": lambda lib: lib.optim.SGD(weights_of(lib)).load_state_dict(
        lib.optim.SGD([{"params": weights_of(lib)}, {"params": weights_of(lib)}]).state_dict()
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_mistakes_get_the_familiar_sentence(oracle: Any, name: str) -> None:
    oracle.error(REFUSED[name])


def test_groups_have_settings_of_their_own() -> None:
    slow, fast = (pellucid.tensor(1.0, requires_grad=True) for _ in range(2))
    optimizer = optim.SGD([{"params": slow}, {"params": [fast], "lr": 0.5}], lr=0.1)
    (slow + fast).backward()
    optimizer.step()
    assert slow.item() == pytest.approx(0.9)
    assert fast.item() == pytest.approx(0.5)
    optimizer.param_groups[0]["lr"] = 1.0
    optimizer.step()
    assert slow.item() == pytest.approx(-0.1)


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad"])
def test_a_group_that_comes_later(oracle: Any, name: str) -> None:
    results = []
    for lib in (oracle.pellucid, oracle.torch):
        first, second = (lib.tensor(np.array([1.0, -2.0]), requires_grad=True) for _ in range(2))
        optimizer = getattr(lib.optim, name)([first], lr=0.1)
        for step in range(6):
            if step == 3:
                optimizer.add_param_group({"params": second, "lr": 0.5})
            optimizer.zero_grad()
            ((first * first).sum() + (second * second).sum()).backward()
            optimizer.step()
        results.append(np.stack([np.asarray(each.detach()) for each in (first, second)]))
    np.testing.assert_allclose(*results, rtol=1e-14)


def test_adagrad_remembers_before_the_first_step(oracle: Any) -> None:
    for lib in (oracle.pellucid, oracle.torch):
        group = {"params": weights_of(lib), "initial_accumulator_value": 0.5}
        state = lib.optim.Adagrad([group], initial_accumulator_value=0.25).state_dict()["state"]
        assert state[0]["step"].item() == 0
        assert state[0]["sum"].tolist() == [0.25, 0.25]  # the group's own value counts for nothing


def test_decay_apart_from_the_gradient() -> None:
    """Without a gradient's pull AdamW shrinks by lr · decay; Adam makes a full step of lr."""
    ends = {}
    for rule in (optim.Adam, optim.AdamW):
        weight = pellucid.tensor(np.array([10.0]), requires_grad=True)
        weight.grad = pellucid.tensor(np.array([0.0]))
        rule([weight], lr=0.1, weight_decay=0.5).step()
        ends[rule] = weight.item()
    assert ends == {optim.Adam: pytest.approx(9.9), optim.AdamW: pytest.approx(9.5)}


def test_parameters_may_come_with_names() -> None:
    layer = nn.Linear(2, 1)
    group = optim.Adam(layer.named_parameters()).state_dict()["param_groups"][0]
    assert group["param_names"] == ["weight", "bias"]


def test_what_has_no_gradient_is_left_alone() -> None:
    weight = pellucid.ones(2, requires_grad=True)
    optimizer = optim.Adam([weight])
    optimizer.step()
    assert weight.tolist() == [1.0, 1.0]
    assert optimizer.state_dict()["state"] == {}


def test_zero_grad_forgets_or_zeroes() -> None:
    weight = pellucid.ones(2, requires_grad=True)
    optimizer = optim.SGD([weight])
    weight.sum().backward()
    optimizer.zero_grad(set_to_none=False)
    assert weight.grad is not None
    assert weight.grad.tolist() == [0.0, 0.0]
    optimizer.zero_grad()
    assert weight.grad is None


def test_a_closure_computes_the_loss_again() -> None:
    weight = pellucid.tensor(1.0, requires_grad=True)
    optimizer = optim.SGD([weight], lr=0.1)

    def closure() -> Any:
        optimizer.zero_grad()
        loss = weight * weight
        loss.backward()
        return loss

    assert optimizer.step(closure).item() == 1.0
    assert weight.item() == pytest.approx(0.8)


def test_values_change_in_place() -> None:
    weight = pellucid.ones(2, requires_grad=True)
    view = weight.array
    weight.grad = pellucid.ones(2)
    optim.SGD([weight], lr=0.5).step()
    assert weight.array is view
    assert view.tolist() == [0.5, 0.5]


def test_repr_shows_settings(oracle: Any) -> None:
    text = repr(
        optim.SGD([{"params": weights_of(pellucid)}, {"params": weights_of(pellucid), "lr": 1}])
    )
    theirs = repr(
        oracle.torch.optim.SGD(
            [{"params": weights_of(oracle.torch)}, {"params": weights_of(oracle.torch), "lr": 1}]
        )
    )
    hidden = ("differentiable", "foreach", "fused")
    kept = [line for line in theirs.splitlines() if not line.strip().startswith(hidden)]
    assert text == "\n".join(kept)


@pytest.mark.parametrize("kind", [optim.Adam, optim.AdamW])
def test_arguments_in_the_wrong_place_are_explained(kind: Any) -> None:
    model = pellucid.nn.Linear(1, 1)
    with pytest.raises(TypeError, match=r"but got Linear\. Give it `model\.parameters\(\)`"):
        kind(model)
    with pytest.raises(
        TypeError, match=r"The learning rate must be a number.*parameters come first"
    ):
        kind(0.1, model.parameters())
    with pytest.raises(TypeError, match=r"betas must be two numbers.*Got 0\.9"):
        kind(model.parameters(), betas=0.9)
    with pytest.raises(TypeError, match=r"The epsilon value must be a number\. Got 'a' of str"):
        kind(model.parameters(), eps="a")
