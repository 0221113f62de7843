"""How the benchmarks write and judge figures: a goal that is missed never looks met."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import numbers
from benchmarks.contest import Result
from benchmarks.goals import GOALS, Goal, is_met, mark
from benchmarks.step_tables import Row, goal_cell, times_cell
from benchmarks.task import TASKS, Task


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.854, "0.85"), (9.876, "9.88"), (61.13, "61.1"), (1880.4, "1,880"), (15066.0, "15,066")],
)
def test_microseconds_have_the_digits_that_can_be_trusted(value: float, words: str) -> None:
    assert numbers.micros(value) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.999, "0.99×"), (1.0, "1.0×"), (2.499, "2.4×"), (29.99, "29×"), (1156.4, "1,156×")],
)
def test_ratios_are_cut(value: float, words: str) -> None:
    assert numbers.ratio(value) == words


@given(st.floats(0.01, 5000), st.sampled_from([1, 1.3, 2.5, 3, 6, 7, 25, 30, 70, 300, 1000]))
def test_a_printed_ratio_reaches_a_goal_only_if_the_ratio_does(value: float, goal: float) -> None:
    printed = float(numbers.ratio(value).rstrip("×").replace(",", ""))
    assert (printed >= goal) == (value >= goal - 1e-8)


@pytest.mark.parametrize(
    ("value", "words"), [(0.0449, "4.4 %"), (0.7499, "74 %"), (0.75, "75 %"), (0.61, "61 %")]
)
def test_shares_are_cut(value: float, words: str) -> None:
    assert numbers.share(value) == words


def test_seconds_and_memory() -> None:
    assert [numbers.seconds(each) for each in (0.384, 5.21, 162.4)] == ["0.38 s", "5.2 s", "162 s"]
    assert [numbers.megabytes(each) for each in (None, 5_287_936, 423_469_056)] == [
        "–", "5.3 MB", "423 MB",
    ]  # fmt: skip


def test_a_table_is_markdown() -> None:
    assert numbers.table(["a", "b"], [["x", "1"]]) == ["| a | b |", "| --- | ---: |", "| x | 1 |"]


def test_goals_are_judged_from_the_figures() -> None:
    assert [is_met(*each) for each in ((30, 30), (29.99, 30), (None, 30), (30, None))] == [
        True, False, None, None,
    ]  # fmt: skip
    assert [mark(each) for each in (True, False, None)] == [" ✓", " ✗", ""]
    assert goal_cell(1156.0, 1000) == "≥ 1,000× ✓"
    assert goal_cell(0.99, 1) == "ahead ✗"
    assert goal_cell(None, 1.3) == "≥ 1.3×"
    assert times_cell(0.5) == "**0.50×, slower**"


def test_every_network_has_its_goal() -> None:
    assert set(GOALS) == set(TASKS)
    by_name = {task.name: goal for task, goal in GOALS.items()}
    assert by_name["4-5-1, batch 100"] == Goal(300, 30)
    assert by_name["784-512-512-10, batch 128"] == Goal(3, 1.3, peak=0.75)
    assert by_name["784-30-10, batch 10, half of its hidden units dead"] == Goal()


def test_batches_are_full() -> None:
    assert all(task.rows % task.batch_size == 0 for task in TASKS)


def test_products_are_counted_by_hand() -> None:
    # forward 2·4 + 4·2 + 2·1, gradients as many, deltas all but the first; for each of 10 rows
    assert Task((2, 4, 2, 1), batch_size=10, rows=10).products == 10 * (18 + 18 + 10)


def test_a_row_judges_its_goals_and_names_who_is_faster() -> None:
    task = TASKS[6]
    results = {
        "pellucid": Result(micros=2000.0),
        "PyTorch eager": Result(micros=7000.0),
        "JAX": Result(micros=1500.0),
        "scikit-learn": Result(reason="not installed"),
    }
    row = Row(task, results, all_cores=400.0)
    assert row.gflops == pytest.approx(2e-3 * task.products / 2000)
    assert row.judged() == [
        (True, f"{task.name}, against PyTorch eager: 3.5×, the goal is ≥ 3×"),
        (False, f"{task.name}, against JAX: 0.75×, the goal is ≥ 1.3×"),
        (False, f"{task.name}, against the peak: 51 %, the goal is ≥ 75 %"),
    ]
    assert row.wins() == [f"{task.name}: JAX needs 1,500 µs, pellucid 2,000 µs"]


def test_names_in_the_chart_are_pushed_apart_and_keep_their_order() -> None:
    pytest.importorskip("matplotlib", reason="only the benchmarks need it")
    from benchmarks.chart import apart  # noqa: PLC0415

    placed = apart({"c": 2.0, "a": 0.0, "b": 0.1}, gap=0.5)
    assert placed == {"a": 0.0, "b": 0.5, "c": 2.0}
    assert list(apart({"a": 0.0, "b": 0.0, "c": 0.0}, gap=1.0).values()) == [0.0, 1.0, 2.0]


def test_the_chart_is_the_same_file_for_the_same_figures(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="only the benchmarks need it")
    from benchmarks.chart import save  # noqa: PLC0415

    points = {"8": {"pellucid": 2.0, "JAX": 30.0}, "16": {"pellucid": 3.0, "PyTorch eager": 600.0}}
    for name in ("one.svg", "two.svg"):
        save({"width": points}, tmp_path / name)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()
    drawn = (tmp_path / "one.svg").read_text("utf-8")
    assert all(name in drawn for name in ("pellucid", "PyTorch eager", "Width"))
    assert "JAX" not in drawn, "a name stands at the end of a line, and this one has no end"
