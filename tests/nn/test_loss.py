"""Losses give PyTorch's values, gradients, warnings and sentences."""

import itertools
from typing import Any

import numpy as np
import pytest

import pellucid
from pellucid.errors import ShapeError

rng = np.random.default_rng(0)
REDUCTIONS = ["mean", "sum", "none"]


def compare(oracle: Any, name: str, input_: Any, target: Any, **settings: Any) -> None:
    """The loss and its gradients by prediction (and target, where PyTorch has one)."""
    ours, theirs = (
        getattr(lib.nn, name)(
            **{k: lib.tensor(v) if isinstance(v, np.ndarray) else v for k, v in settings.items()}
        )
        for lib in (pellucid, oracle.torch)
    )

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


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_weights_of_elements_and_of_the_yes(oracle: Any, reduction: str, dtype: str) -> None:
    x = (rng.normal(size=(4, 3)) * 20).astype(dtype)
    y = rng.uniform(size=(4, 3)).astype(dtype)
    rows, each = rng.uniform(0.1, 3, size=(4, 1)), rng.uniform(0.1, 3, size=3)
    for weight in (rows.astype(dtype), each.astype(dtype), np.array(0.5, dtype)):
        compare(oracle, "BCELoss", y, np.round(y), reduction=reduction, weight=weight)
        settings = {"reduction": reduction, "pos_weight": weight}
        compare(oracle, "BCEWithLogitsLoss", x, y, reduction=reduction, weight=weight)
        compare(oracle, "BCEWithLogitsLoss", x, y, **settings)
        compare(oracle, "BCEWithLogitsLoss", x, y, weight=each.astype(dtype), **settings)


def test_a_finer_weight_makes_a_finer_loss(oracle: Any) -> None:
    x, y = rng.normal(size=(2, 3)).astype(np.float32), np.ones((2, 3), np.float32)
    compare(oracle, "BCEWithLogitsLoss", x, y, pos_weight=np.array([1.0, 2.0, 3.0]))


def test_the_gradient_by_the_answer_with_weights(oracle: Any) -> None:
    x, y, w = rng.normal(size=(4, 3)), rng.uniform(size=(4, 3)), rng.uniform(size=3)
    ours, theirs = (
        lib.nn.BCEWithLogitsLoss(pos_weight=lib.tensor(w)) for lib in (pellucid, oracle.torch)
    )
    oracle.gradients(lambda a, b: (ours if isinstance(a, pellucid.Tensor) else theirs)(a, b), x, y)


def test_a_weight_of_the_yes_adds_no_axes() -> None:
    z = pellucid.ones(2)
    with pytest.raises(ShapeError, match=r"must broadcast to the input: got \(3, 1\) and \(2,\)"):
        pellucid.nn.BCEWithLogitsLoss(pos_weight=pellucid.ones(3, 1))(z, z)


def test_one_row_may_have_its_class_in_a_list(oracle: Any) -> None:
    """PyTorch's own backward pass fails here, so only the values are compared."""
    for reduction, name in itertools.product(REDUCTIONS, ("NLLLoss", "CrossEntropyLoss")):
        found, wanted = (
            pair(lib, name, [0.1, 0.7, -2.0], [1], reduction=reduction)
            for lib in (pellucid, oracle.torch)
        )
        oracle.values(found, wanted)


def test_a_weight_of_two_is_a_yes_that_comes_twice() -> None:
    z, y = pellucid.tensor([0.3, -1.2]), pellucid.tensor([1.0, 0.0])
    twice = pellucid.nn.BCEWithLogitsLoss(reduction="sum", pos_weight=pellucid.tensor(2.0))(z, y)
    z, y = pellucid.tensor([0.3, 0.3, -1.2]), pellucid.tensor([1.0, 1.0, 0.0])
    again = pellucid.nn.BCEWithLogitsLoss(reduction="sum")(z, y)
    assert twice.item() == pytest.approx(again.item(), rel=1e-6)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("smoothing", [0.0, 0.3, 1.0])
