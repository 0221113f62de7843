"""Products of matrices: numpy's values, and the native engine's bits whatever lies around a row."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import pellucid
from pellucid import _native, nn, optim
from pellucid.engine.lowering import lower
from pellucid.engine.native import NativeEngine
from pellucid.tensor.products import multiply_matrices

sizes = st.integers(1, 70)
seeds = st.integers(0, 2**32)
dtypes = st.sampled_from([np.float32, np.float64])


def numbers(seed: int, shape: tuple[int, ...], dtype: type) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


@given(st.tuples(sizes, sizes, sizes), dtypes, st.tuples(st.booleans(), st.booleans()), seeds)
def test_any_layout_gives_the_product(shape, dtype, turned, seed):
    n, k, m = shape
    left_turned, right_turned = turned
    left = numbers(seed, (k, n) if left_turned else (n, k), dtype)
    right = numbers(seed + 1, (m, k) if right_turned else (k, m), dtype)
    left = left.T if left_turned else left
    right = right.T if right_turned else right
    product = multiply_matrices(left, right)
    wanted = left.astype(np.float64) @ right.astype(np.float64)
    bound = np.abs(left).astype(np.float64) @ np.abs(right).astype(np.float64)
    assert product.dtype == dtype
    assert (np.abs(product - wanted) <= (k + 1) * np.finfo(dtype).eps * bound).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_many_rows_on_several_threads_have_the_bits_of_each_row_alone(dtype):
    left, right = numbers(0, (1100, 130), dtype), numbers(1, (130, 90), dtype)
    whole = multiply_matrices(left, right)
    for row in (0, 15, 16, 549, 550, 1023, 1024, 1099):
        np.testing.assert_array_equal(whole[row], multiply_matrices(left[row : row + 1], right)[0])


def test_a_number_that_is_not_finite_stays_in_its_row():
    left = numbers(0, (20, 5), np.float32)
    left[3, 2], left[7, 0] = np.nan, np.inf
    product = multiply_matrices(left, numbers(1, (5, 4), np.float32))
    assert np.isnan(product[3]).all()
    assert np.isinf(product[7]).all()
    assert np.isfinite(np.delete(product, [3, 7], axis=0)).all()


@pytest.mark.parametrize("shapes", [((0, 3), (3, 2)), ((2, 0), (0, 3)), ((2, 3), (3, 0))])
def test_empty_matrices(shapes):
    left, right = (np.ones(shape, np.float32) for shape in shapes)
    np.testing.assert_array_equal(multiply_matrices(left, right), left @ right)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_layer_has_the_native_engines_bits(dtype):
    pellucid.manual_seed(0)
    network = nn.Sequential(
        nn.Linear(37, 21, dtype=dtype), nn.ReLU(), nn.Linear(21, 3, dtype=dtype)
    )
    rule = optim.SGD(network.parameters(), lr=0.1)
    program = lower(network, nn.MSELoss(), rule, input_width=37)
    inputs = numbers(2, (45, 37), dtype)
    parameters = {name: each.array for name, each in network.named_parameters()}
    native = NativeEngine().predict(program, parameters, inputs)
    np.testing.assert_array_equal(network(pellucid.tensor(inputs)).detach().numpy(), native)


@pytest.mark.parametrize(
    ("rows", "matrix", "out"),
    [
        (np.ones((2, 3)), np.ones((4, 2)), np.ones((2, 4))),
        (np.ones((2, 3)), np.ones((4, 3)), np.ones((2, 3))),
        (np.ones((2, 3)), np.ones((4, 3), np.float32), np.ones((2, 4))),
        (np.ones((2, 3), int), np.ones((4, 3), int), np.ones((2, 4), int)),
        (np.ones(3), np.ones((4, 3)), np.ones((2, 4))),
    ],
)
def test_the_compiled_product_refuses_what_does_not_fit(rows, matrix, out):
    with pytest.raises(ValueError, match=r"matrices|product|arrays"):
        _native.multiply_rows(rows, matrix, None, out)
