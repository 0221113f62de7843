"""Every method of a tensor gives PyTorch's values, dtypes, shapes and gradients."""

from typing import Any

import numpy as np
import pytest

rng = np.random.default_rng(0)
MATRIX = rng.normal(size=(3, 4)).astype(np.float32)
OTHER = rng.normal(size=(3, 4)).astype(np.float32)
POSITIVE = (np.abs(MATRIX) + 0.1).astype(np.float32)
ROW = rng.normal(size=4).astype(np.float32)
CUBE = rng.normal(size=(2, 3, 4))
WHOLE = rng.integers(-3, 4, size=(3, 4))
TIES = np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]])
EDGES = np.array([-2.0, -1.0, -0.0, 0.0, 0.5, 1.0, 2.0])

ONE = {
    "negative": lambda x: -x,
    "absolute": abs,
    "plus number": lambda x: x + 2,
    "number plus": lambda x: 2 + x,
    "minus number": lambda x: x - 1.5,
    "number minus": lambda x: 1.5 - x,
    "times number": lambda x: 3 * x,
    "over number": lambda x: x / 3,
    "number over": lambda x: 3 / x,
    "squared": lambda x: x**2,
    "cubed": lambda x: x**3,
    "to the 0": lambda x: x**0,
    "two to the x": lambda x: 2**x,
    "exp": lambda x: x.exp(),
    "relu": lambda x: x.relu(),
    "sigmoid": lambda x: x.sigmoid(),
    "tanh": lambda x: x.tanh(),
    "softmax 0": lambda x: x.softmax(0),
    "softmax -1": lambda x: x.softmax(dim=-1),
    "log_softmax": lambda x: x.log_softmax(0),
    "clip": lambda x: x.clip(-0.5, 0.5),
    "clip low": lambda x: x.clamp(min=0.25),
    "clip high": lambda x: x.clamp(max=0.25),
    "sum": lambda x: x.sum(),
    "sum 0": lambda x: x.sum(0),
    "sum -1": lambda x: x.sum(dim=-1),
    "sum keepdim": lambda x: x.sum(0, keepdim=True),
    "sum both": lambda x: x.sum((0, -1)),
    "mean": lambda x: x.mean(),
    "mean 0": lambda x: x.mean(0),
    "mean keepdim": lambda x: x.mean(dim=-1, keepdim=True),
    "max": lambda x: x.max(),
    "min": lambda x: x.min(),
    "max 0": lambda x: x.max(0).values,
    "min keepdim": lambda x: x.min(-1, keepdim=True)[0],
    "max indices": lambda x: x.max(0).indices,
    "amax": lambda x: x.amax(0),
    "amin all": lambda x: x.amin(),
    "argmax": lambda x: x.argmax(),
    "argmin": lambda x: x.argmin(dim=0),
    "reshape": lambda x: x.reshape(-1, 2),
    "view": lambda x: x.view(2, -1),
    "flatten": lambda x: x.flatten(),
    "transposed": lambda x: x.T if x.ndim == 2 else x.transpose(0, -1),
    "unsqueeze": lambda x: x.unsqueeze(1).unsqueeze(-1),
    "squeeze": lambda x: x.unsqueeze(0).squeeze(),
    "first": lambda x: x[0],
    "last column": lambda x: x[..., -1],
    "slice": lambda x: x[1:, ::2],
    "new axis": lambda x: x[:, None],
    "by list": lambda x: x[[0, 2, 0]],
    "by mask": lambda x: x[x > 0],
    "clone": lambda x: x.clone(),
    "double": lambda x: x.double(),
    "greater": lambda x: x > 0,
    "equal": lambda x: x == x.detach(),
    "not": lambda x: ~(x > 0),
    "long": lambda x: x.long(),
}


@pytest.mark.parametrize("name", ONE)
def test_a_function_of_one_matrix(oracle: Any, name: str) -> None:
    oracle.gradients(ONE[name], MATRIX)
    oracle.gradients(ONE[name], MATRIX.astype(np.float64))


@pytest.mark.parametrize("name", ["sum", "mean 0", "max 0", "amax", "softmax -1", "flatten"])
def test_more_axes(oracle: Any, name: str) -> None:
    oracle.gradients(ONE[name], CUBE)


@pytest.mark.parametrize("name", ["max", "min", "max 0", "min keepdim", "amax", "amin all"])
def test_equals_share_or_do_not_share_the_gradient_as_in_torch(oracle: Any, name: str) -> None:
    oracle.gradients(ONE[name], TIES)


@pytest.mark.parametrize(
    "name", ["relu", "absolute", "clip", "squared", "to the 0", "two to the x", "tanh", "sigmoid"]
)
def test_at_zero_and_at_bounds(oracle: Any, name: str) -> None:
    oracle.gradients(ONE[name], EDGES)


@pytest.mark.parametrize("name", ["exp", "sigmoid", "tanh", "sum", "times number", "over number"])
def test_whole_numbers(oracle: Any, name: str) -> None:
    oracle.gradients(ONE[name], WHOLE)


@pytest.mark.parametrize("name", ["exp", "relu", "sigmoid", "softmax -1", "max", "number over"])
def test_infinite_and_missing_numbers_go_the_same_way(oracle: Any, name: str) -> None:
    odd = np.array([[np.inf, 1.0], [-np.inf, 2.0], [np.nan, 3.0], [0.0, -0.0]], np.float32)
    oracle.gradients(ONE[name], odd)


