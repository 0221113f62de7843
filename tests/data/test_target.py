"""Targets: encoded for a loss, decoded for people."""

import math

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pellucid.data.reading import read_table
from pellucid.data.table import Table
from pellucid.data.target import Target, usable_rows
from pellucid.errors import ColumnError


def table(cells: list[object]) -> Table:
    return read_table({"y": cells})


@pytest.mark.parametrize(
    ("cells", "classes", "labels"),
    [
        ([0, 1, 1], ("0", "1"), ("no", "yes")),
        ([True, False, True], ("False", "True"), ("no", "yes")),
        (["TRUE", "FALSE"], ("FALSE", "TRUE"), ("no", "yes")),
        (["Yes", "No", "Yes"], ("No", "Yes"), ("No", "Yes")),
        (["pass", "fail"], ("fail", "pass"), ("fail", "pass")),
        ([-1, 1, 1], ("-1", "1"), ("-1", "1")),
        (["ham", "spam", "spam"], ("ham", "spam"), ("ham", "spam")),
        (["e", "e", "p"], ("e", "p"), ("e", "p")),
        (["p", "p", "e"], ("p", "e"), ("p", "e")),
        (["b", "a"], ("a", "b"), ("a", "b")),
        ([1, 2, 1], ("1", "2"), ("1", "2")),
        ([1, 2, 2], ("2", "1"), ("2", "1")),
    ],
)
def test_which_class_is_the_positive_one(
    cells: list[object], classes: tuple[str, ...], labels: tuple[str, ...]
) -> None:
    """Yes, true, 1, pass … win; otherwise the rarer; of two equally frequent the later."""
    target = Target.of(table(cells), "y")
    assert target.kind == "yes/no"
    assert (target.classes, target.labels, target.positive) == (classes, labels, labels[1])


def test_yes_no_goes_there_and_back() -> None:
    data = table([0, 1, None, 1])
    target = Target.of(data, "y")
    assert (target.rows, target.dropped, target.outputs, target.output_names) == (3, 1, 1, ["y"])
    rows = usable_rows(data, "y")
    encoded = target.encode(data, rows)
    assert encoded.dtype == np.float32
    np.testing.assert_array_equal(encoded, [[0], [1], [1]])
    assert target.decode(encoded) == ["no", "yes", "yes"]
    assert target.decode([0.49, 0.5, 1]) == ["no", "yes", "yes"]
    assert target.summary() == "yes 67 %, no 33 %"
    assert target.shares() == [("yes", 2 / 3), ("no", 1 / 3)]


def test_classes_go_there_and_back() -> None:
    data = table([*["b", "a", "c"] * 3, "?"])
    target = Target.of(data, "y")
    assert (target.classes, target.counts, target.outputs) == (("a", "b", "c"), (3, 3, 3), 3)
    encoded = target.encode(data, usable_rows(data, "y"))
    assert encoded.dtype == np.int64
    np.testing.assert_array_equal(encoded, [1, 0, 2] * 3)
    assert target.decode(np.eye(3)[encoded]) == ["b", "a", "c"] * 3
    assert target.summary() == "a 33 %, b 33 %, c 33 %"


def test_classes_of_numbers_come_by_size() -> None:
    target = Target.of(table([10, 9, 2] * 5), "y")
    assert target.classes == ("2", "9", "10")


def test_many_classes_are_summed_up() -> None:
    assert Target.of(table(["a", "b", "c", "d", "d"] * 2), "y").summary() == "4 classes, 40 % d"


@given(
    st.lists(st.floats(-1e9, 1e9, allow_subnormal=False), min_size=3, max_size=40, unique=True),
    st.data(),
)
def test_numbers_go_there_and_back(values: list[float], data: st.DataObject) -> None:
    cells = table(list(values))
    rows = data.draw(st.lists(st.integers(0, len(values) - 1), min_size=1, unique=True))
    target = Target.of(cells, "y", kind="number").fit(cells, np.array(rows))
    decoded = target.decode(target.encode(cells, dtype=np.float64))
    spread = max(map(abs, values))
    np.testing.assert_allclose(decoded, values, rtol=1e-9, atol=1e-9 * spread)
    others = table([value if row in rows else 1e12 + row for row, value in enumerate(values)])
    again = Target.of(others, "y", kind="number").fit(others, np.array(rows))
    assert (again.mean, again.std, again.low, again.high) == (
        target.mean, target.std, target.low, target.high,
    )  # fmt: skip


def test_a_number_is_standardised_by_the_training_rows() -> None:
    data = table([1.0, 3.0, 2.5, 100.25])
    target = Target.of(data, "y").fit(data, np.array([0, 1]))
    assert (target.mean, target.std, target.low, target.high) == (2.0, 1.0, 1.0, 3.0)
    np.testing.assert_array_equal(target.encode(data, np.array([0, 1, 3])), [[-1], [1], [98.25]])
    assert target.summary() == "1 to 3"


def test_it_is_plain_data() -> None:
    for cells in ([0, 1, 1], ["a", "b", "c"] * 2, [1.5, 2.5, math.pi]):
        target = Target.of(table(cells), "y")
        assert msgspec.json.decode(msgspec.json.encode(target), type=Target) == target


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.123456, "0.1235"), (12.0, "12 €"), (450000.4, "450,000 €"), (-1.5, "-1.5 €")],
)
def test_numbers_as_people_read_them(value: float, said: str) -> None:
    target = msgspec.structs.replace(Target.of(table([1.5, 2.5, 3.5]), "y"), unit="€")
    assert target.say(value) == (said if said.endswith("€") else f"{said} €")


def told(data: Table, column: str = "y") -> str:
    with pytest.raises(ColumnError) as caught:
        Target.of(data, column)
    return str(caught.value)


def test_errors() -> None:
    assert "Did you mean 'passed'?" in told(read_table({"passed": [1, 0]}), "pased")
    assert "missing in every row" in told(table([None, "?"]))
    assert "has one row with a 'y', and at least 3 are needed" in told(table([3, None]))
    assert "nothing to learn" in told(table([3, 3, None]))
    assert "Row 3 of column 'y' holds an infinite number (inf)" in told(table([1, 2, math.inf]))


def test_rows_that_cannot_be_encoded() -> None:
    target = Target.of(table(["a", "b", "c"]), "y")
    with pytest.raises(
        ColumnError, match=r"Row 2 of column 'y' holds 'B', .* \(a, b, c\). Did you mean"
    ):
        target.encode(table(["a", "B"]))
    with pytest.raises(ColumnError, match="Row 2 has no 'y'"):
        target.encode(table(["a", None, "b"]))
    number = Target.of(table([1.5, 2.5, 3.5]), "y")
    with pytest.raises(ColumnError, match="Row 2 of column 'y' holds 'x', and a number was wanted"):
        number.encode(table([None, "x"]), np.array([1]))


def test_labels_are_understood_besides_the_cells() -> None:
    target = Target.of(table([0, 1, 1]), "y")
    np.testing.assert_array_equal(target.encode(table(["yes", "no"])), [[1], [0]])
