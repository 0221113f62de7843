"""The split: a partition, seeded, rounded as documented."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pellucid.data.split import split_rows
from pellucid.errors import InputError
from pellucid.random import Generator


@pytest.mark.parametrize(
    ("rows", "parts"),
    [
        (3, (1, 1, 1)),
        (4, (2, 1, 1)),
        (14, (12, 1, 1)),
        (15, (11, 2, 2)),
        (1250, (1000, 125, 125)),
        (891, (713, 89, 89)),
    ],
)
def test_sizes(rows: int, parts: tuple[int, int, int]) -> None:
    split = split_rows(np.arange(rows))
    assert (len(split.train), len(split.validation), len(split.test)) == parts


@given(st.sets(st.integers(0, 10**6), min_size=3, max_size=60), st.integers(0, 2**32 - 1))
def test_every_row_is_in_one_part(chosen: set[int], seed: int) -> None:
    rows = np.array(sorted(chosen))
    split = split_rows(rows, seed)
    parts = (split.train, split.validation, split.test)
    np.testing.assert_array_equal(np.sort(np.concatenate(parts)), rows)
    assert all(np.all(np.diff(part) > 0) for part in parts)


def test_the_seed_decides() -> None:
    rows = np.arange(100)
    one, same, other = split_rows(rows, 7), split_rows(rows, 7), split_rows(rows, 8)
    np.testing.assert_array_equal(one.test, same.test)
    assert not np.array_equal(one.test, other.test)
    order = Generator(7).permutation(100)
    np.testing.assert_array_equal(one.test, np.sort(order[90:]))


def test_other_shares() -> None:
    split = split_rows(np.arange(100), shares=(0.25, 0.3))
    assert (len(split.train), len(split.validation), len(split.test)) == (45, 25, 30)


def test_too_few_rows() -> None:
    with pytest.raises(InputError, match=r"At least 3 rows .* Got 2; add rows"):
        split_rows(np.arange(2))
    with pytest.raises(InputError, match="leave none of 10 rows"):
        split_rows(np.arange(10), shares=(0.5, 0.5))
