"""The colours of pictures: light, dark and print. One meaning for every colour.

Blue raises, orange lowers; purple is a gradient. No sign is said by colour alone: what is negative
is also dashed, hatched or carries a minus. Matplotlib is not needed to know a colour.
"""

from __future__ import annotations

from dataclasses import dataclass

from pellucid.errors import InputError, did_you_mean


@dataclass(frozen=True, slots=True)
class Theme:
    """What every colour of a picture is.

    Text has a contrast of at least 4.5 to 1 to the ground, lines and dots of at least 3 to 1.

    Attributes:
        name: "light", "dark" or "print".
        ground: behind everything.
        text: words and numbers.
        quiet: words that explain, axes.
        grid: helping lines.
        positive: what is above 0, raises, or is the positive class.
        negative: what is below 0, lowers, or is the other class.
        neutral: what is 0.
        gradient: everything that flows backwards.
        loss: how wrong the network is.
        accent: what is pointed at: the chosen row, the best epoch.
        classes: for the third class and further ones.
    """

    name: str
    ground: str
    text: str
    quiet: str
    grid: str
    positive: str
    negative: str
    neutral: str
    gradient: str
    loss: str
    accent: str
    classes: tuple[str, ...]


# Orange and blue stay apart for every kind of colour blindness; on white the orange is darker and
# on black the blue lighter than usual, for their contrast to the ground.
THEMES = {
    "light": Theme(
        name="light",
        ground="#ffffff",
        text="#1d2733",
        quiet="#5b6775",
        grid="#e4e8ec",
        positive="#0072b2",
        negative="#b35806",
        neutral="#8a939c",
        gradient="#7b3294",
        loss="#00796b",
        accent="#1d2733",
        classes=("#0072b2", "#b35806", "#7b3294", "#00796b", "#8c6d1f"),
    ),
    "dark": Theme(
        name="dark",
        ground="#14181d",
        text="#eef1f4",
        quiet="#a3adb8",
        grid="#2b323a",
        positive="#5fb4ec",
        negative="#f5a04a",
        neutral="#7f8a95",
        gradient="#cf9be6",
        loss="#5cc9b4",
        accent="#ffffff",
        classes=("#5fb4ec", "#f5a04a", "#cf9be6", "#5cc9b4", "#d8c27a"),
    ),
    "print": Theme(
        name="print",
        ground="#ffffff",
        text="#000000",
        quiet="#404040",
        grid="#dddddd",
        positive="#000000",
        negative="#707070",
        neutral="#909090",
        gradient="#303030",
        loss="#000000",
        accent="#000000",
        classes=("#000000", "#707070", "#303030", "#909090", "#505050"),
    ),
}


def find_theme(name: str) -> Theme:
    """The theme of that name.

    Raises:
        InputError: there is none.

    Example:
        >>> find_theme("dark").ground
        '#14181d'
    """
    if name not in THEMES:
        known = "'light', 'dark' or 'print'"
        raise InputError(f"A theme is {known}. Got '{name}'.{did_you_mean(name, THEMES)}")
    return THEMES[name]


def blend(first: str, second: str, share: float) -> str:
    """The colour between two.

    Args:
        first: "#rrggbb".
        second: "#rrggbb".
        share: of the second, from 0 to 1.

    Example:
        >>> blend("#000000", "#ffffff", 0.5)
        '#808080'
    """
    mixed = (
        round((1 - share) * int(first[at : at + 2], 16) + share * int(second[at : at + 2], 16))
        for at in (1, 3, 5)
    )
    return "#" + "".join(f"{each:02x}" for each in mixed)
