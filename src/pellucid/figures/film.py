"""Films: a row of pictures with a time for each, written as a GIF by Pillow.

What is shown is decided in `step_film` and `run_film`; nothing here knows of networks.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.errors import InputError
from pellucid.figures.canvas import pixels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS = 255
DPI = 80
Picture = np.ndarray[Any, np.dtype[np.uint8]]


def write_film(frames: Iterable[tuple[Figure, float]], path: Path) -> int:
    """Write figures one after the other, for ever from the start again.

    Args:
        frames: each figure with the seconds for which it stays.
        path: of the GIF.

    Returns:
        How many pictures the film has.

    Raises:
        InputError: Pillow is missing.
    """
    try:
        from PIL import Image  # noqa: PLC0415 (only films need it)
    except ImportError as error:
        raise InputError(
            "Films are written by Pillow, which is missing or damaged."
            " Install it with `pip install Pillow`."
        ) from error
    pictures, times = [], []
    for figure, seconds in frames:
        pictures.append(Image.fromarray(pixels(figure, DPI)))
        times.append(round(1000 * seconds))
    # One palette for all pictures, or colours would flicker.
    chosen = pictures[:: max(len(pictures) // 8, 1)]
    together = Image.fromarray(np.concatenate([np.asarray(each)[::2, ::2] for each in chosen]))
    palette = together.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE)
    reduced = [each.quantize(palette=palette, dither=Image.Dither.NONE) for each in pictures]
    reduced[0].save(
        path,
        save_all=True,
        append_images=reduced[1:],
        duration=times,
        loop=0,
        optimize=False,
        disposal=1,
    )
    return len(pictures)
