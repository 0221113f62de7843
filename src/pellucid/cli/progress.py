"""The live view of a training on a terminal: a bar with speed and time left, the loss beneath.

It appears only when a training lasts long enough to be waited for, and vanishes when it is over.
"""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING

from pellucid.figures.report_text import write_losses
from pellucid.report.judge import SHOWN_STEPS

if TYPE_CHECKING:
    from rich.console import Console
    from rich.live import Live
    from rich.progress import Progress, TaskID

    from pellucid.train.loop import Progress as Told

PATIENCE = 0.4  # seconds before anything is drawn
PAUSE = 0.1  # seconds between two drawings


class LiveLoss:
    """Draws how far a training is.

    Args:
        console: where to draw; the terminal if left out.
        title: what is trained, in a line above the bar; no such line if left out.
    """

    def __init__(self, console: Console | None = None, title: str = "") -> None:
        self._title = title
        self._console = console
        self._view: tuple[Live, Progress, TaskID] | None = None
        self._drawn = PATIENCE - PAUSE

    def __enter__(self) -> LiveLoss:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._view is not None:
            self._view[0].stop()

    def update(self, told: Told) -> None:
        """Draw how far the training is, if it is time."""
        if told.elapsed < self._drawn + PAUSE:
            return
        self._drawn = told.elapsed
        from rich.console import Group
        from rich.text import Text

        live, bar, task = self._view = self._view or self._open(told.steps)
        bar.update(task, completed=told.step, speed=f"{told.step / told.elapsed:,.0f} a second")
        shown = [*(each for each in SHOWN_STEPS if each < told.step), told.step]
        points = [(each, float(told.losses[each - 1])) for each in shown if each]
        lines = [Text(f"  {self._title}")] if self._title else []
        live.update(Group(*lines, bar, Text("\n".join(write_losses(points)))), refresh=True)

    def _open(self, steps: int) -> tuple[Live, Progress, TaskID]:
        """Begin to draw."""
        from rich.console import Console
        from rich.live import Live
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        bar = Progress(
            TextColumn("  {task.completed:,} of {task.total:,} steps"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[speed]}"),
            TimeRemainingColumn(compact=True),
        )
        task = bar.add_task("", total=steps, speed="")
        console = self._console or Console(highlight=False)
        live = Live(bar, console=console, transient=True, auto_refresh=False)
        live.start()
        return live, bar, task
