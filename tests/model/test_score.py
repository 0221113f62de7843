"""Scores against scikit-learn's metrics."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from pellucid.errors import InputError
from pellucid.model.score import mean_error, share_right

labels = st.sampled_from(["yes", "no", "perhaps"])
numbers = st.floats(-1e6, 1e6)


@given(st.lists(st.tuples(labels, labels), min_size=1, max_size=60))
def test_share_right_is_the_accuracy(pairs: list[tuple[str, str]]) -> None:
    predicted, true = zip(*pairs, strict=True)
    score = share_right(predicted, true)
    assert score.value == pytest.approx(metrics.accuracy_score(true, predicted))
    assert score.by_row.sum() == round(score.value * score.rows)
    assert score.low <= score.value <= score.high


@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=60))
def test_mean_error_is_the_mean_absolute_error(pairs: list[tuple[float, float]]) -> None:
    predicted, true = zip(*pairs, strict=True)
    score = mean_error(predicted, true)
    assert score.value == pytest.approx(metrics.mean_absolute_error(true, predicted))
    assert 0 <= score.low <= score.value <= score.high


def test_more_right_and_less_error_are_better() -> None:
    assert share_right([1, 1], [1, 1]).is_better_than(share_right([1, 0], [1, 1]))
    assert mean_error([1.0], [1.0]).is_better_than(mean_error([2.0], [1.0]))
    assert not mean_error([2.0], [1.0]).is_better_than(mean_error([2.0], [1.0]))


def test_a_score_needs_a_row() -> None:
    with pytest.raises(InputError, match="at least one row with a known truth; there is none"):
        share_right([], [])


def test_a_score_needs_one_prediction_for_each_truth() -> None:
    with pytest.raises(InputError, match=r"shape \(2,\), truths \(1,\). Give two lists"):
        mean_error([1.0, 2.0], [1.0])


def test_a_score_shows_figure_interval_and_rows() -> None:
    assert repr(share_right([1] * 21 + [0] * 4, [1] * 25)) == (
        "Score(right 84 %, 95 %: 65 to 94, 25 rows)"
    )
    assert repr(mean_error([1.0, 3.0], [0.0, 0.0])) == (
        "Score(mean error 2, 95 %: 0 to 14.71, 2 rows)"
    )
