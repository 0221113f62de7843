"""A whole run as a film: the network, its loss and what it says, from the first step to the last."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from pellucid.figures.run_view import RunView
from pellucid.figures.sheets import draw_run
from pellucid.train.replay import state_after

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FRAMES = 32
SECONDS = 0.15  # a picture
HELD = 2.5  # the first and the last one


def film_run(
    view: RunView, *, frames: int = FRAMES, theme: str = "light"
) -> Iterator[tuple[Figure, float]]:
    """The pictures of a run, each with the seconds for which it stays.

    Args:
        view: the run.
        frames: so many pictures at most.
        theme: "light", "dark" or "print".
    """
    steps = choose_steps(view.run.outcome.steps, frames)
    scale = _largest(view, steps[-1])  # one for all pictures, so that weights are seen to grow
    for step in steps:
        values = state_after(view.run, step).values()
        is_held = step in (steps[0], steps[-1])
        picture = draw_run(view, values, step=step, scale=scale, theme=theme)
        yield picture, HELD if is_held else SECONDS


def _largest(view: RunView, step: int) -> float:
    values = state_after(view.run, step).values()
    return max(float(np.abs(np.nan_to_num(values[each.weight])).max()) for each in view.layers)


def choose_steps(last: int, count: int) -> list[int]:
    """Moments of a run, the first and the last among them; early ones lie closer together.

    Most of what happens in a run happens early.

    Args:
        last: how many steps the run has.
        count: so many moments at most, 2 or more.

    Example:
        >>> choose_steps(500, 6)
        [0, 20, 80, 180, 320, 500]
        >>> choose_steps(2, 6)
        [0, 1, 2]
    """
    shares = np.linspace(0.0, 1.0, count) ** 2
    return sorted({round(float(last * each)) for each in shares})
