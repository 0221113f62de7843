"""Equations hold as they are printed, whatever the numbers."""

import math

from hypothesis import given
from hypothesis import strategies as st

from pellucid.explain.equation import add_up, settle, settle_sum
from pellucid.explain.functions import FUNCTIONS, sigmoid
from pellucid.explain.softmax import write_softmax

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)
SMALL = st.floats(-30, 30, allow_nan=False)


@given(st.lists(NUMBERS, min_size=1, max_size=20), st.integers(0, 8), st.floats(-1e-3, 1e-3))
def test_a_rounded_sum_adds_up_exactly(terms, decimals, missed):
    addition = add_up(terms, math.fsum(terms) + missed, decimals)
    assert sum(addition.terms) + addition.rounding == addition.total


@given(st.lists(NUMBERS, min_size=1, max_size=20), st.integers(0, 8))
def test_the_rounding_is_no_larger_than_rounding_explains(terms, decimals):
    addition = add_up(terms, math.fsum(terms), decimals)
    assert abs(float(addition.rounding)) <= (len(terms) + 1) * 0.5 * 10.0**-decimals * (1 + 1e-9)


@given(st.lists(NUMBERS, min_size=1, max_size=8), st.integers(0, 5))
def test_a_printed_sum_can_be_added_up_again(reader, terms, decimals):
    text = settle_sum(terms, math.fsum(terms), decimals).write(["12 more"] * len(terms))
    equations = reader.equations(text)
    if len(terms) > 1:
        assert equations
    assert all(each.holds for each in equations)


@given(SMALL, SMALL)
def test_a_printed_product_gives_what_is_printed(reader, left, right):
    calculation = settle("{} × {}", [left, right], math.prod, left * right)
    assert calculation.holds
    assert all(each.holds for each in reader.equations(calculation.write()))


@given(st.sampled_from(["relu", "sigmoid", "tanh"]), SMALL)
def test_a_printed_activation_gives_what_is_printed(reader, name, z):
    template = {"relu": "max(0, {})", "sigmoid": "sigmoid({})", "tanh": "tanh({})"}[name]
    compute = FUNCTIONS[name].compute
    calculation = settle(template, [z], compute, compute([z]), decimals=4)
    assert calculation.holds
    assert [each.holds for each in reader.equations(calculation.write())] == [True]


def test_what_cannot_hold_is_not_called_equal():
    assert settle("{} × {}", [2.0, 3.0], math.prod, 7.0).write() == "2 × 3 ≈ 7.000"


def test_a_negative_factor_stands_in_brackets():
    assert settle("{} × {}", [-2.0, -3.0], math.prod, 6.0).write() == "−2 × (−3) = 6.000"


@given(st.lists(SMALL, min_size=2, max_size=12))
def test_a_printed_softmax_gives_what_is_printed(reader, sums):
    softmax = write_softmax(sums, 6, 3)
    again = reader.equations(f"{softmax.left} = {softmax.value:.9f}")
    assert [each.holds for each in again] == [True]


@given(st.floats(-700, 700))
def test_sigmoid_is_exact_at_both_ends(z):
    assert 0.0 <= sigmoid(z) <= 1.0
    assert math.isclose(sigmoid(z) + sigmoid(-z), 1.0, rel_tol=1e-15)
