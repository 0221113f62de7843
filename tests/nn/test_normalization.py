"""BatchNorm1d and LayerNorm: PyTorch's numbers, statistics, names and sentences."""

from typing import Any

import numpy as np
import pytest

import pellucid
from pellucid import nn

rng = np.random.default_rng(0)
SETTINGS: dict[str, dict[str, Any]] = {
    "plain": {},
    "slow": {"momentum": 0.01, "eps": 1e-3},
    "mean of all": {"momentum": None},
    "without affine": {"affine": False},
    "without bias": {"bias": False},
    "without statistics": {"track_running_stats": False},
    "with nothing": {"affine": False, "track_running_stats": False},
}


def both(oracle: Any, name: str, *sizes: Any, **settings: Any) -> tuple[Any, Any]:
    """The same layer twice, with the same unusual weights."""
    theirs = getattr(oracle.torch.nn, name)(*sizes, **settings).double()
    for number, parameter in enumerate(theirs.parameters()):
        parameter.data += oracle.torch.arange(parameter.numel()).reshape(parameter.shape) + number
    ours = getattr(nn, name)(*sizes, **settings).double()
    ours.load_state_dict(theirs.state_dict())
    return ours, theirs


def same_state(oracle: Any, ours: Any, theirs: Any) -> None:
    mine, wanted = ours.state_dict(), theirs.state_dict()
    assert list(mine) == list(wanted)
    for key, value in wanted.items():
        oracle.values(mine[key], value)


@pytest.mark.parametrize("shape", [(5, 3), (3, 3), (4, 3, 2), (1, 3, 4), (0, 3)])
@pytest.mark.parametrize("case", SETTINGS)
def test_batches_and_running_statistics(oracle: Any, case: str, shape: Any) -> None:
    ours, theirs = both(oracle, "BatchNorm1d", 3, **SETTINGS[case])
    for mode in (True, True, False):
        ours.train(mode)
        theirs.train(mode)
        x = rng.normal(size=shape) * 3 + 1
        oracle.gradients(
            lambda v: (ours if isinstance(v, pellucid.Tensor) else theirs)(v), x, ulps=64
        )
        same_state(oracle, ours, theirs)
        for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
            oracle.values(one.grad, other.grad, ulps=64)


def test_single_precision_too(oracle: Any) -> None:
    x = rng.normal(size=(6, 3)).astype(np.float32) * 100
    for name in ("BatchNorm1d", "LayerNorm"):
        ours, theirs = getattr(nn, name)(3), getattr(oracle.torch.nn, name)(3)
        oracle.gradients(
            lambda v, f=ours, g=theirs: (f if isinstance(v, pellucid.Tensor) else g)(v), x, ulps=64
        )
        same_state(oracle, ours, theirs)


@pytest.mark.parametrize("sizes", [3, (3,), (2, 3), [3]])
@pytest.mark.parametrize(
    "settings", [{}, {"eps": 0.5}, {"elementwise_affine": False}, {"bias": False}]
)
def test_rows(oracle: Any, sizes: Any, settings: dict[str, Any]) -> None:
    ours, theirs = both(oracle, "LayerNorm", sizes, **settings)
    for shape in ((4, 2, 3), (2, 3), (0, 2, 3)):
        x = rng.normal(size=shape) * 3 + 1
        oracle.gradients(
            lambda v: (ours if isinstance(v, pellucid.Tensor) else theirs)(v), x, ulps=64
        )
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        oracle.values(one.grad, other.grad, ulps=64)
    oracle.text(lambda lib: lib.nn.LayerNorm(sizes, **settings))
    oracle.text(lambda lib: lib.nn.LayerNorm(sizes, **settings).state_dict())


@pytest.mark.parametrize("case", SETTINGS)
def test_batch_norm_is_shown_and_stored_as_in_pytorch(oracle: Any, case: str) -> None:
    oracle.text(lambda lib: lib.nn.BatchNorm1d(2, **SETTINGS[case]))
    oracle.text(lambda lib: lib.nn.BatchNorm1d(2, **SETTINGS[case]).state_dict())
    oracle.text(lambda lib: list(dict(lib.nn.BatchNorm1d(2, **SETTINGS[case]).named_buffers())))


