"""The network drawn in text: inputs on the left, layers to the right, the numbers to learn beneath.

Which layers there are is said by the outline of a report; importances come from `explain`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from pellucid.explain.digits import write_count
from pellucid.figures.text import WIDTH, cut
from pellucid.report.report import Layer

LONGEST_NAME = 24
NAME_WIDTHS = (36, 20, 14, 8)  # tried one after the other until the layers have room
GAP = 6
SHORTEST_OUTPUT = 22  # characters of "3 × softmax → species"

Box = tuple[str, str, str]


def group_inputs(columns: Sequence[str], inputs: Sequence[str]) -> list[str]:
    """One label for every column, with the inputs that were made of it in brackets.

    Args:
        columns: the columns that the network uses.
        inputs: the network's inputs, such as "age", "age missing", "city=Paris".

    Example:
        >>> group_inputs(["age", "city"], ["age", "age missing", "city=Paris", "city=Rome"])
        ['age (2 inputs)', 'city (2 inputs)']
    """
    known = set(columns)
    made = Counter(owner_of(each, known) for each in inputs)
    return [
        cut(each, LONGEST_NAME)
        + (f" ({write_count(made[each], 'input')})" if made[each] > 1 else "")
        for each in columns
    ]


def owner_of(input_name: str, columns: Collection[str]) -> str:
    """The column that an input was made of; of several that fit, the longest.

    Example:
        >>> owner_of("a=b=x", {"a", "a=b"}), owner_of("age missing", {"age"})
        ('a=b', 'age')
    """
    bare = input_name.removesuffix(" missing")
    ends = [place for place, letter in enumerate(input_name) if letter == "="]
    candidates = [input_name, bare, *(input_name[:place] for place in reversed(ends))]
    return next((each for each in candidates if each in columns), input_name)


def fold(labels: Sequence[str], most: int) -> list[str]:
    """At most `most` labels; the ones between the first few and the last become "… 12 more".

    Example:
        >>> fold(["a", "b", "c", "d", "e"], 4)
        ['a', 'b', '… 2 more', 'e']
    """
    if len(labels) <= most:
        return list(labels)
    more = len(labels) - (most - 1)
    return [*labels[: most - 2], f"… {more:,} more", labels[-1]]


def draw_network(
    labels: Sequence[str],
    layers: Sequence[Layer],
    target: str,
    *,
    most: int = 6,
    width: int = WIDTH,
    tails: Sequence[Sequence[str]] = (),
    word: str = "learned",
) -> list[str]:
    r"""Draw a network in at most `most` (or three) lines.

    Args:
        labels: one for each input column; cut where there is little room.
        layers: hidden ones and the output.
        target: the column that is predicted.
        most: lines for the inputs; more inputs are folded.
        width: of the screen.
        tails: ways to end the labels, one text for each of at most `most` labels, the longest
            way first; never cut. Left out: the labels stand alone.
        word: what is said of all numbers together.

    Example:
        >>> hidden, output = Layer("hidden1", 5, "ReLU", 25), Layer("output", 1, "sigmoid", 6)
        >>> print("\n".join(draw_network(["hours", "sleep", "score"], [hidden, output], "passed")))
          hours ─┐   hidden1         output
          sleep ─┼─  5 × ReLU   ──   sigmoid → passed
          score ─┘   25 numbers      6 numbers        31 learned
    """
    folded = fold(labels, most)
    for longest, tail, is_last in _endings(len(folded), tails):
        shown = _with_tails([cut(each, longest) for each in folded], tail)
        name_width = max(map(len, shown))
        boxes = _boxes(layers, target, width - name_width - 8, word, is_last=is_last)
        if boxes:
            break
    middle = max(len(shown) // 2, 1)
    if len(shown) == 1:
        shown = ["", *shown]
    lines = []
    for row in range(max(len(shown), middle + 2)):
        label = shown[row] if row < len(shown) else ""
        joint = _joint(row, middle, len(shown), is_single=len(labels) == 1)
        text = ""
        if boxes and abs(row - middle) <= 1:
            text = "".join(box[row - middle + 1] for box in boxes)
        lines.append(f"  {label:<{name_width}} {joint}{text}".rstrip())
    return lines


def _endings(count: int, tails: Sequence[Sequence[str]]) -> list[tuple[int, Sequence[str], bool]]:
    """(longest name, tails, whether hidden layers may become one) as they are tried."""
    ways = tails or [[""] * count]
    tried = [(longest, tail, False) for longest in NAME_WIDTHS for tail in ways]
    return [*tried, (NAME_WIDTHS[-1], ways[-1], True)]


def _with_tails(names: Sequence[str], tails: Sequence[str]) -> list[str]:
    """Every name with its tail, the tails in one column."""
    wide = max((len(each) for each, tail in zip(names, tails, strict=True) if tail), default=0)
    return [
        f"{name:<{wide}}{tail}" if tail else name for name, tail in zip(names, tails, strict=True)
    ]


def _joint(row: int, middle: int, count: int, *, is_single: bool) -> str:
    """The lines that run from the inputs together into the first layer."""
    if is_single:
        return "───  " if row == middle else "     "
    if row >= count:
        return "     "
    if row == middle:
        return "─┼─  " if row < count - 1 else "─┴─  "
    return "─┐   " if row == 0 else "─┘   " if row == count - 1 else "─┤   "


def _boxes(
    layers: Sequence[Layer], target: str, room: int, word: str, *, is_last: bool
) -> list[Box] | None:
    """Three lines for each layer: name, neurons, numbers to learn; None if there is no room."""
    together = f"{sum(each.numbers for each in layers):,} {word}"
    own = layers[-1].numbers
    output = _output_box(layers[-1], target, together)
    hidden = layers[:-1]
    choices = [[_hidden_box(each, word="number") for each in hidden]]
    choices += [[_hidden_box(each) for each in hidden]]
    choices += [_folded(hidden, 0 if is_last else 1)]
    for boxes in choices:
        spare = room - sum(len(each[0]) for each in boxes)
        if spare >= len(output[2]):
            return [*boxes, output]
        for count in (write_count(own, "number"), f"{own:,}"):
            under = f"{count}   {together}"
            if spare >= max(len(under), min(len(output[1]), SHORTEST_OUTPUT)):
                return [*boxes, (output[0], cut(output[1], spare), under)]
    return None


def _folded(hidden: Sequence[Layer], first: int) -> list[Box]:
    """The `first` hidden layers, and all others as one box."""
    if len(hidden) < first + 2:
        return [_hidden_box(each) for each in hidden]
    others = hidden[first:]
    words = write_count(len(others), "more layer" if first else "layer")
    return [
        *(_hidden_box(each) for each in hidden[:first]),
        _box("…", words, f"{sum(each.numbers for each in others):,}"),
    ]


def _hidden_box(layer: Layer, word: str = "") -> Box:
    kind = "sum" if layer.activation == "none" else layer.activation
    numbers = write_count(layer.numbers, word) if word else f"{layer.numbers:,}"
    return _box(layer.name, f"{layer.width:,} × {kind}", numbers)


def _box(name: str, middle: str, numbers: str) -> Box:
    wide = max(len(name), len(middle), len(numbers))
    return (
        f"{name:<{wide + GAP}}",
        f"{middle:<{wide}} ──   ",
        f"{numbers:<{wide + GAP}}",
    )


def _output_box(layer: Layer, target: str, learned: str) -> Box:
    kind = "sum" if layer.activation == "none" else layer.activation
    kind = f"{layer.width:,} × {kind}" if layer.width > 1 else kind
    middle = f"{kind} → {cut(target, LONGEST_NAME)}"
    numbers = write_count(layer.numbers, "number")
    return layer.name, middle, f"{numbers:<{max(len(middle) + 1, len(numbers) + 3)}}{learned}"
