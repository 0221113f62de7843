"""The functions by which parts become a value, each by name, with its formula in symbols.

An `Explanation` names its function, so that whoever holds the parts can compute the value again.
Sums and products need no entry; where numbers come from lives in `prediction` and `step`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from pellucid.explain.curves import HEIGHTS, READS_SUM, SLOPES, sigmoid
from pellucid.explain.loss_rules import COST_SLOPES, COSTS


@dataclass(frozen=True, slots=True)
class Function:
    """One way from parts to a value.

    Args:
        rule: the value from the parts' values, in their order.
        formula: in symbols, for people.
    """

    rule: Callable[[Sequence[float]], float]
    formula: str

    def compute(self, parts: Sequence[float]) -> float:
        """The value; as an engine has it where Python would raise: too large is ∞, no value NaN.

        Example:
            >>> FUNCTIONS["mse_cost"].compute([1e200, 0.0]), FUNCTIONS["mean"].compute([1, 0])
            (inf, nan)
        """
        try:
            return self.rule(parts)
        except OverflowError:
            return math.inf
        except (ZeroDivisionError, ValueError):
            return math.nan


def add(numbers: Iterable[float]) -> float:
    """The sum, rounded once; NaN and infinite numbers are added as an engine adds them.

    Example:
        >>> add([0.1] * 10), add([math.inf, -math.inf])
        (1.0, nan)
    """
    terms = list(numbers)
    try:
        return math.fsum(terms)
    except (OverflowError, ValueError):
        return float(sum(terms))


def softmax_first(z: Sequence[float]) -> float:
    """e^z of the first number, divided by the sum of e^z of all.

    Example:
        >>> round(softmax_first([1.0, 1.0]), 3)
        0.5
    """
    largest = max(z)
    grown = [math.exp(each - largest) for each in z]
    return grown[0] / math.fsum(grown)


def _adam(parts: Sequence[float]) -> float:
    old, rate, average, squares, epsilon = parts
    return old - rate * average / (math.sqrt(squares) + epsilon)


def _kept(parts: Sequence[float]) -> float:
    return 1.0 / (1.0 - parts[1]) if parts[0] else 0.0


def _normalised(parts: Sequence[float]) -> float:
    number, mean, variance, epsilon = parts
    return (number - mean) / math.sqrt(variance + epsilon)


FUNCTIONS: dict[str, Function] = {
    "identity": Function(lambda p: p[0], "a = z"),
    "relu": Function(lambda p: 0.0 if p[0] < 0 else p[0], "a = max(0, z)"),
    "sigmoid": Function(lambda p: sigmoid(p[0]), "a = 1 ÷ (1 + e^−z)"),
    "tanh": Function(lambda p: math.tanh(p[0]), "a = tanh(z)"),
    "softmax": Function(softmax_first, "a = e^z ÷ sum of e^z over the classes"),
    "relu_slope": Function(lambda p: 1.0 if p[0] > 0 else 0.0, "1 if z > 0, else 0"),
    "sigmoid_slope": Function(lambda p: p[0] * (1.0 - p[0]), "a × (1 − a)"),
    "tanh_slope": Function(lambda p: 1.0 - p[0] * p[0], "1 − a²"),
    "one": Function(lambda _: 1.0, "1 (the sum is passed on as it is)"),
    "standardise": Function(lambda p: (p[0] - p[1]) / p[2], "(cell − mean) ÷ standard deviation"),
    "is_one": Function(lambda p: p[0], "1 if the cell is this one, else 0"),
    "unstandardise": Function(lambda p: p[0] * p[1] + p[2], "z × standard deviation + mean"),
    "mean": Function(lambda p: p[0] / p[1], "sum ÷ count"),
    "minus_log": Function(lambda p: -math.log(max(p[0], 5e-324)), "−ln(probability of the truth)"),
    "other_probability": Function(lambda p: sigmoid(-p[0]), "1 ÷ (1 + e^z)"),
    "difference_share": Function(lambda p: (p[0] - p[1]) / p[2], "(prediction − truth) ÷ rows"),
    "double_difference_share": Function(
        lambda p: 2.0 * (p[0] - p[1]) / p[2], "2 × (prediction − truth) ÷ rows"
    ),
    "decayed": Function(lambda p: p[0] + p[1] * p[2], "gradient + weight decay × old"),
    "sgd": Function(lambda p: p[0] - p[1] * p[2], "old − learning rate × gradient"),
    "decay": Function(lambda p: p[0] * p[1] + p[2] * p[3], "β × before + (1 − β) × gradient"),
    "decay_square": Function(
        lambda p: p[0] * p[1] + p[2] * p[3] ** 2, "β × before + (1 − β) × gradient²"
    ),
    "first_momentum": Function(lambda p: p[0], "momentum buffer = gradient"),
    "momentum": Function(
        lambda p: p[0] * p[1] + p[2] * p[3], "momentum × before + (1 − dampening) × gradient"
    ),
    "nesterov": Function(lambda p: p[0] + p[1] * p[2], "gradient + momentum × momentum buffer"),
    "negated": Function(lambda p: -p[0], "−gradient"),
    "debias": Function(lambda p: p[0] / (1.0 - p[1] ** p[2]), "average ÷ (1 − β^step)"),
    "rest": Function(lambda p: 1.0 - p[0], "1 − setting"),
    "largest": Function(max, "the larger of before and now"),
    "add_square": Function(lambda p: p[0] + p[1] ** 2, "before + gradient²"),
    "variance": Function(lambda p: p[0] - p[1] ** 2, "squares − average²"),
    "shrunk": Function(
        lambda p: p[0] * (1.0 - p[1] * p[2]), "old × (1 − learning rate × weight decay)"
    ),
    "slowed": Function(
        lambda p: p[0] / (1.0 + (p[1] - 1.0) * p[2]), "rate ÷ (1 + (step − 1) × decay of the rate)"
    ),
    "scaled": Function(lambda p: p[0] / (math.sqrt(p[1]) + p[2]), "gradient ÷ (√squares + ε)"),
    "add_momentum": Function(lambda p: p[0] * p[1] + p[2], "momentum × before + scaled gradient"),
    "length": Function(
        lambda p: math.sqrt(math.fsum(each * each for each in p)), "√(sum of the squares)"
    ),
    "shortened": Function(
        lambda p: p[0] * min(1.0, p[1] / (p[2] + 1e-6)), "gradient × min(1, limit ÷ length)"
    ),
    "clamped": Function(lambda p: min(max(p[0], -p[1]), p[1]), "gradient brought into ±limit"),
    "difference": Function(lambda p: p[0] - p[1], "new − old"),
    "adam": Function(_adam, "old − learning rate × average ÷ (√squares + ε)"),
    "passed": Function(lambda p: p[0], "passed on as it is"),
    "kept": Function(_kept, "1 ÷ (1 − p) if kept, else 0"),
    "squared_distance": Function(lambda p: (p[0] - p[1]) ** 2, "(number − mean)²"),
    "normalise": Function(_normalised, "(number − mean) ÷ √(variance + ε)"),
    "scaled_shifted": Function(lambda p: p[0] * p[1] + p[2], "normalised × weight + bias"),
    "normalised_back": Function(
        lambda p: p[6] / math.sqrt(p[4] + p[5]) * (p[0] - p[1] - p[2] * p[3]),
        "weight ÷ √(variance + ε) × (delta − mean delta − normalised × mean of delta × normalised)",
    ),
    "normalised_back_bare": Function(
        lambda p: (p[0] - p[1] - p[2] * p[3]) / math.sqrt(p[4] + p[5]),
        "(delta − mean delta − normalised × mean of delta × normalised) ÷ √(variance + ε)",
    ),
    "scaled_back_bare": Function(
        lambda p: p[0] / math.sqrt(p[1] + p[2]), "delta ÷ √(variance + ε)"
    ),
    "scaled_back": Function(
        lambda p: p[0] * p[3] / math.sqrt(p[1] + p[2]), "delta × weight ÷ √(variance + ε)"
    ),
    "softmax_back": Function(lambda p: p[0] * (p[1] - p[2]), "a × (delta − sum of delta × a)"),
    "log_softmax_back": Function(
        lambda p: p[0] - math.exp(p[1]) * p[2], "delta − e^a × sum of the deltas"
    ),
    "running": Function(
        lambda p: (1.0 - p[0]) * p[1] + p[0] * p[2], "(1 − momentum) × before + momentum × batch"
    ),
    "running_mean_of_all": Function(
        lambda p: p[0] + (p[1] - p[0]) / p[2], "before + (batch − before) ÷ batches so far"
    ),
    "unbiased": Function(lambda p: p[0] * p[1] / (p[1] - 1.0), "variance × rows ÷ (rows − 1)"),
    "one_more": Function(lambda p: p[0] + 1.0, "before + 1"),
    "row_share": Function(lambda p: p[0] / p[1], "weight of the row ÷ sum of all weights"),
    "smoothed": Function(
        lambda p: (1.0 - p[1]) * p[0] * p[3] + p[1] / p[2] * p[4],
        "(1 − smoothing) × truth × its weight + smoothing ÷ classes × weight of this class",
    ),
    "one_of": Function(lambda p: 1.0 / p[0], "1 ÷ count"),
    "class_slope": Function(
        lambda p: p[0] * p[1] - p[2], "probability × weight of all − weight of this class"
    ),
    "minus": Function(lambda p: -p[0], "−value"),
}
"""Every function that an explanation may name."""
FUNCTIONS |= {name: Function(*each) for name, each in (HEIGHTS | SLOPES | COST_SLOPES).items()}
FUNCTIONS |= {f"{name}_cost": Function(*each) for name, each in COSTS.items()}


def slope_function(activation: str) -> tuple[str, bool]:
    """The function that gives an activation's slope, and whether it reads z (otherwise it reads a).

    Example:
        >>> slope_function("relu"), slope_function("tanh")
        (('relu_slope', True), ('tanh_slope', False))
    """
    known = f"{activation}_slope"
    return (known, known in READS_SUM) if known in FUNCTIONS else ("one", True)


def slope(activation: str, total: float, value: float, *settings: float) -> float:
    """The slope of an activation at a weighted sum.

    Args:
        activation: "relu", "sigmoid", … or "identity".
        total: the weighted sum z.
        value: the activation a there.
        settings: of the layer, such as LeakyReLU's slope.

    Example:
        >>> slope("relu", -0.5, 0.0), slope("sigmoid", 0.0, 0.5), slope("identity", 3.0, 3.0)
        (0.0, 0.25, 1.0)
    """
    function, reads_sum = slope_function(activation)
    return FUNCTIONS[function].compute([total if reads_sum else value, *settings])
