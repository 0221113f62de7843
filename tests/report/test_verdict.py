"""Judgements on synthetic rows and curves whose answer is known beforehand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from pellucid.errors import InputError
from pellucid.model.score import mean_error, share_right
from pellucid.report.verdict import compare, read_curve, sign_test


@given(st.integers(0, 400), st.integers(0, 400))
def test_sign_test_is_scipys(wins: int, losses: int) -> None:
    expected = stats.binomtest(wins, wins + losses).pvalue if wins + losses else 1.0
    assert sign_test(wins, losses) == pytest.approx(expected, abs=1e-12)


def test_sign_test_beyond_the_exact_rows_joins_on() -> None:
    assert sign_test(700, 600) == pytest.approx(stats.binomtest(700, 1300).pvalue, rel=0.01)


def rights(share: float, rows: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random(rows) < share


def test_a_clear_difference_is_told_and_a_small_one_is_not() -> None:
    truth = np.ones(400, bool)
    good, poor = share_right(rights(0.9, 400, 0), truth), share_right(rights(0.7, 400, 1), truth)
    near = share_right(rights(0.91, 400, 2), truth)
    assert compare(good, poor).outcome == "better"
    assert compare(poor, good).outcome == "worse"
    assert compare(poor, good).difference == -compare(good, poor).difference
    assert compare(near, good).outcome == "undecided"


def test_equal_answers_are_undecided() -> None:
    score = mean_error([1.0, 2.0, 3.0], [1.5, 2.0, 2.0])
    assert compare(score, score).outcome == "undecided"


def test_errors_are_compared_row_by_row() -> None:
    draws = np.random.default_rng(0)
    truth = draws.normal(0, 100, 200)
    small, large = truth + draws.normal(0, 9, 200), truth + draws.normal(0, 14, 200)
    better = compare(mean_error(small, truth), mean_error(large, truth))
    assert better.outcome == "better"
    assert better.difference > 0


def test_chance_alone_is_seldom_called_better() -> None:
    truth = np.ones(125, bool)
    sure = [
        compare(
            share_right(rights(0.8, 125, 2 * k), truth),
            share_right(rights(0.8, 125, 2 * k + 1), truth),
        )
        for k in range(200)
    ]
    assert sum(each.outcome != "undecided" for each in sure) <= 16


def test_scores_of_other_rows_cannot_be_compared() -> None:
    with pytest.raises(InputError, match="'right' on 1 rows and 'mean error' on 1"):
        compare(share_right([1], [1]), mean_error([1], [1]))


def approach(epochs: int, half_life: float, floor: float = 0.3) -> np.ndarray:
    return floor + 0.5 * 2.0 ** (-np.arange(epochs + 1) / half_life)


@pytest.mark.parametrize("epochs", [8, 20, 50, 200])
@pytest.mark.parametrize("noise", [0.0, 0.002])
def test_an_unfinished_approach_is_still_falling(epochs: int, noise: float) -> None:
    wobble = np.random.default_rng(epochs).normal(0, noise, epochs + 1)
    curve = read_curve(approach(epochs, half_life=epochs / 1.5) + wobble)
    assert curve.is_falling
    assert curve.flag == f"--epochs {2 * epochs}"


@pytest.mark.parametrize("epochs", [8, 20, 50, 200])
@pytest.mark.parametrize("seed", range(20))
def test_a_finished_approach_with_noise_is_not_falling(epochs: int, seed: int) -> None:
    wobble = np.random.default_rng(seed).normal(0, 0.01, epochs + 1)
    assert not read_curve(approach(epochs, half_life=epochs / 12) + wobble).is_falling


def test_a_curve_that_rises_again_is_not_falling() -> None:
    steps = np.arange(51)
    curve = read_curve(approach(50, 8) + 0.004 * np.maximum(0, steps - 20))
    assert (curve.is_falling, curve.is_best_last, curve.flag) == (False, False, "")


def test_a_loss_that_is_nearly_nothing_is_finished() -> None:
    assert not read_curve(approach(50, half_life=4, floor=0.0)).is_falling


def test_a_loss_that_still_halves_now_and_then_is_falling() -> None:
    assert read_curve(approach(50, half_life=9, floor=0.0)).is_falling


def test_one_wild_epoch_does_not_decide() -> None:
    falling = approach(50, 30)
    falling[45] = 9.0
    assert read_curve(falling).is_falling
    flat = approach(50, 4)
    flat[50] -= 0.05
    assert not read_curve(flat).is_falling


@pytest.mark.parametrize("losses", [[0.7], [0.7, math.nan, math.nan], [0.5] * 30, [0.5, 0.6]])
def test_nothing_learned_is_not_falling(losses: list[float]) -> None:
    assert not read_curve(np.array(losses)).is_falling


def test_a_single_epoch_that_helped_asks_for_a_second() -> None:
    assert read_curve(np.array([0.7, 0.6])).flag == "--epochs 2"


def test_a_very_long_curve_is_judged_without_every_pair_of_its_epochs() -> None:
    assert read_curve(np.exp(-np.arange(300_001) / 200_000)).is_falling
    assert not read_curve(np.exp(-np.arange(300_001) / 2_000)).is_falling
