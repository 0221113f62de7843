"""Computations drawn as graphs: whole SVG, every number in a box of its own, no line through a box."""

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pellucid
from pellucid.errors import InputError
from pellucid.figures.computation_svg import HIGH, WIDE, box_of, draw_computation, place_boxes


class Page(HTMLParser):
    """Counts elements and keeps the texts of a page; every element must be closed."""

    def __init__(self, page):
        super().__init__()
        self.open, self.found, self.texts = [], [], []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag, _attributes):
        self.open.append(tag)
        self.found.append(tag)

    def handle_startendtag(self, tag, _attributes):
        self.found.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] == ["text"]:
            self.texts.append(data)


def opened():
    a, b, c = (pellucid.tensor(each, requires_grad=True) for each in (2.0, -3.0, 1.5))
    inner = a * b + c
    return pellucid.open_tensor((inner * 2).tanh() + a**2, a=a, b=b, c=c, inner=inner)


def test_every_number_stands_in_a_box_with_its_gradient():
    computation = opened()
    page = Page(draw_computation(computation))
    texts = page.texts
    for step in computation.steps:
        assert any(text.split(" = ")[0] == step.name for text in texts)
    assert page.found.count("g") == len(computation.steps)
    assert sum(text.startswith("gradient ") for text in texts) == len(computation.steps)
    readings = sum(part.share is not None for each in computation.steps for part in each.parts)
    assert page.found.count("path") == 2 * readings  # a line and its point


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=14))
def test_boxes_and_passing_lines_never_overlap(pairs):
    """Random graphs: each new number is the product of two that were there before."""
    made = [pellucid.tensor(0.9, requires_grad=True), pellucid.tensor(1.1, requires_grad=True)]
    for one, other in pairs:
        made.append(made[one % len(made)] * made[other % len(made)])
    steps = pellucid.open_tensor(sum(made[2:], made[0])).steps
    boxes = place_boxes(steps)
    places = [(box.column, box.row) for box in boxes.values()]
    assert len(set(places)) == len(places)
    for step in steps:
        for part in step.parts:
            start, end = box_of(part.name, boxes), box_of(step.name, boxes)
            assert start.x + WIDE < end.x
            assert all((part.name, at) in boxes for at in range(start.column, end.column))
    rows = {box.row: box.y for box in boxes.values()}
    assert all(rows[row + 1] >= y + HIGH for row, y in rows.items() if row + 1 in rows)


def test_names_are_text_and_nothing_else():
    x = pellucid.tensor(2.0, requires_grad=True)
    name = '</text><script>alert("x")</script>'
    page = pellucid.open_tensor(x * x, **{name: x})._repr_html_()
    assert "<script" not in page
    assert "script" not in Page(page).found


def test_saving(tmp_path):
    computation = opened()
    path = computation.save(tmp_path / "graph.svg", theme="dark")
    assert "#14181d" in path.read_text("utf-8")
    with pytest.raises(InputError, match=r"ends in \.svg\. Got 'graph\.png'"):
        computation.save(tmp_path / "graph.png")
    with pytest.raises(InputError, match="Cannot write to"):
        computation.save(tmp_path / "nowhere" / "graph.svg")
