"""The sentences that judge a network: the right one for each case, silence when all is well."""

import pytest

from pellucid.model.score import Score, share_right
from pellucid.report.verdict import Comparison, Curve
from pellucid.report.words import say_verdict, write_rounded

DONE = Curve(is_falling=False, is_best_last=False)
FALLING = Curve(is_falling=True, is_best_last=True, epochs_to_try=100)


def score(rows: int = 100) -> Score:
    return share_right([1] * rows, [1] * rows)


def rivals(trivial: str, simple: str) -> list[tuple[str, Comparison]]:
    return [
        ('always "no"', Comparison(trivial, 0.1)),
        ("one neuron, no hidden layer", Comparison(simple, 0.0)),
    ]


def test_nothing_is_said_when_all_is_well() -> None:
    assert say_verdict(score(), rivals("better", "better"), DONE, 50) == ()


@pytest.mark.parametrize(
    ("trivial", "simple", "said"),
    [
        ("undecided", "better", 'The network is no better than always "no": its 100 rows'),
        ("worse", "worse", 'The network is no better than always "no"'),
        (
            "better",
            "undecided",
            "Without a hidden layer it is as good, and simpler to explain: --layers none.",
        ),
        ("better", "worse", "Without a hidden layer it is better here: --layers none."),
    ],
)
def test_a_simple_answer_that_is_as_good_is_named(trivial: str, simple: str, said: str) -> None:
    (sentence,) = say_verdict(score(), rivals(trivial, simple), DONE, 50)
    assert sentence.startswith(said)


def test_a_gain_within_chance_is_called_so() -> None:
    compared = [*rivals("better", "better")[:1], ("one neuron", Comparison("undecided", 0.03))]
    (sentence,) = say_verdict(score(), compared, DONE, 50)
    assert sentence.startswith("On 100 rows the gain over no hidden layer is within chance.")
    assert sentence.endswith("--layers none.")


def test_a_network_without_a_hidden_layer_has_one_rival_only() -> None:
    assert say_verdict(score(), rivals("better", "worse")[:1], DONE, 50) == ()


def test_a_falling_loss_names_the_flag() -> None:
    said = say_verdict(score(), rivals("better", "better"), FALLING, 50)
    assert said == ("The loss was still falling at epoch 50: try --epochs 100.",)


@pytest.mark.parametrize(("rows", "said"), [(1, "1 row is too few"), (5, "5 rows are too few")])
def test_too_few_rows_are_said_to_be_too_few(rows: int, said: str) -> None:
    (sentence,) = say_verdict(score(rows), rivals("undecided", "undecided"), DONE, 50)
    assert sentence.startswith(said)


@pytest.mark.parametrize(
    ("number", "text"),
    [(0.0, "0"), (-1234567.0, "-1,235,000"), (99.996, "100"), (1e-5, "0.00001"), (50, "50")],
)
def test_numbers_are_rounded_for_people(number: float, text: str) -> None:
    assert write_rounded(number) == text
