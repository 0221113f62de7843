"""A prediction drawn in text: short, under a report, and long, down to the raw cells.

Everything that is shown is a node of the explanation or was written by `explain.answer`.
"""

from __future__ import annotations

from collections.abc import Sequence

from pellucid.data.target import Target
from pellucid.explain.answer import AnswerText, write_answer
from pellucid.explain.digits import write_count, write_fixed, write_number
from pellucid.explain.explanation import Explanation
from pellucid.explain.prediction import Prediction
from pellucid.explain.sums import Line, tabulate
from pellucid.figures.text import WIDTH, cut, fold_line, printable, true_minus

MOST_INPUTS = 14
MOST_NEURONS = 6
MOST_TERMS = 8
MOST_CLASSES = 12
ROUNDED = "rounding of the digits shown"


def write_opened(prediction: Prediction, target: Target, cells: Sequence[str]) -> list[str]:
    """The three lines under a report: the row, its deciding sum, its answer and loss.

    Args:
        prediction: the row opened.
        target: what is predicted.
        cells: the row's raw cells with their units.
    """
    title = f"Row {prediction.row:,}, opened   {', '.join(cells)}"
    note = _neurons_off(prediction)
    note = f"   ({note})" if note else ""
    text = write_answer(prediction, target, WIDTH - 2 - len(note))
    alone = write_answer(prediction, target, WIDTH - 2)
    fits = len(text.total) <= WIDTH - 2 - len(note)
    if not fits or ("more)" in text.total and "more)" not in alone.total):
        text, note = alone, ""
    total = fold_line(f"  {text.total}{note}")
    return [cut(title, WIDTH), *total, *_last_lines(prediction, text)]


def _last_lines(prediction: Prediction, text: AnswerText) -> list[str]:
    answer, truth = write_said(prediction)
    truth = f" Truth: {truth}." if truth else ""
    loss = f" Loss {text.loss}" if text.loss else ""
    end = f"   {adds_up(prediction.root)}"
    figure = text.turned
    written = figure.rpartition(" ")[2]
    if answer.partition(" ")[0] == written:  # a number: the result is the answer, add its unit
        first, second = f"  {figure}{answer.removeprefix(written)}.", f"{truth}{loss}{end}"
    else:
        first, second = f"  {figure}", f" → {answer}.{truth}{loss}{end}"
    if len(first + second) <= WIDTH:
        return [first + second]
    return [*fold_line(first), *fold_line(f" {second}")]


def write_said(prediction: Prediction) -> tuple[str, str]:
    """The answer and the truth as they are printed: a number has a true minus, a label its own."""
    texts = prediction.answer.text, prediction.truth
    is_number = prediction.answer.function == "unstandardise"
    answer, truth = (true_minus(each) if is_number else each for each in texts)
    return printable(answer), printable(truth)


def adds_up(root: Explanation) -> str:
    """The mark of a check: every node below recomputed from its parts."""
    wrong = root.check_all()
    return "✓ adds up" if not wrong else f"✗ {wrong[0][0].address} does not add up"


def _neurons_off(prediction: Prediction) -> str:
    layers = prediction.neurons.layers
    if len(layers) < 2 or layers[-2].activation != "relu":
        return ""
    hidden = len(layers) - 2
    width = layers[-2].width
    off = sum(prediction.neurons.activation(hidden, each).value == 0.0 for each in range(width))
    if off == 0:
        return f"all {width:,} neurons are on" if width > 1 else "the neuron is on"
    return f"{off:,} of {write_count(width, 'neuron')} {'is' if off == 1 else 'are'} off"


def write_prediction(prediction: Prediction, target: Target, title: str) -> list[str]:
    """A prediction from the raw cells to the answer, every sum as a table.

    Args:
        prediction: the row opened.
        target: what is predicted.
        title: what stands in the first line before the answer, "Row 1 of students.csv".
    """
    answer, truth = write_said(prediction)
    truth = f", truth {truth}" if truth else ""
    lines = [cut(f"{title}: {answer}{truth}", WIDTH), "", *_input_lines(prediction)]
    layers = prediction.neurons.layers
    for layer in range(len(layers) - 1):
        lines += _layer_lines(prediction, layer)
    lines += ["", *_output_lines(prediction, target)]
    return lines


def _input_lines(prediction: Prediction) -> list[str]:
    """How every raw cell became an input; inputs that are 0 for other levels are counted."""
    lines = ["From the cells to the inputs"]
    shown = [each for each in prediction.inputs if each.op == "function" or each.value != 0.0]
    silent = len(prediction.inputs) - len(shown)
    more = max(len(shown) - MOST_INPUTS, 0)
    shown = shown[: MOST_INPUTS - 1] if more else shown
    wide = max((len(cut(each.name, 24)) for each in shown), default=0)
    cell = max((len(cut(each.text, 14)) for each in shown), default=0)
    for each in shown:
        how = each.numbers or f"= {write_number(each.value)}"
        name, text = cut(each.name, 24), cut(each.text, 14)
        lines += fold_line(f"  {name:<{wide}}  {text:>{cell}}   {how}")
    if more:
        lines.append(f"  … {write_count(more + 1, 'more input')}")
    if silent:
        verb = "is" if silent == 1 else "are"
        lines.append(
            f"  {write_count(silent, 'input')} of other values or of missing cells {verb} 0"
        )
    return lines


