"""The tables that people collected: digits and penguins, stored as CSV beside this file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files

from pellucid.data.bundled.example import ColumnNote, Example
from pellucid.data.table import Table


def _reader(name: str) -> Callable[[], Table]:
    """A function that reads `name`.csv from this package."""

    def read() -> Table:
        # pyarrow is slow to import, and the generated tables do without it.
        from pellucid.data.delimited import read_delimited  # noqa: PLC0415 - see above

        data = files("pellucid.data.bundled").joinpath(f"{name}.csv").read_bytes()
        return replace(read_delimited(data, name), units=_COLLECTED[name].units)

    return read


DIGITS = Example(
    name="digits",
    description="Which digit a person wrote, by the ink in 8 × 8 squares.",
    target="digit",
    columns=(
        *(
            ColumnNote(f"r{row}c{column}", "", f"ink in row {row}, column {column}, 0 to 16")
            for row in range(1, 9)
            for column in range(1, 9)
        ),
        ColumnNote("digit", "", "the digit, 0 to 9"),
    ),
    rule="nobody knows it: 43 people wrote these digits",
    source=(
        "E. Alpaydin, C. Kaynak (1998): Optical Recognition of Handwritten Digits, UCI Machine "
        "Learning Repository, doi 10.24432/C50P49; the 1,797 test images, as in scikit-learn"
    ),
    licence="CC BY 4.0",
    build=_reader("digits"),
)

PENGUINS = Example(
    name="penguins",
    description="Which species a penguin is, by bill, flipper, weight, sex and island.",
    target="species",
    columns=(
        ColumnNote("species", "", "Adelie, Chinstrap or Gentoo"),
        ColumnNote("island", "", "Biscoe, Dream or Torgersen, in the Palmer Archipelago"),
        ColumnNote("bill_length_mm", "mm", "length of the bill"),
        ColumnNote("bill_depth_mm", "mm", "depth of the bill"),
        ColumnNote("flipper_length_mm", "mm", "length of the flipper"),
        ColumnNote("body_mass_g", "g", "weight of the body"),
        ColumnNote("sex", "", "FEMALE or MALE"),
    ),
    rule="nobody knows it: 344 penguins were measured, and 19 cells are missing",
    source=(
        "K. Gorman, T. Williams, W. Fraser (2014), PLoS ONE 9(3) e90081; Palmer Station LTER; "
        "the copy of seaborn-data"
    ),
    licence="CC0 1.0, as the palmerpenguins package states",
    build=_reader("penguins"),
)

_COLLECTED = {example.name: example for example in (DIGITS, PENGUINS)}
