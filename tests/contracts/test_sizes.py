"""Files and functions keep to a size that a person can hold in mind."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILE_LINES = 400
FUNCTION_LINES = 40

# path -> why it may be longer
LONG_FILES: dict[str, str] = {
    "web/src/messages.ts": "written from the Python records, which are three files",
}
# path::function -> why it may be longer
LONG_FUNCTIONS: dict[str, str] = {}

PYTHON = sorted(path for folder in ("src", "benchmarks") for path in (ROOT / folder).rglob("*.py"))
SOURCES = [
    *PYTHON,
    *sorted(path for path in (ROOT / "web/src").rglob("*") if path.is_file()),
    *sorted(path for path in (ROOT / "native").rglob("*") if path.suffix in {".h", ".cpp", ".inc"}),
]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the end, without the docstring."""
    first = function.body[0]
    has_doc = ast.get_docstring(function) is not None
    doc = (first.end_lineno or 0) - first.lineno + 1 if has_doc else 0
    return (function.end_lineno or 0) - function.lineno + 1 - doc


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_a_file_is_one_subject(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= FILE_LINES or name(path) in LONG_FILES, f"{name(path)} has {lines} lines"


@pytest.mark.parametrize("path", PYTHON, ids=name)
def test_a_function_fits_on_a_screen(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = (
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    long = {
        each.name: code_lines(each)
        for each in functions
        if code_lines(each) > FUNCTION_LINES and f"{name(path)}::{each.name}" not in LONG_FUNCTIONS
    }
    assert not long, f"over {FUNCTION_LINES} lines in {name(path)}: {long}"


def test_the_exceptions_still_exist() -> None:
    assert all((ROOT / each.split("::")[0]).exists() for each in (*LONG_FILES, *LONG_FUNCTIONS))