def test_weights_of_classes_and_smoothing(
    oracle: Any, reduction: str, dtype: str, smoothing: float
) -> None:
    x = rng.normal(size=(5, 3)).astype(dtype)
    classes = np.array([0, -100, 2, 1, 0])
    cube, places = rng.normal(size=(2, 3, 4)).astype(dtype), rng.integers(0, 3, (2, 4))
    chances = rng.dirichlet([1, 1, 1], size=5).astype(dtype)
    cube_chances = np.moveaxis(rng.dirichlet([1, 1, 1], size=(2, 4)), 2, 1).astype(dtype)
    for weight in (None, np.array([0.5, 2.0, 0.0], dtype)):
        more: dict[str, Any] = {"reduction": reduction, "weight": weight}
        more["label_smoothing"] = smoothing
        compare(oracle, "CrossEntropyLoss", x, classes, **more)
        compare(oracle, "CrossEntropyLoss", x, np.abs(classes) % 3, ignore_index=1, **more)
        compare(oracle, "CrossEntropyLoss", x[0], np.array(2), **more)
        compare(oracle, "CrossEntropyLoss", cube, places, **more)
        compare(oracle, "CrossEntropyLoss", x, chances, **more)
        compare(oracle, "CrossEntropyLoss", x[0], chances[0], **more)
        compare(oracle, "CrossEntropyLoss", cube, np.ascontiguousarray(cube_chances), **more)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_log_shares(oracle: Any, reduction: str, dtype: str) -> None:
    x = np.log(rng.dirichlet([1, 1, 1], size=5)).astype(dtype)
    classes = np.array([0, 2, 1, -100, 0])
    for weight in (None, np.array([0.5, 2.0, 1.0], dtype)):
        more: dict[str, Any] = {"reduction": reduction, "weight": weight}
        compare(oracle, "NLLLoss", x, classes, **more)
        compare(oracle, "NLLLoss", x, np.abs(classes) % 3, ignore_index=2, **more)
        compare(oracle, "NLLLoss", x[0], np.array(1), **more)


def test_log_softmax_and_log_shares_are_cross_entropy() -> None:
    x, classes = pellucid.tensor(rng.normal(size=(5, 3))), pellucid.tensor([0, 2, 1, 1, 0])
    apart = pellucid.nn.NLLLoss()(pellucid.nn.LogSoftmax(1)(x), classes)
    assert apart.item() == pellucid.nn.CrossEntropyLoss()(x, classes).item()


REGRESSION: dict[str, tuple[str, dict[str, Any]]] = {
    "L1Loss": ("L1Loss", {}),
    "HuberLoss": ("HuberLoss", {}),
    "early line": ("HuberLoss", {"delta": 0.25}),
    "SmoothL1Loss": ("SmoothL1Loss", {}),
    "early smooth line": ("SmoothL1Loss", {"beta": 0.25}),
    "no square": ("SmoothL1Loss", {"beta": 0.0}),
    "PoissonNLLLoss": ("PoissonNLLLoss", {}),
    "Stirling": ("PoissonNLLLoss", {"full": True}),
    "means": ("PoissonNLLLoss", {"log_input": False, "eps": 1e-6}),
}


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("case", REGRESSION)
def test_losses_of_numbers(oracle: Any, case: str, reduction: str, dtype: str) -> None:
    name, settings = REGRESSION[case]
    x, y = rng.uniform(0.1, 3, size=(2, 4, 3)).astype(dtype)
    x[0], y[1] = y[0], y[1] + x[1]  # no error at all, and a large one
    y[2, 0], x[2, 0] = 1.0, 1.0 + settings.get("delta", settings.get("beta", 1.0))  # at the bend
    compare(oracle, name, x, y, reduction=reduction, **settings)
    if case in ("L1Loss", "SmoothL1Loss", "PoissonNLLLoss"):  # PyTorch refuses the others' gradient
        compare(oracle, name, x, np.arange(12).reshape(4, 3), reduction=reduction, **settings)
    ours, theirs = (
        getattr(lib.nn, name)(reduction=reduction, **settings) for lib in (pellucid, oracle.torch)
    )
    oracle.gradients(
        lambda a, b: (ours if isinstance(a, pellucid.Tensor) else theirs)(a, b), x, y + 1
    )
    oracle.text(
        lambda lib: getattr(lib.nn, name)(**settings)(lib.ones(2, requires_grad=True), lib.zeros(2))
    )


