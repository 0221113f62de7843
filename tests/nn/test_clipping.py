"""Clipping gives PyTorch's gradients and lengths, and refuses in its words."""

from typing import Any

import numpy as np
import pytest

import pellucid
from pellucid import nn

INFINITY = float("inf")


def with_gradients(lib: Any, dtype: str = "float64", scale: float = 1.0) -> list[Any]:
    """Three parameters, the last one without a gradient."""
    weights = [lib.zeros(3, 2), lib.zeros(4), lib.zeros(2)]
    weights = [lib.tensor(np.zeros(each.shape, dtype), requires_grad=True) for each in weights]
    for each in weights[:2]:
        size = int(np.prod(each.shape))
        values = scale * np.sin(np.arange(1.0, size + 1)).reshape(each.shape)
        each.grad = lib.tensor(values.astype(dtype))
    return weights


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("norm_type", [2, 1, 2.0, 3.5, 0.5, 0, INFINITY, -INFINITY, "inf"])
@pytest.mark.parametrize("max_norm", [0, 0.1, 1, 100])
def test_norms(oracle: Any, dtype: str, norm_type: Any, max_norm: float) -> None:
    results = []
    for lib in (oracle.pellucid, oracle.torch):
        weights = with_gradients(lib, dtype)
        total = lib.nn.utils.clip_grad_norm_(weights, max_norm, norm_type)
        assert weights[2].grad is None
        results.append([total, weights[0].grad, weights[1].grad])
    oracle.values(*results)


@pytest.mark.parametrize("bound", [0, 0.5, 3, -1])
def test_values(oracle: Any, bound: float) -> None:
    results = []
    for lib in (oracle.pellucid, oracle.torch):
        weights = with_gradients(lib)
        assert lib.nn.utils.clip_grad_value_(weights, bound) is None
        results.append([weights[0].grad, weights[1].grad])
    oracle.values(*results)


@pytest.mark.parametrize("scale", [INFINITY, float("nan"), 0.0])
def test_odd_gradients(oracle: Any, scale: float) -> None:
    results = []
    for lib in (oracle.pellucid, oracle.torch):
        weights = with_gradients(lib, scale=scale)
        total = lib.nn.utils.clip_grad_norm_(weights, 1.0)
        results.append([np.asarray(each) for each in (total, weights[0].grad, weights[1].grad)])
    for ours, theirs in zip(*results, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_one_tensor_a_generator_or_nothing(oracle: Any) -> None:
    for lib in (oracle.pellucid, oracle.torch):
        first, second, bare = with_gradients(lib)
        norm = np.linalg.norm(np.asarray(first.grad))
        assert lib.nn.utils.clip_grad_norm_(first, 1.0).item() == pytest.approx(norm)
        assert np.linalg.norm(np.asarray(first.grad)) == pytest.approx(1.0, abs=1e-6)
        lib.nn.utils.clip_grad_value_((each for each in (first, second)), 0.25)
        assert np.abs(np.asarray(second.grad)).max() == 0.25
        for empty in ([], [bare]):
            total = lib.nn.utils.clip_grad_norm_(empty, 1.0)
            assert (total.item(), str(total.dtype).split(".")[-1]) == (0.0, "float32")
        with pytest.warns(UserWarning, match="is an empty generator, no gradient clipping"):
            lib.nn.utils.clip_grad_norm_((each for each in ()), 1.0)


@pytest.mark.parametrize("scale", [INFINITY, float("nan")])
def test_what_is_not_finite_is_refused_if_wanted(oracle: Any, scale: float) -> None:
    oracle.error(
        lambda lib: lib.nn.utils.clip_grad_norm_(
            with_gradients(lib, scale=scale), 1.0, error_if_nonfinite=True
        )
    )


def test_the_gradients_of_a_backward_pass_are_clipped_in_place() -> None:
    weight = pellucid.ones(4, requires_grad=True)
    weight.sum().backward()
    gradient = weight.grad
    assert gradient is not None
    assert nn.utils.clip_grad_norm_(weight, 1.0).item() == 2.0
    assert weight.grad is gradient
    assert gradient.tolist() == pytest.approx([0.5] * 4, rel=1e-6)
    nn.utils.clip_grad_value_(weight, 0.25)
    assert gradient.tolist() == [0.25] * 4


def test_parts_under_pytorchs_names(oracle: Any) -> None:
    results = []
    for lib in (oracle.pellucid, oracle.torch):
        weights = with_gradients(lib)
        total = lib.nn.utils.get_total_norm([each.grad for each in weights[:2]])
        lib.nn.utils.clip_grads_with_norm_(weights, 0.5, total)
        results.append([total, weights[0].grad, weights[1].grad])
    oracle.values(*results)
