"""How far chance alone could move a figure: 95 % intervals for a share and for a mean.

Plain formulas over counts and numbers; what they judge lives in `score` and in `report`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Z95 = 1.959963984540054  # the normal quantile at 0.975: 95 % lie between -Z95 and +Z95


def wilson(right: int, rows: int) -> tuple[float, float]:
    """Give the Wilson 95 % interval of a share.

    centre = (p + z²/2n) / (1 + z²/n), half = z √(p(1-p)/n + z²/4n²) / (1 + z²/n), with
    p = right / rows, n = rows and z = 1.96. Unlike p ± z √(p(1-p)/n) it never leaves [0, 1] and
    does not claim certainty when all rows are right.

    Args:
        right: how many rows are right, 0 … rows.
        rows: how many rows there are, at least 1.

    Returns:
        The lower and the upper end, each a share from 0 to 1.

    Example:
        >>> low, high = wilson(105, 125)
        >>> f"{low:.3f} to {high:.3f}"
        '0.766 to 0.894'

    Source:
        Wilson (1927), "Probable inference, the law of succession, and statistical inference".
    """
    share, square = right / rows, Z95 * Z95
    scale = 1 + square / rows
    centre = (share + square / (2 * rows)) / scale
    half = Z95 * math.sqrt(share * (1 - share) / rows + square / (4 * rows * rows)) / scale
    low = 0.0 if right == 0 else centre - half
    high = 1.0 if right == rows else centre + half
    return low, high


def mean_interval(numbers: np.ndarray[Any, np.dtype[np.float64]]) -> tuple[float, float]:
    """Give the 95 % interval of a mean: mean ± t · s / √n.

    s is the standard deviation (divisor n - 1) and t the quantile of Student's distribution with
    n - 1 degrees of freedom. One number alone says nothing about its spread: from -∞ to ∞.

    Args:
        numbers: shape (n,), n at least 1.

    Returns:
        The lower and the upper end, in the unit of the numbers.

    Example:
        >>> low, high = mean_interval(np.array([1.0, 2.0, 3.0, 4.0]))
        >>> f"{low:.2f} to {high:.2f}"
        '0.45 to 4.55'

    Source:
        Student (1908), "The probable error of a mean".
    """
    count = len(numbers)
    scale = float(np.abs(numbers).max())
    if count < 2 or not math.isfinite(scale):
        return -math.inf, math.inf
    scale = scale or 1.0
    shares = numbers / scale  # the square of a huge number would overflow
    mean = float(np.mean(shares))
    half = student_quantile(count - 1) * float(np.std(shares, ddof=1)) / math.sqrt(count)
    return (mean - half) * scale, (mean + half) * scale


def student_quantile(freedom: int) -> float:
    """Give Student's t at 0.975, right to 1 part in 500.

    Closed forms for 1 and 2 degrees of freedom, then the expansion in 1/freedom about the normal
    quantile, four terms.

    Args:
        freedom: degrees of freedom, at least 1.

    Example:
        >>> round(student_quantile(9), 2)
        2.26

    Source:
        Abramowitz & Stegun (1964), 26.7.5.
    """
    if freedom == 1:
        return math.tan(0.475 * math.pi)
    if freedom == 2:
        return 0.95 * math.sqrt(2 / (1 - 0.95**2))
    z = Z95
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + float(sum(term / freedom**power for power, term in enumerate(terms, start=1)))
