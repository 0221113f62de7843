"""The table of all operations, by name. Whatever must know operations reads it here."""

from __future__ import annotations

from pellucid.tensor import (
    activations,
    arithmetic,
    comparisons,
    criteria,
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
        activations,
        reductions,
        shapes,
        lookup,
        products,
        normalization,
        criteria,
    )
    for row in file.ROWS
}
