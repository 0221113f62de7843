"""`pellucid.autograd`: gradients as values, and `gradcheck` on every layer and loss in float64."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import pellucid
from pellucid import autograd, nn
from pellucid.autograd import GradcheckError
from pellucid.errors import InputError
from pellucid.nn.loss import Loss
from pellucid.nn.module import Module

rng = np.random.default_rng(1)


def points(*shape: int) -> pellucid.Tensor:
    """Numbers that are far enough from each other and from every bend."""
    count = int(np.prod(shape))
    values = (rng.permutation(count) - count / 2 + 0.25) / 4
    return pellucid.tensor(values.reshape(shape), requires_grad=True)


def chances(*shape: int) -> pellucid.Tensor:
    return pellucid.tensor(rng.uniform(0.1, 0.9, shape), requires_grad=True)


def shares(*shape: int) -> pellucid.Tensor:
    values = rng.uniform(0.1, 0.9, shape)
    return pellucid.tensor(values / values.sum(1, keepdims=True))


CLASSES = pellucid.tensor([0, 2, 1, 2])
WEIGHTS = pellucid.tensor([0.5, 1.0, 2.0], dtype=pellucid.float64)

LAYERS: dict[str, tuple[Callable[[], Module], Callable[[], Any]]] = {
    "Linear": (lambda: nn.Linear(3, 2), lambda: points(4, 3)),
    "Embedding": (lambda: nn.Embedding(4, 2), lambda: pellucid.tensor([[0, 3], [3, 1]])),
    "BatchNorm1d": (lambda: nn.BatchNorm1d(3), lambda: points(4, 3)),
    "LayerNorm": (lambda: nn.LayerNorm(3), lambda: points(4, 3)),
    "Flatten": (nn.Flatten, lambda: points(2, 3, 2)),
    "Sequential": (
        lambda: nn.Sequential(nn.Linear(3, 3), nn.Tanh(), nn.Linear(3, 1)),
        lambda: points(4, 3),
    ),
    "Residual": (
        lambda: nn.Residual(
            nn.Linear(3, 4), nn.Tanh(), nn.Residual(nn.Linear(4, 4)), nn.Linear(4, 3)
        ),
        lambda: points(4, 3),
    ),
    "Dropout": (lambda: nn.Dropout(0.5).eval(), lambda: points(4, 3)),
    "ReLU": (nn.ReLU, lambda: points(4, 3)),
    "LeakyReLU": (nn.LeakyReLU, lambda: points(4, 3)),
    "ELU": (nn.ELU, lambda: points(4, 3)),
    "SELU": (nn.SELU, lambda: points(4, 3)),
    "GELU": (nn.GELU, lambda: points(4, 3)),
    "SiLU": (nn.SiLU, lambda: points(4, 3)),
    "Mish": (nn.Mish, lambda: points(4, 3)),
    "Softplus": (nn.Softplus, lambda: points(4, 3)),
    "Sigmoid": (nn.Sigmoid, lambda: points(4, 3)),
    "Tanh": (nn.Tanh, lambda: points(4, 3)),
    "Softmax": (lambda: nn.Softmax(1), lambda: points(4, 3)),
    "LogSoftmax": (lambda: nn.LogSoftmax(1), lambda: points(4, 3)),
    "Identity": (nn.Identity, lambda: points(4, 3)),
}

LOSSES: dict[str, tuple[list[Callable[[str], Module]], Callable[[], tuple[Any, Any]]]] = {
    "MSELoss": ([lambda r: nn.MSELoss(reduction=r)], lambda: (points(4, 3), points(4, 3))),
    "L1Loss": ([lambda r: nn.L1Loss(reduction=r)], lambda: (points(4, 3), chances(4, 3))),
    "HuberLoss": (
        [lambda r: nn.HuberLoss(reduction=r, delta=0.7)],
        lambda: (points(4, 3), chances(4, 3)),
    ),
    "SmoothL1Loss": (
        [lambda r: nn.SmoothL1Loss(reduction=r, beta=0.7)],
        lambda: (points(4, 3), chances(4, 3)),
    ),
    "QuantileLoss": (
        [lambda r: nn.QuantileLoss([0.1, 0.5, 0.8], reduction=r)],
        lambda: (points(4, 3), chances(4, 3)),
    ),
    "PoissonNLLLoss": (
        [lambda r: nn.PoissonNLLLoss(reduction=r)],
        lambda: (points(4, 3), shares(4, 3)),
    ),
    "BCELoss": ([lambda r: nn.BCELoss(reduction=r)], lambda: (chances(4, 3), chances(4, 3))),
    "BCEWithLogitsLoss": (
        [
            lambda r: nn.BCEWithLogitsLoss(reduction=r),
            lambda r: nn.BCEWithLogitsLoss(pos_weight=WEIGHTS, reduction=r),
        ],
        lambda: (points(4, 3), shares(4, 3)),
    ),
    "CrossEntropyLoss": (
        [
            lambda r: nn.CrossEntropyLoss(reduction=r),
            lambda r: nn.CrossEntropyLoss(WEIGHTS, reduction=r, label_smoothing=0.1),
            lambda r: nn.CrossEntropyLoss(reduction=r, ignore_index=2),
        ],
        lambda: (points(4, 3), CLASSES),
    ),
    "NLLLoss": (
        [lambda r: nn.NLLLoss(reduction=r), lambda r: nn.NLLLoss(WEIGHTS, reduction=r)],
        lambda: (points(4, 3), CLASSES),
    ),
}


def family(is_loss: bool) -> set[str]:
    kinds = [getattr(nn, name) for name in nn.__all__]
    found = [k for k in kinds if isinstance(k, type) and issubclass(k, Module)]
    return {k.__name__ for k in found if issubclass(k, Loss) == is_loss}


def test_every_layer_and_loss_is_checked() -> None:
    containers = {"Module", "ModuleList", "ModuleDict"}
    assert set(LAYERS) >= family(is_loss=False) - containers
    assert set(LOSSES) >= family(is_loss=True)


@pytest.mark.parametrize("name", LAYERS)
def test_layers(name: str) -> None:
    pellucid.manual_seed(0)
    make, given = LAYERS[name]
    layer, x = make().double(), given()
    parameters = list(layer.parameters())
    inputs = ([x] if x.requires_grad else []) + parameters
    assert pellucid.gradcheck(lambda *_: layer(x), inputs)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("name", LOSSES)
def test_losses(name: str, reduction: str) -> None:
    makers, given = LOSSES[name]
    for make in makers:
        assert pellucid.gradcheck(make(reduction), given())


def wrong(x: pellucid.Tensor) -> pellucid.Tensor:
    """A square whose gradient is taken for x alone."""
    return x * x.detach()


def test_a_wrong_gradient_is_found() -> None:
    x = points(2, 2)
    with pytest.raises(GradcheckError, match="Jacobian mismatch for output 0 with respect to in"):
        pellucid.gradcheck(wrong, x)
    assert pellucid.gradcheck(wrong, x, raise_exception=False) is False


def test_several_outputs_and_one_without_a_gradient() -> None:
    x = points(3)
    assert pellucid.gradcheck(lambda x: (x * 2, x.exp(), pellucid.ones(2)), x)
    with pytest.raises(GradcheckError, match="for output 0"):
        pellucid.gradcheck(lambda x: x.detach() * 2, x)


def test_mistakes_with_gradcheck(oracle: Any) -> None:
    oracle.error(lambda lib: lib.autograd.gradcheck(lambda x: x, lib.ones(2)))
    for lib in (oracle.pellucid, oracle.torch):
        x = lib.ones(2, requires_grad=True)
        with pytest.warns(UserWarning, match="Input #0 requires gradient and is not a double"):
            lib.autograd.gradcheck(lambda x: x * 2, x, eps=1e-2, atol=1e-2)


def test_gradients_as_values(oracle: Any) -> None:
    def act(lib: Any) -> Any:
        x = lib.tensor([1.0, 2.0], requires_grad=True)
        w = lib.tensor([3.0, 4.0], requires_grad=True)
        unused = lib.tensor(1.0, requires_grad=True)
        hidden = x * w
        out = (hidden * hidden).sum()
        found = lib.autograd.grad(
            [out, hidden],
            [x, w, hidden, unused],
            [None, lib.tensor([1.0, -1.0])],
            retain_graph=True,
            allow_unused=True,
        )
        assert found[3] is None
        assert x.grad is None
        again = lib.autograd.grad(out, x)
        lib.autograd.backward([x.sum(), (w * w).sum()])
        return *found[:3], *again, x.grad, w.grad

    oracle.values(act(oracle.pellucid), act(oracle.torch))


@pytest.mark.parametrize(
    "question",
    [
        lambda lib: lib.autograd.grad(lib.ones(1), lib.ones(1, requires_grad=True)),
        lambda lib: lib.autograd.grad(lib.ones(1, requires_grad=True) * 2, lib.ones(1)),
        lambda lib: lib.autograd.grad(
            lib.ones(1, requires_grad=True) * 2, lib.ones(1, requires_grad=True)
        ),
        lambda lib: lib.autograd.backward(lib.ones(2, requires_grad=True) * 2),
    ],
)
def test_mistakes_with_gradients(oracle: Any, question: Any) -> None:
    oracle.error(question)


def test_gradients_of_gradients_are_refused() -> None:
    x = points(2)
    with pytest.raises(InputError, match="no gradients of gradients"):
        autograd.grad(x.sum(), x, create_graph=True)


@pytest.mark.parametrize("kind", ["float64", "int64"])
def test_a_gradient_of_another_dtype_is_refused(oracle: Any, kind: str) -> None:
    for lib in (oracle.pellucid, oracle.torch):
        x = lib.ones(2, requires_grad=True)
        with pytest.raises(RuntimeError, match=r"assign a gradient with dtype '.*' to a tens"):
            x.grad = lib.ones(2, dtype=getattr(lib, kind))