TWO = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "/": lambda x, y: x / y,
    "** (tensor)": lambda x, y: (x * x + 0.5) ** y,
    "<": lambda x, y: x < y,
    "!=": lambda x, y: x != y,
}


@pytest.mark.parametrize("name", TWO)
@pytest.mark.parametrize(
    "pair",
    [
        (MATRIX, OTHER),
        (MATRIX, ROW),
        (ROW, MATRIX),
        (MATRIX[:, :1], ROW),
        (CUBE, CUBE[0]),
        (MATRIX, WHOLE + 5),
        (MATRIX, np.float32(2.0).reshape(())),
        (MATRIX, np.float64(2.0).reshape(())),
        (MATRIX.astype(np.float64), OTHER),
    ],
)
def test_two_tensors(oracle: Any, name: str, pair: Any) -> None:
    oracle.gradients(TWO[name], *pair)


def test_log_and_sqrt(oracle: Any) -> None:
    oracle.gradients(lambda x: x.log(), POSITIVE)
    oracle.gradients(lambda x: x.sqrt(), POSITIVE)
    oracle.gradients(lambda x: x.log(), np.array([0.0, -1.0, np.inf]))
    oracle.gradients(lambda x: x.sqrt(), np.array([0.0, -1.0, 4.0]))


@pytest.mark.parametrize(
    "shapes",
    [
        ((2, 3), (3, 4)),
        ((3,), (3,)),
        ((2, 3), (3,)),
        ((3,), (3, 2)),
        ((5, 2, 3), (3, 4)),
        ((5, 2, 3), (5, 3, 4)),
        ((1, 2, 3), (5, 3, 4)),
        ((5, 2, 3), (3,)),
        ((3,), (5, 3, 2)),
        ((0, 3), (3, 2)),
    ],
)
def test_products(oracle: Any, shapes: Any) -> None:
    left, right = (rng.normal(size=shape) for shape in shapes)
    oracle.gradients(lambda x, y: x @ y, left, right)


def test_several_tensors(oracle: Any) -> None:
    oracle.gradients(lambda x, y: library(x).stack([x, y], dim=1), MATRIX, OTHER)
    oracle.gradients(lambda x, y: library(x).cat([x, y, x], dim=-1), MATRIX, OTHER)
    oracle.gradients(lambda x, y: library(x).where(x > 0, x, y), MATRIX, OTHER)
    oracle.gradients(lambda x, y: library(x).maximum(x, y), TIES, TIES[:, ::-1].copy())
    oracle.gradients(lambda x, y: library(x).minimum(x, y), TIES, TIES[:, ::-1].copy())


def library(tensor: Any) -> Any:
    """The library that a tensor is of."""
    import torch  # noqa: PLC0415

    import pellucid  # noqa: PLC0415

    return torch if isinstance(tensor, torch.Tensor) else pellucid


def test_a_tensor_used_many_times_gathers_all_gradients(oracle: Any) -> None:
    oracle.gradients(lambda x: (x * x + x.exp() * x + x[0].sum() * x.mean()).sum(), CUBE)


@pytest.mark.parametrize(
    "data",
    [
        2,
        2.5,
        True,
        [1, 2],
        [1, 2.5],
        [True, 2],
        [[1.0], [2.0]],
        [],
        np.float64(3),
        np.float32(3),
        [np.float64(3)],
        [np.float32(3)],
        np.arange(3),
        np.ones((2, 2)),
        np.ones(2, np.float32),
        np.array([True]),
    ],
)
def test_making_a_tensor(oracle: Any, data: Any) -> None:
    oracle.values(oracle.pellucid.tensor(data), oracle.torch.tensor(data))


def test_filling(oracle: Any) -> None:
    for make in (
        lambda lib: lib.zeros(2, 3),
        lambda lib: lib.ones((2,)),
        lambda lib: lib.arange(5),
        lambda lib: lib.arange(1, 2, 0.25),
        lambda lib: lib.arange(5.0),
    ):
        oracle.values(make(oracle.pellucid), make(oracle.torch))


@pytest.mark.parametrize("left", ["bool", "int64", "float32", "float64"])
@pytest.mark.parametrize("right", ["bool", "int64", "float32", "float64"])
@pytest.mark.parametrize("ndims", [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_dtypes_mix_as_in_torch(oracle: Any, left: str, right: str, ndims: Any) -> None:
    first = np.ones((1,) * ndims[0], left)
    second = np.ones((1,) * ndims[1], right)
    oracle.values(
        oracle.pellucid.tensor(first) * oracle.pellucid.tensor(second),
        oracle.torch.tensor(first) * oracle.torch.tensor(second),
    )


@pytest.mark.parametrize("number", [2, 2.5, True])
@pytest.mark.parametrize("kind", ["bool", "int64", "float32", "float64"])
def test_numbers_take_on_the_tensors_dtype(oracle: Any, number: Any, kind: str) -> None:
    array = np.ones(2, kind)
    for mix in (lambda x: x + number, lambda x: number * x, lambda x: x / number):
        oracle.values(mix(oracle.pellucid.tensor(array)), mix(oracle.torch.tensor(array)))
