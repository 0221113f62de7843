"""The words of tensors that PyTorch's own samples do not reach: memory, writing in place, refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import pellucid
from pellucid.errors import GraphError

X = np.array([[0.5, -1.25, 2.0], [1.75, 0.25, -0.75]])


def test_expanding_takes_no_memory_and_cannot_be_written() -> None:
    x = pellucid.tensor([[1.0], [2.0]])
    wide = x.expand(2, 3)
    x[0, 0] = 5.0
    assert wide.tolist() == [[5.0] * 3, [2.0] * 3]
    with pytest.raises(RuntimeError, match="refers to a single memory location"):
        wide[0, 0] = 1.0
    with pytest.raises(RuntimeError, match="refers to a single memory location"):
        wide += 1


def test_a_gradient_follows_a_write_under_an_expanded_view(oracle: Any) -> None:
    def call(x: Any) -> Any:
        own = x * 2
        wide = own[:1].expand(2, 3)
        own[0] = own[1] * 3
        return wide * x

    oracle.gradients(call, X)


WRITTEN: dict[str, Callable[[Any, Any], Any]] = {
    "fill_": lambda _, x: x.fill_(3.5),
    "fill_ with a tensor": lambda lib, x: x.fill_(lib.tensor(2.5)),
    "zero_": lambda _, x: x.zero_() + 1,
    "masked_fill_": lambda _, x: x.masked_fill_(x > 0, 0.25) * 3,
    "masked_fill_ by columns": lambda lib, x: x.masked_fill_(lib.tensor([True, False, True]), 7),
    "masked_fill_ with a tensor": lambda _, x: x.masked_fill_(x > 0, x.sum().detach()),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_writing_in_place_is_the_oracles(oracle: Any, name: str) -> None:
    def call(x: Any) -> Any:
        lib = oracle.torch if isinstance(x, oracle.torch.Tensor) else oracle.pellucid
        return WRITTEN[name](lib, x * 1) + x

    oracle.gradients(call, X)


@pytest.mark.parametrize("shape", [(), (5,), (37, 3)])
@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_numbers_drawn_in_place_are_the_oracles(oracle: Any, shape: Any, kind: str) -> None:
    drawn = []
    for lib in (oracle.pellucid, oracle.torch):
        lib.manual_seed(3)
        x = lib.zeros(shape, dtype=getattr(lib, kind))
        even = x.uniform_(-2.0, 3.0).numpy().copy()
        bell = x.normal_(1.0, 0.5, generator=lib.Generator().manual_seed(4)).numpy()
        drawn.append((even, bell))
    np.testing.assert_array_equal(drawn[0][0], drawn[1][0])
    np.testing.assert_allclose(drawn[0][1], drawn[1][1], atol=1e-6)


def test_a_leaf_is_not_drawn_anew_and_the_generator_stands_still() -> None:
    x = pellucid.zeros(3, requires_grad=True)
    before = pellucid.random.default_generator.get_state()
    for draw in (x.normal_, x.uniform_):
        with pytest.raises(GraphError, match="a leaf Variable that requires grad"):
            draw()
    np.testing.assert_array_equal(before, pellucid.random.default_generator.get_state())


Y = np.array([[1.5, -0.5, 0.75], [-2.0, 3.0, 0.25]])
DIFFERENTIATED: dict[str, Callable[[Any, Any, Any], Any]] = {
    "div": lambda lib, x, y: lib.div(x, y),
    "div, rounded down": lambda lib, x, y: lib.div(x, y, rounding_mode="floor") * y,
    "div, cut off": lambda _, x, y: x.div(y, rounding_mode="trunc") * y,
    "div_": lambda _, x, y: (x * 2).div_(y) * y,
    "relu_": lambda _, x, y: (x * 2).relu_() * y,
    "clip_": lambda _, x, y: (x * 2).clip_(-1, 1) * y,
    "max": lambda lib, x, y: lib.max(x) * y,
    "max along": lambda lib, x, y: lib.max(x, dim=1, keepdim=True).values * y,
    "max of two": lambda lib, x, y: lib.max(x, y),
    "min": lambda lib, x, y: lib.min(x) * y,
    "min along": lambda lib, x, y: lib.min(x, 0)[0] * y,
    "min of two": lambda _, x, y: x.min(y),
}


@pytest.mark.parametrize("name", DIFFERENTIATED)
def test_values_and_gradients_are_the_oracles(oracle: Any, name: str) -> None:
    def call(x: Any, y: Any) -> Any:
        lib = oracle.torch if isinstance(x, oracle.torch.Tensor) else oracle.pellucid
        return DIFFERENTIATED[name](lib, x, y)

    oracle.gradients(call, X, Y)


@pytest.mark.parametrize("mode", ["floor", "trunc"])
def test_whole_numbers_are_divided_exactly(oracle: Any, mode: str) -> None:
    found = []
    for lib in (oracle.pellucid, oracle.torch):
        x = lib.tensor([2**40 + 1, -(2**40) - 1, 7, -7, 6, -6])
        found.append(lib.div(x, lib.tensor([2, 2, -2, 2, 3, 3]), rounding_mode=mode))
    oracle.values(*found)


REFUSED: dict[str, Callable[[Any], Any]] = {
    "expand to fewer axes": lambda lib: lib.ones(2, 3).expand(3),
    "expand to another size": lambda lib: lib.ones(2).expand(3),
    "expand by an unknown axis": lambda lib: lib.ones(2).expand(-1, 2),
    "repeat fewer axes": lambda lib: lib.ones(2, 3).repeat(3),
    "repeat by too few counts": lambda lib: lib.ones(3).repeat_interleave(lib.tensor([1, 2])),
    "repeat a negative time": lambda lib: lib.ones(3).repeat_interleave(-1),
    "norm of whole numbers": lambda lib: lib.tensor([1, 2]).norm(),
    "norm of nothing": lambda lib: lib.zeros(0).norm(float("inf")),
    "topk of too many": lambda lib: lib.ones(2).topk(3),
    "gather by fractions": lambda lib: lib.ones(2).gather(0, lib.tensor([0.5])),
    "gather beyond the end": lambda lib: lib.ones(2).gather(0, lib.tensor([2])),
    "index_select by a matrix": lambda lib: lib.ones(2).index_select(0, lib.tensor([[0]])),
    "masked_fill by numbers": lambda lib: lib.ones(2).masked_fill_(lib.ones(2), 1),
    "masked_fill that does not fit": lambda lib: lib.ones(2).masked_fill(lib.ones(3) > 0, 1),
    "masked_fill with several": lambda lib: lib.ones(2).masked_fill_(lib.ones(2) > 0, lib.ones(2)),
    "fill_ with several": lambda lib: lib.ones(2).fill_(lib.ones(2)),
    "normal_ of whole numbers": lambda lib: lib.tensor([1]).normal_(),
    "normal_ spread below 0": lambda lib: lib.ones(2).normal_(0.0, -1.0),
    "uniform_ of whole numbers": lambda lib: lib.tensor([1]).uniform_(),
    "uniform_ turned round": lambda lib: lib.ones(2).uniform_(2, 1),
    "mm of a vector": lambda lib: lib.mm(lib.ones(2), lib.ones(2, 2)),
    "mm of a second vector": lambda lib: lib.mm(lib.ones(2, 2), lib.ones(2)),
    "mv of a matrix": lambda lib: lib.mv(lib.ones(2, 2), lib.ones(2, 2)),
    "dot of matrices": lambda lib: lib.dot(lib.ones(2, 2), lib.ones(2)),
    "bmm of matrices": lambda lib: lib.bmm(lib.ones(2, 2), lib.ones(2, 2)),
    "bmm that does not fit": lambda lib: lib.bmm(lib.ones(5, 2, 3), lib.ones(5, 2, 3)),
    "outer of a matrix": lambda lib: lib.outer(lib.ones(2, 2), lib.ones(2)),
    "allclose of two dtypes": lambda lib: lib.allclose(lib.ones(2), lib.tensor([1, 1])),
    "a tolerance below 0": lambda lib: lib.allclose(lib.ones(2), lib.ones(2), rtol=-1.0),
    "div rounded otherwise": lambda lib: lib.div(lib.ones(1), 2, rounding_mode="up"),
    "unbind a number": lambda lib: lib.tensor(1.0).unbind(),
    "roll without shifts": lambda lib: lib.ones(2).roll(()),
    "the largest of nothing": lambda lib: lib.ones(2, 0).amax(1),
}


@pytest.mark.parametrize("name", REFUSED)
def test_mistakes_get_the_familiar_sentence(oracle: Any, name: str) -> None:
    oracle.error(REFUSED[name])


def test_words_are_functions_and_methods() -> None:
    from pellucid.tensor import words  # noqa: PLC0415 (only this test needs it)

    for name in words.__all__:
        assert getattr(pellucid, name) is getattr(words, name)
        assert getattr(pellucid.Tensor, name) is getattr(words, name)
