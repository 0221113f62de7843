"""How much each input counts in a network as a whole, by the sizes of the weights behind it.

A rough measure: it multiplies the sizes of the weights along every path and forgets their signs.
Why one row is predicted as it is, is told exactly in `prediction`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pellucid.explain.layers import Layer

Array = np.ndarray[Any, Any]


def share_of_weights(layers: Sequence[Layer], parameters: Mapping[str, Array]) -> Array:
    """Each input's share of the weights, along all paths to the outputs.

    1ᵀ · W_last (without signs) · … · W_first (without signs), divided by its sum.

    Args:
        layers: of the network.
        parameters: under their state_dict names.

    Returns:
        Shape (inputs,), each from 0 to 1, together 1; all alike if every weight is 0.

    Source:
        Garson (1991), "Interpreting neural network connection weights", without his division
        inside each neuron.
    """
    paths = np.ones(layers[-1].width)
    for layer in reversed(layers):
        paths = paths @ np.abs(parameters[layer.weight].astype(np.float64))
    total = float(paths.sum())
    return paths / total if total > 0 else np.full(len(paths), 1.0 / len(paths))
