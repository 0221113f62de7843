"""Layers compute and start as PyTorch's do: the same bits for the same seed."""

from typing import Any

import numpy as np
import pytest

import pellucid

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


@pytest.mark.parametrize("name", ["ReLU", "Sigmoid", "Tanh", "Identity"])
def test_activations(oracle: Any, name: str) -> None:
    array = np.array([[-3.0, -0.0, 0.0, 0.5], [58.1, -100.0, 100.0, 1e-4]])
    ours, theirs = getattr(pellucid.nn, name)(), getattr(oracle.torch.nn, name)()
    oracle.gradients(lambda x: (ours if isinstance(x, pellucid.Tensor) else theirs)(x * 1), array)


@pytest.mark.parametrize("dim", [0, 1, -1])
def test_softmax(oracle: Any, dim: int) -> None:
    array = rng.normal(size=(3, 4)) * 50
    ours, theirs = pellucid.nn.Softmax(dim), oracle.torch.nn.Softmax(dim)
    oracle.gradients(lambda x: (ours if isinstance(x, pellucid.Tensor) else theirs)(x), array)


def test_softmax_without_an_axis_warns_and_guesses(oracle: Any) -> None:
    for shape in ((4,), (3, 4), (2, 3, 4)):
        array = rng.normal(size=shape)
        with pytest.warns(UserWarning, match="Implicit dimension choice"):
            found = pellucid.nn.Softmax()(pellucid.tensor(array))
        with pytest.warns(UserWarning, match="Implicit dimension choice"):
            wanted = oracle.torch.nn.Softmax()(oracle.torch.tensor(array))
        oracle.values(found, wanted)
