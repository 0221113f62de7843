"""Words that stand in everybody's PyTorch code: they are there, and mean the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import pellucid
from pellucid.errors import InputError

TABLE = np.array([[3.5, -2.0, 1.25], [0.75, 4.0, -5.5]])
OTHER = np.array([1.5, -0.7, 2.0])
WHOLE = [[7, -7, 0], [3, -4, 5]]

DIFFERENTIATED: dict[str, Callable[..., Any]] = {
    "%": lambda x, y: x % y,
    "% number": lambda x, y: x % 2 + y,
    "by the divisor": lambda x, y: y % x,
    "var": lambda x, y: x.var() * y,
    "var along": lambda x, y: x.var(1, keepdim=True) * y,
    "var of the whole": lambda x, y: x.var(0, unbiased=False) * y,
    "var corrected": lambda x, y: x.var((0, 1), correction=0.5) * y,
    "std": lambda x, y: x.std() * y,
    "std along": lambda x, y: x.std(-1, False) * y[:2],  # noqa: FBT003 (PyTorch's signature)
    "std of equals": lambda x, y: (x * 0).std(0) * y,
}


@pytest.mark.parametrize("name", DIFFERENTIATED)
def test_values_and_gradients_are_the_oracles(oracle: Any, name: str) -> None:
    oracle.gradients(DIFFERENTIATED[name], TABLE, OTHER)


ASKED: dict[str, Callable[[Any], Any]] = {
    "//": lambda lib: lib.tensor(WHOLE) // 2,
    "// of fractions": lambda lib: lib.tensor(TABLE) // lib.tensor(OTHER),
    "sign of no number": lambda lib: lib.sign(lib.tensor([float("nan"), -0.0, 2.0])),
    "// by nothing": lambda lib: lib.tensor([1.0, -1.0, 0.0]) // 0,
    "number //": lambda lib: 7 // lib.tensor([2, -2]),
    "% of whole": lambda lib: lib.tensor(WHOLE) % -3,
    "% mixed": lambda lib: lib.tensor(WHOLE) % 2.5,
    "number %": lambda lib: 7 % lib.tensor([2, -4]),
    "Tensor of lists": lambda lib: lib.Tensor([[0, 1], [1, 0]]),
    "eq": lambda lib: lib.tensor(WHOLE).eq(3),
    "eq of two": lambda lib: lib.tensor(WHOLE).eq(lib.tensor([7, -4, 0])),
    "ne": lambda lib: lib.tensor(TABLE).ne(lib.tensor(WHOLE)),
    "lt": lambda lib: lib.tensor(TABLE).lt(lib.tensor(OTHER)),
    "le": lambda lib: lib.tensor(WHOLE).le(0),
    "gt": lambda lib: lib.tensor(WHOLE).gt(0.5),
    "ge": lambda lib: lib.tensor(WHOLE).ge(0),
    "view_as": lambda lib: lib.tensor(WHOLE).view_as(lib.zeros(3, 2)),
    "reshape_as": lambda lib: lib.tensor(WHOLE).t().reshape_as(lib.zeros(6)),
    "any": lambda lib: lib.tensor(WHOLE).any(),
    "any along": lambda lib: lib.tensor([[0.0, 2.0], [0.0, 0.0]]).any(1),
    "any of none": lambda lib: lib.zeros(0).any(),
    "all": lambda lib: lib.tensor(WHOLE).all(),
    "all along": lambda lib: lib.tensor(WHOLE).all(0, keepdim=True),
    "var of one": lambda lib: lib.ones(1).var(correction=0),
    "zeros_like": lambda lib: lib.zeros_like(lib.tensor(WHOLE)),
    "ones_like": lambda lib: lib.ones_like(lib.tensor(TABLE)),
    "ones_like in a dtype": lambda lib: lib.ones_like(lib.tensor(TABLE), dtype=lib.int64),
    "full": lambda lib: lib.full((2, 3), 4),
    "full of fractions": lambda lib: lib.full((2,), 1.5),
    "full of truths": lambda lib: lib.full((2,), fill_value=True),
    "full in a dtype": lambda lib: lib.full((2,), 3, dtype=lib.float64),
    "FloatTensor": lambda lib: lib.FloatTensor([[1, 2], [3, 4]]),
    "FloatTensor of sizes": lambda lib: lib.FloatTensor(2, 3).zero_(),
    "DoubleTensor": lambda lib: lib.DoubleTensor([1.5]),
    "LongTensor": lambda lib: lib.LongTensor([1, 2]),
    "IntTensor": lambda lib: lib.IntTensor([1, 2]),
    "BoolTensor": lambda lib: lib.BoolTensor([True, False]),
    "as_tensor": lambda lib: lib.as_tensor([1.5, 2.0]),
    "as_tensor in a dtype": lambda lib: lib.as_tensor(lib.tensor([1.5]), dtype=lib.int64),
    "as_tensor of an array": lambda lib: lib.as_tensor(TABLE),
    "beyond float32": lambda lib: lib.tensor([1e39, -1e39, 1.0]),
    "to cpu": lambda lib: lib.tensor(TABLE).to("cpu").cpu().to(lib.float32),
    "module": lambda lib: lib.nn.ReLU().to("cpu")(lib.tensor(TABLE)),
}


@pytest.mark.parametrize("name", ASKED)
def test_values_and_dtypes_are_the_oracles(oracle: Any, name: str) -> None:
    with np.errstate(all="ignore"):
        theirs = ASKED[name](oracle.torch)
    ours = ASKED[name](oracle.pellucid)
    assert ours.dtype.name == str(theirs.dtype).removeprefix("torch.")
    assert ours.shape == tuple(theirs.shape)
    np.testing.assert_array_equal(ours.numpy(), theirs.numpy())


@pytest.mark.parametrize("shape", [(), (5,), (16,), (37, 3)])
@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_rand_draws_what_pytorch_draws(oracle: Any, shape: Any, kind: str) -> None:
    drawn = []
    for lib in (oracle.pellucid, oracle.torch):
        lib.manual_seed(5)
        first = lib.rand(shape, dtype=getattr(lib, kind))
        again = lib.rand(shape, generator=lib.Generator().manual_seed(9))
        drawn.append((first.numpy(), again.numpy()))
    for ours, theirs in zip(*drawn, strict=True):
        np.testing.assert_array_equal(ours, theirs)


REFUSED: dict[str, Callable[[Any], Any]] = {
    "// by 0": lambda lib: lib.tensor([7]) // 0,
    "% by 0": lambda lib: lib.tensor([7]) % 0,
    "std of whole": lambda lib: lib.tensor([1, 2]).std(),
    "a default without fractions": lambda lib: lib.set_default_dtype(lib.int64),
    "empty of a negative size": lambda lib: lib.empty(2, -1),
    "full of a negative size": lambda lib: lib.full((-1,), 2.0),
    "rand of a negative size": lambda lib: lib.rand(-1),
    "a layer of a negative size": lambda lib: lib.nn.Linear(-1, 1),
    "a norm of a negative size": lambda lib: lib.nn.LayerNorm(-1),
    "any of no axis": lambda lib: lib.tensor([1, 2]).any(3),
}


@pytest.mark.parametrize("name", REFUSED)
def test_mistakes_get_the_familiar_sentence(oracle: Any, name: str) -> None:
    oracle.error(REFUSED[name])


@pytest.mark.parametrize("wrong", [2.5, "a", None])
def test_sizes_are_whole_numbers(wrong: Any) -> None:
    for make in (pellucid.zeros, pellucid.rand, pellucid.ones(2).reshape):
        with pytest.raises(TypeError, match="Sizes and axes must be whole numbers"):
            make(wrong)
    for layer in (pellucid.nn.Linear, pellucid.nn.Embedding):
        with pytest.raises(TypeError, match="Sizes and axes must be whole numbers"):
            layer(wrong, 1)


def test_numbers_beyond_the_dtype_are_infinite_without_a_word() -> None:
    x = pellucid.zeros(3)
    x[0] = 1e39
    x[1:].fill_(-1e39)
    assert x.tolist() == [float("inf"), -float("inf"), -float("inf")]
    assert (pellucid.zeros(1) + 1e39).item() == float("inf")
    assert pellucid.full((1,), 1e39).item() == float("inf")


def test_a_quotient_rounded_down_is_flat() -> None:
    x = pellucid.tensor([3.5, 4.25], requires_grad=True)
    (x // 2 + x).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [1.0, 1.0]


def test_everything_is_on_the_cpu() -> None:
    x = pellucid.tensor([1.0])
    assert x.device == "cpu"
    assert x.to("cpu") is x
    with pytest.raises(InputError, match=r"pellucid computes on the CPU\. Got 'cuda:0'"):
        x.to("cuda:0")
    with pytest.raises(InputError, match=r"pellucid computes on the CPU\. Got 'cuda'"):
        pellucid.nn.Linear(1, 1).to("cuda")


def test_a_tensor_is_not_on_a_graphics_card() -> None:
    for thing in (pellucid.tensor([1.0]), pellucid.nn.Linear(1, 1)):
        with pytest.raises(InputError, match=r"pellucid computes on the CPU\. Got `\.cuda\(\)`"):
            thing.cuda()


def test_as_tensor_copies_only_what_it_must() -> None:
    numbers = np.zeros(2)
    shared, changed = pellucid.as_tensor(numbers), pellucid.as_tensor(numbers, pellucid.float32)
    numbers[0] = 5
    assert shared.tolist() == [5.0, 0.0]
    assert changed.tolist() == [0.0, 0.0]
    assert pellucid.as_tensor(shared) is shared
    assert pellucid.is_tensor(shared)
    assert not pellucid.is_tensor(numbers)


DEFAULTS: dict[str, Callable[[Any], Any]] = {
    "tensor": lambda lib: lib.tensor([1.0]),
    "Tensor": lambda lib: lib.Tensor([1.0]),
    "zeros": lambda lib: lib.zeros(1),
    "ones": lambda lib: lib.ones(1),
    "eye": lambda lib: lib.eye(1),
    "full": lambda lib: lib.full((1,), 1.5),
    "arange": lambda lib: lib.arange(0.0, 1.0),
    "linspace": lambda lib: lib.linspace(0, 1, 3),
    "rand": lambda lib: lib.rand(1),
    "randn": lambda lib: lib.randn(1),
    "whole ÷ whole": lambda lib: lib.tensor([1]) / 2,
    "whole × fraction": lambda lib: lib.tensor([1]) * 0.5,
    "exp": lambda lib: lib.tensor([1]).exp(),
    "softmax": lambda lib: lib.nn.functional.softmax(lib.ones(2), 0),
    "Linear": lambda lib: lib.nn.Linear(1, 1).weight,
    "BatchNorm1d": lambda lib: lib.nn.BatchNorm1d(1).running_mean,
    "LayerNorm": lambda lib: lib.nn.LayerNorm(1).weight,
    "Embedding": lambda lib: lib.nn.Embedding(1, 1).weight,
}


@pytest.mark.parametrize("name", DEFAULTS)
def test_the_default_dtype_is_taken_as_by_the_oracle(oracle: Any, name: str) -> None:
    found = []
    for lib in (oracle.pellucid, oracle.torch):
        lib.set_default_dtype(lib.float64)
        try:
            found.append(str(DEFAULTS[name](lib).dtype).removeprefix("torch."))
            assert str(lib.get_default_dtype()).endswith("float64")
        finally:
            lib.set_default_dtype(lib.float32)
    assert found == ["float64", "float64"]


def test_inference_mode_remembers_nothing(oracle: Any) -> None:
    for lib in (oracle.pellucid, oracle.torch):
        x = lib.ones(1, requires_grad=True)
        with lib.inference_mode():
            assert not (x * 2).requires_grad
        with lib.inference_mode(mode=False):
            assert (x * 2).requires_grad
        with lib.no_grad(), lib.inference_mode(mode=False):
            assert (x * 2).requires_grad
        double = lib.inference_mode()(lambda each: each * 2)
        assert not double(x).requires_grad
        assert (x * 2).requires_grad


def test_remembering_is_switched_as_in_pytorch(oracle: Any) -> None:
    for lib in (oracle.pellucid, oracle.torch):
        with lib.set_grad_enabled(False):
            assert not lib.is_grad_enabled()
            with lib.enable_grad():
                assert lib.is_grad_enabled()
            assert not lib.is_grad_enabled()
        assert lib.is_grad_enabled()
        lib.set_grad_enabled(False)
        assert not lib.is_grad_enabled()
        lib.set_grad_enabled(True)
        assert lib.is_grad_enabled()
