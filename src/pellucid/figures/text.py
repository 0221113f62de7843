"""Lines of text that stay within a width: cutting, folding, breaking at a separator.

What stands in the lines is decided by the file that draws them.
"""

from __future__ import annotations

from collections.abc import Sequence

WIDTH = 80


def cut(text: str, width: int) -> str:
    """Shorten a text to `width` characters, with "…" where something is missing.

    Example:
        >>> cut("attendance", 6), cut("age", 6)
        ('atten…', 'age')
    """
    return text if len(text) <= width else f"{text[: max(width - 1, 0)].rstrip()}…"


def break_line(
    label: str, parts: Sequence[str], joint: str = " · ", width: int = WIDTH
) -> list[str]:
    """Join parts behind a label; what does not fit goes on beneath, in the same column.

    Args:
        label: what stands before the first part, its column's padding included.
        parts: pieces that are never broken (one too long for a line is cut).
        joint: what stands between two parts of one line.
        width: of the screen.

    Example:
        >>> break_line("split  ", ["1,000 to learn from", "125 never seen"], width=40)
        ['split  1,000 to learn from', '       125 never seen']
    """
    lines, line = [], label
    is_empty = True
    for part in parts:
        longer = f"{line}{'' if is_empty else joint}{part}"
        if len(longer) > width and not is_empty:
            lines.append(line)
            longer = " " * len(label) + part
        line, is_empty = cut(longer, width), False
    return [*lines, line]


def wrap(text: str, width: int = WIDTH, indent: str = "") -> list[str]:
    """Break a sentence between words.

    Example:
        >>> wrap("one two three", 9, "  ")
        ['  one two', '  three']
    """
    lines, line = [], indent
    for word in text.split():
        longer = f"{line} {word}" if line.strip() else f"{line}{word}"
        if len(longer) > width and line.strip():
            lines.append(line)
            longer = indent + word
        line = longer
    return [*lines, line]


def list_some(names: Sequence[str], width: int) -> str:
    """Name as many as fit, then how many more there are.

    Example:
        >>> list_some(["Name", "Ticket", "Cabin"], 20)
        'Name, Ticket, Cabin'
        >>> list_some(["Name", "Ticket", "Cabin"], 14)
        'Name … 2 more'
    """
    for count in range(len(names), 0, -1):
        more = len(names) - count
        text = ", ".join(names[:count]) + (f" … {more:,} more" if more else "")
        if len(text) <= width:
            return text
    return cut(names[0] if names else "", width)
