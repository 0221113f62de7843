"""`pellucid examples`: the bundled tables, listed or written here as CSV files."""

from __future__ import annotations

from pathlib import Path

from pellucid.data.bundled.examples import bundled, bundled_names, bundled_table
from pellucid.data.reading import read_table
from pellucid.data.writing import write_csv
from pellucid.errors import InputError
from pellucid.figures.text import wrap


def examples(name: str | None = None, /) -> None:
    """List the bundled tables, or write one here as a CSV file.

    Parameters
    ----------
    name
        The table to write; left out: all tables are listed.
    """
    if name is None:
        print("\n".join(_list()))
        return
    example = bundled(name)
    path = Path(f"{name}.csv")
    table = bundled_table(name)
    if path.exists():
        _check_same(path, table.fingerprint())
        print(f"{path} is here already, and just the same.")
    else:
        write_csv(table, path)
        print(f"{path}: {len(table):,} rows. Next: pellucid train {path} --target {example.target}")


def _check_same(path: Path, fingerprint: str) -> None:
    """See that a file that exists holds the same cells.

    Raises:
        InputError: it does not, or cannot be read.
    """
    try:
        same = read_table(path).fingerprint() == fingerprint
    except InputError:
        same = False
    if not same:
        raise InputError(
            f"{path} already exists and is another table; it stays as it is."
            " Rename it, or go to another folder."
        )


def _list() -> list[str]:
    lines = []
    for name in bundled_names():
        example = bundled(name)
        first, *rest = wrap(example.description, 80 - 15)
        lines += [f"  {name:<13}{first}", *(f"{'':<15}{each}" for each in rest)]
    return [
        "Bundled tables:",
        *lines,
        "",
        "pellucid train NAME      learns from one at once",
        "pellucid examples NAME   writes NAME.csv here, to look at and to change",
    ]
