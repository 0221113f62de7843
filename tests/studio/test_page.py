"""The page is built by the installation, and where it cannot be, a sentence says what is missing."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from pellucid import _native
from pellucid.errors import InputError
from pellucid.studio.page import find_page

ROOT = Path(__file__).parents[2]


@pytest.fixture
def builder(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """`web/build_page.py` as a module."""
    spec = importlib.util.spec_from_file_location("build_page", ROOT / "web/build_page.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.delenv("PELLUCID_PAGE", raising=False)
    return module


def test_without_node_the_installation_succeeds_and_says_what_is_missing(
    builder: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builder.shutil, "which", lambda _: None)
    assert builder.main([str(tmp_path)]) == 0
    assert "Node.js" in (tmp_path / "page/missing.txt").read_text("utf-8")
    monkeypatch.setenv("PELLUCID_PAGE", "required")
    assert builder.main([str(tmp_path)]) == 1


def test_a_failing_program_is_told_by_its_first_line(
    builder: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "npm"
    program.write_text("#!/bin/sh\necho 'no registry here' >&2\nexit 3\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(builder, "find_node", lambda: ("node", [str(program)]))
    assert builder.main([str(tmp_path / "build")]) == 0
    said = (tmp_path / "build/page/missing.txt").read_text("utf-8")
    assert said == "npm could not fetch what the page is built with (no registry here)\n"


def test_a_page_is_built_again_when_a_source_changes(
    builder: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/main.ts").write_text("1", encoding="utf-8")
    monkeypatch.setattr(builder, "HERE", tmp_path)
    page = tmp_path / "dist"
    page.mkdir()
    assert not builder.is_new(page)
    (page / "sources.txt").write_text(builder.fingerprint(), encoding="utf-8")
    assert builder.is_new(page)
    (tmp_path / "src/main.ts").write_text("2", encoding="utf-8")
    assert not builder.is_new(page)


@pytest.mark.parametrize(
    ("told", "holds"), [("v18.19.0", False), ("v20.19.0", True), ("v24.1.0", True)]
)
def test_an_old_node_is_not_used(
    builder: ModuleType, tmp_path: Path, told: str, holds: bool
) -> None:
    node = tmp_path / "node"
    node.write_text(f"#!/bin/sh\necho {told}\n", encoding="utf-8")
    node.chmod(0o755)
    assert builder.is_recent(str(node)) is holds


def test_a_studio_without_a_page_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_native, "__file__", str(tmp_path / "_native.so"))
    with pytest.raises(InputError, match="lacks the studio's page: it was not built"):
        find_page()
    page = tmp_path / "studio/page"
    page.mkdir(parents=True)
    (page / "missing.txt").write_text("npm was not found\n", encoding="utf-8")
    with pytest.raises(InputError, match="page: npm was not found"):
        find_page()
    (page / "index.html").touch()
    assert find_page() == page
