"""A run at a glance: every column with its share, whatever else needs room."""

from hypothesis import given
from hypothesis import strategies as st

from pellucid.figures.overview_text import write_importances
from pellucid.report.report import Layer


@given(st.integers(1, 30), st.lists(st.integers(1, 500), max_size=5), st.integers(5, 40))
def test_every_column_shown_keeps_its_share(count, widths, length):
    columns = [f"{place:02}" + "x" * length for place in range(count)]
    hidden = [Layer(f"hidden{i + 1}", w, "ReLU", 7 * w) for i, w in enumerate(widths)]
    layers = [*hidden, Layer("output", 1, "none", 33)]
    lines = write_importances(columns, [1 / count] * count, layers, "median_house_value")
    assert max(map(len, lines)) <= 80
    rows = [line for line in lines if line.strip()[:2].isdigit() and "x" in line]
    assert len(rows) == (count if count <= 12 else 11)
    assert all(" %" in line for line in rows)


def test_a_crowded_network_gives_up_its_bars_and_not_its_percentages():
    layers = [Layer("hidden1", 48, "ReLU", 480), Layer("hidden2", 32, "ReLU", 1056)]
    layers.append(Layer("output", 1, "none", 33))
    columns = ["median_income", "house_age", "rooms"]
    text = "\n".join(write_importances(columns, [0.5, 0.3, 0.2], layers, "median_house_value"))
    assert all(each in text for each in ("50 %", "30 %", "20 %", "480", "1,056", "33   1,569"))
