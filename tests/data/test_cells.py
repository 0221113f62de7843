"""What the text of a cell means, by whatever door it comes."""

import datetime as dt
import decimal
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pellucid.data.cells import cell_column, parse_number, text_column
from pellucid.data.table import format_number
from pellucid.errors import ColumnError


@given(st.floats(allow_nan=False))
def test_a_number_written_and_read_is_the_same(number: float) -> None:
    assert parse_number(format_number(number)) == number


@pytest.mark.parametrize(
    "text", ["12 km", "1,250", "0x10", "1_000", "", ".", "e5", "--1", "$5", "٣x"]
)
def test_what_is_no_number(text: str) -> None:
    assert parse_number(text) is None


def test_python_cells() -> None:
    column = cell_column("a", [1, 2.5, np.float32(0.5), np.int64(3), "4", None, math.nan, ""])
    assert column.cells() == [1.0, 2.5, 0.5, 3.0, 4.0, None, None, None]
    assert cell_column("a", [decimal.Decimal("1.5")]).cells() == [1.5]
    assert cell_column("a", [True, np.bool_(0)]).cells() == ["True", "False"]
    assert cell_column("a", [dt.date(2020, 1, 2)]).cells() == ["2020-01-02"]


def test_numpy_arrays_take_the_short_way_to_the_same_column() -> None:
    numbers = np.array([1.5, np.nan, -3.0])
    np.testing.assert_array_equal(
        cell_column("a", numbers).numbers, cell_column("a", numbers.tolist()).numbers
    )


def test_other_cells_are_refused_by_row() -> None:
    with pytest.raises(
        ColumnError, match=r"Row 2 of column 'a' holds a list, .* leave the column out"
    ):
        cell_column("a", [1, [2]])


def test_words_among_numbers() -> None:
    """Nine in ten numbers, at most three different words, at least five different numbers."""
    numbers = [str(number) for number in range(36)]
    assert cell_column("a", [*numbers, "none", "none", "-", "off"]).is_number
    assert not cell_column("a", [*numbers, "none", "x", "-", "off"]).is_number
    assert not cell_column("a", [*numbers, *["none"] * 5]).is_number
    assert not cell_column("a", [*"1234" * 10, "5A"]).is_number


def test_none_is_a_category() -> None:
    assert cell_column("fence", ["none", "wood", "none"]).cells() == ["none", "wood", "none"]


@given(st.lists(st.sampled_from(["a", " a", "b ", "", "?", "1", "NA"]), min_size=1, max_size=20))
def test_codes_and_cells_say_the_same(texts: list[str]) -> None:
    levels = sorted(set(texts))
    codes = np.array([levels.index(text) for text in texts], dtype=np.int32)
    coded = text_column("t", levels, codes)
    assert coded.cells() == cell_column("t", texts).cells()
