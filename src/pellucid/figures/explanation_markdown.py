"""One number as Markdown: for notes, issues and notebooks that keep no HTML."""

from __future__ import annotations

from pellucid.explain.explanation import Explanation
from pellucid.explain.export import write_numbers
from pellucid.explain.parts import show_parts
from pellucid.figures.explanation_text import MOST_PARTS, write_value
from pellucid.figures.text import printable


def write_markdown(node: Explanation) -> str:
    """A number with its formula and a table of its parts.

    Args:
        node: the number.

    Example:
        >>> from pellucid.explain.explanation import given
        >>> print(write_markdown(given("age.mean", 41.5, sentence="The mean.")))
        **`age.mean`** = 41.5
        <BLANKLINE>
        The mean.
    """
    value = "" if node.op == "story" else f" = {write_value(node)}"
    said = f" · {_plain(node.text)}" if node.text and node.op != "story" else ""
    blocks = [f"**{_code(node.address)}**{value}{said}"]
    told = [node.sentence, f"Note: {node.note}" if node.note else ""]
    blocks += [_plain(each) for each in told if each]
    if node.pytorch:
        blocks.append(f"PyTorch: {_code(node.pytorch)}")
    if node.op not in ("given", "story"):
        numbers = "" if node.op == "sum" else write_numbers(node)
        blocks += [_code(each) for each in (node.formula, numbers) if each]
    if node.parts:
        rows = ["| value | address | |", "|---:|:---|:---|"]
        for each in show_parts(node, MOST_PARTS):
            how = "" if each.node is None else write_numbers(each.node) or each.node.name
            number = "" if each.is_told else f"{each.value:.6g}"
            rows.append(f"| {number} | {_code(each.address)} | {_plain(how)} |")
        blocks.append("\n".join(rows))
    return "\n\n".join(blocks)


def _code(text: str) -> str:
    return f"`{printable(text).replace('`', chr(39))}`".replace("|", "\\|")


def _plain(text: str) -> str:
    """Text that means nothing to Markdown."""
    marked = "".join(f"\\{each}" if each in "\\`*_{}[]<>#|" else each for each in text)
    return printable(marked.replace("\n", " "))
