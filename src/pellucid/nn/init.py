"""First values of parameters, drawn as PyTorch draws them: the same seed gives the same bits."""

from __future__ import annotations

import math

import numpy as np

from pellucid.random import Generator, default_generator
from pellucid.tensor.tensor import Tensor


def uniform_(
    tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Generator | None = None
) -> Tensor:
    """Fill a tensor with numbers drawn evenly from [a, b); returns it.

    Example:
        >>> from pellucid.random import manual_seed
        >>> from pellucid.tensor.creation import zeros
        >>> _ = manual_seed(0)
        >>> uniform_(zeros(3))
        tensor([0.4963, 0.7682, 0.0885])
    """
    values = np.empty(tensor.array.shape, tensor.array.dtype)
    (generator or default_generator).uniform_(values, a, b)
    tensor.array[...] = values
    tensor.edits[0] += 1
    return tensor


def kaiming_uniform_(tensor: Tensor, a: float = 0.0) -> Tensor:
    """Fill a weight (out, in) evenly from ±√3 · gain ÷ √in with gain = √(2 ÷ (1 + a²)).

    Args:
        tensor: shape (out, in).
        a: slope of a leaky ReLU below 0; `Linear` uses √5, which makes the bounds ±1 ÷ √in.

    Source:
        He et al. (2015), "Delving deep into rectifiers", equation 14.
    """
    gain = math.sqrt(2.0 / (1 + a**2))
    bound = math.sqrt(3.0) * (gain / math.sqrt(tensor.array.shape[1]))
    return uniform_(tensor, -bound, bound)
