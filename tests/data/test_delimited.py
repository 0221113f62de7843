"""Text files: every dialect reads alike, every damage is named with its line, no row is lost."""

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pellucid.data import delimited
from pellucid.data.delimited import read_delimited
from pellucid.data.table import Table
from pellucid.errors import TableError

PLAIN = b"hours,city,passed\n10,Paris,yes\n7.5,Rome,no\n,Paris,no\n"


def read(data: bytes | str, **options: bool) -> Table:
    return read_delimited(data if isinstance(data, bytes) else data.encode(), "x.csv", **options)


def message(data: bytes | str, **options: bool) -> str:
    with pytest.raises(TableError) as caught:
        read(data, **options)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("x.csv")
    return str(caught.value)


@pytest.mark.parametrize("delimiter", [b",", b";", b"\t", b"|"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("end", [b"", b"\n", b"\n\n\n"])
def test_every_dialect_reads_alike(
    delimiter: bytes, mark: bytes, line_end: bytes, end: bytes
) -> None:
    data = mark + (PLAIN.rstrip() + end).replace(b",", delimiter).replace(b"\n", line_end)
    assert read(data).fingerprint() == read(PLAIN).fingerprint()


def test_cells_are_numbers_texts_or_missing() -> None:
    table = read(PLAIN)
    assert table.columns == ["hours", "city", "passed"]
    assert table.column("hours").cells() == [10.0, 7.5, None]
    assert table.column("city").cells() == ["Paris", "Rome", "Paris"]


def test_quotes_hold_delimiters_quotes_and_line_ends() -> None:
    table = read('name,n\n"Kelly, Mr. ""Jim""",1\n"two\nlines",2\nplain,3\n')
    assert table.column("name").cells() == ['Kelly, Mr. "Jim"', "two\nlines", "plain"]


def test_agrees_with_pandas_on_quoted_texts() -> None:
    text = 'a,b\n"x;y","1,5"\n"",2\n"say ""hi""",3\n'
    theirs = pd.read_csv(io.StringIO(text))
    ours = read(text)
    assert ours.column("a").cells() == [
        None if pd.isna(cell) else cell for cell in theirs["a"].tolist()
    ]
    assert ours.column("b").cells() == theirs["b"].tolist()


@pytest.mark.parametrize(
    "spelling", ["", " ", "   ", "?", "NA", "N/A", "nan", "NaN", "null", "NaT"]
)
def test_spellings_of_nothing(spelling: str) -> None:
    table = read(f"n,t\n1,a\n{spelling},{spelling}\n2.5,b\n")
    assert table.column("n").cells() == [1.0, None, 2.5]
    assert table.column("t").cells() == ["a", None, "b"]


def test_blanks_around_cells_and_names_do_not_matter() -> None:
    table = read("a , b\n 1, x\n2 ,x \n")
    assert table.columns == ["a", "b"]
    assert table.column("a").cells() == [1.0, 2.0]
    assert table.column("b").levels == ("x",)


def test_a_decimal_comma_is_read_where_commas_do_not_part_cells() -> None:
    table = read("size;name\n3,5;a\n-4;b\n10,25;c\n")
    assert table.column("size").cells() == [3.5, -4.0, 10.25]


def test_true_and_false_dates_and_times_stay_as_written() -> None:
    table = read("b,d,t,s\nTrue,2019-03-01,12:30,2019-03-01 10:00:00\nFalse,2019-03-02,08:15,x\n")
    assert table.row(0) == {
        "b": "True",
        "d": "2019-03-01",
        "t": "12:30",
        "s": "2019-03-01 10:00:00",
    }


def test_moments_stay_as_written() -> None:
    table = read("t,n\n2019-03-01 10:00:00,1\n2019-03-02 11:30:00,2\n")
    assert table.column("t").cells() == ["2019-03-01 10:00:00", "2019-03-02 11:30:00"]


def test_files_of_many_blocks_read_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [f'{n},"line {n}\nand ""more""",{"x" if n % 3 else ""},{n / 7!r}' for n in range(3000)]
    text = "a,b,c,d\n" + "\n".join(rows) + "\n"
    whole = read(text)
    monkeypatch.setattr(delimited, "_BLOCK", 1 << 12)
    assert read(text).fingerprint() == whole.fingerprint()
    monkeypatch.setattr(delimited, "_THREADS_FROM", 0)
    assert read(text).fingerprint() == whole.fingerprint()
    assert len(whole) == 3000


def test_long_codes_keep_their_last_digits() -> None:
    table = read("account,n\n1234567890123456781,1\n1234567890123456782,2\n")
    assert table.column("account").cells() == ["1234567890123456781", "1234567890123456782"]


def test_a_few_words_among_many_numbers_are_listed() -> None:
    rows = "".join(f"{number}\n" for number in range(30))
    column = read(f"n,\nunknown\n{rows}".replace("\n", ",1\n").replace(",,1", ",b", 1)).column("n")
    assert column.unread == ((0, "unknown"),)
    assert column.cells()[:3] == [None, 0.0, 1.0]


def test_half_words_are_text() -> None:
    assert read("n,b\n1,1\nx,1\n2,1\ny,1\n").column("n").cells() == ["1", "x", "2", "y"]


def test_row_labels_without_a_name_get_one() -> None:
    assert read(",a\n0,5\n1,6\n").columns == ["c1", "a"]


def test_no_header_only_if_told() -> None:
    assert read("M,0.5\nF,0.7\n", header=False).columns == ["c1", "c2"]
    assert len(read("M,0.5\nF,0.7\n", header=False)) == 2
    told = message("M,0.455,15\nF,0.35,7\n")
    assert "line 1" in told
    assert "c1,c2,c3" in told


@pytest.mark.parametrize("names", ["0,1,2", "country,2019,2020"])
def test_names_may_be_counting_numbers(names: str) -> None:
    assert len(read(f"{names}\n5,6,7\n5,6,8\n")) == 2


def test_a_column_of_its_own_keeps_its_gaps() -> None:
    assert read("n\n1\n\n3\n\n").column("n").cells() == [1.0, None, 3.0]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("", "is empty"),
        ("\n\n  \n", "is empty"),
        ("a,b\n", "no rows"),
        ("a,b\n1,2\n3\n", "line 3: 2 cells were wanted, as in the first line, and 1 came (3)"),
        (
            "a,b\n1,2\n\n3,4,5\n",
            "line 4: 2 cells were wanted, as in the first line, and 3 came (3,4",
        ),
        ('a,b\n"x\ny",2\n3,4,5\n', "line 4: 2 cells were wanted"),
        ('a,b\n"x,2\n3,4\n', "line 2: a quotation mark opens a cell"),
        ('a,b\n"x"y,2\n"z\nz",2\n3,4\n', "line 2: a quotation mark opens a cell"),
        ("a,b,a\n1,2,3\n", "columns 1 and 3 are both called 'a'"),
        ("a,b\n1,x\na,b\n2,y\n", "line 3: the line of names comes again"),
        (b"a,b\n1,\xe9t\xe9\n", "line 2: the byte 0xE9 is not UTF-8"),
        ("a,b\n1,2\n".encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04rest", "spreadsheet"),
        (b"\x1f\x8brest", "gzip"),
        (b"a,b\n\x00,1\n", "binary"),
    ],
)
def test_damage_is_named(data: bytes | str, words: str) -> None:
    assert words in message(data)


def test_a_wrong_row_far_below_is_named_with_its_line() -> None:
    rows = ["a,b,c"] + ["1,2,3"] * 40_000
    rows[31_234] = "1,2"
    assert "line 31235: 3 cells were wanted" in message("\n".join(rows))


def test_tabs_are_read_without_quoting_if_quotes_do_not_close() -> None:
    table = read('label\ttext\nham\t"hello there\nspam\tbuy "now"\nham\tok "\n')
    assert table.column("text").cells() == ['"hello there', 'buy "now"', 'ok "']


def test_a_real_file_with_loose_quotes_keeps_all_lines(shared_data: Path) -> None:
    path = shared_data / "sms_spam" / "SMSSpamCollection"
    data = path.read_bytes()
    table = read_delimited(data, path.name, header=False)
    assert len(table) == len([line for line in data.split(b"\n") if line])
    assert set(table.column("c1").levels) == {"ham", "spam"}


names = st.text(st.characters(categories=["L"]), min_size=1, max_size=5)
# pandas does not quote a lone carriage return, which then is a line end to every reader.
cells = st.one_of(
    st.none(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(2**53), 2**53),
    st.text(st.characters(exclude_characters="\x00\r", exclude_categories=["Cs"]), max_size=8),
)


@given(
    st.lists(names, min_size=2, max_size=4, unique=True),
    st.lists(st.lists(cells, min_size=4, max_size=4), min_size=1, max_size=12),
)
def test_the_number_of_rows_never_changes(columns: list[str], rows: list[list[object]]) -> None:
    width = len(columns)
    frame = pd.DataFrame([row[:width] for row in rows], columns=columns, dtype=object)
    text = frame.to_csv(index=False, lineterminator="\n")
    assert len(read(text)) == len(rows)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
def test_numbers_come_back_exactly(numbers: list[float]) -> None:
    text = "a,b\n" + "".join(f"{number!r},1\n" for number in numbers)
    np.testing.assert_array_equal(read(text).column("a").numbers, np.array(numbers))


@pytest.mark.parametrize("first", ["M,0.5,2", "M,M,x"])
def test_a_file_without_names_is_told_how_to_read_it(first: str) -> None:
    told = message(f"{first}\nF,0.7,3\n")
    assert "--no-header (in Python pellucid.fit('x.csv', 'c3', header=False))" in told


def test_counted_names_are_never_a_row() -> None:
    table = read("c1,c2\nM,0.5\n", header=False)
    assert len(table) == 1
    assert not table.is_named
