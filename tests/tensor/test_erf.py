"""The error function against Python's own, one number at a time."""

import math

import numpy as np

from pellucid.tensor.erf import HIGHEST, HIGHEST_SMALL, erf

EDGES = [0.0, 5e-324, 1e-300, HIGHEST_SMALL, np.nextafter(HIGHEST_SMALL, 1), HIGHEST, 26.6, 1e300]


def test_every_digit_is_right() -> None:
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(size=20_000) * 2, np.linspace(-7, 7, 20_001), EDGES])
    wanted = np.array([math.erf(each) for each in x])
    error = np.abs(erf(x) - wanted)
    assert np.all(error <= 4 * np.spacing(np.abs(wanted)))
    assert error.max() < 2.3e-16


def test_it_is_odd_and_ends_at_one() -> None:
    x = np.array([*EDGES, np.inf])
    np.testing.assert_array_equal(erf(-x), -erf(x))
    assert np.all(np.signbit(erf(-x)))
    np.testing.assert_array_equal(erf(x[-4:]), 1.0)
    assert math.isnan(erf(np.array(np.nan)))


def test_any_shape_comes_back_in_float64() -> None:
    for shape in ((), (0,), (2, 3)):
        out = erf(np.full(shape, 0.5, np.float32))
        assert out.shape == shape
        assert out.dtype == np.float64
