"""Where the circles of a drawn network stand."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from pellucid.explain.layers import Layer
from pellucid.figures.network_layout import lay_out


def layers(widths: list[int]) -> list[Layer]:
    made = []
    for place, (inputs, width) in enumerate(itertools.pairwise(widths)):
        name = "output" if place == len(widths) - 2 else f"hidden{place + 1}"
        made.append(Layer(name, "0", "x", "z", "a", "relu", inputs, width, has_bias=True))
    return made


@given(st.lists(st.integers(1, 300), min_size=2, max_size=6), st.integers(3, 12))
def test_circles_never_touch_and_stay_on_the_picture(widths: list[int], most: int) -> None:
    columns = lay_out(layers(widths), most)
    assert [each.width for each in columns] == widths
    slots = max(len(each.shown) + (each.gap is not None) for each in columns)
    for column in columns:
        places = sorted([*column.heights, *([] if column.gap is None else [column.gap])])
        assert all(0.0 <= each <= 1.0 for each in places)
        steps = [b - a for a, b in itertools.pairwise(places)]
        assert all(each >= min(1 / slots, 0.24) - 1e-9 for each in steps)
        assert len(column.shown) + column.hidden == column.width
        assert (column.gap is None) == (column.hidden == 0)
        assert column.shown[-1] == column.width - 1
    assert [each.x for each in columns] == sorted(each.x for each in columns)
    assert (columns[0].x, columns[-1].x) == (0.0, 1.0)
