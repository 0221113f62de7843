"""Chance is PyTorch's: the same seed gives the same numbers, and leaves the generator alike."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import pellucid
from pellucid.errors import InputError
from pellucid.random import Generator

# Below 16 numbers PyTorch draws one after another, from 16 on in blocks; the last block overlaps.
COUNTS = [1, 2, 3, 7, 15, 16, 17, 31, 32, 33, 100, 1000, 1]


def next_draws(lib: Any) -> Any:
    """What the generator gives next shows the state that it was left in."""
    return lib.rand(2).tolist(), lib.randn(3, dtype=lib.float64).tolist()


@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_normal_numbers(oracle: Any, kind: str) -> None:
    results = []
    for lib in (oracle.pellucid, oracle.torch):
        lib.manual_seed(11)
        drawn = [lib.randn(count, dtype=getattr(lib, kind)) for count in COUNTS]
        results.append((drawn, lib.rand(3).tolist()))
    (ours, our_next), (theirs, their_next) = results
    for mine, wanted in zip(ours, theirs, strict=True):
        assert mine.dtype.name == kind
        step = 2e-6 if kind == "float32" else 1e-14
        np.testing.assert_allclose(mine.numpy(), wanted.numpy(), rtol=0, atol=step)
    assert our_next == their_next


@given(seed=st.integers(0, 2**40), counts=st.lists(st.integers(0, 40), min_size=1, max_size=6))
def test_any_mixture_leaves_the_generator_as_pytorch_does(seed: int, counts: list[int]) -> None:
    import torch  # noqa: PLC0415 (slow to import)

    results = []
    for lib in (pellucid, torch):
        words: Any = lib
        words.manual_seed(seed)
        for place, count in enumerate(counts):
            kind = words.float32 if place % 2 else words.float64
            words.randn(count, dtype=kind)
            words.randint(0, 5, (count % 3,))
        results.append(next_draws(words))
    (ours, our_normal), (theirs, their_normal) = results
    assert ours == theirs
    np.testing.assert_allclose(our_normal, their_normal, rtol=1e-12)


def test_a_state_keeps_the_number_that_waits() -> None:
    generator = Generator(5)
    pellucid.randn(1, generator=generator)
    state = generator.get_state()
    assert state.shape == (627,)
    first = pellucid.randn(4, generator=generator).tolist()
    assert pellucid.randn(4, generator=Generator(0).set_state(state)).tolist() == first
    assert generator.manual_seed(5).get_state().shape == (625,)
    assert generator.next_normal is None


def test_a_state_of_another_length_is_refused() -> None:
    with pytest.raises(InputError, match=r"625 or 627 words.*Got shape \(3,\)"):
        Generator(0).set_state(np.zeros(3, np.uint32))


BOUNDS = [(0, 1), (0, 10), (-7, 5), (0, 2**28 - 1), (0, 2**28), (-(2**40), 2**41), (3, 2**62)]


@pytest.mark.parametrize("bounds", BOUNDS, ids=str)
def test_whole_numbers(oracle: Any, bounds: tuple[int, int]) -> None:
    results = []
    for lib in (oracle.pellucid, oracle.torch):
        lib.manual_seed(3)
        drawn = lib.randint(*bounds, (700,))
        results.append((drawn.tolist(), drawn.dtype is not None, next_draws(lib)[0]))
    assert results[0] == results[1]


def test_whole_numbers_with_one_bound_and_in_another_dtype(oracle: Any) -> None:
    def draw(lib: Any) -> Any:
        lib.manual_seed(0)
        return lib.randint(10, (2, 3)), lib.randint(4, (3,), dtype=lib.float32)

    oracle.values(draw(oracle.pellucid), draw(oracle.torch))


def test_orders_and_likenesses(oracle: Any) -> None:
    def draw(lib: Any) -> Any:
        lib.manual_seed(7)
        model = lib.zeros(2, 9, dtype=lib.float64)
        return (
            lib.randperm(20),
            lib.rand_like(model),
            lib.randn_like(model),
            lib.rand_like(lib.zeros(2, dtype=lib.int64), dtype=lib.float32),
            lib.normal(5.0, 0.25, (4, 2)),
            lib.randn(2, 2, dtype=lib.float64, generator=lib.Generator().manual_seed(1)),
        )

    oracle.values(draw(oracle.pellucid), draw(oracle.torch), ulps=64)


@pytest.mark.parametrize(
    "question",
    [
        lambda lib: lib.randint(5, 5, (2,)),
        lambda lib: lib.normal(0.0, -1.0, (2,)),
        lambda lib: lib.rand_like(lib.zeros(2, dtype=lib.int64)),
        lambda lib: lib.nn.init.normal_(lib.zeros(2), 0.0, -1.0),
    ],
)
def test_mistakes(oracle: Any, question: Any) -> None:
    oracle.error(question)
