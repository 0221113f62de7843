"""The bundled tables by name."""

from __future__ import annotations

from pellucid.data.bundled.circles import CIRCLES
from pellucid.data.bundled.collected import DIGITS, PENGUINS
from pellucid.data.bundled.example import Example
from pellucid.data.bundled.houses import HOUSES
from pellucid.data.bundled.restaurants import RESTAURANTS
from pellucid.data.bundled.spam import SPAM
from pellucid.data.bundled.students import STUDENTS
from pellucid.data.table import Table
from pellucid.errors import InputError, did_you_mean

_EXAMPLES = {
    example.name: example
    for example in (STUDENTS, HOUSES, RESTAURANTS, SPAM, CIRCLES, DIGITS, PENGUINS)
}


def bundled_names() -> list[str]:
    """The names of the bundled tables.

    Example:
        >>> bundled_names()[0]
        'students'
    """
    return list(_EXAMPLES)


def bundled(name: str) -> Example:
    """What is known about a bundled table.

    Raises:
        InputError: if there is none of that name; the message names the nearest.
    """
    if name not in _EXAMPLES:
        raise InputError(
            f"There is no bundled table '{name}'.{did_you_mean(name, _EXAMPLES)} "
            f"There are: {', '.join(_EXAMPLES)}."
        )
    return _EXAMPLES[name]


def bundled_table(name: str) -> Table:
    """A bundled table by its name.

    Raises:
        InputError: if there is none of that name.

    Example:
        >>> table = bundled_table("students")
        >>> len(table), table.row(0)["hours_studied"], table.cell_text(0, "hours_studied")
        (1250, 10.0, '10 h')
    """
    return bundled(name).build()


def units_of(table: Table) -> dict[str, str]:
    """The units of the bundled table that equals this one cell for cell, or none.

    So a bundled table keeps its units when it was written to a file and read again.
    """
    for example in _EXAMPLES.values():
        if [column.name for column in example.columns] == table.columns:
            same = example.build().fingerprint() == table.fingerprint()
            return example.units if same else {}
    return {}
