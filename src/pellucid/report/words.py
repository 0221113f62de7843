"""The verdict in words: short sentences, what matters most first, each with what to do about it.

Which facts hold is decided in `verdict`; here they are only said.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from pellucid.model.score import Score
from pellucid.report.verdict import Comparison, Curve

FEWEST_ROWS = 6  # with fewer, even all rows right against all wrong could be chance


def write_rounded(number: float, digits: int = 4) -> str:
    """Write a number with so many digits that count, thousands parted by commas.

    Example:
        >>> write_rounded(243120.7), write_rounded(12), write_rounded(0.123456)
        ('243,100', '12', '0.1235')
    """
    if number == 0 or not math.isfinite(number):
        return f"{number:g}"
    if not 1e-6 <= abs(number) < 1e12:
        return f"{number:.{digits}g}"
    decimals = digits - 1 - math.floor(math.log10(abs(number)))
    text = f"{round(number, decimals):,.{max(decimals, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def name_cure(layers: Sequence[int], activation: str) -> str:
    """Say what to try when a network is no better than always the same answer.

    A network without a hidden layer, or without an activation after it, can only weigh and add:
    that is to be mended first, and only then the table.

    Example:
        >>> name_cure((), "relu")
        'It can only weigh and add its inputs; a hidden layer can do more: try --layers 8.'
        >>> name_cure((8,), "relu")
        'Other columns or more rows may help.'
    """
    if not layers:
        return "It can only weigh and add its inputs; a hidden layer can do more: try --layers 8."
    if activation == "none":
        return (
            "Without an activation its layers only weigh and add, as one layer does:"
            " try --activation relu."
        )
    return "Other columns or more rows may help."


def say_verdict(
    network: Score,
    rivals: Sequence[tuple[str, Comparison]],
    curve: Curve,
    epochs: int,
    cure: str = "Other columns or more rows may help.",
) -> tuple[str, ...]:
    """Say how the network stands against the simple answers, and whether it is finished.

    Args:
        network: the network's score on the rows never seen.
        rivals: (name, the network against it), the simplest first.
        curve: how the validation loss stood at the end.
        epochs: epochs done.
        cure: what to try if the network is no better than always the same answer; `name_cure`.

    Returns:
        No sentence, if the network is better than every simple answer and finished.
    """
    sentences = []
    if network.rows < FEWEST_ROWS:
        rows = "1 row is" if network.rows == 1 else f"{network.rows} rows are"
        sentences.append(f"{rows} too few to tell a good answer from a lucky one: add rows.")
    else:
        sentences += _say_rivals(network, rivals, cure)
    if curve.is_falling:
        sentences.append(f"The loss was still falling at epoch {epochs:,}: try {curve.flag}.")
    return tuple(sentences)


def _say_rivals(network: Score, rivals: Sequence[tuple[str, Comparison]], cure: str) -> list[str]:
    trivial, *simple = rivals
    name, comparison = trivial
    if comparison.outcome != "better":
        return [
            f"The network is no better than {name}: its {network.rows:,} rows never seen leave"
            f" the difference to chance. {cure}"
        ]
    for _, comparison in simple:
        if comparison.outcome == "undecided" and comparison.difference > 0:
            return [
                f"On {network.rows:,} rows the gain over no hidden layer is within chance."
                " Simpler to explain: --layers none."
            ]
        if comparison.outcome == "undecided":
            return ["Without a hidden layer it is as good, and simpler to explain: --layers none."]
        if comparison.outcome == "worse":
            return ["Without a hidden layer it is better here: --layers none."]
    return []
