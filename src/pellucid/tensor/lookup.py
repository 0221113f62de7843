"""Rows of the operation table: looking up rows of a table by their numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid.tensor.dtypes import Array
from pellucid.tensor.operation import Operation


def embedding_derivative(
    gradient: Array,
    _out: Array,
    weight: Array,
    places: Array,
    *,
    padding: int | None,
    by_frequency: bool,
) -> Array:
    """Each row's gradients added up over the places where it was looked up; 0 for the padding."""
    flat = places.reshape(-1)
    shares = gradient.reshape(flat.size, weight.shape[1])
    if by_frequency:
        counts = np.bincount(flat, minlength=len(weight))[flat]
        shares = shares / counts.astype(weight.dtype)[:, None]
    result = np.zeros(weight.shape, weight.dtype)
    np.add.at(result, flat, shares)
    if padding is not None:
        result[padding] = 0
    return result


def look_up(weight: Array, places: Array, **_: Any) -> Array:
    """The rows of a table at some places: shape (*places.shape, columns)."""
    return weight[places]


embedding = Operation(
    "embedding",
    "EmbeddingBackward0",
    look_up,
    (embedding_derivative, None),
    "row x of a table; by a row: its gradients added up over the places where it was looked up",
    reads=((1,), ()),
)

ROWS = (embedding,)
