"""How one raw cell became one input, with the numbers put in."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pellucid.data.table import format_number


@dataclass(frozen=True, slots=True)
class ExplainedCell:
    """One input of one row and where it comes from.

    Args:
        input: the input's name: "hours_studied", "city=Paris", "age missing".
        column: the column it is made from.
        cell: the raw cell with its unit: "10 h", "Paris", "missing".
        operation: 'standardise', 'given', 'level' or 'missing'.
        value: the input in float64, before it is rounded to the network's numbers.
        formula: in symbols.
        numbers: the same with the numbers put in.
        parts: the numbers that the formula is made of, by symbol.
        sentence: the same in words.
    """

    input: str
    column: str
    cell: str
    operation: str
    value: float
    formula: str
    numbers: str
    parts: tuple[tuple[str, float], ...]
    sentence: str


def explain_number(
    name: str, cell: str, number: float | None, mean: float, std: float
) -> ExplainedCell:
    """A standardised number; None is a missing cell, which counts as the mean.

    Example:
        >>> explain_number("hours_studied", "10 h", 10.0, 9.9821, 5.7731).numbers
        '(10 − 9.982) / 5.773 = 0.003'
    """
    if number is None:
        return ExplainedCell(
            name, name, cell, "standardise", 0.0, f"0 for a missing {name}", "0",
            (("mean", mean), ("std", std)),
            f"{name} is missing and counts as the mean, which the network reads as 0.",
        )  # fmt: skip
    value = (number - mean) / std
    decimals = _decimals(std)
    shown_mean, shown_std = f"{mean:.{decimals}f}", f"{std:.{decimals}f}"
    sign = "−" if mean >= 0 else "+"
    away = abs(value)
    side = "above" if value >= 0 else "below"
    return ExplainedCell(
        input=name,
        column=name,
        cell=cell,
        operation="standardise",
        value=value,
        formula=f"({name} − mean) / std",
        numbers=f"({format_number(number)} {sign} {shown_mean.lstrip('-')}) / {shown_std} = "
        f"{value:.3f}".replace("= -", "= −"),
        parts=(("cell", number), ("mean", mean), ("std", std)),
        sentence=f"{cell} is {away:.3f} standard deviations {side} the mean of the training rows.",
    )


def explain_given(name: str, cell: str, number: float) -> ExplainedCell:
    """A number that goes into the network as it stands in the table.

    Example:
        >>> explain_given("x1", "0.5", 0.5).sentence
        'x1 is read as it is.'
    """
    told = f"{name} is read as it is."
    return ExplainedCell(name, name, cell, "given", number, name, cell, (), told)


def explain_level(name: str, column: str, cell: str, *, is_on: bool) -> ExplainedCell:
    """An input that is 1 where the row has its level and 0 elsewhere.

    Example:
        >>> explain_level("city=Paris", "city", "Rome", is_on=False).sentence
        "city is 'Rome', so city=Paris is 0."
    """
    value = 1.0 if is_on else 0.0
    return ExplainedCell(
        input=name,
        column=column,
        cell=cell,
        operation="level",
        value=value,
        formula=f"1 if {name}, else 0",
        numbers=format_number(value),
        parts=(),
        sentence=f"{column} is '{cell}', so {name} is {format_number(value)}.",
    )


def explain_missing(name: str, column: str, cell: str, *, is_missing: bool) -> ExplainedCell:
    """An input that is 1 where the row has no value in the column."""
    value = 1.0 if is_missing else 0.0
    told = "missing" if is_missing else "there"
    return ExplainedCell(
        input=name,
        column=column,
        cell=cell,
        operation="missing",
        value=value,
        formula=f"1 if {column} is missing, else 0",
        numbers=format_number(value),
        parts=(),
        sentence=f"{column} is {told}, so {name} is {format_number(value)}.",
    )


def _decimals(std: float) -> int:
    """So many decimals that rounding mean and std moves the third decimal of the input little."""
    return max(0, 3 - math.floor(math.log10(std))) if 0 < std < math.inf else 3
