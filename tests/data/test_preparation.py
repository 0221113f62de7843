"""Preparation: like scikit-learn's, from training rows only, each row by itself."""

import math

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from pellucid.data.preparation import Preparation
from pellucid.data.reading import read_table
from pellucid.data.table import Table
from pellucid.errors import ColumnError

CELLS = {
    "age": [30, None, 50, 40],
    "size": [1.5, 2.5, 3.5, 10.0],
    "city": ["Rome", "Paris", None, "Rome"],
    "id": [4, 9, 2, 7],
    "y": [0, 1, 0, 1],
}
TRAINING = np.array([0, 1, 2])

finite = st.floats(-6e4, 6e4, width=16)
rows_of_cells = st.lists(
    st.tuples(finite, st.one_of(st.none(), finite), st.sampled_from(["a", "b", "c", None])),
    min_size=4,
    max_size=25,
)
Cells = list[tuple[float, float | None, str | None]]


def table_of(rows: Cells) -> Table:
    return read_table(
        {
            "n": [row[0] for row in rows],
            "m": [row[1] for row in rows],
            "t": [row[2] for row in rows],
            "y": [index % 2 for index in range(len(rows))],
        }
    )


def prepare(table: Table, rows: object = TRAINING, **kinds: str) -> Preparation:
    return Preparation.fit(table, np.asarray(rows), "y", kinds)


def prepare_all(table: Table, rows: object) -> Preparation | None:
    """The preparation with all kinds fixed, so that tables of a few rows keep their columns."""
    try:
        return prepare(table, rows, n="number", t="category")
    except ColumnError:
        return None


def test_names_and_values() -> None:
    table = read_table(CELLS)
    preparation = prepare(table)
    assert preparation.input_names == [
        "age", "age missing", "size", "city=Paris", "city=Rome", "city missing",
    ]  # fmt: skip
    assert [(column.name, column.reason) for column in preparation.left_out] == [
        ("id", "it only numbers the rows")
    ]
    root = math.sqrt(2 / 3)
    np.testing.assert_allclose(
        preparation.inputs(table, np.float64),
        [
            [-1, 0, -1 / root, 0, 1, 0],
            [0, 1, 0, 1, 0, 0],
            [1, 0, 1 / root, 0, 0, 1],
            [0, 0, 7.5 / root, 0, 1, 0],
        ],
        rtol=1e-15,
        atol=1e-15,
    )


@given(rows_of_cells)
def test_agrees_with_scikit_learn(rows: Cells) -> None:
    table = table_of(rows)
    preparation = prepare_all(table, range(len(rows)))
    if preparation is None:
        return
    inputs = preparation.inputs(table, np.float64)
    names = preparation.input_names
    numbers = np.array([[row[0]] for row in rows])
    if numbers.std() > 1e-3:
        theirs = StandardScaler().fit_transform(numbers)[:, 0]
        np.testing.assert_allclose(inputs[:, names.index("n")], theirs, rtol=1e-6, atol=1e-6)
    texts = np.array([[row[2] or "~"] for row in rows], dtype=object)
    if "t=a" in names or "t=b" in names or "t=c" in names:
        ours = inputs[:, [place for place, name in enumerate(names) if name[:2] in ("t=", "t ")]]
        np.testing.assert_array_equal(ours, OneHotEncoder(sparse_output=False).fit_transform(texts))


@given(rows_of_cells, st.data())
def test_only_training_rows_have_a_say(rows: Cells, data: st.DataObject) -> None:
    training = data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=2, unique=True))
    others: Cells = [
        row if index in training else (row[0] + 1e3, None, "never seen")
        for index, row in enumerate(rows)
    ]
    assert prepare_all(table_of(rows), training) == prepare_all(table_of(others), training)


@given(rows_of_cells, st.randoms())
def test_the_order_of_training_rows_changes_nothing(rows: Cells, random: object) -> None:
    order = list(range(len(rows)))
    random.shuffle(order)
    table = table_of(rows)
    kinds = {"n": "number", "t": "category"}
    try:
        one = prepare(table, range(len(rows)), **kinds)
    except ColumnError:
        return
    other = prepare(table, order, **kinds)
    one_numbers = [column for column in one.columns if column.name != "m"]
    other_numbers = [column for column in other.columns if column.name != "m"]
    assert [msgspec.structs.replace(column, reason="") for column in one_numbers] == [
        msgspec.structs.replace(column, reason="") for column in other_numbers
    ]


