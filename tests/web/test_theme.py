"""The page's colours are those of every other picture."""

import re
from pathlib import Path

import pytest

from pellucid.figures.theme import THEMES

STYLE = (Path(__file__).parents[2] / "web/src/theme.css").read_text("utf-8")
BLOCKS = re.findall(r"color-scheme: (\w+);([^}]*)", STYLE)


@pytest.mark.parametrize(
    ("name", "block"), BLOCKS, ids=["light", "dark by system", "dark by choice"]
)
def test_colours_are_those_of_the_theme(name: str, block: str) -> None:
    colours = dict(re.findall(r"--(\w+): (#\w{6})", block))
    assert len(colours) == 10
    assert colours == {each: getattr(THEMES[name], each) for each in colours}
