"""Serving the studio on this machine: a free port, a browser, and an end by Ctrl-C."""

from __future__ import annotations

import signal
import socket
import threading
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import uvicorn

from pellucid.errors import InputError, PellucidError
from pellucid.studio.app import make_app
from pellucid.studio.guard import Pass
from pellucid.studio.page import find_page
from pellucid.studio.shelf import Shelf

LARGEST_WISH = 2**20  # bytes


def serve(
    shelf: Shelf, *, port: int = 0, opens: bool = True, say: Callable[[str], object] = print
) -> None:
    """Serve until Ctrl-C.

    Args:
        shelf: the open runs.
        port: to listen at; 0 for any that is free.
        opens: whether a browser is opened.
        say: told the address.

    Raises:
        InputError: there is no page, or the port is taken.
    """
    page = find_page()
    if not 0 <= port <= 65_535:
        raise InputError(f"--port is a number from 1 to 65,535. Got {port}.")
    listener = _listen(port)
    admits = Pass(listener.getsockname()[1])
    config = uvicorn.Config(
        make_app(shelf, admits, page),
        log_level="warning",
        access_log=False,
        lifespan="off",
        ws="websockets-sansio",
        ws_max_size=LARGEST_WISH,
        timeout_graceful_shutdown=1,
    )
    preparing = threading.Thread(target=_prepare, args=(shelf,))
    try:
        with suppress(KeyboardInterrupt), _ended_by_signals():
            preparing.start()
            say(f"The studio is at {admits.address}\nCtrl-C ends it.")
            if opens:
                _open_browser(admits.address)
            uvicorn.Server(config).run(sockets=[listener])
    finally:
        listener.close()
        if preparing.ident is not None:
            preparing.join()
        shelf.close()


def _open_browser(address: str) -> None:
    """Some browsers keep whoever opens them waiting."""
    threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let every polite end of the process be one by Ctrl-C, so that nothing is left behind."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    known = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(each, stop) for each in known]
    try:
        yield
    finally:
        for each, handler in zip(known, before, strict=True):
            signal.signal(each, handler)


def _listen(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen()  # a browser that comes early waits
    except OSError as error:
        raise InputError(
            f"Port {port} cannot be used: {(error.strerror or str(error)).lower()}."
            " Leave --port out for a free one."
        ) from error
    return listener


def _prepare(shelf: Shelf) -> None:
    """Have the first run ready before the page asks for it."""
    with suppress(PellucidError):  # the page is told when it asks
        run = shelf.first()
        with run.lock:
            run.moment(run.done + 1).explain("loss")
