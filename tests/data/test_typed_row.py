"""One typed row: what is accepted, and how slips are named."""

import numpy as np
import pytest

from pellucid.data.preparation import Preparation
from pellucid.data.reading import read_table
from pellucid.data.table import Table
from pellucid.data.typed_row import typed_row
from pellucid.errors import ColumnError

TABLE = Table(
    read_table(
        {
            "hours": [1, 2, 3.5, 4],
            "city": ["Paris", "Rome", None, "Paris"],
            "grade": ["1", "2", "x", "2"],
            "name": ["a", "a", "a", "a"],
            "passed": ["yes", "no", "no", "yes"],
        }
    ).data,
    "x",
    {"hours": "h"},
)
PREPARATION = Preparation.fit(TABLE, np.arange(4), "passed")
ROW = {"hours": "3.5", "city": "Rome", "grade": "2"}


@pytest.mark.parametrize("hours", ["3.5", " 3.5 ", "3.5 h", "3.5h", 3.5, np.float32(3.5), "35e-1"])
def test_numbers_in_any_spelling(hours: object) -> None:
    row = typed_row(PREPARATION, {**ROW, "hours": hours})
    assert row.row(0) == {"hours": 3.5, "city": "Rome", "grade": "2"}
    assert row.cell_text(0, "hours") == "3.5 h"


def test_a_typed_row_has_the_same_bits_as_in_the_table() -> None:
    table = PREPARATION.inputs(TABLE)
    for row in range(4):
        typed = {name: TABLE.column(name).text(row) for name in ("hours", "city", "grade")}
        assert PREPARATION.inputs(typed_row(PREPARATION, typed)).tobytes() == table[row].tobytes()


@pytest.mark.parametrize("nothing", ["", "?", None, " "])
def test_nothing_is_a_missing_cell(nothing: object) -> None:
    row = typed_row(PREPARATION, {**ROW, "hours": nothing, "city": nothing})
    assert row.row(0) == {"hours": None, "city": None, "grade": "2"}


def test_levels_in_any_case_and_as_numbers() -> None:
    row = typed_row(PREPARATION, {**ROW, "city": "paris", "grade": 2.0})
    assert row.row(0) == {"hours": 3.5, "city": "Paris", "grade": "2"}


def test_other_known_columns_are_not_looked_at() -> None:
    assert typed_row(PREPARATION, {**ROW, "name": "b", "passed": "?"}).columns == list(ROW)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"hour": 1}, "There is no column 'hour'. Did you mean 'hours'? The columns are: hours"),
        (
            {"hours": "ten"},
            "'hours' must be a finite number (the training rows have 1 to 4). Got 'ten'",
        ),
        ({"hours": "inf"}, "must be a finite number"),
        (
            {"city": "Pariss"},
            "'city' must be one of Paris, Rome. Got 'Pariss'. Did you mean 'Paris'?",
        ),
    ],
)
def test_slips(change: dict[str, object], words: str) -> None:
    with pytest.raises(ColumnError) as caught:
        typed_row(PREPARATION, {**ROW, **change})
    assert words in str(caught.value)


def test_what_is_lacking() -> None:
    with pytest.raises(ColumnError, match=r"A value is lacking: city; add city=…"):
        typed_row(PREPARATION, {"hours": 1, "grade": "1"})
    with pytest.raises(ColumnError, match=r"3 values are lacking: hours, city, grade; add hours=…"):
        typed_row(PREPARATION, {})
