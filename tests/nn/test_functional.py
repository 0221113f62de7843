"""`nn.functional` against PyTorch's: the same values and the same gradients."""

from typing import Any

import numpy as np
import pytest

import pellucid

X = np.linspace(-2.2, 2.4, 12).reshape(4, 3)
CHANCES = np.linspace(0.05, 0.95, 12).reshape(4, 3)
CLASSES = np.array([0, 2, 1, 2])
WEIGHT = np.linspace(-1, 1, 6).reshape(2, 3)

ONE: dict[str, Any] = {
    "relu": lambda f, x: f.relu(x),
    "leaky_relu": lambda f, x: f.leaky_relu(x, 0.2),
    "elu": lambda f, x: f.elu(x, alpha=0.5),
    "selu": lambda f, x: f.selu(x),
    "gelu": lambda f, x: f.gelu(x, approximate="tanh"),
    "silu": lambda f, x: f.silu(x),
    "mish": lambda f, x: f.mish(x),
    "softplus": lambda f, x: f.softplus(x, 2.0, 1.5),
    "sigmoid": lambda f, x: f.sigmoid(x),
    "tanh": lambda f, x: f.tanh(x),
    "softmax": lambda f, x: f.softmax(x, dim=1),
    "log_softmax": lambda f, x: f.log_softmax(x, dim=0),
    "layer_norm": lambda f, x: f.layer_norm(x, (3,)),
    "dropout": lambda f, x: f.dropout(x, 0.5, training=False),
}

TWO: dict[str, tuple[Any, Any, Any]] = {
    "mse_loss": (X, CHANCES, {}),
    "l1_loss": (X, CHANCES, {"reduction": "sum"}),
    "huber_loss": (X, CHANCES, {"delta": 0.5}),
    "smooth_l1_loss": (X, CHANCES, {"beta": 0.5, "reduction": "none"}),
    "binary_cross_entropy": (CHANCES, CHANCES[::-1].copy(), {}),
    "binary_cross_entropy_with_logits": (X, CHANCES, {"reduction": "sum"}),
    "cross_entropy": (X, CLASSES, {"label_smoothing": 0.1, "ignore_index": 1}),
    "nll_loss": (X, CLASSES, {"reduction": "none"}),
    "poisson_nll_loss": (X, CHANCES, {"log_input": True, "full": True}),
}


def of(x: Any) -> Any:
    import torch  # noqa: PLC0415 (slow to import)

    return torch.nn.functional if isinstance(x, torch.Tensor) else pellucid.nn.functional


@pytest.mark.parametrize("name", ONE)
def test_functions(oracle: Any, name: str) -> None:
    oracle.gradients(lambda x: ONE[name](of(x), x), X, ulps=64)


@pytest.mark.parametrize("name", TWO)
def test_losses(oracle: Any, name: str) -> None:
    first, second, settings = TWO[name]
    oracle.gradients(lambda x, y: getattr(of(x), name)(x, y, **settings), first, second, ulps=64)


def test_linear_and_layer_norm_with_parameters(oracle: Any) -> None:
    oracle.gradients(lambda x, w: of(x).linear(x, w), X, WEIGHT, ulps=64)
    oracle.gradients(lambda x, w, b: of(x).linear(x, w, b), X, WEIGHT, WEIGHT[:, 0].copy(), ulps=64)
    oracle.gradients(
        lambda x, w, b: of(x).layer_norm(x, (3,), w, b), X, WEIGHT[0], WEIGHT[1], ulps=256
    )


def test_embedding_and_one_hot(oracle: Any) -> None:
    def look_up(weight: Any) -> Any:
        lib = pellucid if isinstance(weight, pellucid.Tensor) else oracle.torch
        return of(weight).embedding(lib.tensor([1, 0, 1]), weight, padding_idx=0)

    oracle.gradients(look_up, WEIGHT)
    for classes, count in (([0, 2], -1), ([[1], [0]], 4)):
        oracle.values(
            *(lib.nn.functional.one_hot(lib.tensor(classes), count) for lib in both(oracle))
        )


def both(oracle: Any) -> tuple[Any, Any]:
    return oracle.pellucid, oracle.torch


@pytest.mark.parametrize(
    "question",
    [
        lambda lib: lib.nn.functional.one_hot(lib.tensor([0.5])),
        lambda lib: lib.nn.functional.one_hot(lib.tensor([-1])),
        lambda lib: lib.nn.functional.one_hot(lib.tensor([3]), 2),
        lambda lib: lib.nn.functional.one_hot(lib.zeros(0, dtype=lib.int64)),
        lambda lib: lib.nn.functional.cross_entropy(lib.zeros(2, 3), lib.tensor([0, 3])),
        lambda lib: lib.nn.functional.dropout(lib.zeros(2), 1.5),
    ],
)
def test_mistakes(oracle: Any, question: Any) -> None:
    oracle.error(question)


def test_dropout_draws_while_training() -> None:
    pellucid.manual_seed(0)
    dropped = pellucid.nn.functional.dropout(pellucid.ones(1000), 0.25)
    assert sorted(set(dropped.tolist())) == [0.0, pytest.approx(4 / 3)]


def test_a_repeated_function_is_said_at_the_callers_line() -> None:
    shares = pellucid.randn(2, 3, requires_grad=True).softmax(1)
    with pytest.warns(UserWarning, match="given the output of a softmax") as caught:
        pellucid.nn.functional.cross_entropy(shares, pellucid.tensor([0, 1]))
    assert caught[0].filename == __file__
