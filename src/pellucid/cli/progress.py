"""The live view of a training on a terminal: a bar with speed and time left, the loss beneath."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from pellucid.figures.report_text import write_losses
from pellucid.report.judge import SHOWN_STEPS

if TYPE_CHECKING:
    from pellucid.train.loop import Progress as Told


class LiveLoss:
    """Draws how far the training is; vanishes when it is over.

    Args:
        console: where to draw; the terminal if left out.
    """

    def __init__(self, console: Console | None = None) -> None:
        self._bar = Progress(
            TextColumn("  {task.completed:,} of {task.total:,} steps"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[speed]}"),
            TimeRemainingColumn(compact=True),
        )
        self._task = self._bar.add_task("", total=1, speed="")
        self._live = Live(
            self._bar,
            console=console or Console(highlight=False),
            transient=True,
            auto_refresh=False,
        )

    def __enter__(self) -> LiveLoss:
        self._live.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.__exit__(kind, error, trace)

    def update(self, told: Told) -> None:
        """Draw how far the training is."""
        speed = f"{told.step / told.elapsed:,.0f} a second" if told.elapsed > 0 else ""
        self._bar.update(self._task, total=told.steps, completed=told.step, speed=speed)
        shown = [each for each in SHOWN_STEPS if each < told.step] + [told.step] * bool(told.step)
        points = [(each, float(told.losses[each - 1])) for each in shown]
        lines = Text("\n".join(write_losses(points)))
        self._live.update(Group(self._bar, lines), refresh=True)
