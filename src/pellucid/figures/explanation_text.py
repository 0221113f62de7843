"""One number drawn in text: what it is, how it is computed, its parts with their addresses.

Everything that is shown is a node of the explanation; how deep the tree goes is the reader's wish.
"""

from __future__ import annotations

from collections.abc import Sequence

from pellucid.explain.digits import decimals_for, write_fixed, write_number
from pellucid.explain.equation import MOST_DECIMALS, add_up, is_tiny, round_to, settle_sum
from pellucid.explain.explanation import Check, Explanation
from pellucid.explain.export import write_numbers
from pellucid.explain.parts import Shown, show_parts
from pellucid.explain.sums import sum_decimals
from pellucid.figures.text import WIDTH, cut, fold_line, printable, wrap

MOST_PARTS = 12
INDENT = "  "


def write_explanation(
    node: Explanation, depth: int = 1, *, check: bool = False, run: str = ""
) -> list[str]:
    """A number with its parts.

    Args:
        node: the number.
        depth: how many levels of parts are shown, from 0.
        check: whether the whole tree shown is computed again, with the two values side by side.
        run: the run's name, where it must be typed to open a part.
    """
    lines = [*_head(node), *_formula(node)]
    if depth and node.parts:
        lines += ["", *(_tree(node, depth) if depth > 1 else _parts(node))]
    ends = [*(_checked(node, depth) if check else _mark(node)), *_next(node, depth, run)]
    return [*lines, *([""] if ends else []), *ends]


def _head(node: Explanation) -> list[str]:
    value = "" if node.op == "story" else f" = {write_value(node)}"
    said = f" · {node.text}" if says_more(node) else ""
    lines = fold_line(f"{printable(node.address)}{value}{printable(said)}")
    if node.pytorch:
        lines += [cut(f"{INDENT}PyTorch: {node.pytorch}", WIDTH)]
    lines += wrap(node.sentence, WIDTH, INDENT) if node.sentence else []
    return [*lines, *(wrap(f"Note: {node.note}", WIDTH, INDENT) if node.note else [])]


def says_more(node: Explanation) -> bool:
    """Whether a number's text says what its value does not: "81 % yes", but not "10 h" twice."""
    return bool(node.text) and node.op != "story" and node.text != write_value(node)


def write_value(node: Explanation) -> str:
    """A node's value with its unit, with six digits that count."""
    return f"{write_number(node.value, 6)} {node.unit}".rstrip()


def _formula(node: Explanation) -> list[str]:
    if node.op in ("given", "story"):
        return []
    lines = [f"{INDENT}{node.formula}"] if node.formula else []
    numbers = "" if node.op == "sum" and node.parts else write_numbers(node)
    lines += [f"{INDENT}{numbers}"] if numbers else []
    return ["", *(line for each in lines for line in fold_line(each))]


def _parts(node: Explanation) -> list[str]:
    """The parts one below the other, values aligned; a sum with its rule and its total."""
    shown = show_parts(node, MOST_PARTS)
    if node.op == "sum":
        return _sum_lines(node, shown)
    values = ["" if each.is_told else write_part(each) for each in shown]
    wide = max(map(len, values), default=0)
    place = _place_width(shown, wide)
    lines = []
    for each, value in zip(shown, values, strict=True):
        lines += _part_line(each, f"{value:>{wide}}", place)
    return [_part_title(node), *lines]


def _part_title(node: Explanation) -> str:
    return "What belongs to it" if node.op == "story" else "Made of"


def _sum_lines(node: Explanation, parts: Sequence[Shown]) -> list[str]:
    decimals = share_decimals(node, parts)
    shown = [each for each in parts if not is_silent(each, decimals)]
    addition = add_up([each.value for each in shown], node.value, decimals)
    written = [write_fixed(each, decimals) for each in (*addition.terms, addition.total)]
    missed = write_fixed(addition.rounding, decimals) if addition.rounding else ""
    wide = max(map(len, [*written, missed]))
    place = _place_width(shown, wide)
    lines = [_part_title(node)]
    for each, value in zip(shown, written, strict=False):
        lines += _part_line(each, f"{value:>{wide}}", place)
    if missed:
        lines.append(f"{INDENT}{missed:>{wide}}  rounding of the digits shown")
    return [*lines, f"{INDENT}{'─' * wide}", f"{INDENT}{written[-1]:>{wide}}  the sum"]


def share_decimals(node: Explanation, parts: Sequence[Shown]) -> int:
    """So many that the sum has four digits that count, or a few more to do without rounding."""
    numbers = [each.value for each in parts]
    first = sum_decimals([*numbers, node.value])
    first = max(first, decimals_for([node.value]) if node.value else 0)
    return settle_sum(numbers, node.value, min(first, MOST_DECIMALS)).decimals


def is_silent(part: Shown, decimals: int) -> bool:
    """Whether a part is the arithmetic's rounding and would be shown as 0."""
    node = part.node
    return node is not None and node.kind == "rounding" and not round_to(part.value, decimals)


