"""How figures are written on the page. Ratios are cut, never rounded up to a goal."""

from __future__ import annotations

import math

NOTHING = "–"


def micros(value: float) -> str:
    """Microseconds, with the digits that can be trusted: 0.85, 9.88, 61.1, 1,880."""
    if value < 10:
        return f"{value:.2f}"
    return f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def ratio(value: float) -> str:
    """How many times: 0.91×, 5.4×, 1,156×."""
    if value < 1:
        return f"{math.floor(value * 100 + 1e-9) / 100:.2f}×"
    if value < 10:
        return f"{math.floor(value * 10 + 1e-9) / 10:.1f}×"
    return f"{math.floor(value + 1e-9):,}×"


def least(value: float | None) -> str:
    """A goal for a ratio: ≥ 1,000×; 1 is said as "ahead"."""
    if value is None:
        return NOTHING
    return "ahead" if value == 1 else f"≥ {value:,g}×"


def share(value: float) -> str:
    """A share in per cent: 4 %, 61 %; cut, too."""
    cut = math.floor(value * 1000 + 1e-9) / 10
    return f"{cut:.1f} %" if cut < 10 else f"{math.floor(cut)} %"


def megabytes(count: int | None) -> str:
    """Bytes as MB of 10^6 bytes."""
    if count is None:
        return NOTHING
    value = count / 1e6
    return f"{value:.1f} MB" if value < 10 else f"{value:,.0f} MB"


def seconds(value: float) -> str:
    """Seconds: 0.38 s, 5.2 s, 162 s."""
    if value < 1:
        return f"{value:.2f} s"
    return f"{value:.1f} s" if value < 100 else f"{value:,.0f} s"


def table(head: list[str], rows: list[list[str]], left: int = 1) -> list[str]:
    """A table of Markdown; the first `left` columns hold words, the others figures."""
    ruler = ["---"] * left + ["---:"] * (len(head) - left)
    return ["| " + " | ".join(cells) + " |" for cells in (head, ruler, *rows)]
