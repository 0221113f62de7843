"""What columns are taken for, and why."""

import numpy as np
import pytest

from pellucid.data.cells import cell_column
from pellucid.data.kinds import column_kind, column_kinds, target_kind
from pellucid.data.reading import read_table
from pellucid.errors import ColumnError, InputError

WORDS = [f"word {number}" for number in range(40)]


@pytest.mark.parametrize(
    ("name", "cells", "kind", "reason"),
    [
        ("age", [20, 30.5, None], "number", "numbers from 20 to 30.5, 1 missing"),
        ("flag", [0, 1, 1], "number", "numbers from 0 to 1"),
        ("city", ["Rome", "Paris", ""], "category", "2 different: Paris, Rome, 1 missing"),
        ("flag", [True, False], "category", "2 different: False, True"),
        ("few", ["a", "b", "c"], "category", "3 different: a, b, c"),
        ("x", [5, 5, 5], "left out", "every cell is 5"),
        ("x", ["p", "p"], "left out", "every cell is 'p'"),
        ("x", ["", "?", None], "left out", "every cell is missing"),
        ("x", [5, None, 5], "category", "every cell is 5 or missing"),
        ("x", ["p", None], "category", "1 different: p, 1 missing"),
        ("name", WORDS, "left out", "text with 40 different values in 40 cells: a name or a note"),
        ("zone", WORDS * 3, "category", "40 different: word 0, word 1, word 10, …"),
        ("day", ["2020-01-02", "2020-01-03"], "left out", "dates and times are not used yet"),
        ("day", ["3/14/2020", "12.01.2021 10:00"], "left out", "dates and times are not used yet"),
        ("time", ["12:30", "08:15:59"], "left out", "dates and times are not used yet"),
        ("n", list(range(40)), "left out", "it only numbers the rows"),
        ("n", [n for n in range(1, 50) if n % 5], "left out", "it only numbers the rows"),
        ("PassengerId", [9, 4, 7], "left out", "it only numbers the rows"),
        ("customer_id", [100, 7, 55], "left out", "it only numbers the rows"),
        ("year", list(range(1960, 2021)), "number", "numbers from 1960 to 2020"),
        ("n", list(range(29)), "number", "numbers from 0 to 28"),
        ("n", list(range(30)), "left out", "it only numbers the rows"),
        ("hours", list(range(1, 13)), "number", "numbers from 1 to 12"),
        ("hours", [*range(39), 38], "number", "numbers from 0 to 38"),
        ("valid", [3, 1, 2], "number", "numbers from 1 to 3"),
        (
            "n",
            [*range(1, 28), 5, "off"],
            "number",
            "numbers from 1 to 27, 'off' read as missing, 1 missing",
        ),
    ],
)
def test_kinds_and_reasons(name: str, cells: list[object], kind: str, reason: str) -> None:
    decided = column_kind(cell_column(name, cells))
    assert (decided.kind, decided.reason) == (kind, reason)


def test_a_kind_can_be_asked_for() -> None:
    table = read_table({"zip": [10115, 20095, 10115], "name": ["a", "b", "c"], "y": [1, 0, 1]})
    kinds = column_kinds(table, "y", {"zip": "category", "name": "left out"})
    assert [(each.name, each.kind) for each in kinds] == [("zip", "category"), ("name", "left out")]
    assert column_kind(cell_column("n", list(range(40))), "number").kind == "number"
    assert column_kind(cell_column("n", WORDS), "category").kind == "category"


def test_a_kind_that_cannot_be() -> None:
    table = read_table({"city": ["", "Rome"], "y": [1, 0]})
    with pytest.raises(ColumnError, match=r"holds text such as 'Rome' \(row 2\)"):
        column_kinds(table, "y", {"city": "number"})
    with pytest.raises(ColumnError, match="no column 'town'"):
        column_kinds(table, "y", {"town": "category"})
    with pytest.raises(InputError, match=r"Got 'numbers'. Did you mean 'number'\?"):
        column_kinds(table, "y", {"city": "numbers"})


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ([0, 1, 1], "yes/no"),
        (["a", "b", "a"], "yes/no"),
        ([1.5, 2.5, 1.5], "yes/no"),
        (["a", "b", "c"], "classes"),
        ([1, 2, 3] * 5, "classes"),
        (list(range(10)) * 5, "classes"),
        (list(range(11)) * 5, "number"),
        ([1, 2, 3] * 4, "number"),
        ([1.5, 2, 3] * 5, "number"),
        (np.linspace(0, 1, 7).tolist(), "number"),
    ],
)
def test_what_a_target_asks(cells: list[object], kind: str) -> None:
    assert target_kind(cell_column("y", cells)).kind == kind


def test_a_target_kind_can_be_asked_for() -> None:
    grades = cell_column("y", [1, 2, 3] * 5)
    assert target_kind(grades, "number").kind == "number"
    assert target_kind(cell_column("y", [1, 2, 3]), "classes").kind == "classes"
    assert target_kind(cell_column("y", [0, 1, 1]), "number").kind == "number"


def test_targets_that_cannot_be_learned() -> None:
    with pytest.raises(
        ColumnError, match=r"same value in 'y' \('no'\), so there is nothing to learn"
    ):
        target_kind(cell_column("y", ["no"] * 5))
    with pytest.raises(ColumnError, match="40 different values in 40 rows"):
        target_kind(cell_column("y", WORDS))
    with pytest.raises(InputError, match="wanted as a number, and it holds text such as 'a'"):
        target_kind(cell_column("y", ["a", "b"]), "number")
    with pytest.raises(InputError, match="wanted as yes/no, and it has 3 different values"):
        target_kind(cell_column("y", [1, 2, 3]), "yes/no")
    with pytest.raises(InputError, match=r"Got 'class'. Did you mean 'classes'\?"):
        target_kind(cell_column("y", [1, 2, 3]), "class")
