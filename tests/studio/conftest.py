"""A studio in a folder of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.studio.pages import Studio

from pellucid.studio.shelf import Shelf


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to be in, with a page beside it."""
    monkeypatch.chdir(tmp_path)
    built = tmp_path / "page"
    built.mkdir()
    (built / "index.html").write_text("<title>the page</title>", encoding="utf-8")
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    return tmp_path


@pytest.fixture
def opened(place: Path) -> Iterator[Callable[..., Studio]]:
    """Open a studio, with a run or a table."""
    studios: list[Studio] = []

    def open_studio(first: str = "", target: str = "") -> Studio:
        studios.append(Studio(Shelf(first, target), place / "page"))
        return studios[-1]

    yield open_studio
    for each in studios:
        each.close()


@pytest.fixture
def studio(opened: Callable[..., Studio]) -> Studio:
    """A studio with the students."""
    return opened()
