"""Documents say what is true: their examples run, their maps match the tree, links lead somewhere."""

import ast
import contextlib
import doctest
import io
import re
from pathlib import Path

import pytest

import pellucid

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
MAP_LINE = re.compile(r"^(?P<indent> *)(?P<name>[\w.]+/?)(?:  +\S.*)$")


def page_name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.M)


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_python_examples_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    space: dict[str, object] = {}
    for block in blocks(page, "python"):
        if block.lstrip().startswith(">>>"):
            test = doctest.DocTestParser().get_doctest(block, space, page.name, None, 0)
            runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
            output = io.StringIO()
            assert runner.run(test, out=output.write, clear_globs=False).failed == 0, (
                output.getvalue()
            )
        else:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(block, page.name, "exec"), space)  # noqa: S102 the page's own code


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8"))
    local = [each for each in targets if "://" not in each]
    missing = [each for each in local if not (page.parent / each).exists()]
    assert not missing, f"{page_name(page)} links to {missing}"


def mapped_paths() -> set[str]:
    """Every path in the annotated tree of docs/architecture.md, folders with a slash."""
    tree = blocks(ROOT / "docs" / "architecture.md", "text")[-1]
    folders: list[str] = []
    paths: set[str] = set()
    for line in tree.splitlines():
        found = MAP_LINE.match(line)
        assert found, f"not a line of the map: {line!r}"
        depth = len(found["indent"]) // 2
        folders = folders[:depth]
        paths.add("".join(folders) + found["name"])
        if found["name"].endswith("/"):
            folders.append(found["name"])
    return {path for path in paths if not path.endswith("/")}


def real_paths() -> set[str]:
    sources = [
        *(ROOT / "src/pellucid").rglob("*.py"),
        *(ROOT / "native").rglob("*"),
        *(ROOT / "web").glob("*.py"),
        *(ROOT / "web/src").rglob("*"),
    ]
    kept = [
        path
        for path in sources
        if path.is_file()
        and path.suffix in {".py", ".h", ".cpp", ".inc", ".svelte", ".ts", ".css"}
        and not path.name.endswith(".test.ts")
        and (path.name != "__init__.py" or path.parent.name == "pellucid")
    ]
    return {path.relative_to(ROOT).as_posix() for path in kept}


def test_the_map_names_every_file_and_no_other() -> None:
    mapped, real = mapped_paths(), real_paths()
    assert mapped == real, f"not on the map: {real - mapped}; not in the tree: {mapped - real}"


def public_definitions() -> list[tuple[str, ast.AST]]:
    return [
        (f"{page_name(path)}::{node.name}", node)
        for path in sorted((ROOT / "src/pellucid").rglob("*.py"))
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
    ]


def test_everything_public_is_documented() -> None:
    silent = [
        where
        for where, node in public_definitions()
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not ast.get_docstring(node)
    ]
    assert not silent


def test_what_people_import_shows_an_example() -> None:
    without = [
        name
        for name in pellucid.__all__
        if callable(getattr(pellucid, name))
        and ">>>" not in (getattr(pellucid, name).__doc__ or "")
    ]
    assert not without
