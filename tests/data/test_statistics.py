"""Mean and spread: as scikit-learn, exact, and blind to the order of rows."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import StandardScaler

from pellucid.data.statistics import mean_and_std

numbers = st.lists(
    st.floats(-1e6, 1e6).filter(lambda x: x == 0 or abs(x) > 1e-6), min_size=1, max_size=50
)


@given(numbers)
def test_the_mean_is_the_true_one_to_the_last_bits(values: list[float]) -> None:
    mean, _ = mean_and_std(np.array(values))
    true = sum(map(Fraction, values)) / len(values)
    assert abs(Fraction(mean) - true) <= 2 * Fraction(np.spacing(abs(float(true)) or 1e-300))


@given(numbers)
def test_agrees_with_scikit_learn(values: list[float]) -> None:
    mean, std = mean_and_std(np.array(values))
    scaler = StandardScaler().fit(np.array(values).reshape(-1, 1))
    assert mean == pytest.approx(scaler.mean_[0], rel=1e-9, abs=1e-9)
    spread = max(map(abs, values))
    if std > 1e-6 * spread and len(set(values)) > 1:
        assert std == pytest.approx(scaler.scale_[0], rel=1e-6)


@given(numbers, st.randoms())
def test_the_order_of_rows_changes_no_bit(values: list[float], random: object) -> None:
    shuffled = list(values)
    random.shuffle(shuffled)
    assert mean_and_std(np.array(values)) == mean_and_std(np.array(shuffled))


@given(numbers, st.integers(-900, 900))
def test_a_power_of_two_scales_exactly(values: list[float], power: int) -> None:
    mean, std = mean_and_std(np.array(values))
    scaled = mean_and_std(np.array(values) * 2.0**power)
    assert scaled[0] == mean * 2.0**power
    assert scaled[1] == (1.0 if len(set(values)) == 1 else std * 2.0**power)


def test_edges() -> None:
    assert mean_and_std(np.array([])) == (0.0, 1.0)
    assert mean_and_std(np.array([0.0, 0.0])) == (0.0, 1.0)
    assert mean_and_std(np.array([7.1] * 3)) == (7.1, 1.0)
    mean, std = mean_and_std(np.array([1.7e308, -1.7e308, 1.7e308]))
    assert math.isfinite(mean)
    assert math.isfinite(std)
    assert std == pytest.approx(1.7e308 * (math.sqrt(8) / 3))
