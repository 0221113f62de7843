"""Judgements with room for chance: is one answer better than another, is the loss still falling.

Numbers in, a judgement out. Which answers are compared is decided in `judge`, and the words that
a person reads are in `words`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from pellucid.errors import InputError
from pellucid.model.intervals import Z95, mean_interval
from pellucid.model.score import Score

Array = np.ndarray[Any, np.dtype[Any]]
Outcome = Literal["better", "worse", "undecided"]

MOST_EPOCHS = 500  # of a longer stretch so many are looked at: pairs grow with the square
EXACT_ROWS = 1000  # up to here the sign test sums the binomial; beyond, the normal curve is as good
# How much a fifth of the epochs must bring to be worth telling, looked at on a dozen tables: a good
# part of the whole fall, or a good part of the loss that is left unless that is next to nothing.
PART_OF_FALL = 0.02
PART_OF_LOSS, LEAST_OF_FALL = 0.05, 0.005


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two answers on the same rows.

    Attributes:
        outcome: of the first against the second: "better" or "worse" only if chance alone would
            bring about such a difference in less than 5 of 100 tables, else "undecided".
        difference: by how much the first is better (share right, or mean error saved).
    """

    outcome: Outcome
    difference: float


def compare(first: Score, second: Score) -> Comparison:
    """Compare two scores row by row on the same rows.

    Labels: the exact sign test over the rows that only one of the two has right. Numbers: the
    95 % interval of the mean difference of the absolute errors, with Student's t.

    Raises:
        InputError: the scores are of different measures or rows.

    Source:
        McNemar (1947), "Note on the sampling error of the difference between correlated
        proportions", in its exact form.
    """
    if first.measure != second.measure or first.rows != second.rows:
        raise InputError(
            "Two scores can be compared if they are of the same measure and the same rows; these"
            f" are {first.measure!r} on {first.rows} rows and {second.measure!r} on {second.rows}."
        )
    if first.measure == "right":
        gains = first.by_row - second.by_row
        is_sure = sign_test(int((gains > 0).sum()), int((gains < 0).sum())) < 0.05
    else:
        gains = second.by_row - first.by_row
        low, high = mean_interval(gains)
        is_sure = low > 0 or high < 0
    difference = float(gains.mean())
    if not is_sure:
        return Comparison("undecided", difference)
    return Comparison("better" if difference > 0 else "worse", difference)


def sign_test(wins: int, losses: int) -> float:
    """Give the chance of a split at least as uneven as this if both sides were equally likely.

    2 · Σ_{k ≤ min} C(n, k) / 2ⁿ with n = wins + losses, at most 1.

    Example:
        >>> sign_test(8, 1)
        0.0390625
        >>> sign_test(0, 0)
        1.0
    """
    count, fewer = wins + losses, min(wins, losses)
    if count <= EXACT_ROWS:
        ways = sum(math.comb(count, each) for each in range(fewer + 1))
        return float(min(1.0, 2 * ways / 2**count))
    deviation = max(0.0, abs(wins - losses) - 1) / math.sqrt(count)
    return math.erfc(deviation / math.sqrt(2))


@dataclass(frozen=True, slots=True)
class Curve:
    """How the validation loss stood when the training ended.

    Attributes:
        is_falling: it was still falling noticeably: more epochs would probably help.
        is_best_last: the best epoch was the last one.
        epochs_to_try: how many epochs to train instead, if it is falling.
    """

    is_falling: bool
    is_best_last: bool
    epochs_to_try: int | None = None

    @property
    def flag(self) -> str:
        """The flag to try, "--epochs 100", or "" if the epochs were enough."""
        return f"--epochs {self.epochs_to_try}" if self.epochs_to_try else ""


def read_curve(validation_losses: Array) -> Curve:
    """Judge whether the validation loss is still falling at the last epoch.

    It is, if all three hold: the best epoch lies in the last fifth; over the last third (at least
    five epochs, if there are so many) later losses lie below earlier ones more often than chance
    explains (Kendall's test); and the median slope there, times a fifth of the epochs, comes to
    2 % of the whole fall since the start, or to 5 % of the lowest loss and 0.5 % of the fall.
    Medians and orders keep a few wild epochs from deciding.

    Args:
        validation_losses: shape (epochs + 1,), of the first state and at each epoch's end.

    Example:
        >>> read_curve(np.exp(-np.arange(51) / 40)).flag
        '--epochs 100'
        >>> read_curve(np.exp(-np.arange(51) / 5)).flag
        ''

    Source:
        Theil (1950) and Sen (1968) for the median slope; Kendall (1938) for the test.
    """
    losses = np.asarray(validation_losses, np.float64)
    epochs = len(losses) - 1
    if epochs < 1:
        return Curve(is_falling=False, is_best_last=False)
    best_epoch = 1 + int(np.argmin(np.where(np.isfinite(losses[1:]), losses[1:], np.inf)))
    is_best_last = best_epoch == epochs
    window = losses[-min(epochs + 1, max(5, epochs // 3)) :]
    slope, concordance = _trend(window)
    is_falling = bool(
        best_epoch > 0.8 * epochs
        and concordance < -Z95
        and _is_steep(-slope * epochs / 5, losses[0], losses[1:].min())
    )
    return Curve(is_falling, is_best_last, 2 * epochs if is_falling else None)


def _is_steep(fall_of_a_fifth: float, first: float, lowest: float) -> bool:
    whole = first - lowest
    large = PART_OF_FALL * whole
    noticeable = max(PART_OF_LOSS * lowest, LEAST_OF_FALL * whole)
    return whole > 0 and fall_of_a_fifth >= min(large, noticeable)


def _trend(values: Array) -> tuple[float, float]:
    """Give the median slope per epoch and Kendall's statistic in standard deviations."""
    count = min(len(values), MOST_EPOCHS)
    places = np.linspace(0, len(values) - 1, count).round().astype(np.int64)
    first, second = np.triu_indices(count, 1)
    early, late = places[first], places[second]
    rises = values[late] - values[early]
    if not np.isfinite(rises).all():
        return 0.0, 0.0
    deviation = math.sqrt(count * (count - 1) * (2 * count + 5) / 18)
    if count < 5:  # too few for a test: all of them must agree
        return float(np.median(rises / (late - early))), -math.inf if (rises < 0).all() else 0.0
    return float(np.median(rises / (late - early))), float(np.sign(rises).sum()) / deviation
