"""Tables: rows, names, fingerprints."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pellucid.data.reading import read_table
from pellucid.data.table import Column, Table, checked
from pellucid.errors import ColumnError, TableError

SMALL = {"hours": [10, 7.5, None], "city": ["Paris", "Rome", "Paris"]}
values = st.lists(
    st.tuples(
        st.one_of(st.none(), st.floats(allow_nan=False)), st.sampled_from(["a", "b", "c", None])
    ),
    min_size=1,
    max_size=30,
)


def table_of(rows: list[tuple[float | None, str | None]]) -> Table:
    return read_table({"n": [row[0] for row in rows], "t": [row[1] for row in rows]})


def test_rows_and_cells() -> None:
    table = read_table(SMALL)
    assert len(table) == 3
    assert table.row(0) == {"hours": 10.0, "city": "Paris"}
    assert [table.cell_text(row, "hours") for row in range(3)] == ["10", "7.5", "missing"]
    assert "city" in table
    assert "cities" not in table


def test_an_unknown_column_names_the_nearest() -> None:
    with pytest.raises(
        ColumnError, match=r"no column 'hour'. Did you mean 'hours'\? Its columns are"
    ):
        read_table(SMALL).column("hour")


def test_text_gives_no_numbers() -> None:
    with pytest.raises(ColumnError, match="holds text"):
        _ = read_table(SMALL).column("city").values


@given(values, st.data())
def test_taking_rows(rows: list[tuple[float | None, str | None]], data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=1, max_size=20))
    table = table_of(rows)
    taken = table.take(chosen)
    assert [taken.row(new) for new in range(len(chosen))] == [table.row(old) for old in chosen]
    again = table_of([rows[old] for old in chosen])
    if again.column("n").is_number and again.column("t").levels:
        assert taken.fingerprint() == again.fingerprint()


@given(values, values)
def test_equal_fingerprints_mean_equal_cells(
    one: list[tuple[float | None, str | None]], other: list[tuple[float | None, str | None]]
) -> None:
    first, second = table_of(one), table_of(other)
    same = [first.row(row) for row in range(len(first))] == [
        second.row(row) for row in range(len(second))
    ]
    assert (first.fingerprint() == second.fingerprint()) == same


def test_a_fingerprint_covers_names_and_their_order() -> None:
    table = read_table(SMALL)
    renamed = Table((Column("hour", numbers=table.data[0].numbers), table.data[1]))
    prints = {each.fingerprint() for each in (table, renamed, table.select(["city", "hours"]))}
    assert len(prints) == 3


def test_stray_words_follow_their_rows() -> None:
    table = read_table({"n": [*range(20), "x", 5]})
    assert table.column("n").unread == ((20, "x"),)
    assert table.take([20, 0, 20]).column("n").unread == ((0, "x"), (2, "x"))
    assert table.take([0, 1]).column("n").unread == ()


def test_a_table_needs_rows_columns_and_names() -> None:
    column = Column("a", numbers=np.zeros(1))
    for bad, words in (
        (Table(()), "no columns"),
        (Table((Column("a", numbers=np.zeros(0)),)), "no rows"),
        (Table((column, column)), "two columns called 'a'"),
    ):
        with pytest.raises(TableError, match=words):
            checked(bad)