@given(rows_of_cells, st.sampled_from([np.float32, np.float64]), st.data())
def test_a_row_alone_has_the_same_bits(rows: Cells, dtype: type, data: st.DataObject) -> None:
    table = table_of(rows)
    preparation = prepare_all(table, range(0, len(rows), 2))
    if preparation is None:
        return
    together = preparation.inputs(table, dtype)
    assert together.flags.c_contiguous
    order = data.draw(st.permutations(range(len(rows))))
    np.testing.assert_array_equal(preparation.inputs(table.take(order), dtype), together[order])
    for row in range(len(rows)):
        alone = preparation.inputs(table.take([row]), dtype)
        assert alone.tobytes() == together[row].tobytes()


@given(rows_of_cells)
def test_it_is_plain_data(rows: Cells) -> None:
    preparation = prepare_all(table_of(rows), range(len(rows)))
    if preparation is not None:
        packed = msgspec.json.encode(preparation)
        assert msgspec.json.decode(packed, type=Preparation) == preparation


@given(rows_of_cells)
def test_every_input_is_explained(rows: Cells) -> None:
    table = table_of(rows)
    preparation = prepare_all(table, range(len(rows)))
    if preparation is None:
        return
    inputs = preparation.inputs(table, np.float64)
    for place, name in enumerate(preparation.input_names):
        for row in range(len(rows)):
            explained = preparation.explain_cell(table, row, name)
            assert explained.value == inputs[row, place]
            assert explained.input == name
            assert explained.column == preparation.column_of(name).name


def test_a_cell_in_words() -> None:
    table = Table(read_table(CELLS).data, "x", {"size": "m²"})
    preparation = prepare(table)
    size = preparation.explain_cell(table, 3, "size")
    assert size.cell == "10 m²"
    assert size.formula == "(size − mean) / std"
    assert size.numbers == "(10 − 2.5000) / 0.8165 = 9.186"
    assert dict(size.parts) == {"cell": 10.0, "mean": 2.5, "std": math.sqrt(2 / 3)}
    assert (
        size.sentence == "10 m² is 9.186 standard deviations above the mean of the training rows."
    )
    age = preparation.explain_cell(table, 1, "age")
    assert (age.cell, age.value, age.numbers) == ("missing", 0.0, "0")
    assert preparation.explain_cell(table, 1, "age missing").sentence == (
        "age is missing, so age missing is 1."
    )
    assert preparation.explain_cell(table, 0, "city=Paris").numbers == "0"
    with pytest.raises(ColumnError, match=r"no input 'city=Pari'. Did you mean 'city=Paris'\?"):
        preparation.explain_cell(table, 0, "city=Pari")


@pytest.mark.parametrize(
    ("mean", "std", "cell", "numbers"),
    [
        (9.982, 5.773, 10.0, "(10 − 9.982) / 5.773 = 0.003"),
        (-3.0, 1.0, -5.5, "(-5.5 + 3.000) / 1.000 = −2.500"),
        (250_000.0, 80_000.0, 312_000.0, "(312000 − 250000) / 80000 = 0.775"),
        (1e-6, 1e-6, 3e-6, "(3e-06 − 0.000001000) / 0.000001000 = 2.000"),
    ],
)
def test_the_formula_with_numbers_adds_up(
    mean: float, std: float, cell: float, numbers: str
) -> None:
    column = prepare(read_table({"n": [1, 2, 4], "y": [0, 1, 0]})).columns[0]
    changed = msgspec.structs.replace(column, mean=mean, std=std)
    preparation = Preparation(columns=(changed,), target="y")
    told = preparation.explain_cell(read_table({"n": [cell]}), 0, "n")
    assert told.numbers == numbers
    left, right = numbers.replace("−", "-").split(" = ")
    assert eval(left) == pytest.approx(float(right), abs=2e-3)  # noqa: S307 our own formula


def test_thousands_of_levels_share_an_input() -> None:
    levels = [f"place {number % 1000}" for number in range(3000)] + ["common"] * 50
    table = read_table({"place": levels, "y": [0, 1] * 1525})
    preparation = prepare(table, range(3050))
    assert len(preparation.input_names) == 100
    assert preparation.input_names[-1] == "place=(other)"
    inputs = preparation.inputs(table)
    np.testing.assert_array_equal(inputs.sum(axis=1), 1)
    assert inputs[:, preparation.input_names.index("place=common")].sum() == 50
    unknown = read_table({"place": ["nowhere"]})
    assert preparation.inputs(unknown)[0, -1] == 1
    assert "it counts as place=(other)" in preparation.warnings(unknown)[0]


