"""Tables written and read again."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pellucid.data.bundled.examples import bundled_names, bundled_table
from pellucid.data.reading import read_table
from pellucid.data.writing import write_csv
from pellucid.errors import TableError

text = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=6)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.one_of(st.none(), st.floats(allow_nan=False)), st.one_of(st.none(), text)),
        min_size=1,
        max_size=15,
    ),
    st.booleans(),
)
def test_what_is_written_reads_back(
    tmp_path: Path, rows: list[tuple[float | None, str | None]], both: bool
) -> None:
    columns: dict[str, list[object]] = {"text, one": [row[1] for row in rows]}
    if both:
        columns["n"] = [row[0] for row in rows]
    table = read_table(columns)
    again = read_table(write_csv(table, tmp_path / "t.csv"))
    assert [again.row(row) for row in range(len(again))] == [
        table.row(row) for row in range(len(table))
    ]


@pytest.mark.parametrize("name", bundled_names())
def test_bundled_tables_read_back_whole(tmp_path: Path, name: str) -> None:
    table = bundled_table(name)
    again = read_table(write_csv(table, tmp_path / "t.csv"))
    assert again.fingerprint() == table.fingerprint()
    assert again.units == table.units


def test_a_file_that_cannot_be_written_harms_nothing(tmp_path: Path) -> None:
    table = read_table({"a": [1]})
    with pytest.raises(TableError, match=r"cannot be written: .*; choose another place"):
        write_csv(table, tmp_path / "nowhere" / "t.csv")
    (tmp_path / "folder").mkdir()
    with pytest.raises(TableError, match="cannot be written"):
        write_csv(table, tmp_path / "folder")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder"]
