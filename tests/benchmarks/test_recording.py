"""The part that measures what a record costs: it works in short, and its goals are judged."""

from benchmarks import results
from benchmarks.recording import SHORT, TRAININGS, Training, compare, measure
from benchmarks.timing import SMOKE


def test_it_works_in_short() -> None:
    (known,) = measure(SMOKE)
    found = known[TRAININGS[0].name]
    assert found["steps"] == SHORT
    assert all(found[name] > 0 for name in ("with", "without", "opening", "neighbour"))
    assert 1_000 < found["bytes"] < 1_000_000
    assert "| 2-8-8-1, 400 steps |" in "\n".join(results.recording(known))


def test_a_training_has_the_steps_that_are_told() -> None:
    for each in TRAININGS:
        assert each.epochs * each.rows == each.steps * each.batch_size
    assert compare(Training((2, 3, 1), 10, 100, 40), 1).keys() >= {"bytes", "with", "without"}


def test_goals_are_judged() -> None:
    figures = {
        "steps": 1_000_000, "without": 1.0, "with": 1.04, "bytes": 8_200_000,
        "opening": 0.3, "neighbour": 0.002,
    }  # fmt: skip
    good = "\n".join(results.recording({"2-8-8-1": figures}))
    assert "+4.0 % ✓" in good
    assert "8.2 MB ✓" in good
    assert "2 ms ✓" in good
    bad = {**figures, "with": 1.06, "bytes": 21_000_000, "neighbour": 0.06}
    text = "\n".join(results.recording({"2-8-8-1": bad}))
    assert all(each in text for each in ("+6.0 % ✗", "21.0 MB ✗", "60 ms ✗"))
