"""Every row of the operation table: its derivatives against finite differences, in float64."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

from pellucid.tensor.graph import sum_to_shape
from pellucid.tensor.operation import OUTPUT, Operation
from pellucid.tensor.operations import OPERATIONS

Array = np.ndarray[Any, Any]

rng = np.random.default_rng(0)


def spread(*shape: int) -> Array:
    """Numbers that are far from each other and from 0, so that no bend lies between them."""
    count = int(np.prod(shape))
    return (rng.permutation(count) - count / 2 + 0.25).reshape(shape) / 4


def positive(*shape: int) -> Array:
    return np.abs(spread(*shape)) + 0.5


CHANCES = rng.uniform(0.1, 0.9, size=(3, 2))
ANSWERS = rng.uniform(0.1, 0.9, size=(3, 2))
CLASSES = np.array([0, 2, -100, 1])

# For each row: the arguments and the settings that it is tried with.
SAMPLES: dict[str, list[tuple[tuple[Array, ...], dict[str, Any]]]] = {
    "add": [((spread(3, 2), spread(2)), {})],
    "subtract": [((spread(3, 2), spread(3, 1)), {})],
    "subtract_from": [((spread(2), spread(3, 2)), {})],
    "multiply": [((spread(3, 2), spread(2)), {})],
    "divide": [((spread(3, 2), spread(2)), {})],
    "divide_into": [((spread(3, 2), spread(2)), {})],
    "floor_divide": [((spread(3, 2) * 4 + 0.1, np.array([1.5, -0.7])), {})],
    "remainder": [((spread(3, 2) * 4 + 0.1, np.array([1.5, -0.7])), {})],
    "negate": [((spread(3, 2),), {})],
    "power": [((positive(3, 2), spread(2)), {}), ((positive(3), np.array(2.0)), {})],
    "power_of": [((spread(2), positive(3, 2)), {})],
    "maximum": [((spread(6), spread(6) + 0.1), {})],
    "minimum": [((spread(6), spread(6) + 0.1), {})],
    "where": [((np.array([True, False, True]), spread(2, 3), spread(3)), {})],
    "equal": [((spread(3), spread(3)), {})],
    "not_equal": [((spread(3), spread(3)), {})],
    "less": [((spread(3), spread(3)), {})],
    "less_equal": [((spread(3), spread(3)), {})],
    "greater": [((spread(3), spread(3)), {})],
    "greater_equal": [((spread(3), spread(3)), {})],
    "invert": [((np.array([True, False]),), {})],
    "isnan": [((spread(3),), {})],
    "isinf": [((spread(3),), {})],
    "isfinite": [((spread(3),), {})],
    "logical_not": [((spread(3),), {})],
    "logical_and": [((spread(3), spread(3)), {})],
    "logical_or": [((spread(3), spread(3)), {})],
    "logical_xor": [((spread(3), spread(3)), {})],
    "argmax": [((spread(3, 2),), {"axis": 1, "keepdims": False})],
    "argmin": [((spread(3, 2),), {"axis": None, "keepdims": True})],
    "embedding": [
        (
            (spread(4, 3), np.array([[0, 3], [3, 1]])),
            {"padding": None, "by_frequency": False},
        )
    ],
    "any": [((np.array([0.0, 2.0]),), {"axis": None, "keepdims": False})],
    "all": [((np.array([0.0, 2.0]),), {"axis": (0,), "keepdims": True})],
    "exp": [((spread(3, 2),), {})],
    "log": [((positive(3, 2),), {})],
    "sqrt": [((positive(3, 2),), {})],
    "abs": [((spread(3, 2),), {})],
    "clamp": [
        ((spread(3, 2),), {"low": -0.3, "high": 0.3}),
        ((spread(4),), {"low": None, "high": 0}),
    ],
    "relu": [((spread(3, 2),), {})],
    "sigmoid": [((spread(3, 2),), {})],
    "tanh": [((spread(3, 2),), {})],
    **{
        name: [((spread(3, 2),), {})]
        for name in ("sin", "cos", "sinh", "cosh", "erf", "reciprocal", "expm1")
    },
    **{name: [((positive(3, 2),), {})] for name in ("tan", "rsqrt", "log1p", "log2", "log10")},
    "round": [((spread(3, 2),), {"decimals": 0}), ((spread(5),), {"decimals": 1})],
    "floor": [((spread(3, 2),), {})],
    "ceil": [((spread(3, 2),), {})],
    "trunc": [((spread(3, 2),), {})],
    "sign": [((spread(3, 2),), {})],
    "nan_to_num": [((spread(3, 2),), {"nan": 0.0, "posinf": None, "neginf": None})],
    "softmax": [((spread(3, 2),), {"axis": 1}), ((spread(3, 2),), {"axis": 0})],
    "log_softmax": [((spread(3, 2),), {"axis": 1}), ((spread(3, 2),), {"axis": 0})],
    "leaky_relu": [((spread(3, 2),), {"slope": 0.2})],
    "elu": [((spread(3, 2),), {"alpha": 1.3, "scale": 1.1})],
    "gelu": [
        ((spread(3, 2),), {"approximate": "none"}),
        ((spread(3, 2),), {"approximate": "tanh"}),
    ],
    "silu": [((spread(3, 2),), {})],
    "mish": [((spread(3, 2),), {})],
    "softplus": [((spread(3, 2),), {"beta": 2.0, "threshold": 1.0})],
    "convert": [((spread(3, 2),), {"dtype": np.dtype(np.float64)})],
    "copy": [((spread(3, 2),), {})],
    "sum": [
        ((spread(3, 2),), {"axis": None, "keepdims": False}),
        ((spread(3, 2),), {"axis": (0,), "keepdims": False}),
        ((spread(2, 3, 2),), {"axis": (0, 2), "keepdims": True}),
    ],
    "mean": [
        ((spread(3, 2),), {"axis": None, "keepdims": False}),
        ((spread(3, 2),), {"axis": (1,), "keepdims": False}),
    ],
    "variance": [
        ((spread(3, 2),), {"axis": None, "keepdims": False, "correction": 1.0}),
        ((spread(2, 3, 2),), {"axis": (0, 2), "keepdims": True, "correction": 0.5}),
    ],
    "deviation": [
        ((spread(3, 2),), {"axis": (0,), "keepdims": False, "correction": 1.0}),
        ((spread(3, 2),), {"axis": None, "keepdims": False, "correction": 0.0}),
    ],
    "largest": [
        ((spread(3, 2),), {"axis": None, "keepdims": False}),
        ((spread(3, 2),), {"axis": (0,), "keepdims": False}),
    ],
    "smallest": [((spread(3, 2),), {"axis": (1,), "keepdims": True})],
    "pick": [((spread(3, 2), np.array([0, 1, 1])), {"axis": 1})],
    "prod": [
        ((spread(3, 2),), {"axis": None, "keepdims": False}),
        ((spread(3, 2),), {"axis": (1,), "keepdims": False}),
        ((np.array([[0.0, 2.0, 3.0], [0.0, 0.0, 1.5]]),), {"axis": (1,), "keepdims": True}),
    ],
    "cumsum": [((spread(3, 2),), {"axis": 0}), ((spread(2, 3, 2),), {"axis": 1})],
    "norm": [
        ((spread(3, 4),), {"p": p, "axis": axis, "keepdims": axis is None})
        for p in (2.0, 1.0, 3.0, 0.5, 0.0, math.inf, -math.inf)
        for axis in (None, (0,))
    ],
    "logsumexp": [((spread(3, 2),), {"axis": (1,), "keepdims": False})],
    "expand": [
        ((spread(3, 1),), {"shape": (2, 3, 4)}),
        ((spread(2),), {"shape": (2,)}),
    ],
    "repeat": [((spread(3, 2),), {"repeats": (2, 1, 3)}), ((spread(2),), {"repeats": (0,)})],
    "flip": [((spread(3, 2),), {"axis": (0, 1)})],
    "roll": [
        ((spread(3, 2),), {"shifts": (1, -1), "axis": (0, 1)}),
        ((spread(3, 2),), {"shifts": (2,), "axis": None}),
    ],
    "tril": [((spread(3, 3),), {"diagonal": -1})],
    "triu": [((spread(2, 3, 4),), {"diagonal": 1})],
    "gather": [((spread(3, 4), np.array([[0, 3, 3], [1, 0, 2]])), {"axis": 1})],
    "index_select": [((spread(3, 2, 2), np.array([2, 2, 0])), {"axis": 0})],
    "masked_fill": [((spread(3, 2), np.array([[True], [False], [True]]), np.array(0.3)), {})],
    "argsort": [((spread(3, 2),), {"axis": 0, "descending": True})],
    "sort": [((spread(3, 2), np.array([[0, 2], [2, 1], [1, 0]])), {"axis": 0})],
    "topk": [((spread(3, 2), np.array([[1], [0], [1]])), {"axis": 1})],
    "reshape": [((spread(3, 2),), {"shape": (2, 3)})],
    "squeeze": [((spread(3, 1),), {"shape": (3,)})],
    "unsqueeze": [((spread(3),), {"shape": (3, 1)})],
    "permute": [((spread(2, 3, 4),), {"axes": (2, 0, 1)})],
    "transpose": [((spread(2, 3),), {"axes": (1, 0)})],
    "take": [((spread(3, 2),), {"index": (np.array([0, 0, 2]),)})],
    "select": [((spread(3, 2),), {"index": (1,)})],
    "slice": [((spread(3, 2),), {"index": (slice(1, None),)})],
    "put": [
        ((spread(3, 2), spread(2)), {"places": np.array([4, 1])}),
        ((spread(3, 2), spread(1)), {"places": np.array([[0, 3], [2, 5]])}),
    ],
    "concatenate": [((spread(3, 2), spread(1, 2), spread(3, 2)), {"axis": 0})],
    "stack": [((spread(3, 2), spread(3, 2)), {"axis": 1})],
    "matmul": [
        ((spread(3, 2), spread(2, 4)), {}),
        ((spread(2), spread(2)), {}),
        ((spread(5, 3, 2), spread(2, 4)), {}),
        ((spread(2), spread(5, 2, 4)), {}),
        ((spread(5, 3, 2), spread(2)), {}),
    ],
    "linear": [
        ((spread(3, 2), spread(4, 2), spread(4)), {}),
        ((spread(5, 3, 2), spread(4, 2)), {}),
        ((spread(2), spread(4, 2), spread(4)), {}),
    ],
    "batch_norm": [
        (
            (spread(4, 2), *affine),
            {"eps": 0.1, "mean": moments[0], "variance": moments[1]},
        )
        for affine in ((), (positive(2),), (positive(2), spread(2)))
        for moments in ((None, None), (spread(2), positive(2)))
    ]
    + [
        (
            (spread(3, 2, 4), positive(2), spread(2)),
            {"eps": 0.0, "mean": None, "variance": None},
        )
    ],
    "layer_norm": [
        ((spread(4, 3),), {"eps": 0.1, "dims": 1}),
        ((spread(4, 3), positive(3)), {"eps": 0.0, "dims": 1}),
        ((spread(4, 3, 2), positive(3, 2), spread(3, 2)), {"eps": 0.1, "dims": 2}),
    ],
    "mse_loss": [
        ((spread(3, 2), spread(3, 2)), {"reduction": "mean"}),
        ((spread(3, 2), spread(2)), {"reduction": "none"}),
    ],
    "binary_cross_entropy": [((CHANCES, ANSWERS), {"reduction": "mean"})],
    "binary_cross_entropy_with_logits": [
        ((spread(3, 2), ANSWERS), {"reduction": "sum"}),
        ((spread(3, 2), ANSWERS, positive(2)), {"reduction": "mean"}),
    ],
    "nll_loss": [
        ((spread(4, 3), CLASSES), {"reduction": "mean", "ignore_index": -100}),
        (
            (spread(4, 3), np.abs(CLASSES) % 3),
            {"reduction": "mean", "ignore_index": 2, "weight": positive(3)},
        ),
    ],
    "huber_loss": [
        ((spread(3, 2), spread(3, 2) + 0.1), {"reduction": "mean", "delta": 0.7}),
        ((spread(3, 2), spread(2) + 0.1), {"reduction": "none", "delta": 0.2}),
    ],
    "smooth_l1_loss": [
        ((spread(3, 2), spread(3, 2) + 0.1), {"reduction": "mean", "beta": 0.7}),
        ((spread(3, 2), spread(2) + 0.1), {"reduction": "none", "beta": 0.2}),
    ],
}
TRIALS = [(name, place) for name, samples in SAMPLES.items() for place in range(len(samples))]


def slopes(function: Callable[[Array], Any], point: Array, weights: Any) -> Array:
    """d Σ weights · function / d point, by differences, one element of `point` at a time."""
    result = np.zeros(point.shape)
    step = 1e-6
    for place in np.ndindex(point.shape):
        ahead, behind = point.copy(), point.copy()
        ahead[place] += step
        behind[place] -= step
        difference = np.asarray(function(ahead)) - np.asarray(function(behind))
        result[place] = np.sum(weights * difference) / (2 * step)
    return result


def derivative(
    row: Operation, position: int, weights: Any, inputs: tuple[Array, ...], settings_: Any
) -> Array:
    output = np.asarray(row.forward(*inputs, **settings_))
    more = {"position": position} if row.is_variadic else {}
    rule = row.derivatives[0 if row.is_variadic else position]
    assert rule is not None
    gradient = rule(weights, output, *inputs, **settings_, **more)
    return sum_to_shape(np.asarray(gradient), inputs[position].shape)


def test_every_row_is_tried() -> None:
    assert set(SAMPLES) == set(OPERATIONS)


def test_every_row_is_complete() -> None:
    for name, row in OPERATIONS.items():
        assert row.name == name
        assert len(row.formula) >= 5
        assert row.grad_fn[:-1].endswith("Backward") or row.grad_fn == "CopySlices"
        assert row.is_variadic or len(row.reads) >= len(row.derivatives)


@pytest.mark.parametrize(("name", "place"), TRIALS)
def test_derivatives_are_the_slopes(name: str, place: int) -> None:
    row = OPERATIONS[name]
    inputs, settings_ = SAMPLES[name][place]
    output = np.asarray(row.forward(*inputs, **settings_))
    weights = np.cos(np.arange(output.size)).reshape(output.shape)
    for position, point in enumerate(inputs):
        rule = row.derivatives[0 if row.is_variadic else position]
        if rule is None:
            assert point.dtype.kind != "f" or output.dtype.kind != "f"
            continue

        def vary(changed: Array, position: int = position) -> Any:
            return row.forward(*inputs[:position], changed, *inputs[position + 1 :], **settings_)

        expected = slopes(vary, point, weights)
        found = derivative(row, position, weights, inputs, settings_)
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize(("name", "place"), TRIALS)
def test_derivatives_read_only_what_the_row_says(name: str, place: int) -> None:
    """What is not in `reads` may be spoilt after the forward pass."""
    row = OPERATIONS[name]
    inputs, settings_ = SAMPLES[name][place]
    output = np.asarray(row.forward(*inputs, **settings_)).astype(np.float64)
    weights = np.cos(np.arange(output.size)).reshape(output.shape)
    for position in range(len(inputs)):
        rule = row.derivatives[0 if row.is_variadic else position]
        if rule is None:
            continue
        reads = () if row.is_variadic else row.reads[position]
        more = {"position": position} if row.is_variadic else {}
        spoilt = tuple(
            each if i in reads else np.full_like(each, 7) for i, each in enumerate(inputs)
        )
        shown = output if OUTPUT in reads else np.full_like(output, 7)
        clean = rule(weights, output, *inputs, **settings_, **more)
        found = rule(weights, shown, *spoilt, **settings_, **more)
        np.testing.assert_array_equal(found, clean)


@settings(deadline=None, max_examples=60)
@given(
    shapes=mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3),
    name=st.sampled_from(["add", "subtract", "multiply", "divide", "maximum", "power_of"]),
)
def test_gradients_come_back_through_broadcasting(shapes: Any, name: str) -> None:
    row = OPERATIONS[name]
    left = np.linspace(0.5, 2.0, int(np.prod(shapes.input_shapes[0]))).reshape(
        shapes.input_shapes[0]
    )
    right = np.linspace(1.1, 3.3, int(np.prod(shapes.input_shapes[1]))).reshape(
        shapes.input_shapes[1]
    )
    weights = np.ones(shapes.result_shape)
    for position, point in enumerate((left, right)):
        found = derivative(row, position, weights, (left, right), {})
        assert found.shape == point.shape
        expected = slopes(
            lambda changed, at=position: row.forward(
                *((changed, right) if at == 0 else (left, changed))
            ),
            point,
            weights,
        )
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-7)
