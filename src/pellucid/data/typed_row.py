"""One row that a person typed or passed as a dict, checked more strictly than a table.

In a table of many rows an unknown level is a warning; typed by hand it is a slip, and is named.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pellucid.data.cells import is_missing, parse_number
from pellucid.data.preparation import Preparation
from pellucid.data.prepared_columns import CategoryColumn, NumberColumn
from pellucid.data.table import Column, Table, format_number
from pellucid.errors import ColumnError, did_you_mean


def typed_row(preparation: Preparation, values: Mapping[str, object]) -> Table:
    """A table of one row from values by column name.

    Args:
        preparation: what the columns must be.
        values: a number or a text for each column that makes inputs; a number may carry its
            column's unit ("10 h"), and "" or "?" or None means that the value is missing. Values
            for the target and for columns that were left out are allowed and not looked at.

    Returns:
        A table of one row with the columns that make inputs.

    Raises:
        ColumnError: if a column is lacking or unknown, if a number was wanted and text came, or
            if a level is unknown.
    """
    used = preparation.used
    names = [column.name for column in used]
    allowed = {*names, preparation.target, *(column.name for column in preparation.left_out)}
    for name in values:
        if name not in allowed:
            raise ColumnError(
                f"There is no column '{name}'.{did_you_mean(name, names)} "
                f"The columns are: {', '.join(names)}."
            )
    lacking = [name for name in names if name not in values]
    if lacking:
        examples = " ".join(f"{name}=…" for name in lacking[:5])
        raise ColumnError(
            f"{'A value is' if len(lacking) == 1 else f'{len(lacking)} values are'} lacking: "
            f"{', '.join(lacking)}; add {examples} (leave it empty after = if it is not known)."
        )
    cells = tuple(_cell(column, values[column.name]) for column in used)
    return Table(cells, "the typed row", preparation.units)


def _cell(column: NumberColumn | CategoryColumn, value: object) -> Column:
    text = _text(value)
    if isinstance(column, NumberColumn):
        return Column(column.name, numbers=np.array([_number(column, text)]))
    if is_missing(text):
        return Column(column.name, codes=np.array([-1], dtype=np.int32))
    return Column(column.name, codes=np.zeros(1, dtype=np.int32), levels=(_level(column, text),))


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return format_number(value) if np.isfinite(value) else str(value)
    return str(value).strip()


def _number(column: NumberColumn, text: str) -> float:
    if is_missing(text) or text in column.words:
        return float("nan")
    if column.unit and text.endswith(column.unit):
        text = text[: -len(column.unit)]
    number = parse_number(text)
    if number is None or not np.isfinite(number):
        between = f"{format_number(column.low)} to {format_number(column.high)}"
        raise ColumnError(
            f"'{column.name}' must be a finite number (the training rows have {between}). "
            f"Got '{text.strip()}'."
        )
    return number


def _level(column: CategoryColumn, text: str) -> str:
    known = column.known()
    if text in known:
        return text
    number = parse_number(text)
    folded = {level.casefold(): level for level in reversed(known)}
    for candidate in (text.casefold(), None if number is None else format_number(number)):
        if candidate in folded:
            return folded[candidate]
    shown = ", ".join(known[:8]) + (", …" if len(known) > 8 else "")
    raise ColumnError(
        f"'{column.name}' must be one of {shown}. Got '{text}'.{did_you_mean(text, known)}"
    )
