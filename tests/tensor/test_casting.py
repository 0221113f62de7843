"""Dtypes that meet, axes and places that do not exist, formats: PyTorch's answers and sentences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

KINDS: dict[str, Callable[[Any], Any]] = {
    "cat": lambda lib: lib.cat([lib.tensor([1, 2]), lib.tensor([0.5])]),
    "cat of doubles": lambda lib: lib.cat([lib.tensor([1.0]), lib.tensor([2.0]).double()]),
    "cat of an empty one": lambda lib: lib.cat([lib.tensor([1, 2]), lib.zeros(0)]),
    "cat of truths": lambda lib: lib.cat([lib.tensor([True]), lib.tensor([3])]),
    "stack": lambda lib: lib.stack([lib.tensor([0.5, 2.0]), lib.tensor([1, 2])]),
    "stack of numbers": lambda lib: lib.stack([lib.tensor(1), lib.tensor(0.5)]),
    "clamp": lambda lib: lib.tensor([1, 2]).clamp(1.5),
    "clamp above": lambda lib: lib.tensor([1, 2]).clamp(max=1.5),
    "clamp of whole": lambda lib: lib.tensor([1, 5]).clamp(2, 3),
    "clamp of truths": lambda lib: lib.tensor([True, False]).clamp(0, 2),
    "argmax of a number": lambda lib: lib.tensor(3.0).argmax(0),
    "argmax from the end": lambda lib: lib.tensor([[1.0, 3.0], [5.0, 4.0]]).argmax(-1),
    "view": lambda lib: lib.zeros(4, 2, 3).view(8, 3),
    "view of a part": lambda lib: lib.zeros(4, 6)[:, :4].view(4, 2, 2),
    "no places": lambda lib: lib.tensor([1.0, 2.0])[[]],
}


@pytest.mark.parametrize("name", KINDS)
def test_values_and_dtypes_are_the_oracles(oracle: Any, name: str) -> None:
    ours, theirs = KINDS[name](oracle.pellucid), KINDS[name](oracle.torch)
    assert ours.dtype.name == str(theirs.dtype).removeprefix("torch.")
    oracle.values(ours, theirs)


def test_a_mixed_cat_is_differentiated(oracle: Any) -> None:
    for lib in (oracle.pellucid, oracle.torch):
        x = lib.tensor([1.0, 2.0], requires_grad=True)
        (lib.cat([lib.tensor([3]), x, x.double()]) * lib.tensor([9.0, 1, 2, 3, 4])).sum().backward()
        assert x.grad.tolist() == [4.0, 6.0]


def put(lib: Any, index: Any) -> None:
    lib.zeros(2, 3)[index] = 1.0


def assign(lib: Any, grad: Any) -> None:
    lib.zeros(2, 3).requires_grad_().grad = grad


REFUSED: dict[str, Callable[[Any], Any]] = {
    "argmax": lambda lib: lib.zeros(2, 3).argmax(3),
    "argmin": lambda lib: lib.zeros(2, 3).argmin(-3),
    "max": lambda lib: lib.zeros(2, 3).max(2),
    "sum": lambda lib: lib.zeros(2, 3).sum(7),
    "sum twice": lambda lib: lib.zeros(2, 3).sum((0, -2)),
    "size": lambda lib: lib.zeros(2, 3).size(5),
    "softmax": lambda lib: lib.zeros(2, 3).softmax(4),
    "place": lambda lib: lib.zeros(2, 3)[5],
    "fraction": lambda lib: lib.zeros(2, 3)[0.5],
    "fraction within": lambda lib: lib.zeros(2, 3)[:, 1.5],
    "text": lambda lib: lib.zeros(2, 3)["a"],
    "fractions": lambda lib: lib.zeros(2, 3)[lib.ones(2)],
    "put at no place": lambda lib: put(lib, (0, 3)),
    "put at a fraction": lambda lib: put(lib, 0.5),
    "view": lambda lib: lib.zeros(2, 3).t().view(6),
    "format": lambda lib: format(lib.zeros(2), ".3f"),
    "grad of another shape": lambda lib: assign(lib, lib.zeros(3)),
    "grad that is none": lambda lib: assign(lib, 3),
}


@pytest.mark.parametrize("name", REFUSED)
def test_mistakes_get_the_familiar_sentence(oracle: Any, name: str) -> None:
    oracle.error(REFUSED[name])


def test_one_number_is_formatted(oracle: Any) -> None:
    for lib in (oracle.pellucid, oracle.torch):
        x = lib.tensor([2.75], requires_grad=True)
        assert f"{x[0]:.3f} {lib.tensor(7):>3d} {lib.tensor(2.5)}" == "2.750   7 2.5"
