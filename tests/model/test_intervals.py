"""Intervals against scipy's distributions, and what must hold for any of them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from pellucid.model.intervals import mean_interval, student_quantile, wilson


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_is_scipys(counts: tuple[int, int]) -> None:
    right, rows = counts
    expected = stats.binomtest(right, rows).proportion_ci(0.95, method="wilson")
    np.testing.assert_allclose(wilson(right, rows), (expected.low, expected.high), atol=1e-12)


@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_the_share_and_stays_a_share(counts: tuple[int, int]) -> None:
    right, rows = counts
    low, high = wilson(right, rows)
    assert 0 <= low <= right / rows <= high <= 1


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 5, 8, 15, 30, 124, 10_000])
def test_students_quantile_is_scipys(freedom: int) -> None:
    assert student_quantile(freedom) == pytest.approx(stats.t.ppf(0.975, freedom), rel=2e-3)


def test_mean_interval_is_scipys() -> None:
    numbers = np.random.default_rng(0).gamma(2.0, 3.0, 60)
    expected = stats.t.interval(0.95, 59, loc=numbers.mean(), scale=stats.sem(numbers))
    np.testing.assert_allclose(mean_interval(numbers), expected, rtol=1e-5)


@pytest.mark.parametrize("scale", [1e-300, 1.0, 1e300])
def test_the_unit_of_a_mean_does_not_matter(scale: float) -> None:
    numbers = np.array([1.0, 2.0, 3.0, 4.0])
    expected = np.array(mean_interval(numbers)) * scale
    np.testing.assert_allclose(mean_interval(numbers * scale), expected, rtol=1e-12)


def test_equal_numbers_leave_no_room() -> None:
    assert mean_interval(np.zeros(3)) == (0, 0)


def test_one_number_says_nothing_about_its_spread() -> None:
    assert mean_interval(np.array([3.0])) == (-math.inf, math.inf)
