"""All runs that are open in the studio, by the names under which pages ask for them.

A run that was just prepared has no folder's name yet; it keeps the name that it got here.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from pellucid.data.bundled.examples import bundled, bundled_names
from pellucid.data.table import Table
from pellucid.errors import InputError, ModelFileError
from pellucid.runs import finding
from pellucid.runs.writer import ROOT
from pellucid.studio.open_run import OpenRun, begin_run, reopen

FIRST_TABLE = "students"
MOST_OPEN = 16


class Shelf:
    """The open runs.

    Args:
        first: what opens at first: the name of a run, of a bundled table or of a file; "" for the
            students.
        target: the column to predict, where a table is opened.
    """

    def __init__(self, first: str = "", target: str = "") -> None:
        self._first, self._target = first or FIRST_TABLE, target
        self._open: dict[str, OpenRun] = {}
        self._tables: dict[str, Table] = {}
        self._lock = threading.Lock()

    def first(self) -> OpenRun:
        """The run that the studio opened with.

        Raises:
            PellucidError: it cannot be opened, or the table cannot be learnt from.
        """
        with self._lock:
            if "first" not in self._open:
                self._put(self._make_first(), "first")
            return self._open["first"]

    def find(self, name: str) -> OpenRun:
        """A run by its name; the first one for "" and for names of a studio that is gone.

        Raises:
            PellucidError: it cannot be opened.
        """
        with self._lock:
            for key, run in self._open.items():
                if name and name in (key, run.name):
                    return run
            if name and _is_plain(name) and (ROOT / name).is_dir():
                return self._put(reopen(finding.open_run(ROOT / name)), name)
        return self.first()

    def begin(self, table: str, target: str = "", **settings: Any) -> OpenRun:
        """Prepare a run on a table.

        Args:
            table: a bundled table's name, or what `add_table` gave.
            target: the column to predict; "" for the one that a bundled table is about.
            settings: those of `fit`.

        Raises:
            PellucidError: there is no such table, or nothing can be learnt from it.
        """
        with self._lock:
            known = self._tables.get(table)
            if known is None and table not in bundled_names():
                raise InputError(f"There is no table '{table}'. Open a file first.")
            asked = target or ("" if known is not None else bundled(table).target)
            if not asked:
                raise InputError("Which column shall be predicted? Choose one of the table.")
            run = begin_run(table if known is None else known, table, asked, **settings)
            return self._put(run, f"new-{len(self._open)}")

    def add_table(self, table: Table) -> str:
        """Keep a table that was sent.

        Returns:
            How to ask for it.
        """
        with self._lock:
            key = f"table-{len(self._tables) + 1}"
            self._tables[key] = table
            while len(self._tables) > MOST_OPEN:
                self._tables.pop(next(iter(self._tables)))
            return key

    def close(self) -> None:
        """End all trainings."""
        with self._lock:
            for run in self._open.values():
                run.close()

    def _make_first(self) -> OpenRun:
        name = self._first
        if name in bundled_names():
            return begin_run(name, name, self._target or bundled(name).target)
        if self._target or Path(name).is_file():
            return self._make_from_file(name)
        try:
            return reopen(finding.open_run(name))
        except ModelFileError as error:
            raise InputError(f"{error} A table is named by its file: students.csv.") from error

    def _make_from_file(self, name: str) -> OpenRun:
        if not self._target:
            raise InputError(f"Which column of {name} shall be predicted? Add --target COLUMN.")
        return begin_run(name, name, self._target)

    def _put(self, run: OpenRun, key: str) -> OpenRun:
        run.key = key
        self._open[key] = run
        return run


def _is_plain(name: str) -> bool:
    """Whether a name is that of a folder among the runs, and no way to another place."""
    return Path(name).name == name and not name.startswith(".")
