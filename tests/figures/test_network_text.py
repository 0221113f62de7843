"""The network in text, for any number of inputs, layers and outputs."""

import re

from hypothesis import given
from hypothesis import strategies as st

from pellucid.figures.network_text import draw_network, fold, group_inputs, owner_of
from pellucid.report.report import Layer

COUNT = re.compile(r"(?<!\w)[0-9][0-9,]*(?= |$)(?! more)")
NAMES = st.text("abcdefghij_", min_size=1, max_size=40).filter(str.strip)


@given(
    st.lists(NAMES, min_size=1, max_size=30, unique=True),
    st.lists(st.integers(1, 100_000), max_size=6),
    st.integers(1, 300),
    NAMES,
    st.integers(3, 12),
)
def test_it_fits_any_screen_and_counts_what_is_learned(columns, widths, outputs, target, most):
    hidden = [Layer(f"hidden{i + 1}", w, "ReLU", 7 * w) for i, w in enumerate(widths)]
    layers = [*hidden, Layer("output", outputs, "softmax", 11)]
    lines = draw_network(group_inputs(columns, columns), layers, target, most=most)
    assert max(map(len, lines)) <= 80
    assert len(lines) <= max(most, 3)
    text = "\n".join(lines)
    assert "softmax" in text
    assert f"{7 * sum(widths) + 11:,} learned" in text
    below = next(line for line in lines if line.endswith(" learned"))
    counts = [int(each.replace(",", "")) for each in COUNT.findall(below)]
    assert counts[-2] == 11
    assert sum(counts[:-1]) == counts[-1]


def test_many_inputs_are_folded_and_counted():
    labels = fold([f"x{i}" for i in range(20)], 5)
    assert labels == ["x0", "x1", "x2", "… 16 more", "x19"]


def test_inputs_are_grouped_under_the_column_that_made_them():
    columns = ["a", "a=b", "c"]
    assert owner_of("a=b=x", columns) == "a=b"
    assert owner_of("a=c", columns) == "a"
    assert owner_of("c missing", columns) == "c"
    assert group_inputs(["age", "city"], ["age", "age missing", "city=Oslo"]) == [
        "age (2 inputs)",
        "city",
    ]


def test_one_input_without_a_hidden_layer():
    lines = draw_network(["x"], [Layer("output", 1, "none", 2)], "y")
    assert lines == ["         output", "  x ───  sum → y", "         2 numbers   2 learned"]
