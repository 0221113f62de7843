"""Where one page looks, and how that changes: playing, stepping by a grain, another row.

Sending and receiving is the `connection`'s work; what is to be seen is made in `pictures`.
"""

from __future__ import annotations

import threading
import time
from dataclasses import replace

from pellucid.errors import InputError
from pellucid.studio.answers import Scene
from pellucid.studio.open_run import OpenRun
from pellucid.studio.pictures import Cursor, Picture
from pellucid.studio.scenes import first_row, list_from, make_scene
from pellucid.studio.wishes import Go, Look, Step

STAGES = 5
LAG = 0.25  # seconds that the training may lie behind the time that it is given


class View:
    """What a page looks at.

    Args:
        run: that it looks at.
        look: where.

    Attributes:
        cursor: the moment and the row.
        speed: steps a second; 0 as fast as the engine goes; None if time stands still.
        lock: to be held while it changes.
    """

    def __init__(self, run: OpenRun, look: Look) -> None:
        self.run, self.lock = run, threading.RLock()
        self.listed = list_from(run, 1)
        self.speed: float | None = None
        self._picture: Picture | None = None
        self._anchor = (0.0, 0.0)  # the step at which time went on, and when that was
        step = self._clip(self._opening() if look.step == 0 else look.step)
        self.cursor = Cursor(step, first_row(run), self._stage(look.stage))
        if look.cells:
            self.type_row(look.cells)
        elif look.row:
            self.choose(look.row)
        run.want(step - 1)
        if look.speed is not None:
            self.play(look.speed)

    @property
    def last(self) -> int:
        """The step that stands for the moment after the last one."""
        return self.run.steps + 1

    @property
    def is_playing(self) -> bool:
        """Whether time goes on."""
        return self.speed is not None

    def scene(self) -> Scene:
        """The run as a page needs it."""
        return make_scene(self.run, self.listed)

    def play(self, speed: float) -> None:
        """Let time go on from here; at the end it begins anew."""
        if not speed >= 0:
            raise InputError(f"speed counts steps a second from 0. Got {speed:g}.")
        if self.cursor.step >= self.last:
            self.cursor = replace(self.cursor, step=self.run.first)
        self.cursor = replace(self.cursor, stage=0)
        self.speed = speed
        self._anchor = (float(self.cursor.step), time.monotonic())

    def pause(self) -> None:
        """Let time stand still, where it has come."""
        self.advance()
        self.speed = None

    def advance(self) -> None:
        """Go on as far as time has come and the training has followed."""
        with self.lock:
            if self.speed is not None:
                self._advance(self.speed)

    def _advance(self, speed: float) -> None:
        start, since = self._anchor
        now = time.monotonic()
        aim = self.last if speed == 0 else int(start + (now - since) * speed)
        aim = min(aim, self.last)
        self.run.want(aim - 1)
        there = min(aim, self.run.done + 1)
        if aim - there > max(1.0, LAG * speed) and speed:  # no leap after what took long
            self._anchor = (float(there), now)
        self.cursor = replace(self.cursor, step=max(there, self.cursor.step))
        is_stuck = self.run.is_over and self.cursor.step > self.run.done
        if self.cursor.step >= self.last or is_stuck:
            self.speed = None

    def go(self, wish: Go) -> None:
        """Go to a step and stand still there."""
        self.pause()
        step = self._clip(wish.step)
        self.cursor = replace(self.cursor, step=step, stage=self._stage(wish.stage))
        self.run.want(step - 1)

    def restart(self) -> None:
        """Go back to before the first step."""
        self.go(Go(step=self.run.first))

    def step(self, wish: Step) -> None:
        """Go a little forwards or backwards."""
        self.pause()
        cursor = self.cursor
        if wish.grain == "batch":
            self.go(Go(step=cursor.step + wish.by))
        elif wish.grain == "epoch":
            epoch, inside = divmod(cursor.step - 1, self.run.per_epoch)
            epoch += wish.by if wish.by > 0 or not inside else wish.by + 1
            self.go(Go(step=epoch * self.run.per_epoch + 1))
        elif wish.grain == "operation":
            whole = (cursor.step * STAGES + cursor.stage) + wish.by
            step, stage = divmod(whole, STAGES)
            inside = self.run.first <= step <= self.run.steps
            self.go(Go(step=step, stage=stage if inside else 0))
        else:
            self._step_example(wish.by)

    def choose(self, row: int) -> None:
        """Show another row of the table."""
        count = len(self.run.subject.table)
        if not 1 <= row <= count:
            raise InputError(f"There is no row {row:,}: the rows are 1 to {count:,}.")
        self.cursor = replace(self.cursor, row=row, typed=None)

    def type_row(self, cells: dict[str, str]) -> None:
        """Show a row of one's own.

        Raises:
            ColumnError: a cell is none that its column can have.
        """
        self.run.table_with(cells)
        row = len(self.run.subject.table) + 1
        self.cursor = replace(self.cursor, row=row, typed=tuple(cells.items()))

    def list_rows(self, first: int) -> None:
        """List other rows."""
        self.listed = list_from(self.run, first)
        self._picture = None

    def frame(self, number: int) -> bytes:
        """The moment as it is to be seen."""
        cursor, is_playing = self.cursor, self.is_playing
        with self.run.lock:
            key = (cursor.row, cursor.typed)
            if self._picture is None or self._picture.key != key:
                self._picture = Picture(self.run, cursor, self.listed)
            return self._picture.frame(cursor, number, is_playing=is_playing)

    def _step_example(self, by: int) -> None:
        """The next row of the batch; behind the last one the next batch."""
        cursor, run = self.cursor, self.run
        if cursor.step > run.steps:
            if by < 0:
                self.go(Go(step=run.steps))
            return
        with run.lock:
            rows = run.moment(cursor.step).rows.tolist()
        place = rows.index(cursor.row) if cursor.row in rows else (-1 if by > 0 else len(rows))
        place += by
        if 0 <= place < len(rows):
            self.choose(rows[place])
            return
        step = self._clip(cursor.step + (1 if by > 0 else -1))
        self.go(Go(step=step))
        if step != cursor.step and step <= run.steps:
            with run.lock:
                rows = run.moment(step).rows.tolist()
            self.choose(rows[0 if by > 0 else -1])

    def _opening(self) -> int | None:
        """Where a run opens: one that is over at its end, another one where it stands."""
        return None if self.run.done >= self.run.steps else self.run.done + 1

    def _clip(self, step: int | None) -> int:
        return self.last if step is None else max(self.run.first, min(step, self.last))

    @staticmethod
    def _stage(stage: int) -> int:
        return max(0, min(stage, STAGES - 1))
