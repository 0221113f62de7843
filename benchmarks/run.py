"""Measure, and write RESULTS.md and the chart: `make bench`, or `python -m benchmarks.run`.

`--only steps,growth` measures these parts and keeps what is known of the others; `--smoke` goes
through everything in short, to see that it works, and writes to build/benchmarks instead.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks import commands, growth, machine, many, mnist, record, recording, steps
from benchmarks.results import render
from benchmarks.timing import BRIEF, SMOKE, THOROUGH, Pace

ROOT = Path(__file__).parents[1]
PARTS: dict[str, tuple[Callable[[Pace], Iterator[dict[str, Any]]], Pace]] = {
    "steps": (steps.measure, THOROUGH),
    "many": (many.measure, BRIEF),
    "mnist": (mnist.measure, THOROUGH),
    "growth": (growth.measure, BRIEF),
    "recording": (recording.measure, BRIEF),
    "commands": (commands.measure, THOROUGH),
}


def arguments(words: list[str]) -> argparse.Namespace:
    """What was typed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("--only", help=f"parts, with commas between: {', '.join(PARTS)}")
    parser.add_argument("--smoke", action="store_true", help="in short, into build/benchmarks")
    chosen = parser.parse_args(words)
    chosen.parts = chosen.only.split(",") if chosen.only else list(PARTS)
    unknown = [each for each in chosen.parts if each not in PARTS]
    if unknown:
        parser.error(f"no part is called {unknown[0]!r}; there are {', '.join(PARTS)}")
    return chosen


def write_page(folder: Path, page: Path) -> None:
    """The page from all that is known by now."""
    known = {part: found for part in PARTS if (found := record.read(folder, part))}
    page.write_text(render(known), encoding="utf-8")


def write_chart(folder: Path, picture: Path) -> None:
    """The chart, if it can be drawn."""
    found = record.read(folder, "growth")
    if found is None or not found[1]:
        return
    try:
        from benchmarks import chart  # noqa: PLC0415 the figures matter even where nothing draws
    except ImportError as error:
        print(f"The chart was not drawn: {error}")
        return
    chart.save(found[1], picture)


def main() -> None:
    """Measure the chosen parts; what is measured is on disk after every network."""
    chosen = arguments(sys.argv[1:])
    place = ROOT / "build" / "benchmarks" if chosen.smoke else ROOT / "benchmarks"
    pictures = place if chosen.smoke else ROOT / "docs" / "pictures"
    folder, page = place / "measured", place / "RESULTS.md"
    for part in chosen.parts:
        measure, pace = PARTS[part]
        where = machine.describe()
        try:
            for known in measure(SMOKE if chosen.smoke else pace):
                record.write(folder, part, where, known)
                write_page(folder, page)
        except Exception as error:  # noqa: BLE001 the other parts are still worth having
            print(f"Part {part} ended early: {type(error).__name__}: {error}", file=sys.stderr)
    write_chart(folder, pictures / "step-time.svg")


if __name__ == "__main__":
    main()