def test_what_training_rows_never_had_is_told() -> None:
    preparation = prepare(read_table({"n": [1, 2, 3], "t": ["a", "b", "a"], "y": [0, 1, 0]}))
    table = read_table({"t": ["b", "z", None, "z"], "n": [1, None, 2, 3]})
    inputs = preparation.inputs(table)
    np.testing.assert_array_equal(inputs[:, 1:], [[0, 1], [0, 0], [0, 0], [0, 0]])
    assert inputs[1, 0] == 0
    assert [preparation.explain_cell(table, row, "t=b").value for row in range(4)] == [1, 0, 0, 0]
    assert preparation.warnings(table) == [
        "n is missing in 1 row, which no training row was; it counts as the mean, 2.",
        "t holds a level that no training row had in 2 rows (first 'z' in row 2); "
        "it counts as none of its levels.",
        "t is missing in 1 row, which no training row was; it counts as none of its levels.",
    ]
    assert preparation.warnings(read_table({"t": ["a"], "n": [3]})) == []
    assert preparation.warnings(read_table({"t": ["a"], "n": [-9]})) == [
        "n −9 lies outside what the network learnt from: 1 to 3."
    ]


def told(preparation: Preparation, cells: dict[str, list[object]]) -> str:
    with pytest.raises(ColumnError) as caught:
        preparation.inputs(read_table(cells))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_tables_that_do_not_fit() -> None:
    preparation = prepare(read_table({"n": [1, 2, 3], "t": ["a", "b", "a"], "y": [0, 1, 0]}))
    assert (
        "lacks the column 'n'. Did you mean 'nn'? 2 columns are needed: n, t. Got: nn, t."
        in told(preparation, {"nn": [1], "t": ["a"]})
    )
    assert "lacks the columns 'n', 't'" in told(preparation, {"other": [1]})
    assert "Row 2 of column 'n' holds 'abc', and a number was wanted" in told(
        preparation, {"n": [1, "abc"], "t": ["a", "b"]}
    )
    assert "Row 21 of column 'n' holds 'abc'" in told(
        preparation, {"n": [*range(20), "abc"], "t": ["a"] * 21}
    )
    assert "Row 2 of column 'n' holds an infinite number (-inf)" in told(
        preparation, {"n": [1, -math.inf], "t": ["a", "b"]}
    )
    assert "Row 2 of column 'n' holds 1e+40, too far from the training rows (1 to 3)" in told(
        preparation, {"n": [1, 1e40], "t": ["a", "b"]}
    )
    extra = read_table({"x": [1], "t": ["a"], "y": [0], "n": [1]})
    assert preparation.inputs(extra).shape == (1, 3)


def test_words_that_training_rows_had_are_missing_again() -> None:
    numbers = [*range(20), "off"]
    preparation = prepare(read_table({"n": numbers, "y": [0, 1, 0] * 7}), range(21))
    assert preparation.input_names == ["n", "n missing"]
    np.testing.assert_array_equal(preparation.inputs(read_table({"n": ["off"]})), [[0, 1]])


def test_numbers_where_categories_were() -> None:
    preparation = prepare(read_table({"t": ["1", "2", "x"], "y": [0, 1, 0]}))
    np.testing.assert_array_equal(
        preparation.inputs(read_table({"t": [2, 1]})), [[0, 1, 0], [1, 0, 0]]
    )


def test_training_rows_that_cannot_be_learned_from() -> None:
    infinite = read_table({"n": [1, 2, 3, math.inf, 5], "y": [0, 1, 0, 1, 0]})
    with pytest.raises(ColumnError, match="Row 4 of column 'n' holds an infinite number"):
        prepare(infinite, [1, 2, 3])
    assert prepare(infinite, [0, 1, 2]).input_names == ["n"]
    with pytest.raises(ColumnError, match=r"no column to learn 'y' from \(n: as asked\)"):
        prepare(infinite, [1, 2, 3], n="left out")
    with pytest.raises(ColumnError, match=r"\(no column\)"):
        prepare(read_table({"y": [0, 1, 0]}))


@pytest.mark.parametrize("seed", range(4))
def test_text_among_numbers_counts_as_missing_wherever_its_row_is_dealt(seed: int) -> None:
    table = read_table({"a": [*range(30), "oops"], "y": ["no", "yes", "no"] * 10 + ["no"]})
    rows = np.random.default_rng(seed).permutation(31)[:24]
    inputs = Preparation.fit(table, np.sort(rows), "y").inputs(table)
    assert inputs[30, 0] == 0


def test_too_few_rows_are_said_to_be_too_few() -> None:
    table = read_table({"a": [3, 3, 4], "b": [1, 2, 1]})
    with pytest.raises(ColumnError, match=r"too few rows: 3 with 'b', of which 1 to learn from.*4"):
        Preparation.fit(table, np.array([1]), "b")