def test_a_training_step_changes_what_eval_gives() -> None:
    layer, x = nn.BatchNorm1d(2), pellucid.tensor(rng.normal(size=(8, 2)) + 5).float()
    before = np.asarray(layer.eval()(x).detach())
    np.testing.assert_array_equal(before, np.asarray(layer(x).detach()))
    layer.train()(x)
    assert np.all(np.asarray(layer.eval()(x).detach()) < before)
    layer.reset_running_stats()
    np.testing.assert_array_equal(before, np.asarray(layer(x).detach()))


def test_running_statistics_may_move_before_the_walk_back() -> None:
    layer = nn.BatchNorm1d(2, affine=False, dtype="float64").eval()
    x = pellucid.tensor(rng.normal(size=(4, 2)), requires_grad=True)
    out = layer(x)
    layer.running_var.fill_(100.0)
    out += 1.0  # what a missing weight would be is not mistaken for the output
    out.sum().backward()
    assert x.grad is not None
    np.testing.assert_allclose(np.asarray(x.grad), 1 / np.sqrt(1 + 1e-5))


def test_parameters_can_be_reset() -> None:
    for layer in (nn.BatchNorm1d(2), nn.LayerNorm(2)):
        layer.weight.data.fill_(3.0)
        layer.bias.data.fill_(3.0)
        layer.reset_parameters()
        assert layer.weight.tolist() == [1.0, 1.0]
        assert layer.bias.tolist() == [0.0, 0.0]


MISTAKES = {
    "one row": lambda lib: lib.nn.BatchNorm1d(2)(lib.ones(1, 2)),
    "one place": lambda lib: lib.nn.BatchNorm1d(2)(lib.ones(1, 2, 1)),
    "no rows": lambda lib: lib.nn.BatchNorm1d(2)(lib.ones(2)),
    "columns": lambda lib: lib.nn.BatchNorm1d(2)(lib.ones(3, 4)),
    "columns in eval": lambda lib: lib.nn.BatchNorm1d(2).eval()(lib.ones(3, 4)),
    "columns without statistics": lambda lib: lib.nn.BatchNorm1d(2, track_running_stats=False)(
        lib.ones(3, 4)
    ),
    "whole numbers": lambda lib: lib.nn.BatchNorm1d(2)(lib.tensor([[1, 2], [3, 4]])),
    "finer numbers": lambda lib: lib.nn.BatchNorm1d(2)(lib.ones(3, 2, dtype=lib.float64)),
    "eps of 0": lambda lib: lib.nn.BatchNorm1d(2, eps=0.0)(lib.ones(3, 2)),
    "eps below 0": lambda lib: lib.nn.BatchNorm1d(2, eps=-1.0).eval()(lib.ones(3, 2)),
    "size below 0": lambda lib: lib.nn.BatchNorm1d(-2),
    "row size": lambda lib: lib.nn.LayerNorm(3)(lib.ones(3, 2)),
    "row sizes": lambda lib: lib.nn.LayerNorm((2, 3))(lib.ones(3, 2)),
    "a number": lambda lib: lib.nn.LayerNorm(2)(lib.tensor(1.0)),
    "no sizes": lambda lib: lib.nn.LayerNorm([])(lib.ones(3)),
    "finer rows": lambda lib: lib.nn.LayerNorm(2)(lib.ones(3, 2, dtype=lib.float64)),
    "whole rows": lambda lib: lib.nn.LayerNorm(2, elementwise_affine=False)(lib.tensor([[1, 2]])),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_get_the_familiar_sentence(oracle: Any, name: str) -> None:
    oracle.error(MISTAKES[name])


def test_one_row_in_training_says_which_layer_and_the_cure() -> None:
    model = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    with pytest.raises(ValueError, match=r"Layer '1', BatchNorm1d.*drop_last=True"):
        model(pellucid.ones(1, 3))
    assert model.eval()(pellucid.ones(1, 3)).shape == (1, 2)
