"""Layers compute and start as PyTorch's do: the same bits for the same seed."""

from typing import Any

import numpy as np
import pytest

import pellucid
from pellucid import nn
from pellucid.errors import InputError

rng = np.random.default_rng(0)


def both_seeded(oracle: Any, seed: int, make: Any) -> tuple[Any, Any]:
    oracle.pellucid.manual_seed(seed)
    oracle.torch.manual_seed(seed)
    return make(oracle.pellucid), make(oracle.torch)


@pytest.mark.parametrize("size", [(3, 5), (1, 1), (784, 30), (37, 19), (0, 2), (2, 0)])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.filterwarnings("ignore:Initializing zero-element tensors")
def test_first_weights_have_pytorchs_bits(oracle: Any, size: Any, bias: bool, dtype: str) -> None:
    ours, theirs = both_seeded(
        oracle, 7, lambda lib: lib.nn.Linear(*size, bias=bias, dtype=getattr(lib, dtype))
    )
    for name, value in theirs.state_dict().items():
        mine = np.asarray(ours.state_dict()[name])
        assert mine.dtype == dtype
        np.testing.assert_array_equal(mine, value.numpy())


def test_a_network_starts_with_pytorchs_bits(oracle: Any) -> None:
    ours, theirs = both_seeded(
        oracle,
        3,
        lambda lib: lib.nn.Sequential(
            lib.nn.Linear(4, 5), lib.nn.ReLU(), lib.nn.Linear(5, 5), lib.nn.Linear(5, 1)
        ),
    )
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        np.testing.assert_array_equal(np.asarray(one), other.detach().numpy())


def test_initialisers_draw_as_pytorchs(oracle: Any) -> None:
    ours, theirs = both_seeded(
        oracle,
        1,
        lambda lib: [
            lib.nn.init.uniform_(lib.zeros(4, 3), -2, 3),
            lib.nn.init.kaiming_uniform_(lib.zeros(4, 3), a=0.1),
        ],
    )
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(np.asarray(one), other.numpy())


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(7, 3), (3,), (2, 4, 3), (0, 3), (1, 3)])
def test_linear(oracle: Any, shape: Any, bias: bool) -> None:
    ours, theirs = both_seeded(oracle, 0, lambda lib: lib.nn.Linear(3, 2, bias=bias))
    array = rng.normal(size=shape).astype(np.float32)
    x, y = (
        pellucid.tensor(array, requires_grad=True),
        oracle.torch.tensor(array, requires_grad=True),
    )
    out, wanted = ours(x), theirs(y)
    oracle.values(out, wanted)
    (out * out).sum().backward()
    (wanted * wanted).sum().backward()
    oracle.values(x.grad, y.grad)
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        oracle.values(one.grad, other.grad, ulps=32)


ACTIVATIONS: dict[str, Any] = {
    "relu": lambda lib: lib.nn.ReLU(),
    "sigmoid": lambda lib: lib.nn.Sigmoid(),
    "tanh": lambda lib: lib.nn.Tanh(),
    "identity": lambda lib: lib.nn.Identity(),
    "leaky": lambda lib: lib.nn.LeakyReLU(),
    "steep leaky": lambda lib: lib.nn.LeakyReLU(2.5),
    "elu": lambda lib: lib.nn.ELU(),
    "deep elu": lambda lib: lib.nn.ELU(alpha=2.5),
    "selu": lambda lib: lib.nn.SELU(),
    "gelu": lambda lib: lib.nn.GELU(),
    "gelu by tanh": lambda lib: lib.nn.GELU("tanh"),
    "silu": lambda lib: lib.nn.SiLU(),
    "mish": lambda lib: lib.nn.Mish(),
    "softplus": lambda lib: lib.nn.Softplus(),
    "sharp softplus": lambda lib: lib.nn.Softplus(beta=3, threshold=5.0),
    "log softmax": lambda lib: lib.nn.LogSoftmax(dim=-1),
}


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_activations(oracle: Any, name: str, dtype: str) -> None:
    array = np.array([[-3.0, -0.0, 0.0, 0.5], [58.1, -100.0, 100.0, 1e-4]], dtype)
    ours, theirs = (ACTIVATIONS[name](lib) for lib in (pellucid, oracle.torch))
    for values in (array, array[0], array[0, 3:].reshape(()), array[:0]):
        oracle.gradients(
            lambda x: (ours if isinstance(x, pellucid.Tensor) else theirs)(x * 1), values
        )


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_each_number_by_itself(oracle: Any, name: str) -> None:
    """Small results are as exact as large ones, and what is not finite stays what it is."""
    x = np.array([-1e3, -30.0, -9.0, -1.5, -1e-8, 1e-8, 0.7, 9.0, 30.0, 1e3, np.inf, np.nan])
    for value in x:
        array = np.array([value])
        ours, theirs = (ACTIVATIONS[name](lib) for lib in (pellucid, oracle.torch))
        found, wanted = ours(pellucid.tensor(array)), theirs(oracle.torch.tensor(array))
        # near −9 a GELU is a difference of two numbers near 1, here as in PyTorch
        atol = 2e-15 if "gelu" in name else 0.0
        np.testing.assert_allclose(np.asarray(found), wanted.numpy(), rtol=1e-12, atol=atol)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_are_shown_as_in_pytorch(oracle: Any, name: str) -> None:
    oracle.text(ACTIVATIONS[name])
    oracle.text(lambda lib: ACTIVATIONS[name](lib)(lib.ones(1, 2, requires_grad=True) * 1))


@pytest.mark.parametrize("name", list(ACTIVATIONS)[4:])
def test_activations_want_numbers_with_a_fraction(oracle: Any, name: str) -> None:
    oracle.error(lambda lib: ACTIVATIONS[name](lib)(lib.tensor([[1, 2]])))
    with pytest.raises(TypeError, match="must be Tensor, not list"):
        ACTIVATIONS[name](pellucid)([1.0])


def test_an_unknown_approximation(oracle: Any) -> None:
    oracle.error(lambda lib: lib.nn.GELU("sigmoid")(lib.ones(2)))


@pytest.mark.parametrize("name", ["LeakyReLU", "ELU", "SELU", "SiLU", "Mish"])
def test_nothing_is_done_in_place(name: str) -> None:
    with pytest.raises(InputError, match=f"{name} must have inplace=False here. Got True"):
        getattr(nn, name)(inplace=True)


@pytest.mark.parametrize("dim", [0, 1, -1])
def test_softmax(oracle: Any, dim: int) -> None:
    array = rng.normal(size=(3, 4)) * 50
    ours, theirs = pellucid.nn.Softmax(dim), oracle.torch.nn.Softmax(dim)
    oracle.gradients(lambda x: (ours if isinstance(x, pellucid.Tensor) else theirs)(x), array)


@pytest.mark.parametrize("name", ["Softmax", "LogSoftmax"])
def test_softmax_without_an_axis_warns_and_guesses(oracle: Any, name: str) -> None:
    for shape in ((4,), (3, 4), (2, 3, 4)):
        array = rng.normal(size=shape)
        with pytest.warns(UserWarning, match="Implicit dimension choice"):
            found = getattr(nn, name)()(pellucid.tensor(array))
        with pytest.warns(UserWarning, match="Implicit dimension choice"):
            wanted = getattr(oracle.torch.nn, name)()(oracle.torch.tensor(array))
        oracle.values(found, wanted)
