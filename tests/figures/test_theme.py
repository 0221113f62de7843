"""Colours can be read, and told apart, by everybody."""

import dataclasses

import pytest

from pellucid.errors import InputError
from pellucid.figures.theme import THEMES, Theme, find_theme


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda each: each.name)
def test_words_and_shapes_stand_out(theme: Theme) -> None:
    for name in ("text", "quiet", "positive", "negative", "gradient", "loss", "accent"):
        assert contrast(getattr(theme, name), theme.ground) >= 4.5, name
    assert contrast(theme.neutral, theme.ground) >= 3.0
    for colour in theme.classes:
        assert contrast(colour, theme.ground) >= 3.0


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda each: each.name)
def test_positive_and_negative_stay_apart_for_every_eye(theme: Theme) -> None:
    # Severe colour blindness, Machado, Oliveira & Fernandes (2009), table of severity 1.0.
    matrices = {
        "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
        "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
        "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
    }  # fmt: skip
    for matrix in matrices.values():
        seen = [
            [sum(w * int(c[at : at + 2], 16) for w, at in zip(row, (1, 3, 5), strict=True)) for row in matrix]
            for c in (theme.positive, theme.negative)
        ]  # fmt: skip
        distance = sum((a - b) ** 2 for a, b in zip(*seen, strict=True)) ** 0.5
        assert distance > 80


def test_an_unknown_theme_is_refused() -> None:
    with pytest.raises(InputError, match=r"'light', 'dark' or 'print'.*'drak'.*'dark'"):
        find_theme("drak")


def test_every_colour_is_written_in_full() -> None:
    for theme in THEMES.values():
        for name, value in dataclasses.asdict(theme).items():
            for colour in value if isinstance(value, tuple) else (value,):
                assert name == "name" or len(colour) == 7
