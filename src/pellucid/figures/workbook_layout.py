"""Where numbers lie in a workbook: rectangles of cells, and the text by which formulas name them.

Nothing is written here, and no library is needed to know a cell's name.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Block:
    """A rectangle of cells.

    Attributes:
        sheet: its name, of letters only.
        top: its first row, from 0.
        left: its first column, from 0.
        height: rows.
        width: columns.
    """

    sheet: str
    top: int
    left: int
    height: int
    width: int

    def cell(self, row: int, column: int) -> str:
        """One cell, counted from 0 inside the block.

        Example:
            >>> Block("Weights", 4, 1, 5, 4).cell(0, 2)
            'Weights!$D$5'
        """
        return f"{self.sheet}!{self._name(row, column)}"

    def row(self, row: int) -> str:
        """All cells of a row.

        Example:
            >>> Block("Weights", 4, 1, 5, 4).row(2)
            'Weights!$B$7:$E$7'
        """
        return f"{self.cell(row, 0)}:{self._name(row, self.width - 1)}"

    def column(self, column: int) -> str:
        """All cells of a column.

        Example:
            >>> Block("Weights", 4, 1, 5, 4).column(0)
            'Weights!$B$5:$B$9'
        """
        return f"{self.cell(0, column)}:{self._name(self.height - 1, column)}"

    def whole(self) -> str:
        """All cells."""
        return f"{self.cell(0, 0)}:{self._name(self.height - 1, self.width - 1)}"

    def _name(self, row: int, column: int) -> str:
        return f"${letters(self.left + column)}${self.top + row + 1}"


def letters(column: int) -> str:
    """The letters of a column, counted from 0.

    Example:
        >>> letters(0), letters(25), letters(26), letters(702)
        ('A', 'Z', 'AA', 'AAA')
    """
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def beside(sheet: str, top: int, height: int, widths: list[int], left: int = 1) -> list[Block]:
    """Blocks from left to right, with an empty column between two."""
    blocks = []
    for width in widths:
        blocks.append(Block(sheet, top, left, height, width))
        left += width + 1
    return blocks


def beneath(sheet: str, top: int, heights: list[int], widths: list[int]) -> list[Block]:
    """Blocks from top to bottom, with two empty rows and two rows of titles between two."""
    blocks = []
    for height, width in zip(heights, widths, strict=True):
        blocks.append(Block(sheet, top, 1, height, width))
        top += height + 4
    return blocks
