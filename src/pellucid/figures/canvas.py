"""Where figures are painted: matplotlib, with a theme, without hidden state and without dates.

This is the one file that opens matplotlib; what is drawn is decided by the files of the figures.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.errors import InputError
from pellucid.figures.theme import Theme, blend, find_theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.figure import Figure

DPI = 150
# Files say nothing about when they were made: equal figures, equal bytes.
METADATA: dict[str, dict[str, Any]] = {
    ".svg": {"Date": None, "Creator": "pellucid"},
    ".pdf": {"CreationDate": None, "ModDate": None, "Creator": "pellucid", "Producer": None},
    ".png": {"Software": "pellucid"},
}


def _matplotlib() -> Any:
    try:
        import matplotlib as mpl  # noqa: PLC0415 (heavy, and only figures need it)
        import matplotlib.figure  # noqa: PLC0415
    except ImportError as error:
        raise InputError(
            "Pictures are drawn by matplotlib, which is missing or damaged."
            " Install it with `pip install matplotlib`."
        ) from error
    return mpl


@contextmanager
def themed(theme: str) -> Iterator[Theme]:
    """Let everything that is drawn inside have the theme's colours.

    Args:
        theme: "light", "dark" or "print".

    Raises:
        InputError: there is no such theme, or matplotlib is missing.
    """
    colours = find_theme(theme)
    with _matplotlib().rc_context(_settings(colours)), warnings.catch_warnings():
        # A name may be written in a script that the font lacks: a box is drawn, nothing fails.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        yield colours


def _settings(colours: Theme) -> dict[str, Any]:
    """What matplotlib calls the colours and sizes of a theme."""
    quiet = ("axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color")
    ground = ("figure.facecolor", "axes.facecolor", "savefig.facecolor")
    return {
        **dict.fromkeys(quiet, colours.quiet),
        **dict.fromkeys(ground, colours.ground),
        "text.color": colours.text,
        "text.parse_math": False,  # a column may be called "price in $"
        "font.family": ["DejaVu Sans"],  # comes with matplotlib: the same picture everywhere
        "font.size": 10.0,
        "axes.titlesize": 11.0,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.titlecolor": colours.text,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "axes.unicode_minus": True,
        "grid.color": colours.grid,
        "grid.linewidth": 0.8,
        "legend.frameon": False,
        "svg.fonttype": "path",
        "svg.hashsalt": "pellucid",
        "pdf.fonttype": 42,
    }


def new_figure(width: float, height: float, *, is_fixed: bool = False) -> Figure:
    """An empty figure that belongs to nobody's window.

    Args:
        width: in inches.
        height: in inches.
        is_fixed: whether axes are placed by the caller; otherwise they make room for each other.
    """
    _matplotlib()
    from matplotlib.figure import Figure  # noqa: PLC0415

    return Figure(figsize=(width, height), dpi=DPI, layout=None if is_fixed else "constrained")


@contextmanager
def painting(
    axes: Axes | None,
    theme: str,
    size: tuple[float, float] = (8.0, 4.5),
    *,
    is_bare: bool = False,
) -> Iterator[tuple[Axes, Theme]]:
    """Open axes for painting: the given ones, or those of a new figure.

    Args:
        axes: where to draw; None makes a figure.
        theme: "light", "dark" or "print".
        size: of a new figure, in inches.
        is_bare: axes without numbers and words around them fill a new figure.
    """
    with themed(theme) as colours:
        if axes is None and is_bare:
            axes = new_figure(*size, is_fixed=True).add_axes((0.01, 0.01, 0.98, 0.98))
        elif axes is None:
            axes = new_figure(*size).add_subplot()
        yield axes, colours


def figure_of(axes: Axes) -> Figure:
    """The figure that axes lie on.

    Raises:
        InputError: they lie on none any more.
    """
    figure = axes.get_figure(root=True)
    if figure is None:
        raise InputError("The axes were removed from their figure. Give other ones, or none.")
    return figure


def size_in_points(axes: Axes) -> tuple[float, float]:
    """Width and height of axes in points, 72 an inch, as they are before room is made."""
    place = axes.get_position()
    width, height = figure_of(axes).get_size_inches()
    return 72.0 * float(width * place.width), 72.0 * float(height * place.height)


def diverging(colours: Theme, depth: float = 0.75) -> LinearSegmentedColormap:
    """Colours from the negative one over the ground to the positive one.

    Args:
        colours: of the theme.
        depth: how much of the full colour the ends have, from 0 to 1.
    """
    _matplotlib()
    from matplotlib.colors import LinearSegmentedColormap  # noqa: PLC0415

    ends = [blend(colours.ground, each, depth) for each in (colours.negative, colours.positive)]
    return LinearSegmentedColormap.from_list("pellucid", [ends[0], colours.ground, ends[1]])


def growing(colours: Theme, depth: float = 1.0) -> LinearSegmentedColormap:
    """Colours from the ground to the positive one, of whose full colour the end has `depth`."""
    _matplotlib()
    from matplotlib.colors import LinearSegmentedColormap  # noqa: PLC0415

    end = blend(colours.ground, colours.positive, depth)
    return LinearSegmentedColormap.from_list("pellucid", [colours.ground, end])


def short_numbers() -> Any:
    """Numbers along an axis, with thousands separators and a true minus."""
    _matplotlib()
    from matplotlib.ticker import FuncFormatter  # noqa: PLC0415

    return FuncFormatter(lambda value, _: f"{value:,.10g}".replace("-", "−"))


def log_scale(axes: Axes) -> None:
    """Let equal heights be equal factors; numbers stand at 1, 2 and 5 of every power of ten."""
    from matplotlib.ticker import LogLocator, NullFormatter  # noqa: PLC0415

    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=12))
    axes.yaxis.set_major_formatter(short_numbers())
    axes.yaxis.set_minor_formatter(NullFormatter())


def write_figure(figure: Figure, path: Path, theme: str) -> None:
    """Write a figure as SVG, PDF or PNG, with the same bytes every time."""
    with themed(theme):
        figure.savefig(path, metadata=METADATA[path.suffix.lower()], dpi=DPI)


def as_svg(figure: Figure, theme: str) -> bytes:
    """The picture as the bytes of an SVG file."""
    with themed(theme), io.BytesIO() as file:
        figure.savefig(file, format="svg", metadata=METADATA[".svg"])
        return file.getvalue()


def pixels(figure: Figure, dpi: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """The picture as numbers: shape (height, width, 3)."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415

    figure.set_dpi(dpi)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call]
    return np.asarray(canvas.buffer_rgba())[:, :, :3].copy()  # type: ignore[no-untyped-call]
