"""The studio as a web application: the page, its socket, and the tables that it sends."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp
from starlette.websockets import WebSocket, WebSocketDisconnect

from pellucid.studio.connection import Connection
from pellucid.studio.guard import Guard, Pass
from pellucid.studio.shelf import Shelf
from pellucid.studio.uploads import take_table


def make_app(shelf: Shelf, admits: Pass, page: Path) -> ASGIApp:
    """The studio.

    Args:
        shelf: the open runs.
        admits: what lets a page in.
        page: the folder of the built page.
    """

    async def tables(request: Request) -> Response:
        return await take_table(request, shelf)

    async def socket(websocket: WebSocket) -> None:
        await websocket.accept()
        await _serve(websocket, shelf)

    routes = [
        Route("/tables", tables, methods=["POST"]),
        WebSocketRoute("/socket", socket),
        Mount("/", StaticFiles(directory=page, html=True)),
    ]
    return Guard(Starlette(routes=routes), admits)


async def _serve(websocket: WebSocket, shelf: Shelf) -> None:
    """Listen to a page and draw for it until it is closed."""
    connection = Connection(shelf, websocket)
    works = [
        asyncio.create_task(each) for each in (_listen(websocket, connection), connection.draw())
    ]
    try:
        done, _ = await asyncio.wait(works, return_when=asyncio.FIRST_COMPLETED)
        with suppress(WebSocketDisconnect):  # it has gone while something was sent to it
            for each in done:
                each.result()  # a page that cannot be drawn for is closed; it comes back by itself
    finally:
        connection.close()
        for each in works:
            each.cancel()
        await asyncio.gather(*works, return_exceptions=True)


async def _listen(websocket: WebSocket, connection: Connection) -> None:
    """Hear what a page says until it has gone, or until it speaks in bytes."""
    with suppress(WebSocketDisconnect, KeyError):
        while True:
            await connection.hear(await websocket.receive_text())
