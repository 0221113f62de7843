"""`pellucid runs`: the runs that are here, the latest first."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from pellucid.errors import ModelFileError
from pellucid.explain.digits import write_number, write_percent
from pellucid.figures.text import WIDTH, cut, printable
from pellucid.runs.finding import list_runs
from pellucid.runs.run import Run

HEADER = ("run", "table", "score", "steps", "when", "size")


def runs(*, json: Annotated[bool, Parameter(negative="", show_default=False)] = False) -> None:
    """List the runs that are here, the latest first.

    Parameters
    ----------
    json
        Print one JSON object and nothing else.
    """
    found = [_describe(folder) for folder in list_runs()]
    if json:
        from pellucid.cli.printing import print_json

        print_json({"runs": found})
    elif not found:
        print("There are no runs here yet. `pellucid train students` makes one.")
    else:
        print("\n".join(_lines(found)))


def _describe(folder: Path) -> dict[str, Any]:
    """A run as plain data; of a damaged one its name and what is wrong."""
    told: dict[str, Any] = {"run": folder.name, "bytes": _size(folder)}
    try:
        run = Run(folder)
        recipe, outcome = run.recipe, run.outcome
    except ModelFileError as error:
        return {**told, "error": str(error)}
    parent = recipe.parent
    return {
        **told,
        "table": recipe.table.name,
        "target": recipe.target,
        "score": dict(outcome.scores[-1]) if outcome.scores else None,
        "steps": outcome.steps,
        "created": recipe.created,
        "ending": outcome.ending,
        "parent": None if parent is None else f"{parent.run} @{parent.step + 1}",
        "fingerprint": outcome.fingerprint,
    }


def _size(folder: Path) -> int:
    sizes = []
    for each in folder.rglob("*"):
        try:
            sizes.append(each.stat().st_size)
        except FileNotFoundError:  # states of a run that is being written come and go
            continue
    return sum(sizes)


def _lines(found: list[dict[str, Any]]) -> list[str]:
    rows = [HEADER, *(_cells(each) for each in found if "error" not in each)]
    wide = _widths(rows)
    right = {3, 5}  # numbers stand below one another
    lines = [
        "  ".join(
            cell.rjust(width) if place in right else cut(cell, width).ljust(width)
            for place, (cell, width) in enumerate(zip(row, wide, strict=True))
        ).rstrip()
        for row in rows
    ]
    broken = [f"{each['run']}: {each['error']}" for each in found if "error" in each]
    return [cut(printable(each), WIDTH) for each in lines] + [printable(each) for each in broken]


def _widths(rows: list[tuple[str, ...]]) -> list[int]:
    """Of the columns; a table's name is cut first, then a run's, until a line fits the screen."""
    wide = [max(len(row[place]) for row in rows) for place in range(len(HEADER))]
    for place, least in ((1, 8), (0, 16)):
        excess = sum(wide) + 2 * (len(HEADER) - 1) - WIDTH
        wide[place] = max(wide[place] - max(excess, 0), min(wide[place], least))
    return wide


def _cells(told: dict[str, Any]) -> tuple[str, ...]:
    when = dt.datetime.fromisoformat(told["created"]).astimezone().strftime("%Y-%m-%d %H:%M")
    size = f"{told['bytes'] / 1e6:.1f} MB"
    return told["run"], told["table"], _score(told), f"{told['steps']:,}", when, size


def _score(told: dict[str, Any]) -> str:
    score = told["score"]
    if score is None:
        return "unfinished" if told["ending"] == "unfinished" else "none"
    if score["measure"] == "right":
        return f"{write_percent(score['value'])} right"
    return f"off by {write_number(score['value'], 3)}"