def _layer_lines(prediction: Prediction, layer: int) -> list[str]:
    """The neurons of a hidden layer; of many, those that weigh most in what follows."""
    neurons = prediction.neurons
    spec = neurons.layers[layer]
    order = _weightiest(prediction, layer)
    shown = sorted(order[:MOST_NEURONS])
    lines: list[str] = []
    for neuron in shown:
        node = neurons.activation(layer, neuron)
        lines += ["", *_neuron_lines(node, f"{spec.name}.{neuron + 1}")]
    if spec.width > len(shown):
        more = write_count(spec.width - len(shown), "more neuron")
        lines += ["", f"… {more} in {spec.name}, which weigh less here"]
    return lines


def _weightiest(prediction: Prediction, layer: int) -> list[int]:
    """The neurons of a layer by how much they send on, the largest first."""
    neurons = prediction.neurons
    behind = neurons.layers[layer + 1]
    weights = neurons.parameters[behind.weight]
    sizes = [
        abs(neurons.activation(layer, each).value) * float(abs(weights[:, each]).sum())
        for each in range(neurons.layers[layer].width)
    ]
    return sorted(range(len(sizes)), key=lambda each: -sizes[each])


def _neuron_lines(node: Explanation, name: str) -> list[str]:
    lines = _table(node.parts[0])
    turned = node.numbers
    if node.function == "relu":
        shown = lines[-1].rpartition(" ")[2]
        is_off = node.value <= 0.0  # NaN is neither, and passed on
        name = f"{name} is {'off' if is_off else 'on'}"
        turned = f"max(0, {shown}) = {'0' if is_off else shown}"
    if node.function == "identity":
        return [name, *lines]
    longer = f"{lines[-1]}  → {turned}"
    last = [longer] if len(longer) <= WIDTH else [lines[-1], *fold_line(f"  → {turned}")]
    return [name, *lines[:-1], *last]


def _table(total: Explanation) -> list[str]:
    """A weighted sum, one term a line: input × weight = term."""
    lines = tabulate(total, MOST_TERMS)
    names = [_term_name(each) for each in lines]
    wide = max(map(len, names))
    left = max(len(each.left) for each in lines)
    right = max(len(each.right) for each in lines)
    value = max(len(each.value) for each in lines)
    wide = min(wide, WIDTH - left - right - value - 10)
    drawn = []
    for full, each in zip(names, lines, strict=True):
        name = cut(full, wide)
        product = f"{each.left:>{left}} × {each.right:>{right}} = " if each.left else ""
        room = left + right + 6 if left else 0
        drawn.append(f"  {name:<{wide}}  {product:>{room}}{each.value:>{value}}")
    rule = " " * (wide + 4 + (left + right + 6 if left else 0)) + "─" * value
    return [*drawn[:-1], rule, drawn[-1]]


def _term_name(line: Line) -> str:
    if line.kind == "term":
        return cut(line.name, 28)
    return {"bias": "bias", "rounding": ROUNDED, "total": "sum"}[line.kind]


def _output_lines(prediction: Prediction, target: Target) -> list[str]:
    text = write_answer(prediction, target, WIDTH - 2)
    node = prediction.answer.parts[0]
    total = node if node.op == "sum" else node.parts[0]
    lines = [cut(total.name, WIDTH), *_table(total), ""]
    if target.kind == "classes":
        lines += _class_lines(prediction)
    lines += fold_line(_turned(text, write_said(prediction)[0]))
    if text.loss_how:
        lines += fold_line(f"  loss: {text.loss_how}   (0 would be perfect)")
    return [*lines, f"  {_checked(prediction.root)}"]


def _turned(text: AnswerText, answer: str) -> str:
    """How the sum became the answer; a number's unit is simply added."""
    written = text.turned.rpartition(" ")[2]
    if answer.partition(" ")[0] == written:
        return f"  {text.turned}{answer.removeprefix(written)}"
    return f"  {text.turned} → {answer}"


def _class_lines(prediction: Prediction) -> list[str]:
    """The sums of the other classes, without their tables."""
    others = prediction.answer.parts[1:]
    shown = others[:MOST_CLASSES]
    figures = [write_fixed(each.value, 3) for each in shown]
    room = max(map(len, figures), default=0)
    names = [cut(each.name, WIDTH - room - 4) for each in shown]
    wide = max(map(len, names), default=0)
    lines = [
        f"  {name:<{wide}}  {figure:>{room}}" for name, figure in zip(names, figures, strict=True)
    ]
    more = len(others) - len(shown)
    return [
        *lines,
        *([f"  … {write_count(more, 'more class', 'more classes')}"] if more else []),
        "",
    ]


def _checked(root: Explanation) -> str:
    count, wrong = root.audit()
    if wrong:
        return f"✗ {wrong[0][0].address} does not add up"
    return f"✓ {count:,} numbers recomputed from their parts"
