"""Figures on one HTML page that needs nothing beside it: it can be sent by mail and opened anywhere."""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pellucid.figures.canvas import as_svg
from pellucid.figures.theme import find_theme

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STYLE = """
:root {{ color-scheme: {scheme}; }}
body {{ margin: 2rem auto; max-width: 72rem; padding: 0 1rem; background: {ground}; color: {text};
  font: 1rem/1.5 system-ui, sans-serif; }}
h1 {{ font-size: 1.6rem; }} h2 {{ font-size: 1.15rem; margin: 2.5rem 0 0.2rem; }}
p {{ margin: 0.2rem 0 0.8rem; color: {quiet}; }} img {{ max-width: 100%; height: auto; }}
"""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A figure on a page.

    Attributes:
        title: over it.
        sentence: what it shows; also told to who cannot see it.
        figure: the picture.
    """

    title: str
    sentence: str
    figure: Figure


def write_page(path: Path, title: str, chapters: Sequence[Chapter], theme: str) -> None:
    """Write a page with a figure in every chapter.

    Args:
        path: of the HTML file.
        title: of the page.
        chapters: in their order.
        theme: "light", "dark" or "print".
    """
    _write(path, title, "\n".join(_chapter(each, theme) for each in chapters), theme)


def write_card(path: Path, title: str, card: str, theme: str) -> None:
    """Write a page with one number on it.

    Args:
        path: of the HTML file.
        title: of the page.
        card: the number as HTML.
        theme: "light", "dark" or "print".
    """
    _write(path, title, card, theme)


def _write(path: Path, title: str, inside: str, theme: str) -> None:
    colours = find_theme(theme)
    style = STYLE.format(
        scheme="dark" if theme == "dark" else "light",
        ground=colours.ground,
        text=colours.text,
        quiet=colours.quiet,
    )
    name = html.escape(title)
    head = f'<meta charset="utf-8"><title>{name}</title><style>{style}</style>'
    view = '<meta name="viewport" content="width=device-width">'
    body = f"<h1>{name}</h1>\n{inside}"
    page = (
        f'<!doctype html>\n<html lang="en"><head>{head}{view}</head>\n<body>{body}</body></html>\n'
    )
    path.write_text(page, encoding="utf-8")


def _chapter(chapter: Chapter, theme: str) -> str:
    picture = base64.b64encode(as_svg(chapter.figure, theme)).decode()
    title, sentence = html.escape(chapter.title), html.escape(chapter.sentence)
    source = f"data:image/svg+xml;base64,{picture}"
    shown = f'<img src="{source}" alt="{html.escape(chapter.title + ": " + chapter.sentence)}">'
    return f"<h2>{title}</h2><p>{sentence}</p>{shown}"
