"""What is known about a bundled table besides its cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pellucid.data.table import Table


@dataclass(frozen=True, slots=True)
class ColumnNote:
    """A column's name, unit ("" if it has none) and meaning."""

    name: str
    unit: str
    description: str


@dataclass(frozen=True, slots=True)
class Example:
    """A bundled table and where it comes from.

    Args:
        name: what to call it: "students".
        description: one sentence.
        target: the column to predict.
        columns: every column, in order.
        rule: how the target depends on the other columns, as far as anybody knows.
        source: where the rows come from.
        licence: what may be done with them.
        build: makes the table.
        weights: the true weights on standardised inputs, where the rule is linear.
    """

    name: str
    description: str
    target: str
    columns: tuple[ColumnNote, ...]
    rule: str
    source: str
    licence: str
    build: Callable[[], Table]
    weights: Mapping[str, float] = field(default_factory=dict)

    @property
    def units(self) -> dict[str, str]:
        """Units of the columns that have one."""
        return {column.name: column.unit for column in self.columns if column.unit}
