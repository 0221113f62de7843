"""First values as PyTorch draws them: the same seed, the same numbers, the same generator after."""

import math
from typing import Any

import numpy as np
import pytest

CALLS: dict[str, Any] = {
    "uniform": lambda init, t, g: init.uniform_(t, -2.0, 3.0, generator=g),
    "normal": lambda init, t, g: init.normal_(t, 1.0, 0.5, generator=g),
    "trunc_normal": lambda init, t, g: init.trunc_normal_(t, generator=g),
    "trunc_normal, narrow": lambda init, t, g: init.trunc_normal_(
        t, 0.0, 1.0, -0.1, 0.2, generator=g
    ),
    "trunc_normal, aside": lambda init, t, g: init.trunc_normal_(
        t, 0.5, 2.0, 0.75, 1.5, generator=g
    ),
    "xavier_uniform": lambda init, t, g: init.xavier_uniform_(t, gain=1.5, generator=g),
    "xavier_normal": lambda init, t, g: init.xavier_normal_(t, generator=g),
    "kaiming_uniform": lambda init, t, g: init.kaiming_uniform_(
        t, a=0.3, mode="fan_out", generator=g
    ),
    "kaiming_uniform, relu": lambda init, t, g: init.kaiming_uniform_(
        t, nonlinearity="relu", generator=g
    ),
    "kaiming_normal": lambda init, t, g: init.kaiming_normal_(t, nonlinearity="tanh", generator=g),
    "orthogonal": lambda init, t, g: init.orthogonal_(t, gain=2.0, generator=g),
    "constant": lambda init, t, _: init.constant_(t, 0.3),
    "ones": lambda init, t, _: init.ones_(t),
    "zeros": lambda init, t, _: init.zeros_(t),
    "eye": lambda init, t, _: init.eye_(t),
}


@pytest.mark.parametrize("kind", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(3, 2), (2, 7), (40, 30)], ids=str)
@pytest.mark.parametrize("call", CALLS)
def test_first_values(oracle: Any, call: str, shape: Any, kind: str) -> None:
    results = []
    for lib in (oracle.pellucid, oracle.torch):
        generator = lib.Generator().manual_seed(4)
        tensor = lib.zeros(shape, dtype=getattr(lib, kind), requires_grad=True)
        made = CALLS[call](lib.nn.init, tensor, generator)
        assert made is tensor
        assert made.is_leaf
        after = lib.rand(2, generator=generator).tolist()
        results.append((made.detach().numpy(), after))
    (ours, our_next), (theirs, their_next) = results
    tolerance = 2e-6 if kind == "float32" else 1e-13
    if call in ("uniform", "xavier_uniform", "constant", "ones", "zeros", "eye"):
        tolerance = 0
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=tolerance * max(1, np.abs(theirs).max()))
    assert our_next == their_next


def test_orthogonal_is_orthogonal(oracle: Any) -> None:
    made = oracle.pellucid.nn.init.orthogonal_(oracle.pellucid.zeros(3, 5)).numpy()
    np.testing.assert_allclose(made @ made.T, np.eye(3), atol=1e-6)


def test_gains(oracle: Any) -> None:
    names = ["linear", "sigmoid", "tanh", "relu", "leaky_relu", "selu"]
    for name in names:
        ours, theirs = (lib.nn.init.calculate_gain(name) for lib in (oracle.pellucid, oracle.torch))
        assert math.isclose(ours, theirs)
    assert oracle.pellucid.nn.init.calculate_gain("leaky_relu", 0.2) == math.sqrt(2 / 1.04)


REFUSED = [
    lambda lib: lib.nn.init.calculate_gain("gelu"),
    lambda lib: lib.nn.init.calculate_gain("leaky_relu", True),  # noqa: FBT003 (a mistake)
    lambda lib: lib.nn.init.xavier_uniform_(lib.zeros(3)),
    lambda lib: lib.nn.init.kaiming_normal_(lib.zeros(3)),
    lambda lib: lib.nn.init.kaiming_uniform_(lib.zeros(3, 2), mode="fan_up"),
    lambda lib: lib.nn.init.orthogonal_(lib.zeros(3)),
    lambda lib: lib.nn.init.eye_(lib.zeros(3)),
]


@pytest.mark.parametrize("question", REFUSED)
def test_mistakes(oracle: Any, question: Any) -> None:
    oracle.error(question)


@pytest.mark.parametrize("name", ["kaiming_uniform_", "kaiming_normal_"])
def test_nothing_to_fill(oracle: Any, name: str) -> None:
    for lib in (oracle.pellucid, oracle.torch):
        with pytest.warns(UserWarning, match="Initializing zero-element tensors is a no-op"):
            getattr(lib.nn.init, name)(lib.zeros(0, 2))


def test_a_bell_far_from_its_bounds(oracle: Any) -> None:
    for lib in (oracle.pellucid, oracle.torch):
        with pytest.warns(UserWarning, match="mean is more than 2 std from"):
            lib.nn.init.trunc_normal_(lib.zeros(3), 5.0, 1.0, -2.0, 2.0)


def test_a_fill_is_seen_by_a_backward_pass(oracle: Any) -> None:
    def spoil(lib: Any) -> None:
        weight = lib.ones(2, requires_grad=True)
        loss = (weight * weight).sum()
        lib.nn.init.zeros_(weight)
        loss.backward()

    for lib in (oracle.pellucid, oracle.torch):
        with pytest.raises(RuntimeError, match="modified by an inplace operation"):
            spoil(lib)