def _place_width(shown: Sequence[Shown], value: int) -> int:
    """How wide the column of addresses is: as the longest, where something fits beside it."""
    longest = max((len(each.address) for each in shown), default=0)
    return longest if longest + value + len(INDENT) + 24 <= WIDTH else 0


def _part_line(shown: Shown, value: str, place: int) -> list[str]:
    """A part: its value, its address, and how it is computed or what it says, if that fits."""
    line = f"{INDENT}{value}{'  ' if value else ''}{shown.address}"
    padded = f"{INDENT}{value}{'  ' if value else ''}{shown.address:<{place}}"
    how = "" if shown.node is None else say_how(shown.node)
    if shown.count > 1:
        how = f"{shown.count:,} more, together"
    longer = f"{padded}   {printable(how)}" if how else line
    return [longer] if len(longer) <= WIDTH else fold_line(line)


def say_how(node: Explanation) -> str:
    """How a part is computed; of a number from outside what it is."""
    if node.op in ("given", "story"):
        is_said = any(word in node.address for word in node.name.split())
        return node.text or ("" if is_said else node.name)
    return "" if node.op == "sum" or node.function == "identity" else write_numbers(node)


def write_part(shown: Shown) -> str:
    """A part's value by itself, with six digits that count."""
    number = round_to(shown.value, MOST_DECIMALS)
    return write_number(shown.value, 4 if is_tiny(number) else 6)


def _tree(node: Explanation, depth: int, before: str = "") -> list[str]:
    """The parts as a tree, `depth` levels deep."""
    shown = show_parts(node, MOST_PARTS)
    lines = [] if before else [_part_title(node)]
    for place, each in enumerate(shown):
        is_end = place == len(shown) - 1
        branch, below = ("└─ ", "   ") if is_end else ("├─ ", "│  ")
        line = f"{before}{branch}{each.address}"
        how = "" if each.node is None or each.node.op == "sum" else write_numbers(each.node)
        longer = f"{line}: {how}"
        if not how or len(longer) > WIDTH:
            longer = line if each.is_told else f"{line} = {write_part(each)}"
        lines.append(cut(longer, WIDTH))
        if depth > 1 and each.node is not None and each.node.parts:
            lines += _tree(each.node, depth - 1, before + below)
    return lines


def _mark(node: Explanation) -> list[str]:
    """Whether the number itself comes out again."""
    if node.op in ("given", "story"):
        return []
    check = node.check()
    if not check.ok:
        return [f"✗ computed again it is {check.recomputed:.6g}, not {check.value:.6g}"]
    how = "from its parts"
    if check.method == "finite difference":
        how = "from its parts, and measured by nudging the number a little"
    return [f"✓ computed again {how}"]


def _checked(node: Explanation, depth: int) -> list[str]:
    """Every number of the tree shown, computed again."""
    rows = [
        (each, each.check()) for each in _shown(node, depth) if each.op not in ("given", "story")
    ]
    if not rows:
        return ["Nothing to compute: the number comes from outside."]
    lines = ["Check: the engine's number, and the same number computed again"]
    for each, check in rows[:MOST_PARTS]:
        lines += fold_line(f"{INDENT}{_check_line(each, check)}")
    if len(rows) > MOST_PARTS:
        lines.append(f"{INDENT}… and {len(rows) - MOST_PARTS:,} more")
    wrong = [each for each, check in rows if not check.ok]
    if wrong:
        return [*lines, f"✗ {wrong[0].address} does not come out"]
    return [*lines, f"✓ {len(rows):,} of {len(rows):,} numbers come out"]


def _check_line(node: Explanation, check: Check) -> str:
    mark = "✓" if check.ok else "✗"
    how = "nudged" if check.method == "finite difference" else "again"
    value, recomputed = write_number(check.value, 7), write_number(check.recomputed, 7)
    return f"{mark} {node.address}: {value}, {how} {recomputed}"


def _shown(node: Explanation, depth: int) -> list[Explanation]:
    if not depth:
        return [node]
    below = [each.node for each in show_parts(node, MOST_PARTS) if each.node is not None]
    return [node, *(inner for each in below for inner in _shown(each, depth - 1))]


def _next(node: Explanation, depth: int, run: str) -> list[str]:
    """What to type to go on: of a sum the largest term, otherwise the first part that opens."""
    parts = show_parts(node, MOST_PARTS) if depth else []
    opens = [each for each in parts if each.count > 1 or (each.node and each.node.parts)]
    if not opens:
        return []
    chosen = max(opens, key=lambda each: abs(each.value)) if node.op == "sum" else opens[0]
    words = f"{run} {shell_words(chosen.address)}".strip()
    return fold_line(f"Open a part: pellucid show {words}", indent=4)


def shell_words(address: str) -> str:
    """An address as one types it in a shell: names in double quotes need single ones around."""
    return " ".join(f"'{each}'" if '"' in each else each for each in _words(address))


def _words(address: str) -> list[str]:
    """The words of an address; blanks within double quotes do not part them."""
    words, inside = [""], False
    for letter in address:
        inside ^= letter == '"'
        if letter == " " and not inside:
            words.append("")
        else:
            words[-1] += letter
    return words
