"""A run at a glance: its network with a bar for every column, and a single neuron's weights.

The shares come from `explain.importance`; a linear model's weights are shown as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pellucid.explain.digits import write_fixed, write_shares
from pellucid.figures.network_text import LONGEST_NAME, draw_network, fold
from pellucid.figures.text import WIDTH, cut
from pellucid.report.report import Layer

BARS = (10, 5, 0)  # lengths, tried one after the other until the layers have room
MOST_ROWS = 12


def write_importances(
    columns: Sequence[str],
    shares: Sequence[float],
    layers: Sequence[Layer],
    target: str,
    *,
    word: str = "learned",
) -> list[str]:
    """The network with a bar for each column: how strongly it moves the network.

    Args:
        columns: the columns that the network uses.
        shares: of each column, together 1.
        layers: hidden ones and the output.
        target: the column that is predicted.
        word: what is said of all numbers together.
    """
    order = _weightiest(shares)
    written = write_shares(list(shares))
    largest = max(shares, default=0.0) or 1.0
    more = len(columns) - len(order)
    names = [cut(columns[each], LONGEST_NAME) for each in order]
    tails = []
    for longest in BARS:
        bars = ["█" * _bar(shares[each] / largest, longest) for each in order]
        tails.append(
            [f" {written[each]:>5} {bar:<{longest}}" for each, bar in zip(order, bars, strict=True)]
            + ([""] if more else [])
        )
    labels = [*names, f"… {more:,} more"] if more else names
    lines = draw_network(labels, layers, target, most=MOST_ROWS, tails=tails, word=word)
    return [*lines, "  per cent: how strongly each column moves the network, signs left aside"]


def _bar(part: float, longest: int) -> int:
    """The length of a bar; what moves the network at all has one."""
    return max(round(longest * part), 1 if part > 0 and longest else 0)


def _weightiest(shares: Sequence[float]) -> list[int]:
    """The places of all columns, or of the weightiest where there are too many."""
    if len(shares) <= MOST_ROWS:
        return list(range(len(shares)))
    return sorted(range(len(shares)), key=lambda each: -shares[each])[: MOST_ROWS - 1]


def write_weights(
    names: Sequence[str],
    weights: Sequence[float],
    bias: float | None,
    rule: Mapping[str, float],
    *,
    word: str = "learned",
) -> list[str]:
    """The weights of a network without a hidden layer, beside those of the rule if it is known.

    Args:
        names: of the inputs.
        weights: one for each input.
        bias: of the neuron.
        rule: the true weights by input; empty if nobody knows them.
        word: what stands over the weights, "given" where nothing was learned.
    """
    shown = fold(list(names), 24)
    by_name = dict(zip(names, weights, strict=True))
    wide = max(len(cut(each, LONGEST_NAME)) for each in [*shown, "bias"])
    lines = [f"  {'weights':<{wide}}  {word:>9}" + (f"  {'the rule':>9}" if rule else "")]
    for name in shown:
        if name not in by_name:
            lines.append(f"  {name}")
            continue
        line = f"  {cut(name, LONGEST_NAME):<{wide}}  {write_fixed(by_name[name], 3):>9}"
        lines.append(line + (f"  {write_fixed(rule[name], 1):>9}" if name in rule else ""))
    if bias is not None:
        lines.append(f"  {'bias':<{wide}}  {write_fixed(bias, 3):>9}")
    return [cut(each, WIDTH) for each in lines]
