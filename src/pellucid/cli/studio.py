"""`pellucid studio`: a network alive in the browser."""

from __future__ import annotations


def studio(
    what: str = "",
    /,
    *,
    target: str = "",
    port: int = 0,
    browser: bool = True,
) -> None:
    """Watch a network learn, rewind it, and open every number in it.

    Parameters
    ----------
    what
        A run, a CSV or Parquet file, or a bundled table; the students table if left out.
    target
        The column to predict, where a file is opened.
    port
        Of this machine; any free one if left out.
    browser
        Whether a browser is opened.
    """
    from pellucid.studio.server import serve
    from pellucid.studio.shelf import Shelf

    shelf = Shelf(what, target)
    if what:
        shelf.first()  # what cannot be opened is said here, before a browser opens
    serve(shelf, port=port, opens=browser)
