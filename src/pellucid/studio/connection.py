"""One page: its wishes in, answers and frames out, until it is closed.

Only the newest moment is sent, and only after the page has drawn the one before. What is long is
done in threads, so that other pages need not wait.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Protocol

import msgspec

from pellucid.errors import InputError, PellucidError
from pellucid.explain.address import read_address
from pellucid.explain.explanation import Explanation
from pellucid.studio.answers import Answer, Checked, Explained, Failed, Told
from pellucid.studio.cards import make_card, make_proof, tell_stages
from pellucid.studio.scenes import make_rows
from pellucid.studio.shelf import Shelf
from pellucid.studio.view import View
from pellucid.studio.wishes import (
    Ack,
    Begin,
    Check,
    Choose,
    Explain,
    Go,
    Look,
    Page,
    Pause,
    Play,
    Restart,
    Step,
    Tell,
    TypeRow,
    Wish,
)

BETWEEN = 1 / 60  # seconds between two frames at least
AWAY = 0.1  # seconds between two looks at the time for a page that does not draw


class Socket(Protocol):
    """What a page is reached by."""

    async def send_text(self, data: str) -> None:
        """Send an answer."""

    async def send_bytes(self, data: bytes) -> None:
        """Send a frame."""


class Connection:
    """A page and what it looks at.

    Args:
        shelf: the open runs.
        socket: of the page.
    """

    def __init__(self, shelf: Shelf, socket: Socket) -> None:
        self._shelf, self._socket = shelf, socket
        self._view: View | None = None
        self._sent = self._drawn = 0
        self._changed, self._is_old = asyncio.Event(), False
        self._loop = asyncio.get_running_loop()
        self._forget: Callable[[], object] = lambda: None
        self._told: tuple[str, str, bool] | None = None

    async def hear(self, text: str) -> None:
        """Do what a page wishes, and answer."""
        try:
            wish = msgspec.json.decode(text, type=Wish)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            await self._say(Failed(id=0, wish="", message=f"That is no wish: {error}."))
            return
        if isinstance(wish, Ack):
            self._drawn = max(self._drawn, wish.frame)
            self._changed.set()
            return
        kind = str(wish.__struct_config__.tag)
        try:
            answer = await asyncio.to_thread(self._do, wish)
        except PellucidError as error:
            answer = Failed(id=getattr(wish, "id", 0), wish=kind, message=str(error))
        if answer is not None:
            await self._say(answer)
        self._renew()

    async def draw(self) -> None:
        """Send frames for ever: the newest moment whenever something has changed."""
        while True:
            await self._wake()
            if self._view is None:
                continue
            began = time.monotonic()
            self._view.advance()  # time goes on for a page in the background too
            if not self._is_old or self._drawn < self._sent:
                continue
            self._is_old = False
            await self._say_news(self._view)
            number = self._sent + 1
            is_playing = self._view.is_playing
            try:
                frame = await asyncio.to_thread(self._view.frame, number)
            except PellucidError as error:
                await self._say(Failed(id=0, wish="look", message=str(error)))
                continue
            self._sent = number
            await self._socket.send_bytes(frame)
            if is_playing:
                await asyncio.sleep(max(0.0, BETWEEN - (time.monotonic() - began)))
                self._renew()

    async def _wake(self) -> None:
        """Wait until something has changed, or a while of playing has gone by."""
        is_playing = self._view is not None and self._view.is_playing
        with suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), AWAY if is_playing else None)
        self._changed.clear()

    def _renew(self) -> None:
        """Let the next frame come."""
        self._is_old = True
        self._changed.set()

    def close(self) -> None:
        """Forget the page."""
        self._forget()

    async def _say(self, answer: Answer) -> None:
        await self._socket.send_text(msgspec.json.encode(answer).decode())

    async def _say_news(self, view: View) -> None:
        """Tell what has come of the run since the last frame: its name, its end, its failure."""
        run = view.run
        failure = "" if run.learning is None else run.learning.failure
        news = (run.name, failure, run.is_over)
        if self._told is None or self._told == news or self._told[0] != run.name:
            before, self._told = self._told, news
            if before is not None and before != news:
                await self._say(view.scene())
            return
        self._told = news
        if failure:
            await self._say(Failed(id=0, wish="play", message=failure))
        await self._say(view.scene())

    def _do(self, wish: Wish) -> Answer | None:
        """Do a wish; runs in a thread of its own."""
        if isinstance(wish, Look):
            return self._look(wish)
        if isinstance(wish, Begin):
            settings = {"seed": wish.seed}
            run = self._shelf.begin(wish.table, wish.target, **settings)
            return self._look(Look(run=run.key))
        if self._view is None:
            raise InputError("Look at a run first.")
        if isinstance(wish, Explain | Check | Tell):
            return self._answer(self._view, wish)
        with self._view.lock:
            return self._change(self._view, wish)

    def _look(self, wish: Look) -> Answer:
        run = self._shelf.find(wish.run)
        view = View(run, wish)
        self._forget()
        self._view, self._told = view, None
        if run.learning is not None:
            self._forget = run.learning.listen(self._notice)
        return view.scene()

    def _change(self, view: View, wish: Wish) -> Answer | None:
        """Change what is to be seen."""
        match wish:
            case Play():
                view.play(wish.speed)
            case Pause():
                view.pause()
            case Step():
                view.step(wish)
            case Go():
                view.go(wish)
            case Restart():
                view.restart()
            case Choose():
                view.choose(wish.row)
            case TypeRow():
                view.type_row(wish.cells)
            case Page():
                view.list_rows(wish.first)
                return make_rows(view.run, view.listed)
            case _:
                raise InputError(f"'{wish}' is no wish.")
        return None

    def _answer(self, view: View, wish: Explain | Check | Tell) -> Answer:
        """Open a number, check it, or tell a step."""
        cursor, run = view.cursor, view.run
        with run.lock:
            if isinstance(wish, Tell):
                scene = run.moment(cursor.step, cursor.cells).scene
                weight, stages = tell_stages(scene, cursor.row)
                return Told(id=wish.id, step=cursor.step, weight=weight, stages=stages)
            node, count = self._find(view, wish.address)
            if isinstance(wish, Check):
                return Checked(id=wish.id, address=node.address, proof=make_proof(node))
            return Explained(id=wish.id, card=make_card(node, count))

    def _find(self, view: View, address: str) -> tuple[Explanation, int]:
        """A number of the run, and the rows of its step's batch."""
        read, cursor = read_address(address), view.cursor
        step = cursor.step
        if read.is_last:
            step = view.last
        elif read.step is not None:
            step = read.step
        moment = view.run.moment(step, cursor.cells)
        node = moment.explain(address)
        if read.row is not None:  # the output says in words what the network answers
            answer = moment.scene.row(read.row).prediction.answer
            node = replace(node, text=answer.text) if answer.address == node.address else node
        return node, moment.scene.count if step < view.last else 0

    def _notice(self) -> None:
        """Something has changed in the training; called from its thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._renew)
