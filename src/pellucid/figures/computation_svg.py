"""A computation drawn as a graph: a box for every number, an arrow for every reading.

The picture is SVG text, made without a drawing library, so that notebooks show it at once. What
stands in it is found in `explain.computation`, the colours in `theme`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from pellucid.errors import InputError
from pellucid.explain.computation import Computation, Step
from pellucid.explain.digits import write_number
from pellucid.figures.computation_text import write_numbers
from pellucid.figures.text import cut, printable
from pellucid.figures.theme import Theme, find_theme

WIDE, HIGH = 168, 66  # of a box
ACROSS, DOWN = 96, 22  # between boxes
MARGIN = 16
LONGEST = 20  # characters of a line
FONT = "ui-monospace,Menlo,Consolas,monospace"


@dataclass(frozen=True, slots=True)
class Box:
    """A place on the picture: of a number, or of a line that passes between numbers.

    Args:
        column: from 0, on the left.
        row: from 0, at the top.
    """

    column: int
    row: int

    @property
    def x(self) -> int:
        """Its left side."""
        return MARGIN + self.column * (WIDE + ACROSS)

    @property
    def y(self) -> int:
        """Its upper side."""
        return MARGIN + self.row * (HIGH + DOWN)

    @property
    def middle(self) -> int:
        """Half its height."""
        return self.y + HIGH // 2


Boxes = dict[tuple[str, int], Box]  # by the number's name and the column; its own is the first


def draw_computation(computation: Computation, theme: str = "light") -> str:
    """The graph as one SVG element.

    Args:
        computation: from what was given, on the left, to its result on the right.
        theme: "light", "dark" or "print".
    """
    colours = find_theme(theme)
    boxes = place_boxes(computation.steps)
    width = max(each.x for each in boxes.values()) + WIDE + MARGIN
    height = max(each.y for each in boxes.values()) + HIGH + MARGIN
    result = computation.result
    title = f"The computation of {write_numbers(result.value)} in {len(computation.steps)} numbers"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
        f' height="{height}" font-family="{FONT}" font-size="12" role="img">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{width}" height="{height}" fill="{colours.ground}"/>',
    ]
    for step in computation.steps:
        parts += _draw_readings(step, boxes, colours)
    for step in computation.steps:
        parts += _draw_box(step, box_of(step.name, boxes), colours, is_result=step is result)
    return "\n".join([*parts, "</svg>"])


def save_computation(computation: Computation, path: str | Path, theme: str = "light") -> Path:
    """Write the graph to an SVG file.

    Args:
        computation: what is drawn.
        path: ends in .svg; a file that was there is replaced.
        theme: "light", "dark" or "print".

    Raises:
        InputError: it has another ending, or cannot be written there.
    """
    target = Path(path)
    if target.suffix.lower() != ".svg":
        raise InputError(
            f"A computation is drawn as SVG, so its file ends in .svg. Got '{target.name}'."
        )
    try:
        target.write_text(draw_computation(computation, theme) + "\n", "utf-8")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"Cannot write to {target}: {reason}. Name another place.") from error
    return target


def place_boxes(steps: Sequence[Step]) -> Boxes:
    """Where each number stands: right of all that it was made of; and where long lines pass.

    What was given stands just left of its first reader.
    """
    depth = _columns(steps)
    last = dict(depth)  # the last column that a line of each number goes through
    for step in steps:
        for part in step.parts:
            if part.name in depth:
                last[part.name] = max(last[part.name], depth[step.name] - 1)
    boxes: Boxes = {}
    for column in range(max(depth.values()) + 1):
        here = [each for each in steps if depth[each.name] <= column <= last[each.name]]
        wanted = {
            each.name: _wanted_row(each, column, depth[each.name] == column, boxes) for each in here
        }
        for row, step in enumerate(sorted(here, key=lambda each: wanted[each.name])):
            boxes[step.name, column] = Box(column, row)
    return boxes


def box_of(name: str, boxes: Boxes) -> Box:
    """Where a number itself stands."""
    return boxes[name, min(column for each, column in boxes if each == name)]


def _columns(steps: Sequence[Step]) -> dict[str, int]:
    depth: dict[str, int] = {}
    for step in steps:
        parts = [depth[each.name] for each in step.parts if each.name in depth]
        depth[step.name] = 1 + max(parts, default=-1)
    for step in steps:
        readers = [
            depth[each.name] for each in steps if any(part.name == step.name for part in each.parts)
        ]
        if not step.operation and readers:
            depth[step.name] = min(readers) - 1
    return depth


def _wanted_row(step: Step, column: int, is_new: bool, boxes: Boxes) -> float:
    """Beside the middle of what it was made of, or where its line has passed so far."""
    names = [each.name for each in step.parts] if is_new else [step.name]
    rows = [boxes[name, column - 1].row for name in names if (name, column - 1) in boxes]
    return sum(rows) / len(rows) if rows else float(len(boxes))


def _draw_box(step: Step, box: Box, theme: Theme, *, is_result: bool) -> list[str]:
    name = step.name if not step.operation else f"{step.name} = {_operation(step)}"
    lines = [(name, theme.text, "600"), (write_numbers(step.value), theme.text, "400")]
    if step.gradient is not None:
        lines.append((f"gradient {write_numbers(step.gradient)}", theme.gradient, "400"))
    stroke = theme.accent if is_result else theme.neutral
    dashed = ' stroke-dasharray="4 3"' if not step.operation else ""
    told = escape(printable(f"{name} = {write_numbers(step.value)}; {step.formula}".rstrip("; ")))
    drawn = [
        f'<g><title>{told}</title><rect x="{box.x}" y="{box.y}" width="{WIDE}" height="{HIGH}" rx="8"'
        f' fill="{theme.ground}" stroke="{stroke}" stroke-width="{2 if is_result else 1.2}"{dashed}/>'
    ]
    for place, (line, colour, weight) in enumerate(lines):
        text = escape(printable(cut(line, LONGEST)))
        drawn.append(
            f'<text x="{box.x + 10}" y="{box.y + 20 + 18 * place}" fill="{colour}"'
            f' font-weight="{weight}">{text}</text>'
        )
    return [*drawn, "</g>"]


def _operation(step: Step) -> str:
    """The operation, with the constants that it read."""
    constants = [each.name for each in step.parts if each.share is None]
    return f"{step.operation}({', '.join(constants)})" if constants else step.operation


def _draw_readings(step: Step, boxes: Boxes, theme: Theme) -> list[str]:
    """An arrow from each part, with how much the step grows with it."""
    drawn = []
    end = box_of(step.name, boxes)
    slopes = step.locals or (None,) * len(step.parts)
    for place, (part, slope) in enumerate(zip(step.parts, slopes, strict=False)):
        if (part.name, end.column - 1) not in boxes:
            continue
        y = end.y + HIGH * (place + 1) // (len(step.parts) + 1)
        drawn.append(
            f'<path d="{_path(part.name, end, y, boxes)}" fill="none" stroke="{theme.neutral}"'
            f' stroke-width="1.4"/><path d="M{end.x - 7} {y - 4}L{end.x} {y}L{end.x - 7} {y + 4}Z"'
            f' fill="{theme.neutral}"/>'
        )
        if slope is not None:
            drawn.append(
                f'<text x="{end.x - 10}" y="{y - 7}" text-anchor="end" fill="{theme.quiet}"'
                f' font-size="11">× {escape(write_number(slope))}</text>'
            )
    return drawn


def _path(name: str, end: Box, y: int, boxes: Boxes) -> str:
    """The line from a number to a place of its reader, through the gaps that were left for it."""
    start = box_of(name, boxes)
    path = f"M{start.x + WIDE} {start.middle}"
    before = start
    for column in range(start.column + 1, end.column):
        gap = boxes[name, column]
        path += f"{_bend(before, gap.x, gap.middle)}L{gap.x + WIDE} {gap.middle}"
        before = gap
    return path + _bend(before, end.x - 6, y)


def _bend(before: Box, x: int, y: int) -> str:
    """A curve from a box's right side to a point, level at both ends."""
    middle = (before.x + WIDE + x) // 2
    return f"C{middle} {before.middle} {middle} {y} {x} {y}"
