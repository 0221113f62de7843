"""Pictures in files: the same bytes every time, whatever the run, and sentences where it cannot be."""

import sys
from pathlib import Path

import pytest

from pellucid.errors import AddressError, InputError
from pellucid.figures.run_view import RunView
from pellucid.figures.saving import save
from pellucid.runs.run import Run


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


BEGINNINGS = {"svg": b"<?xml", "pdf": b"%PDF-", "png": b"\x89PNG"}


@pytest.mark.parametrize("suffix", BEGINNINGS)
def test_the_same_picture_has_the_same_bytes(
    runs: dict[str, Run], tmp_path: Path, suffix: str
) -> None:
    first, second = (
        save(runs["circles"], ["row:2"], tmp_path / f"{name}.{suffix}").read_bytes()
        for name in "ab"
    )
    assert first == second
    assert first.startswith(BEGINNINGS[suffix])
    assert b"20" + b"26-" not in first  # no date


def test_other_files_are_refused(runs: dict[str, Run], tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"must end in svg, pdf, png, gif, xlsx, html\. Got 'a\.bmp'"
    ):
        save(runs["circles"], [], tmp_path / "a.bmp")
    with pytest.raises(InputError, match="cannot be written"):
        save(runs["circles"], [], tmp_path / "nowhere" / "a.png")
    with pytest.raises(AddressError, match="no row 9,999"):
        save(runs["circles"], ["row:9999"], tmp_path / "a.png")


def test_a_missing_matplotlib_is_named(
    runs: dict[str, Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(InputError, match="pip install matplotlib"):
        save(runs["circles"], [], tmp_path / "a.png")


def test_the_run_itself_is_not_touched(runs: dict[str, Run], tmp_path: Path) -> None:
    run = runs["students"]
    before = contents(run.folder)
    save(run, [], tmp_path / "a.svg", theme="dark")
    assert contents(run.folder) == before


def test_a_page_needs_nothing_beside_it(runs: dict[str, Run], tmp_path: Path) -> None:
    page = save(runs["circles"], [], tmp_path / "run.html").read_text("utf-8")
    assert page == save(runs["circles"], [], tmp_path / "again.html").read_text("utf-8")
    assert (
        page.count("<img ") == page.count("data:image/svg+xml;base64,") == page.count("alt=") == 6
    )
    assert "http" not in page.split("base64")[0]
    step = save(runs["circles"], ["@2"], tmp_path / "step.html").read_text("utf-8")
    assert "Step 2" in step


def test_a_number_has_a_page_of_its_own(runs: dict[str, Run], tmp_path: Path) -> None:
    for words, said in (
        (["hidden1.1.bias"], "that the network learnt"),
        (["@2", "hidden1.1.bias.grad"], "each row adds its share"),
    ):
        page = save(runs["circles"], words, tmp_path / "number.html").read_text("utf-8")
        assert f"<code>{' '.join(words)}</code>" in page
        assert said in page.replace("\n", " ")
        assert "<img" not in page


def test_a_number_that_is_a_sum_is_drawn(runs: dict[str, Run], tmp_path: Path) -> None:
    for words in (["row:2", "hidden1.1.z"], ["@2", "hidden1.1.weight.x.grad"]):
        assert save(runs["circles"], words, tmp_path / "a.svg").read_bytes().startswith(b"<?xml")
    with pytest.raises(AddressError, match="is no sum"):
        save(runs["circles"], ["hidden1.1.bias"], tmp_path / "b.svg")


def test_a_step_follows_the_row_that_is_named(runs: dict[str, Run], tmp_path: Path) -> None:
    run = runs["students"]
    row = int(run.data["rows.training"][RunView(run).moment(2).trace.rows[3]]) + 1
    plain, named = (
        save(run, words, tmp_path / f"{len(words)}.xlsx").read_bytes()
        for words in (["@2"], ["@2", f"row:{row}"])
    )
    assert plain != named
