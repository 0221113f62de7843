"""How strongly each column moves a network as a whole, over the rows that it learnt from.

A rough measure for a first look: it follows the sizes of the weights and forgets their signs. Why
one row is predicted as it is, is told exactly in `prediction`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pellucid.explain.layers import Layer

Array = np.ndarray[Any, Any]

MOST_ROWS = 5_000


def share_of_columns(
    layers: Sequence[Layer],
    parameters: Mapping[str, Array],
    inputs: Array,
    groups: Sequence[Sequence[int]],
) -> list[float]:
    """Each column's share of what moves the network.

    For column c and neuron j of the first layer, s_cj is the standard deviation over the rows of
    what c adds to the neuron's sum: Σ x_i · w_ji over the inputs i that were made of c. With p_j,
    the product of the weights' sizes along all paths from j to the outputs, the column's strength
    is Σ_j s_cj · p_j. A column of one-hot inputs therefore counts by what it does, not by how many
    inputs it has.

    Args:
        layers: of the network.
        parameters: under their state_dict names.
        inputs: the training rows as the network reads them, shape (rows, inputs); the first 5,000
            are looked at.
        groups: for each column the indices of its inputs.

    Returns:
        A share for each column, from 0 to 1, together 1; all alike if nothing moves.
    """
    with np.errstate(invalid="ignore", over="ignore"):  # what ran away gives no shares
        weights = parameters[layers[0].weight].astype(np.float64)
        paths = np.ones(layers[-1].width)
        for layer in reversed(layers[1:]):
            paths = paths @ np.abs(parameters[layer.weight].astype(np.float64))
        rows = inputs[:MOST_ROWS].astype(np.float64)
        strengths = [
            float((rows[:, list(group)] @ weights[:, list(group)].T).std(axis=0) @ paths)
            for group in groups
        ]
    total = sum(strengths)
    return [each / total if 0 < total < np.inf else 1.0 / len(groups) for each in strengths]