def test_losses_are_shown_and_stored_as_in_pytorch(oracle: Any) -> None:
    for name in ("L1Loss", "HuberLoss", "SmoothL1Loss", "PoissonNLLLoss", "NLLLoss"):
        oracle.text(lambda lib, name=name: getattr(lib.nn, name)())
    for name in ("BCELoss", "BCEWithLogitsLoss", "NLLLoss", "CrossEntropyLoss"):
        oracle.text(lambda lib, name=name: list(getattr(lib.nn, name)().state_dict()))
        oracle.text(lambda lib, name=name: getattr(lib.nn, name)(weight=lib.ones(2)).state_dict())
    oracle.text(lambda lib: lib.nn.BCEWithLogitsLoss(pos_weight=lib.ones(2)).state_dict())


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
    for name in ("MSELoss", "L1Loss", "HuberLoss", "SmoothL1Loss"):
        results = []
        for lib in (oracle.pellucid, oracle.torch):
            loss, row = getattr(lib.nn, name)(), lib.arange(4.0)
            with pytest.warns(UserWarning, match=sentence):
                results.append(loss(row.reshape(4, 1), row))
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
    "whole chances": lambda lib: pair(lib, "CrossEntropyLoss", SCORES, [[0, 1, 0], [0, 0, 1]]),
    "chances and a class left out": lambda lib: pair(
        lib, "CrossEntropyLoss", SCORES, SCORES, ignore_index=1
    ),
    "too much smoothing": lambda lib: pair(
        lib, "CrossEntropyLoss", SCORES, [0, 1], label_smoothing=2
    ),
    "too much smoothing of chances": lambda lib: pair(
        lib, "CrossEntropyLoss", SCORES, SCORES, label_smoothing=2.0
    ),
    "weights of two classes": lambda lib: pair(
        lib, "CrossEntropyLoss", SCORES, [0, 1], weight=lib.ones(2)
    ),
    "weights of two chances": lambda lib: pair(
        lib, "CrossEntropyLoss", SCORES, SCORES, weight=lib.ones(2)
    ),
    "weights too fine": lambda lib: pair(
        lib, "CrossEntropyLoss", SCORES, [0, 1], weight=lib.ones(3, dtype=lib.float64)
    ),
    "a list of weights": lambda lib: lib.nn.NLLLoss(weight=[1.0, 2.0]),
    "weights of the yes": lambda lib: pair(
        lib, "BCEWithLogitsLoss", SCORES, SCORES, pos_weight=lib.ones(2)
    ),
    "weights of elements": lambda lib: pair(
        lib, "BCEWithLogitsLoss", SCORES, SCORES, weight=lib.ones(2)
    ),
    "no classes": lambda lib: pair(lib, "NLLLoss", 1.0, 1),
    "classes of one row": lambda lib: pair(lib, "NLLLoss", [0.0, 0.0, 0.0], [0, 1, 2]),
    "log-share class too large": lambda lib: pair(lib, "NLLLoss", SCORES, [0, 5]),
    "log-share fractions": lambda lib: pair(lib, "NLLLoss", SCORES, FLAT),
    "log-share rows": lambda lib: pair(lib, "NLLLoss", SCORES, [0, 1, 2]),
    "places": lambda lib: lib.nn.NLLLoss()(
        lib.ones(2, 3, 4), lib.tensor(np.zeros((2, 5), np.int64))
    ),
    "delta of 0": lambda lib: pair(lib, "HuberLoss", FLAT, FLAT, delta=0),
    "beta below 0": lambda lib: pair(lib, "SmoothL1Loss", FLAT, FLAT, beta=-1.0),
    "L1 reduction": lambda lib: pair(lib, "L1Loss", FLAT, FLAT, reduction="avg"),
    "Poisson reduction": lambda lib: pair(lib, "PoissonNLLLoss", FLAT, FLAT, reduction="avg"),
    "Poisson sizes": lambda lib: pair(lib, "PoissonNLLLoss", FLAT, [1.0, 2.0, 3.0]),
    "whole numbers": lambda lib: pair(lib, "L1Loss", [1, 2], [1, 2]),
    "short classes": lambda lib: lib.nn.CrossEntropyLoss()(
        lib.tensor(SCORES), lib.tensor(np.array([0, 1], np.int32))
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_mistakes_get_the_familiar_sentence(oracle: Any, name: str) -> None:
    oracle.error(REFUSED[name])
