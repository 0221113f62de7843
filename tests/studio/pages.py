"""A studio that really listens, and pages that speak to it over sockets."""

import http.client
import json
import socket
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import uvicorn
from websockets.sync.client import ClientConnection, connect

from pellucid.studio.app import make_app
from pellucid.studio.guard import Pass
from pellucid.studio.shelf import Shelf

PATIENCE = 60.0  # seconds that a test waits for an answer before it fails

Said = dict[str, Any]


class Page:
    """A page's side of the socket."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.is_drawing = True

    def say(self, kind: str, **wish: Any) -> None:
        self.socket.send(json.dumps({"kind": kind, **wish}))

    def hear(self) -> Said:
        """The next thing that is said; a frame is acknowledged, its arrays lie in "numbers"."""
        said = self.socket.recv(timeout=PATIENCE)
        if isinstance(said, str):
            return dict(json.loads(said))
        size = int.from_bytes(said[:4], "little")
        header: Said = {"kind": "frame", **json.loads(said[4 : 4 + size]), "numbers": {}}
        place = 4 + size
        for block in header["arrays"]:
            count = int(np.prod(block["shape"]))
            array = np.frombuffer(said, "<f4", count, place).reshape(block["shape"])
            header["numbers"][block["name"]] = array
            place += 4 * count
        assert place == len(said)
        if self.is_drawing:
            self.say("ack", frame=header["frame"])
        return header

    def until(self, kind: str, holds: Callable[[Said], bool] = lambda _: True) -> Said:
        while True:
            said = self.hear()
            if said["kind"] == kind and holds(said):
                return said

    def look(self, **where: Any) -> Said:
        """Look at a moment, and give its frame."""
        self.say("look", **where)
        scene = self.until("scene")
        return self.until("frame", lambda frame: frame["run"] == scene["run"])

    def ask(self, kind: str, **wish: Any) -> Said:
        """Ask something, and give the answer."""
        self.say(kind, id=7, **wish)
        answers = ("failed", "scene" if kind == "begin" else "explained", "checked", "told")
        while True:
            said = self.hear()
            if said["kind"] in answers and said.get("id", 7) == 7:
                return said

    def play_to_the_end(self) -> Said:
        self.say("play", speed=0)
        return self.until("frame", lambda frame: frame["is_finished"])


class Studio:
    """A studio that listens."""

    def __init__(self, shelf: Shelf, folder: Path) -> None:
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        self.shelf, self.admits = shelf, Pass(listener.getsockname()[1])
        config = uvicorn.Config(
            make_app(shelf, self.admits, folder), log_level="warning", lifespan="off",
            ws="websockets-sansio", timeout_graceful_shutdown=1,
        )  # fmt: skip
        self._server, self._sockets = uvicorn.Server(config), ExitStack()
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listener]})
        self._thread.start()

    def page(self, **headers: str) -> Page:
        """A page that is let in."""
        return Page(self.connect(f"?token={self.admits.token}", **headers))

    def connect(self, query: str = "", **headers: str) -> ClientConnection:
        address = f"ws://127.0.0.1:{self.admits.port}/socket{query}"
        opening = connect(address, additional_headers=headers, max_size=None, open_timeout=PATIENCE)
        return self._sockets.enter_context(opening)

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, bytes, dict[str, str]]:
        """An answer over HTTP: status, content and headers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.admits.port, timeout=PATIENCE)
        try:
            known = {"Cookie": f"{self.admits.cookie}={self.admits.token}"} | headers
            connection.request(method, path, body, {k: v for k, v in known.items() if v})
            answer = connection.getresponse()
            return answer.status, answer.read(), {k.lower(): v for k, v in answer.getheaders()}
        finally:
            connection.close()

    def close(self) -> None:
        self._sockets.close()
        self._server.should_exit = True
        self._thread.join()
        self.shelf.close()
