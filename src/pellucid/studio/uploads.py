"""Tables that a page sends: bounded, kept in memory as tables, never under a name that was sent."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import replace
from pathlib import Path

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from pellucid.data.reading import read_table
from pellucid.data.table import Table
from pellucid.errors import PellucidError
from pellucid.studio.answers import Failed, Uploaded
from pellucid.studio.shelf import Shelf

LARGEST = 256 * 2**20  # bytes of a table
SHOWN = 5  # rows
ENDINGS = (".csv", ".tsv", ".txt", ".parquet")


async def take_table(request: Request, shelf: Shelf) -> Response:
    """Read the table that is sent, and say what is in it."""
    name = Path(request.query_params.get("name", "table.csv").replace("\\", "/")).name
    with tempfile.TemporaryDirectory(prefix="pellucid-") as folder:
        ending = Path(name).suffix.lower()
        path = Path(folder) / f"table{ending if ending in ENDINGS else '.csv'}"
        if not await _receive(request, path):
            return _refuse(413, f"A table of {LARGEST // 2**20} MB is the most that can be sent.")
        try:
            table = await asyncio.to_thread(read_table, path)
        except PellucidError as error:
            return _refuse(422, str(error).replace(str(path), name).replace(path.name, name))
    table = replace(table, source=name or "table")
    return _answer(200, _describe(shelf.add_table(table), table))


async def _receive(request: Request, path: Path) -> bool:
    """Write what is sent to a file; False if it is too much."""
    size = 0
    with path.open("wb") as file:
        async for piece in request.stream():
            size += len(piece)
            if size > LARGEST:
                return False
            file.write(piece)
    return True


def _describe(key: str, table: Table) -> Uploaded:
    shown = range(min(SHOWN, len(table)))
    return Uploaded(
        table=key,
        name=table.source,
        rows=len(table),
        columns=tuple(table.columns),
        target=table.columns[-1],
        cells=tuple(tuple(table.cell_text(row, each) for each in table.columns) for row in shown),
    )


def _refuse(status: int, message: str) -> Response:
    return _answer(status, Failed(id=0, wish="table", message=message))


def _answer(status: int, record: Uploaded | Failed) -> Response:
    return Response(msgspec.json.encode(record), status, media_type="application/json")
