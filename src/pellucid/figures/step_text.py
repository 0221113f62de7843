"""One training step drawn in text: five stages that follow one weight and a few rows.

Everything that is shown is a node of the explanation.
"""

from __future__ import annotations

from collections.abc import Sequence

from pellucid.explain.digits import decimals_for, write_fixed
from pellucid.explain.equation import MOST_DECIMALS, round_to
from pellucid.explain.explanation import Explanation
from pellucid.explain.export import write_numbers
from pellucid.explain.step import Step
from pellucid.explain.sums import keep_terms, write_terms
from pellucid.figures.prediction_text import write_said
from pellucid.figures.text import WIDTH, cut, fold_line, wrap

TITLES = {
    "forward": "1 Forward: every row of the batch goes through the network",
    "loss": "2 Loss: how wrong each row is, then the mean",
    "zero": "3 Zero the gradients: what the last step left is cleared",
    "backward": "4 Backward: how the loss would change if the weight grew",
    "update": "5 Update: the weight moves against its gradient",
}
INDENT = "  "


def write_step(step: Step, title: str) -> list[str]:
    """A step in its five stages.

    Args:
        step: the step opened.
        title: the first line.
    """
    draw = {
        "forward": _forward,
        "loss": _loss,
        "zero": _zero,
        "backward": _backward,
        "update": _update,
    }
    lines = [
        cut(title, WIDTH),
        cut(f"Followed: {step.weight}, one of the weights that moved most,", WIDTH),
        cut(f"          and the rows that pushed it hardest (PyTorch: {step.pytorch})", WIDTH),
    ]
    for node in step.root.parts:
        lines += [
            "",
            TITLES[node.name],
            *(line for each in draw[node.name](step, node) for line in fold_line(each)),
        ]
    return [*lines, "", _checked(step.root)]


def _forward(step: Step, _: Explanation) -> list[str]:
    names = [f"row {each.row:,}" for each in step.opened]
    wide = max(map(len, names))
    said = [write_said(each) for each in step.opened]
    longest = max(len(answer) for answer, _ in said)
    lines = [
        f"{INDENT}{name:<{wide}}   says {answer:<{longest}}   truth {truth}"
        for name, (answer, truth) in zip(names, said, strict=True)
    ]
    more = step.count - len(step.opened)
    return [*lines, f"{INDENT}… and {more:,} more"] if more else lines


def _loss(step: Step, node: Explanation) -> list[str]:
    names = [f"row {each.row:,}" for each in step.opened]
    wide = max(map(len, names))
    rows = [
        f"{INDENT}{name:<{wide}}   {each.loss.numbers}"
        for name, each in zip(names, step.opened, strict=True)
        if each.loss is not None
    ]
    if node.op == "sum":
        return [*rows, *_sum_lines(step, node, 3)]
    total = node.parts[0]
    return [*rows, *_sum_lines(step, total, 3), f"{INDENT}mean: {node.numbers}"]


def _zero(_: Step, node: Explanation) -> list[str]:
    return wrap(node.sentence, WIDTH, INDENT)


def _backward(step: Step, node: Explanation) -> list[str]:
    by_name = {each.name: each for each in node.parts}
    names = [f"row {each.row:,}" for each in step.opened]
    wide = max(map(len, names))
    rows = [
        f"{INDENT}{name:<{wide}}   {write_numbers(by_name[name])}"
        for name in names
        if name in by_name
    ]
    return [
        f"{INDENT}a row's share: delta (how the loss moves with the neuron's sum) × input",
        *rows,
        *_sum_lines(step, node, step.decimals),
        f"{INDENT}{_nudge(node, step.decimals)}",
    ]


def _sum_lines(step: Step, node: Explanation, decimals: int) -> list[str]:
    """The opened rows' terms, then the others together; at least two digits of the sum."""
    terms = keep_terms(node, [f"row {each.row:,}" for each in step.opened])
    finer = min(max(decimals, decimals_for([node.value], 2)), MOST_DECIMALS)
    return [f"{INDENT}sum: {write_terms(terms, node.value, finer if node.value else decimals)}"]


def _nudge(node: Explanation, decimals: int) -> str:
    check = node.check()
    if check.method != "finite difference" or not check.ok:
        return f"✗ nudging the weight gives {check.recomputed:.6g}, the sum is {check.value:.6g}"
    finer = min(max(decimals, decimals_for([check.value], 2)), MOST_DECIMALS)
    decimals = finer if check.value else decimals
    measured = round_to(check.recomputed, decimals)
    if measured != round_to(check.value, decimals):
        return "✓ measured by nudging the weight a little: the same within rounding"
    return f"✓ measured by nudging the weight a little: {write_fixed(measured, decimals)}"


def _update(_: Step, node: Explanation) -> list[str]:
    """The optimizer's averages first, then the new value."""
    inner: list[Explanation] = []
    for part in node.parts:
        inner += [each for each in _calculations(part) if each.numbers]
    inner = list({each.address: each for each in inner}.values())
    wide = max((len(each.name) for each in inner), default=0)
    return [
        *(f"{INDENT}{each.name:<{wide}}   {each.numbers}" for each in inner),
        f"{INDENT}new = {node.formula}",
        f"{INDENT}    = {node.numbers}",
    ]


def _calculations(node: Explanation) -> Sequence[Explanation]:
    """The functions below a part, the innermost first; what the lines say anyway is left out.

    The gradient was told before, and 1 − β stands in the line of the average.
    """
    if node.op != "function" or node.function == "rest":
        return []
    below = [each for part in node.parts for each in _calculations(part)]
    return [*below, node]


def _checked(root: Explanation) -> str:
    count, wrong = root.audit()
    if wrong:
        return f"✗ {wrong[0][0].address} does not add up"
    return f"✓ {count:,} numbers recomputed from their parts"
