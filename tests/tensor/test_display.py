"""A tensor is shown as PyTorch shows it, letter for letter."""

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

SHOWN = [
    2,
    2.5,
    -0.0,
    float("nan"),
    [],
    [1.0, 2.0],
    [-1.5, 2.0],
    [1.0, float("nan"), float("inf"), float("-inf")],
    [0.5, float("nan"), float("inf")],
    [[1.0, 2.0], [1.0, 1e10]],
    [1e-5, 1.0],
    [100000.0, 1.5],
    [1e8 + 16, 2.0],
    [1e-3, 1000.0],
    [0.0, 0.0],
    [[1, 2], [30, 4]],
    [True, False],
    [[[0.0, 1.0]], [[2.0, 3.0]]],
    list(range(50)),
    [x / 7 for x in range(50)],
]


@pytest.mark.parametrize("data", SHOWN)
def test_numbers(oracle: Any, data: Any) -> None:
    oracle.text(lambda lib: lib.tensor(data))


@pytest.mark.parametrize(
    "make",
    [
        lambda lib: lib.zeros(3, 0),
        lambda lib: lib.zeros(0, dtype=lib.int64),
        lambda lib: lib.arange(2000.0),
        lambda lib: lib.arange(2000),
        lambda lib: lib.arange(1200.0).reshape(30, 40),
        lambda lib: lib.arange(1200.0).reshape(2, 4, 150),
        lambda lib: lib.arange(12.0).reshape(2, 1, 2, 3),
        lambda lib: lib.ones(2, dtype=lib.float64),
        lambda lib: lib.tensor(1.0, dtype=lib.float64, requires_grad=True),
        lambda lib: lib.tensor([1.0], requires_grad=True) * 2,
        lambda lib: lib.tensor([1.0], requires_grad=True) + 1,
        lambda lib: lib.tensor([1.0], requires_grad=True).exp().sum(),
        lambda lib: lib.arange(11.0).requires_grad_() / 3,
        lambda lib: lib.arange(13.0, dtype=lib.float64).requires_grad_() / 3,
        lambda lib: lib.nn.Parameter(lib.ones(2, 3)),
        lambda lib: lib.ones(2).requires_grad_().grad_fn,
        lambda lib: lib.tensor([[1.0, 2.0]], requires_grad=True).T,
        lambda lib: -lib.tensor([1.0], requires_grad=True),
        lambda lib: 2 - lib.tensor([1.0], requires_grad=True),
        lambda lib: lib.tensor([1.0], requires_grad=True).double(),
        lambda lib: lib.tensor([[1.0]], requires_grad=True) @ lib.ones(1, 1),
        lambda lib: lib.tensor([[1.0]], requires_grad=True)[0],
        lambda lib: lib.tensor([[1.0]], requires_grad=True)[:, 1:],
        lambda lib: lib.tensor([1.0], requires_grad=True).reshape(1, 1),
        lambda lib: lib.tensor([2.0, 1.0]).tolist(),
        lambda lib: format(lib.tensor(1.23456), ".2f"),
        lambda lib: f"{lib.tensor([1.0])}",
    ],
)
def test_tensors(oracle: Any, make: Any) -> None:
    oracle.text(make)


@settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    array=arrays(
        st.sampled_from([np.float32, np.float64, np.int64, np.bool_]),
        array_shapes(min_dims=0, max_dims=3, max_side=7),
    )
)
def test_any_numbers(oracle: Any, array: Any) -> None:
    oracle.text(lambda lib: lib.tensor(array))
