"""One number as HTML that needs nothing beside it: parts open on a click, also in saved notebooks.

Light and dark follow the reader's system; what is shown is what the explanation says.
"""

from __future__ import annotations

from html import escape

from pellucid.explain.digits import MINUS, write_fixed
from pellucid.explain.equation import add_up
from pellucid.explain.explanation import Explanation
from pellucid.explain.export import write_numbers
from pellucid.explain.parts import Shown, show_parts
from pellucid.figures.explanation_text import (
    is_silent,
    say_how,
    says_more,
    share_decimals,
    write_part,
    write_value,
)
from pellucid.figures.text import printable

MOST_PARTS = 12
MOST_NODES = 400  # a page of some 200 kB; what lies deeper is opened by its address
DEEPEST = 6

STYLE = """
.pellucid-number{color-scheme:light dark;--ink:light-dark(#1b1b1f,#e9e9ee);
--soft:light-dark(#5d5d68,#a5a5b2);--line:light-dark(#dcdce3,#3b3b46);
--card:light-dark(#fbfbfd,#1d1d23);--plus:light-dark(#0b5fa5,#6db6f2);
--minus:light-dark(#a34700,#f2a35e);font:14px/1.5 system-ui,sans-serif;color:var(--ink);
background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 18px;
max-width:56rem}
.pellucid-number p{margin:.35em 0}
.pellucid-number code,.pellucid-number .v{font-family:ui-monospace,monospace;font-size:13px}
.pellucid-number h4{margin:0;font-size:16px;font-weight:600;overflow-wrap:anywhere}
.pellucid-number .s{color:var(--soft)}
.pellucid-number .v{font-variant-numeric:tabular-nums;display:inline-block;min-width:8.5em;
text-align:right;margin-right:.8em}
.pellucid-number .minus{color:var(--minus)} .pellucid-number .plus{color:var(--plus)}
.pellucid-number details,.pellucid-number .leaf{border-top:1px solid var(--line);padding:3px 0}
.pellucid-number details>.in{margin-left:1.1em;padding-left:.7em;
border-left:2px solid var(--line)}
.pellucid-number summary{cursor:pointer;min-height:24px;overflow-wrap:anywhere}
.pellucid-number summary:focus-visible{outline:2px solid var(--plus);outline-offset:2px}
.pellucid-number .leaf{padding-left:1.05em;min-height:24px;overflow-wrap:anywhere}
.pellucid-number .total{border-top:2px solid var(--ink)}
"""


def write_html(node: Explanation) -> str:
    """A number as a card whose parts open.

    Args:
        node: the number.

    Returns:
        One element with its own style, no script and nothing to fetch.
    """
    page = _Page()
    value = "" if node.op == "story" else f" = {_text(write_value(node))}"
    said = f" · {_text(node.text)}" if says_more(node) else ""
    mark = _mark(node)
    inside = [
        f"<h4><code>{_text(node.address)}</code>{value}{said}</h4>",
        *page.about(node),
        *page.parts(node, 1),
        *([f'<p class="s">{mark}</p>'] if mark else []),
    ]
    body = "\n".join(inside)
    return f'<div class="pellucid-number"><style>{STYLE}</style>\n{body}\n</div>'


class _Page:
    """How much of the page is used already."""

    def __init__(self) -> None:
        self.nodes = 0

    def about(self, node: Explanation) -> list[str]:
        """What is said about a number."""
        lines = [f"<p>{_text(node.sentence)}</p>"] if node.sentence else []
        lines += [f"<p><b>Note</b> {_text(node.note)}</p>"] if node.note else []
        if node.op not in ("given", "story"):
            numbers = "" if node.op == "sum" else write_numbers(node)
            shown = [each for each in (node.formula, numbers) if each]
            lines += [f"<p><code>{_text(each)}</code></p>" for each in shown]
        if node.pytorch:
            lines.append(f'<p class="s">PyTorch: <code>{_text(node.pytorch)}</code></p>')
        return lines

    def parts(self, node: Explanation, depth: int) -> list[str]:
        """The parts of a number, each opening in turn while there is room."""
        if depth > DEEPEST or not node.parts:
            return []
        shown = show_parts(node, MOST_PARTS)
        if node.op != "sum":
            return [self._part(each, depth, write_part(each)) for each in shown]
        decimals = share_decimals(node, shown)
        shown = [each for each in shown if not is_silent(each, decimals)]
        addition = add_up([each.value for each in shown], node.value, decimals)
        written = [write_fixed(each, decimals) for each in addition.terms]
        lines = [self._part(each, depth, told) for each, told in zip(shown, written, strict=True)]
        if addition.rounding:
            missed = _number(write_fixed(addition.rounding, decimals))
            lines.append(f'<div class="leaf">{missed}rounding of the digits shown</div>')
        total = _number(write_fixed(addition.total, decimals))
        return [*lines, f'<div class="leaf total">{total}<b>the sum</b></div>']

    def _part(self, part: Shown, depth: int, value: str) -> str:
        self.nodes += 1
        number = "" if part.is_told else _number(value)
        title = f"{number}<code>{_text(part.address)}</code>"
        node = part.node
        if part.count > 1:
            title += f' <span class="s">{part.count:,} more, together</span>'
        elif node is not None and say_how(node):
            title += f' <span class="s">{_text(say_how(node))}</span>'
        inner: list[str] = []
        if node is not None and self.nodes < MOST_NODES:
            inner = [*self.about(node), *self.parts(node, depth + 1)]
        if not inner:
            return f'<div class="leaf">{title}</div>'
        body = "".join(inner)
        return f'<details><summary>{title}</summary><div class="in">{body}</div></details>'


def _number(written: str) -> str:
    """A number whose sign is said by its mark and by its colour."""
    sign = "minus" if written.startswith(MINUS) else "plus"
    return f'<span class="v {sign}">{written}</span>'


def _mark(node: Explanation) -> str:
    if node.op in ("given", "story"):
        return ""
    check = node.check()
    if not check.ok:
        return f"✗ computed again it is {check.recomputed:.6g}"
    how = ", and measured by nudging" if check.method == "finite difference" else ""
    return f"✓ computed again from its parts{how}"


def _text(text: str) -> str:
    return escape(printable(text))
