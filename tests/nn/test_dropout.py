"""Dropout: what is left to chance follows the generator; all else is PyTorch's."""

from typing import Any

import numpy as np
import pytest

import pellucid
from pellucid import nn
from pellucid.errors import InputError
from pellucid.random import default_generator

ONES = pellucid.ones(50, 40)


def drop(seed: int, p: float = 0.3) -> Any:
    pellucid.manual_seed(seed)
    return np.asarray(nn.Dropout(p)(ONES))


def test_the_same_seed_drops_the_same_numbers() -> None:
    np.testing.assert_array_equal(drop(3), drop(3))
    assert np.any(drop(3) != drop(4))
    layer = nn.Dropout(0.3)
    assert np.any(np.asarray(layer(ONES)) != np.asarray(layer(ONES)))


def test_a_position_is_dropped_by_key_and_place_alone() -> None:
    pellucid.manual_seed(3)
    few = np.asarray(nn.Dropout(0.3)(pellucid.ones(7, 40)))
    np.testing.assert_array_equal(few, drop(3)[:7])


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_share_p_is_dropped_and_the_rest_scaled(p: float, dtype: str) -> None:
    pellucid.manual_seed(0)
    out = np.asarray(nn.Dropout(p)(pellucid.ones(100, 100).to(dtype)))
    assert out.dtype == dtype
    assert set(np.unique(out)) == {np.dtype(dtype).type(0), np.dtype(dtype).type(1 / (1 - p))}
    assert abs(np.mean(out == 0) - p) < 5 * np.sqrt(p * (1 - p) / 10_000)


def test_the_gradient_goes_through_what_was_kept() -> None:
    pellucid.manual_seed(0)
    x = pellucid.tensor(np.full((5, 4), 2.0), requires_grad=True)
    out = nn.Dropout(0.5)(x)
    out.sum().backward()
    assert x.grad is not None
    np.testing.assert_array_equal(np.asarray(x.grad), np.asarray(out.detach()) / 2)


def test_a_call_draws_one_number_and_only_if_something_is_left_to_chance() -> None:
    pellucid.manual_seed(0)
    default_generator.random_int64()
    after_one = default_generator.get_state()
    pellucid.manual_seed(0)
    before = default_generator.get_state()
    for layer in (nn.Dropout(0.0), nn.Dropout(1.0), nn.Dropout().eval()):
        layer(ONES)
    nn.Dropout()(pellucid.ones(0, 3))
    np.testing.assert_array_equal(default_generator.get_state(), before)
    nn.Dropout()(ONES)
    np.testing.assert_array_equal(default_generator.get_state(), after_one)


@pytest.mark.parametrize("p", [0.0, 1.0, 0.5])
def test_without_chance_it_is_pytorchs(oracle: Any, p: float) -> None:
    array = np.array([[1.0, -2.0], [0.0, 3.0]])
    ours, theirs = nn.Dropout(p), oracle.torch.nn.Dropout(p)
    if p == 0.5:
        ours.eval()
        theirs.eval()
    oracle.gradients(lambda x: (ours if isinstance(x, pellucid.Tensor) else theirs)(x * 1), array)
    oracle.text(lambda lib: lib.nn.Dropout(p))


def test_mistakes(oracle: Any) -> None:
    oracle.error(lambda lib: lib.nn.Dropout(1.5))
    oracle.error(lambda lib: lib.nn.Dropout(-0.5))
    oracle.error(lambda lib: lib.nn.Dropout()(lib.tensor([1, 2])))
    with pytest.raises(InputError, match="must have inplace=False"):
        nn.Dropout(0.5, inplace=True)
