"""The sheets themselves: titles, given numbers and formulas, written by XlsxWriter.

This is the one file that opens XlsxWriter; what is written is decided in `step_workbook`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from pellucid.errors import InputError
from pellucid.figures.theme import THEMES, blend
from pellucid.figures.workbook_layout import Block

COARSE = '0.0000;"−"0.0000;0'
FINE = '0.000000;"−"0.000000;0'
SMALL = ("Backward", "Gradients", "Update", "Check")  # sheets of numbers that need more digits


class Paper:
    """A workbook that is open for writing; it is finished when its `with` ends.

    Args:
        path: of the file.
        rows: the table's rows in the batch, which name the lines of some sheets.
        marked: the row to point at, or None.
        first: the line of the batch's first row, from 0.

    Raises:
        InputError: XlsxWriter is missing.
    """

    def __init__(self, path: Path, rows: Sequence[int], marked: int | None, first: int) -> None:
        try:
            import xlsxwriter  # noqa: PLC0415 (only spreadsheets need it)
        except ImportError as error:
            raise InputError(
                "Spreadsheets are written by XlsxWriter, which is missing or damaged."
                " Install it with `pip install XlsxWriter`."
            ) from error
        self.rows, self.marked, self.first = rows, marked, first
        options = {
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "nan_inf_to_errors": True,
        }
        self.book: Any = xlsxwriter.Workbook(str(path), options)
        # Equal steps, equal bytes: no time of writing.
        self.book.set_properties({"created": datetime(1980, 1, 1), "title": "One training step"})
        self.formats = self._formats()
        self.sheets: dict[str, Any] = {}
        self.widths: dict[tuple[str, int], int] = {}

    def __enter__(self) -> Paper:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trail: TracebackType | None,
    ) -> None:
        if kind is None:
            self.book.close()

    def _formats(self) -> dict[str, Any]:
        colours = THEMES["light"]
        mark, given = "#fff3c4", blend("#ffffff", colours.positive, 0.10)
        looks: dict[str, dict[str, Any]] = {
            "say": {"italic": True, "font_color": colours.quiet},
            "head": {"bold": True, "font_size": 12},
            "name": {"bold": True, "align": "right", "font_color": colours.quiet},
            "line": {"bold": True, "font_color": colours.quiet},
            "line marked": {"bold": True, "bg_color": mark},
            "given": {"num_format": COARSE, "bg_color": given},
            "given fine": {"num_format": FINE, "bg_color": given},
            "whole": {"bg_color": given, "align": "right"},
            "formula": {"num_format": COARSE},
            "formula fine": {"num_format": FINE},
            "formula marked": {"num_format": COARSE, "bg_color": mark},
            "formula fine marked": {"num_format": FINE, "bg_color": mark},
            "plain": {},
        }
        return {name: self.book.add_format(look) for name, look in looks.items()}

    def begin(self, names: Sequence[str]) -> None:
        """Make sheets, in this order; their first column names the lines."""
        for name in names:
            sheet = self.book.add_worksheet(name)
            sheet.set_column(0, 0, 20)
            sheet.hide_gridlines(2)
            sheet.set_landscape()
            sheet.fit_to_pages(1, 0)
            self.sheets[name] = sheet

    def say(self, sheet: str, sentence: str) -> None:
        """A sentence in the first cell: what the sheet is."""
        self.sheets[sheet].write_string(0, 0, sentence, self.formats["say"])

    def label(self, sheet: str, line: int, text: str) -> None:
        """The name of a line, in the first column."""
        self.sheets[sheet].write_string(line, 0, text, self.formats["line"])

    def title(self, block: Block, title: str, names: Sequence[str], *, lines: int = 1) -> None:
        """What stands over a block with a line for each row of the batch.

        Args:
            block: the numbers.
            title: over all of it.
            names: one for each column.
            lines: how far above the block the names stand.
        """
        sheet = self.sheets[block.sheet]
        sheet.write_string(block.top - lines - 1, block.left, title, self.formats["head"])
        for place, name in enumerate(names):
            sheet.write_string(block.top - lines, block.left + place, name, self.formats["name"])
        self._set_widths(sheet, block.left, names)
        for line, row in enumerate(self.rows):
            look = "line marked" if row == self.marked else "line"
            sheet.write_string(self.first + line, 0, f"row {row:,}", self.formats[look])
        sheet.freeze_panes(self.first, 1)

    def _set_widths(self, sheet: Any, left: int, names: Sequence[str]) -> None:
        for place, name in enumerate(names):
            known = self.widths.get((sheet.name, left + place), 11)
            width = min(max(len(name) + 2, known), 30)
            self.widths[sheet.name, left + place] = width
            sheet.set_column(left + place, left + place, width)

    def matrix_title(
        self, block: Block, title: str, names: Sequence[str], lines: Sequence[str]
    ) -> None:
        """What stands over and beside a block with a line for each neuron."""
        sheet = self.sheets[block.sheet]
        sheet.write_string(block.top - 2, 0, title, self.formats["head"])
        for place, name in enumerate(names):
            sheet.write_string(block.top - 1, block.left + place, name, self.formats["name"])
        self._set_widths(sheet, block.left, names)
        for line, name in enumerate(lines):
            sheet.write_string(block.top + line, 0, name, self.formats["line"])

    def given(self, block: Block, row: int, column: int, value: float | str | None) -> None:
        """A number or a text that comes from outside and may be changed."""
        sheet, place = self.sheets[block.sheet], (block.top + row, block.left + column)
        if value is None:
            sheet.write_blank(*place, None, self.formats["given"])
        elif isinstance(value, str):
            sheet.write_string(*place, value, self.formats["whole"])
        else:
            look = "given fine" if block.sheet in SMALL else "given"
            sheet.write_number(*place, value, self.formats["whole" if value % 1 == 0 else look])

    def given_above(self, block: Block, column: int, values: Sequence[float]) -> None:
        """Numbers that belong to a whole column, in the lines right above it."""
        for place, value in enumerate(values):
            self.given(block, place - len(values), column, value)

    def formula(self, block: Block, row: int, column: int, formula: str, value: float) -> None:
        """A live formula with the engine's number for who does not compute."""
        is_batch = block.top == self.first and len(self.rows) == block.height
        is_marked = is_batch and self.rows[row] == self.marked
        look = "formula fine" if block.sheet in SMALL else "formula"
        look += " marked" if is_marked else ""
        self.sheets[block.sheet].write_formula(
            block.top + row,
            block.left + column,
            formula,
            self.formats[look],
            value if math.isfinite(value) else "#NUM!",
        )
