"""The one door: files, names, frames; the same cells make the same table."""

import datetime as dt
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from pyarrow import parquet

from pellucid.data.bundled.examples import bundled_table
from pellucid.data.reading import read_table
from pellucid.data.writing import write_csv
from pellucid.errors import ColumnError, TableError

CELLS = {
    "whole": [1, 2, None, 4],
    "part": [0.5, None, 2.5, 1e-300],
    "text": ["a", "b", None, "a"],
    "flag": [True, False, True, True],
    "day": [dt.date(2020, 1, 2), dt.date(1999, 12, 31)] * 2,
    "moment": [dt.datetime(2020, 1, 2, 3, 4, 5), None] * 2,
}


def frames() -> dict[str, object]:
    arrow = pa.table(CELLS)
    labelled = pd.DataFrame(CELLS, index=[7, 5, 6, 9])
    return {
        "pandas": pd.DataFrame(CELLS),
        "pandas with row labels": labelled,
        "pandas with its own types": labelled.convert_dtypes(),
        "pandas categories": labelled.astype({"text": "category"}),
        "polars": pl.DataFrame(CELLS),
        "polars categories": pl.DataFrame(CELLS).with_columns(pl.col("text").cast(pl.Categorical)),
        "pyarrow": arrow,
        "pyarrow in pieces": pa.concat_tables([arrow.slice(0, 1), arrow.slice(1, 3)]),
        "pyarrow batches": arrow.to_reader(),
    }


@pytest.mark.parametrize("kind", frames())
def test_every_frame_makes_the_same_table(kind: str) -> None:
    assert read_table(frames()[kind]).fingerprint() == read_table(CELLS).fingerprint()


@pytest.mark.parametrize(
    "kind", ["int8", "uint16", "int32", "uint64", "float16", "float32", "float64"]
)
def test_every_width_of_number(kind: str) -> None:
    array = pa.array([1, None, 3, 100], type=getattr(pa, kind)()).slice(1)
    table = read_table(pa.table({"a": array}))
    assert table.column("a").cells() == [None, 3.0, 100.0]


def test_decimals_and_long_codes() -> None:
    decimals = pa.array([1, 2], pa.decimal128(5, 2))
    table = read_table(pa.table({"d": decimals, "code": [2**60 + 1, 2**60 + 2]}))
    assert table.column("d").cells() == [1.0, 2.0]
    assert table.column("code").cells() == [str(2**60 + 1), str(2**60 + 2)]


def test_parquet_and_csv_and_frame_agree(tmp_path: Path) -> None:
    frame = pd.DataFrame({"n": [1.5, None, 3.0], "t": ["x", "y, z", None]})
    frame.to_csv(tmp_path / "t.csv", index=False)
    frame.to_csv(tmp_path / "t.tsv", index=False, sep="\t")
    frame.to_parquet(tmp_path / "t.parquet")
    (tmp_path / "unnamed").write_bytes((tmp_path / "t.parquet").read_bytes())
    wanted = read_table(frame).fingerprint()
    for name in ("t.csv", "t.tsv", "t.parquet", "unnamed"):
        assert read_table(tmp_path / name).fingerprint() == wanted
    assert read_table(str(tmp_path / "t.csv")).source == "t.csv"


def test_text_numbers_become_numbers_in_frames_too(shared_data: Path) -> None:
    path = shared_data / "telco_churn" / "Telco-Customer-Churn.csv"
    frame = pd.read_csv(path)
    assert frame["TotalCharges"].dtype.kind != "f"
    column = read_table(frame).column("TotalCharges")
    assert int(column.missing.sum()) == 11
    assert read_table(frame).fingerprint() == read_table(path).fingerprint()


def test_a_name_means_a_bundled_table_unless_a_file_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_table("students").fingerprint() == bundled_table("students").fingerprint()
    (tmp_path / "students").write_text("a,b\n1,2\n")
    assert read_table("students").columns == ["a", "b"]
    (tmp_path / "spam").mkdir()
    assert read_table("spam").source == "spam"


def test_a_bundled_table_keeps_its_units_in_a_file(tmp_path: Path) -> None:
    path = write_csv(bundled_table("students"), tmp_path / "mine.csv")
    table = read_table(path)
    assert table.cell_text(0, "hours_studied") == "10 h"
    other = tmp_path / "other.csv"
    other.write_text(path.read_text().replace("\n10,7,75,80", "\n11,7,75,80", 1))
    assert read_table(other).units == {}


def told(source: object) -> str:
    with pytest.raises((TableError, ColumnError)) as caught:
        read_table(source)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_what_is_not_there_names_what_is(tmp_path: Path) -> None:
    (tmp_path / "students.csv").write_text("a\n1\n")
    assert "Did you mean 'students.csv'?" in told(tmp_path / "student.csv")
    assert "Did you mean 'students'?" in told("studnts")
    assert "`pellucid examples circles` writes it" in told(tmp_path / "circles.csv")
    assert "nowhere does not exist either" in told(tmp_path / "nowhere" / "x.csv")
    assert "is a folder, and a file was wanted. It holds students.csv" in told(tmp_path)


def test_what_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = tmp_path / "t.parquet"
    parquet.write_table(pa.table({"a": [1, 2]}), whole)
    (tmp_path / "half.parquet").write_bytes(whole.read_bytes()[:-20])
    assert "half.parquet is damaged or no Parquet file" in told(tmp_path / "half.parquet")
    (tmp_path / "text.parquet").write_text("a,b\n")
    assert "text.parquet is damaged" in told(tmp_path / "text.parquet")

    def forbidden(_: Path) -> bytes:
        raise PermissionError

    monkeypatch.setattr(Path, "read_bytes", forbidden)
    assert "there is no permission to read it" in told(whole)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ({}, "no columns"),
        ({"a": []}, "no rows"),
        ({"a": [1], "b": [1, 2]}, "Got a 1, b 2"),
        ({"a": 5}, "Column 'a' must be a list of cells. Got 5"),
        ({"a": "text"}, "Column 'a' must be a list"),
        (7, "A table was wanted and a int came"),
        (np.zeros((2, 2)), "a ndarray came"),
        (
            pd.DataFrame({"a": [1, "x"]}),
            "make the cells of each column all numbers or all texts",
        ),
        (pl.DataFrame({"a": [[1], [2]]}), "Column 'a' holds cells of the type"),
        (pa.table({"a": pa.array([], pa.float64())}), "no rows"),
        (pa.table([[1], [2]], names=["a", "a"]), "two columns called 'a'"),
    ],
)
def test_what_is_no_table(source: object, words: str) -> None:
    assert words in told(source)


def test_reading_pulls_in_neither_pandas_nor_compute(tmp_path: Path) -> None:
    write_csv(bundled_table("penguins"), tmp_path / "t.csv")
    code = (
        "import sys; from pellucid.data.reading import read_table; read_table('t.csv');"
        "print(sorted({'pandas', 'pyarrow.compute', 'pyarrow.parquet', 'polars'} & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"


def test_generated_tables_need_no_pyarrow() -> None:
    code = (
        "import sys; from pellucid.data.reading import read_table; read_table('students');"
        "print('pyarrow' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
