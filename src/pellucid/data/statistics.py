"""Mean and spread of a column, exact to the last bit whatever the order of the rows.

`math.fsum` rounds once, so the same rows give the same preparation on every machine.
"""

from __future__ import annotations

import math

import numpy as np

from pellucid.data.table import FloatArray


def mean_and_std(values: FloatArray) -> tuple[float, float]:
    r"""The mean and the standard deviation of finite numbers.

    Formula: mean = Σx / n, std = sqrt(Σ(x - mean)² / n), over all n numbers, as in scikit-learn's
    StandardScaler. A std of 0 is returned as 1, so that dividing by it changes nothing.

    Args:
        values: shape (n,), finite; n may be 0, which gives (0, 1).

    Example:
        >>> import numpy as np
        >>> mean_and_std(np.array([2.0, 4.0, 6.0]))
        (4.0, 1.632993161855452)
    """
    if len(values) == 0:
        return 0.0, 1.0
    if np.all(values == values[0]):
        return float(values[0]), 1.0
    # A power of two scales without rounding and keeps huge numbers from overflowing when squared.
    largest = float(np.abs(values).max())
    scale = 2.0 ** min(math.frexp(largest)[1], 1023)
    scaled = values / scale
    mean = math.fsum(scaled.tolist()) / len(values)
    away = scaled - mean
    std = math.sqrt(math.fsum((away * away).tolist()) / len(values))
    return mean * scale, std * scale or 1.0
