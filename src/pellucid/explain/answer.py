"""The last lines of a prediction, written together so that each number agrees with the next.

"… = 1.127", "sigmoid(1.127) = 0.755", "76 %", "loss 0.281": every one follows from the digits of
the one before it. The nodes themselves are made in `prediction`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from pellucid.data.target import Target
from pellucid.explain.curves import sigmoid
from pellucid.explain.digits import decimals_for, write_chance, write_fixed, write_science
from pellucid.explain.equation import Addition, add_up, join_terms, round_to, settle_sum
from pellucid.explain.explanation import Explanation
from pellucid.explain.functions import FUNCTIONS
from pellucid.explain.prediction import Prediction
from pellucid.explain.softmax import write_softmax
from pellucid.explain.sums import fold_terms, sum_decimals

MOST = 9
SMALLEST, LARGEST = 1e-4, 1e12  # numbers beyond are written with powers of ten


@dataclass(frozen=True, slots=True)
class AnswerText:
    """The answer of a row in three pieces.

    Args:
        total: the deciding sum, "0.967 + 2.180 − 3.328 = −0.181".
        turned: how the sum became the answer, "sigmoid(1.127) = 0.755".
        loss: the row's loss in digits that follow from the answer's, or "".
        loss_how: how it is computed, "−ln(0.755) = 0.281", or "".
    """

    total: str
    turned: str
    loss: str
    loss_how: str


def write_answer(prediction: Prediction, target: Target, width: int) -> AnswerText:
    """Write the deciding sum, what becomes of it, and the loss.

    Args:
        prediction: a row opened.
        target: what is predicted.
        width: of the line with the sum, which decides how many terms are shown.
    """
    if target.kind == "number":
        return _number(prediction, width)
    if target.kind == "classes":
        return _classes(prediction, width)
    return _yes_no(prediction, width)


def _yes_no(prediction: Prediction, width: int) -> AnswerText:
    answer = prediction.answer
    total = _deciding_sum(answer)
    decimals, loss = _chance_decimals(prediction)
    shown = round_to(answer.value, decimals)

    def holds(addition: Addition) -> bool:
        return round_to(sigmoid(float(addition.total)), decimals) == shown

    text, addition = _write_total(total, width, holds)
    sign = "=" if holds(addition) else "≈"
    written = write_fixed(addition.total, addition.decimals)
    chance = write_fixed(shown, decimals)
    how = ""
    if loss:
        inner = chance if _is_true(prediction) else f"1 − {chance}"
        agrees = _loss_of(float(shown), is_true=_is_true(prediction)) == loss
        how = f"−ln({inner}) {'=' if agrees else '≈'} {loss}"
    return AnswerText(text, f"sigmoid({written}) {sign} {chance}", loss, how)


def _chance_decimals(prediction: Prediction) -> tuple[int, str]:
    """So many decimals that per cent and loss follow from the written probability."""
    value = prediction.answer.value
    loss = "" if prediction.loss is None else _write_loss(prediction.loss.value)
    for decimals in range(3, MOST):
        shown = float(round_to(value, decimals))
        if write_chance(shown) != write_chance(value):
            continue
        if not loss or _loss_of(shown, is_true=_is_true(prediction)) == loss:
            return decimals, loss
    return 3, loss


def _is_true(prediction: Prediction) -> bool:
    """Whether the output's own label is the truth, so that its probability is the truth's."""
    output = prediction.neurons.activation(_last(prediction), 0)
    return prediction.loss is not None and prediction.loss.parts[0] is output


def _loss_of(chance: float, *, is_true: bool) -> str:
    truth = chance if is_true else 1.0 - chance
    return _write_loss(-math.log(truth)) if truth > 0.0 else ""


def _last(prediction: Prediction) -> int:
    return len(prediction.neurons.layers) - 1


def _classes(prediction: Prediction, width: int) -> AnswerText:
    answer = prediction.answer
    sums = [each.value for each in answer.parts]
    decimals = next(
        (
            each
            for each in range(3, MOST)
            if write_chance(float(round_to(answer.value, each))) == write_chance(answer.value)
        ),
        3,
    )
    shown = round_to(answer.value, decimals)

    def holds(addition: Addition) -> bool:
        return write_softmax(sums, addition.decimals, decimals).holds(shown)

    text, addition = _write_total(_deciding_sum(answer), width, holds)
    softmax = write_softmax(sums, addition.decimals, decimals)
    sign = "=" if softmax.holds(shown) else "≈"
    turned = f"{softmax.left} {sign} {write_fixed(shown, decimals)}"
    return AnswerText(text, turned, *_plain_loss(prediction))


def _number(prediction: Prediction, width: int) -> AnswerText:
    answer = prediction.answer
    total = _deciding_sum(answer)
    std, mean = (each.value for each in answer.parts[1:])
    scale = max(abs(answer.value), std / 10, abs(mean) / 10)
    if not SMALLEST <= scale < LARGEST:
        return _far_number(prediction, width)
    decimals = 0 if abs(answer.value) >= 1000 else decimals_for([answer.value])
    shown = round_to(answer.value, decimals)
    compute = FUNCTIONS["unstandardise"].compute

    def around(addition: Addition) -> tuple[float, float]:
        finer = max(addition.decimals - 3, 0) + decimals
        return float(round_to(std, finer)), float(round_to(mean, finer))

    def holds(addition: Addition) -> bool:
        return round_to(compute([float(addition.total), *around(addition)]), decimals) == shown

    text, addition = _write_total(total, width, holds)
    finer = max(addition.decimals - 3, 0) + decimals
    times = f"{write_fixed(addition.total, addition.decimals)} × {write_fixed(std, finer)}"
    left = join_terms([times, write_fixed(mean, finer)])
    sign = "=" if holds(addition) else "≈"
    turned = f"{left} {sign} {write_fixed(shown, decimals)}"
    return AnswerText(text, turned, *_plain_loss(prediction))


def _far_number(prediction: Prediction, width: int) -> AnswerText:
    """A number too large or too small to be written out: with powers of ten."""
    answer = prediction.answer
    std, mean = (each.value for each in answer.parts[1:])
    compute = FUNCTIONS["unstandardise"].compute
    digits, turned = 4, ""
    shown = f"{answer.value:.{digits - 1}e}"

    def near(addition: Addition) -> bool:
        return f"{compute([float(addition.total), std, mean]):.{digits - 1}e}" == shown

    text, addition = _write_total(_deciding_sum(answer), width, near)
    total = float(addition.total)
    for significant in range(digits, 2 * MOST):
        around = [f"{each:.{significant - 1}e}" for each in (std, mean)]
        holds = f"{compute([total, *map(float, around)]):.{digits - 1}e}" == shown
        if significant == digits or holds:
            times = f"{write_fixed(addition.total, addition.decimals)} × {_power(around[0])}"
            left = join_terms([times, _power(around[1])])
            turned = f"{left} {'=' if holds else '≈'} {_power(shown)}"
        if holds:
            break
    return AnswerText(text, turned, *_plain_loss(prediction))


def _power(written: str) -> str:
    return write_science(Decimal(written))


def _plain_loss(prediction: Prediction) -> tuple[str, str]:
    loss = prediction.loss
    return ("", "") if loss is None else (_write_loss(loss.value), loss.numbers)


def _write_loss(loss: float) -> str:
    return "under 0.001" if 0.0 < loss < 0.0005 else write_fixed(loss, 3)


def _deciding_sum(answer: Explanation) -> Explanation:
    node = answer.parts[0]
    return node if node.op == "sum" else node.parts[0]


def _write_total(
    total: Explanation, width: int, holds: Callable[[Addition], bool]
) -> tuple[str, Addition]:
    """The sum on one line of at most `width` characters, with as many terms as fit."""
    text, addition = "", add_up([], 0.0, 3)
    for most in range(10, 1, -1):
        terms = fold_terms(total, most)
        decimals = sum_decimals([total.value, *(each.value for each in terms)])
        addition = settle_sum([each.value for each in terms], total.value, decimals, holds, more=2)
        text = addition.write([each.name if each.part is None else "" for each in terms])
        if len(text) <= width:
            break
    return text, addition
