"""Losses give PyTorch's values, gradients, warnings and sentences."""

from typing import Any

import numpy as np
import pytest

import pellucid

rng = np.random.default_rng(0)
REDUCTIONS = ["mean", "sum", "none"]


def compare(oracle: Any, name: str, input_: Any, target: Any, **settings: Any) -> None:
    """The loss and its gradients by prediction (and target, where PyTorch has one)."""
    ours = getattr(pellucid.nn, name)(**settings)
    theirs = getattr(oracle.torch.nn, name)(**settings)

    def loss(prediction: Any) -> Any:
        if isinstance(prediction, pellucid.Tensor):
            return ours(prediction, pellucid.tensor(target))
        return theirs(prediction, oracle.torch.tensor(target))

    oracle.gradients(loss, input_)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_squared_error(oracle: Any, reduction: str, dtype: str) -> None:
    x, y = rng.normal(size=(2, 4, 3)).astype(dtype)
    compare(oracle, "MSELoss", x, y, reduction=reduction)
    compare(oracle, "MSELoss", x, np.ones((4, 3), np.int64), reduction=reduction)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_binary_cross_entropy(oracle: Any, reduction: str, dtype: str) -> None:
    x, y = rng.uniform(size=(2, 4, 3)).astype(dtype)
    compare(oracle, "BCELoss", x, y, reduction=reduction)
    compare(oracle, "BCELoss", x, np.round(y), reduction=reduction)
    edges = np.array([0.0, 1.0, 0.0, 1.0, 1e-30, 0.5], dtype)
    answers = np.array([1.0, 0.0, 0.0, 1.0, 1.0, 0.5], dtype)
    compare(oracle, "BCELoss", edges, answers, reduction=reduction)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_binary_cross_entropy_with_logits(oracle: Any, reduction: str, dtype: str) -> None:
    x = (rng.normal(size=(4, 3)) * 40).astype(dtype)
    y = rng.uniform(size=(4, 3)).astype(dtype)
    compare(oracle, "BCEWithLogitsLoss", x, y, reduction=reduction)
    edges = np.array([0.0, -0.0, 1000.0, -1000.0], dtype)
    compare(oracle, "BCEWithLogitsLoss", edges, np.array([1, 0, 0, 1], dtype), reduction=reduction)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_cross_entropy(oracle: Any, reduction: str, dtype: str) -> None:
    x = (rng.normal(size=(5, 3)) * 20).astype(dtype)
    compare(oracle, "CrossEntropyLoss", x, np.array([0, 2, 1, 1, 0]), reduction=reduction)
    compare(oracle, "CrossEntropyLoss", x, np.array([0, -100, 1, 1, 0]), reduction=reduction)
    compare(
        oracle,
        "CrossEntropyLoss",
        x,
        np.array([0, 2, 1, 1, 0]),
        reduction=reduction,
        ignore_index=1,
    )
    compare(oracle, "CrossEntropyLoss", x[0], np.array(1), reduction=reduction)
    cube = rng.normal(size=(2, 3, 4)).astype(dtype)
    compare(oracle, "CrossEntropyLoss", cube, rng.integers(0, 3, (2, 4)), reduction=reduction)


def test_nothing_that_counts_is_nan(oracle: Any) -> None:
    compare(oracle, "CrossEntropyLoss", np.zeros((2, 3)), np.array([-100, -100]))
    compare(oracle, "MSELoss", np.zeros((0, 3)), np.zeros((0, 3)))


def test_the_gradient_by_the_target(oracle: Any) -> None:
    x, y = rng.uniform(0.1, 0.9, size=(2, 4, 3))
    for name in ("MSELoss", "BCELoss", "BCEWithLogitsLoss"):
        ours, theirs = getattr(pellucid.nn, name)(), getattr(oracle.torch.nn, name)()
        oracle.gradients(
            lambda a, b, f=ours, g=theirs: (f if isinstance(a, pellucid.Tensor) else g)(a, b), x, y
        )


def test_a_common_offset_of_the_scores_changes_nothing() -> None:
    x, classes = rng.normal(size=(5, 3)), pellucid.tensor([0, 2, 1, 1, 0])
    loss = pellucid.nn.CrossEntropyLoss()
    near, far = loss(pellucid.tensor(x), classes), loss(pellucid.tensor(x + 1000), classes)
    assert near.item() == pytest.approx(far.item(), rel=1e-12)


def test_different_shapes_that_broadcast_only_warn(oracle: Any) -> None:
    sentence = r"Using a target size \(torch.Size\(\[4\]\)\) that is different to the input size"
    results = []
    for lib in (oracle.pellucid, oracle.torch):
        with pytest.warns(UserWarning, match=sentence):
            results.append(lib.nn.MSELoss()(lib.arange(4.0).reshape(4, 1), lib.arange(4.0)))
    oracle.values(*results)


def test_an_array_as_target_is_told() -> None:
    with pytest.raises(
        TypeError, match=r"MSELoss\(\): argument 'target' \(position 2\) must be Tensor"
    ):
        pellucid.nn.MSELoss()(pellucid.ones(2), np.ones(2))


def pair(lib: Any, loss: str, input_: Any, target: Any, **settings: Any) -> Any:
    return getattr(lib.nn, loss)(**settings)(lib.tensor(input_), lib.tensor(target))


COLUMN, FLAT = [[0.5], [0.5]], [0.0, 1.0]
SCORES = [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
REFUSED = {
    "reduction": lambda lib: pair(lib, "MSELoss", FLAT, FLAT, reduction="avg"),
    "reduction of classes": lambda lib: pair(
        lib, "CrossEntropyLoss", SCORES, [0, 1], reduction="x"
    ),
    "chance sizes": lambda lib: pair(lib, "BCELoss", COLUMN, FLAT),
    "chance above 1": lambda lib: pair(lib, "BCELoss", [2.0, 0.5], FLAT),
    "chance below 0": lambda lib: pair(lib, "BCELoss", [-0.1, 0.5], FLAT),
    "answer above 1": lambda lib: pair(lib, "BCELoss", [0.5, 0.5], [2.0, 0.0]),
    "whole answers": lambda lib: pair(lib, "BCELoss", [0.5, 0.5], [1, 0]),
    "logit sizes": lambda lib: pair(lib, "BCEWithLogitsLoss", COLUMN, FLAT),
    "whole answers to logits": lambda lib: pair(lib, "BCEWithLogitsLoss", FLAT, [1, 0]),
    "fractions as classes": lambda lib: pair(lib, "CrossEntropyLoss", SCORES, FLAT),
    "class too large": lambda lib: pair(lib, "CrossEntropyLoss", SCORES, [0, 3]),
    "class below 0": lambda lib: pair(lib, "CrossEntropyLoss", SCORES, [0, -1]),
    "column of classes": lambda lib: pair(lib, "CrossEntropyLoss", SCORES, [[0], [1]]),
    "number of rows": lambda lib: pair(lib, "CrossEntropyLoss", SCORES, [0, 1, 2]),
    "short classes": lambda lib: lib.nn.CrossEntropyLoss()(
        lib.tensor(SCORES), lib.tensor(np.array([0, 1], np.int32))
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_mistakes_get_the_familiar_sentence(oracle: Any, name: str) -> None:
    oracle.error(REFUSED[name])
