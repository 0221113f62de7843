"""How good predictions are where the truth is known: one figure, its 95 % interval, every row.

Only counts and means live here. Whether a score is better than another, and by more than chance,
is judged in `report`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from pellucid.errors import InputError
from pellucid.model.intervals import mean_interval, wilson

Array = np.ndarray[Any, np.dtype[Any]]
Measure = Literal["right", "mean error"]


@dataclass(frozen=True, slots=True)
class Score:
    """One figure for predictions on rows with known truth.

    Attributes:
        measure: "right" (the share of rows predicted right) or "mean error" (the mean absolute
            difference, in the target's unit).
        value: the share from 0 to 1, or the mean error.
        low: lower end of the 95 % interval of `value`.
        high: upper end of the 95 % interval of `value`.
        rows: how many rows were judged.
        by_row: shape (rows,), 1.0 where a row is right, or each row's absolute error.
        loss: the mean loss that training lowers, where it was measured.

    Example:
        >>> share_right(["yes", "no", "no"], ["yes", "no", "yes"])
        Score(right 67 %, 95 %: 21 to 94, 3 rows)
    """

    measure: Measure
    value: float
    low: float
    high: float
    rows: int
    by_row: Array = field(compare=False)
    loss: float | None = None

    def is_better_than(self, other: Score) -> bool:
        """Whether this score is the better one on its face, chance left aside."""
        if self.measure == "right":
            return self.value > other.value
        return self.value < other.value

    def __repr__(self) -> str:
        shown = "{:.0f} %, 95 %: {:.0f} to {:.0f}" if self.measure == "right" else _ERROR_FORMAT
        scale = 100 if self.measure == "right" else 1
        text = shown.format(self.value * scale, self.low * scale, self.high * scale)
        return f"Score({self.measure} {text}, {self.rows:,} rows)"


_ERROR_FORMAT = "{:.4g}, 95 %: {:.4g} to {:.4g}"


def share_right(predictions: Any, truths: Any, loss: float | None = None) -> Score:
    """Score labels: the share of rows whose label is predicted right, with Wilson's interval.

    Args:
        predictions: shape (rows,), labels.
        truths: shape (rows,), labels.
        loss: the mean loss of the same predictions, if it was measured.

    Raises:
        InputError: no rows, or not as many predictions as truths.
    """
    predicted, true = np.asarray(predictions), np.asarray(truths)
    _check_rows(predicted, true)
    hits = predicted == true
    right = int(np.count_nonzero(hits))
    low, high = wilson(right, len(hits))
    by_row = hits.astype(np.float64)
    return Score("right", right / len(hits), low, high, len(hits), by_row, loss)


def mean_error(predictions: Any, truths: Any, loss: float | None = None) -> Score:
    """Score numbers: the mean absolute error, with the 95 % interval of a mean.

    (1/n) Σ |prediction - truth|; the interval's lower end is never below 0.

    Args:
        predictions: shape (rows,), numbers in the target's unit.
        truths: shape (rows,), numbers in the target's unit.
        loss: the mean loss of the same predictions, if it was measured.

    Raises:
        InputError: no rows, or not as many predictions as truths.

    Example:
        >>> mean_error([400.0, 310.0], [450.0, 300.0]).value
        30.0
    """
    predicted, true = np.asarray(predictions, np.float64), np.asarray(truths, np.float64)
    _check_rows(predicted, true)
    errors = np.abs(predicted - true)
    low, high = mean_interval(errors)
    return Score("mean error", float(errors.mean()), max(low, 0.0), high, len(errors), errors, loss)


def _check_rows(predictions: Array, truths: Array) -> None:
    if predictions.shape != truths.shape or predictions.ndim != 1:
        raise InputError(
            "A score needs one prediction for each truth: predictions have the shape"
            f" {predictions.shape}, truths {truths.shape}. Give two lists of the same length."
        )
    if len(truths) == 0:
        raise InputError("A score needs at least one row with a known truth; there is none.")
