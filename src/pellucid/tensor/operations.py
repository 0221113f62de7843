"""The table of all operations, by name. Whatever must know operations reads it here."""

from __future__ import annotations

from pellucid.tensor import (
    accumulations,
    activations,
    arithmetic,
    arrangements,
    choices,
    comparisons,
    criteria,
    curves,
    functions,
    lookup,
    normalization,
    products,
    reductions,
    shapes,
)
from pellucid.tensor.operation import Operation

OPERATIONS: dict[str, Operation] = {
    row.name: row
    for file in (
        arithmetic,
        comparisons,
        functions,
        curves,
        activations,
        reductions,
        accumulations,
        shapes,
        arrangements,
        choices,
        lookup,
        products,
        normalization,
        criteria,
    )
    for row in file.ROWS
}
