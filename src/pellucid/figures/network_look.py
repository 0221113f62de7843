"""What is said and shown around the bare network: names, a row's numbers, what is lit.

How it is painted is decided in `network_plot`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Labels:
    """The words around a network.

    Attributes:
        inputs: a name for each input.
        outputs: a name for each output.
        cells: a raw cell for each input, if a row is shown.
        answer: what the network says about the row, if one is shown.
    """

    inputs: Sequence[str]
    outputs: Sequence[str]
    cells: Sequence[str] = ()
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """What is laid over the bare network; everything may be left out.

    Attributes:
        values: by layer (0: the inputs) a number for each unit, written into the circles.
        lines: by layer (1: the first hidden one) a number for each weight, drawn instead of it.
        lit: layers at full strength; the others are faint. None: all.
        followed: (layer, neuron, source) of a weight to point at, the layer from 1.
        is_backward: lines and circles show gradients.
        scale: the number that a line of full thickness stands for; 0: the largest one.
    """

    values: Mapping[int, Array] = field(default_factory=dict)
    lines: Mapping[int, Array] = field(default_factory=dict)
    lit: frozenset[int] | None = None
    followed: tuple[int, int, int] | None = None
    is_backward: bool = False
    scale: float = 0.0
