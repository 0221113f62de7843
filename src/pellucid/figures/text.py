"""Lines of text that stay within a width: cutting, folding, breaking at a separator.

What stands in the lines is decided by the file that draws them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from pellucid.explain.digits import MINUS

WIDTH = 80
HIDDEN = ("Cc", "Cs", "Zl", "Zp")  # control characters, halves of characters, line breaks
TURNING = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
HYPHEN_FOR_MINUS = re.compile(r"(?:^|(?<=[\s(])|(?<=\de))-(?=\.?\d)")


def printable(text: str) -> str:
    r"""Show what would steer a terminal, as Python spells it.

    Names, labels and cells come from tables; an escape sequence in them is text like any other.

    Example:
        >>> print(printable("red\x1b[31m\nblue"))
        red\x1b[31m\nblue
    """
    if text.isprintable():
        return text
    return "".join(repr(each)[1:-1] if _steers(each) else each for each in text)


def _steers(letter: str) -> bool:
    return unicodedata.category(letter) in HIDDEN or letter in TURNING


def true_minus(text: str) -> str:
    """Write the numbers of a sentence with a true minus; options to type stay as they are.

    Example:
        >>> true_minus("always -96.5, 2.5e-08, 4e+34: --lr 0.1")
        'always −96.5, 2.5e−8, 4e34: --lr 0.1'
    """
    return re.sub(r"(?<=\de)(?:\+|(−))0*(?=\d)", r"\1", HYPHEN_FOR_MINUS.sub(MINUS, text))


def fold_line(line: str, width: int = WIDTH, indent: int = 6) -> list[str]:
    """Break a line between words, so that no number in it is cut; only a longer word is.

    Example:
        >>> fold_line("  1.000 + 2.000 = 3.000", 16, 4)
        ['  1.000 + 2.000', '    = 3.000']
    """
    lines = []
    line = printable(line)
    while len(line) > width:
        place = line.rfind(" ", indent + 1, width + 1)
        while place > 0 and line[place - 1] in "=≈×÷+→" + MINUS:  # a sign begins the next line
            place = line.rfind(" ", indent + 1, place)
        if place < 0 or not line[:place].strip():
            break
        lines.append(line[:place].rstrip())
        line = " " * indent + line[place:].lstrip()
    return [*lines, cut(line, width)]


def cut(text: str, width: int) -> str:
    """Shorten a text to `width` characters, with "…" where something is missing.

    What would steer a terminal is shown; see `printable`.

    Example:
        >>> cut("attendance", 6), cut("age", 6)
        ('atten…', 'age')
    """
    text = printable(text)
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
    for word in printable(text).split():
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
    names = [printable(each) for each in names]
    for count in range(len(names), 0, -1):
        more = len(names) - count
        text = ", ".join(names[:count]) + (f" … {more:,} more" if more else "")
        if len(text) <= width:
            return text
    return cut(names[0] if names else "", width)
