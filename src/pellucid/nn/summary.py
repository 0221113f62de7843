"""`summary`: a model as a table: its layers, the shapes of what flows through, its parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pellucid.nn.module import Module
from pellucid.tensor.creation import zeros
from pellucid.tensor.dtypes import Dtype, float32
from pellucid.tensor.graph import no_grad
from pellucid.tensor.tensor import Tensor

WIDTH = 80


@dataclass(frozen=True)
class Row:
    """One module of a model.

    Args:
        path: its name in the state_dict, such as '1.0'; empty for the model itself.
        kind: its class.
        output: the shape of what came out; None if it was not used, or no input was given.
        parameters: numbers that it learns or keeps frozen, without those of modules within.
        depth: how far within the model it is.
    """

    path: str
    kind: str
    output: tuple[int, ...] | None
    parameters: int
    depth: int


@dataclass(frozen=True)
class Summary:
    """A model in numbers; printed, it is a table of at most 80 columns.

    Args:
        kind: the model's class.
        input: the shape of what went in; None if nothing did.
        rows: its modules, in the order of their paths; the model itself only if nothing is in it.
        parameters: numbers in all parameters, shared ones counted once.
        learned: those of them that are learned.
        buffers: numbers that are kept but not learned, such as running statistics.
        bytes: memory of parameters and buffers.
    """

    kind: str
    input: tuple[int, ...] | None
    rows: tuple[Row, ...]
    parameters: int
    learned: int
    buffers: int
    bytes: int

    def __str__(self) -> str:
        return draw(self)

    __repr__ = __str__


def summary(
    model: Module,
    input_size: Sequence[int] | None = None,
    input_data: Any = None,
    dtype: Dtype = float32,
) -> Summary:
    """The layers of a model with their output shapes and numbers of parameters.

    With an input the model computes once, in `eval` mode and without memory; nothing in it changes.

    Args:
        model: any module.
        input_size: the shape of an input, rows first: (32, 784).
        input_data: an input itself, or a tuple of several, instead of its shape.
        dtype: of the input that is made for `input_size`; int64 for an `Embedding`.

    Returns:
        The summary; `print` it, or read its numbers.

    Example:
        >>> from pellucid import nn
        >>> model = nn.Sequential(nn.Linear(784, 30), nn.ReLU(), nn.Linear(30, 10))
        >>> summary(model, (32, 784))
        Sequential                              input (32, 784)
        ───────────────────────────────────────────────────────
        layer   kind        output shape             parameters
        ───────────────────────────────────────────────────────
        0       Linear      (32, 30)                     23,550
        1       ReLU        (32, 30)                          0
        2       Linear      (32, 10)                        310
        ───────────────────────────────────────────────────────
        23,860 parameters, all learned; 95.4 kB
    """
    inputs: tuple[Any, ...] = ()
    if input_data is not None:
        inputs = input_data if isinstance(input_data, tuple) else (input_data,)
    elif input_size is not None:
        inputs = (zeros(tuple(input_size), dtype=dtype),)
    shapes = output_shapes(model, inputs) if inputs else {}
    parameters = {id(each): each for each in model.parameters()}
    buffers = list(model.buffers())
    return Summary(
        kind=type(model).__name__,
        input=tuple(inputs[0].shape) if inputs else None,
        rows=tuple(rows_of(model, shapes)),
        parameters=sum(each.numel() for each in parameters.values()),
        learned=sum(each.numel() for each in parameters.values() if each.requires_grad),
        buffers=sum(each.numel() for each in buffers),
        bytes=sum(each.array.nbytes for each in [*parameters.values(), *buffers]),
    )


def output_shapes(model: Module, inputs: tuple[Any, ...]) -> dict[int, tuple[int, ...]]:
    """What came out of each module, by its `id`, when the model computed once."""
    shapes: dict[int, tuple[int, ...]] = {}

    def note(module: Module, _: Any, output: Any) -> None:
        first = output[0] if isinstance(output, tuple | list) else output
        if isinstance(first, Tensor):
            shapes[id(module)] = first.shape

    modes = [(each, each.training) for each in model.modules()]
    handles = [each.register_forward_hook(note) for each, _ in modes]
    try:
        with no_grad():
            model.eval()(*inputs)
    finally:
        for handle in handles:
            handle.remove()
        for module, mode in modes:
            module.training = mode
    return shapes


def rows_of(model: Module, shapes: dict[int, tuple[int, ...]]) -> list[Row]:
    """A row for every module within; for the model itself if there is none."""
    named = list(model.named_modules())
    rows = []
    for path, module in named[1:] or named:
        own = sum(int(np.prod(each.shape)) for each in module.parameters(recurse=False))
        depth = path.count(".")
        rows.append(Row(path, type(module).__name__, shapes.get(id(module)), own, depth))
    return rows


def draw(facts: Summary) -> str:
    """The table as text."""
    head = ("layer", "kind", "output shape", "parameters")
    depths = [*(row.depth for row in facts.rows[1:]), 0]
    body = [
        (
            "  " * row.depth + (row.path.rpartition(".")[2] or "–"),
            row.kind,
            "" if row.output is None else str(row.output),
            "" if below > row.depth and not row.parameters else f"{row.parameters:,}",
        )
        for row, below in zip(facts.rows, depths, strict=True)
    ]
    floors, ceilings = (5, 10, 20, 12), (18, 18, 22, 13)
    widths = [
        min(max(floor, *(len(line[place]) for line in [head, *body])), ceiling)
        for place, (floor, ceiling) in enumerate(zip(floors, ceilings, strict=True))
    ]
    width = sum(widths) + 3 * 2 + 2
    rule = "─" * width
    title = "" if facts.input is None else f"input {facts.input}"
    lines = [
        f"{fit(facts.kind, width - len(title) - 1)}{title:>{width - len(facts.kind)}}".rstrip()
    ]
    lines += [rule, line_of(head, widths), rule, *(line_of(each, widths) for each in body), rule]
    return "\n".join([*lines, *totals(facts)])


def line_of(cells: tuple[str, ...], widths: list[int]) -> str:
    """One line of the table; what is too long ends in "…"."""
    first, second, third, last = (
        fit(cell, width) for cell, width in zip(cells, widths, strict=True)
    )
    a, b, c, d = widths
    return f"{first:<{a}}   {second:<{b}}  {third:<{c}}   {last:>{d}}"


def fit(text: str, width: int) -> str:
    """A text that is cut if it is wider."""
    return text if len(text) <= width else text[: width - 1] + "…"


def totals(facts: Summary) -> list[str]:
    """The last lines: all parameters, which of them are learned, and the memory."""
    frozen = facts.parameters - facts.learned
    share = "all learned" if not frozen else f"{facts.learned:,} learned, {frozen:,} frozen"
    more = f", {facts.buffers:,} other numbers" if facts.buffers else ""
    return [f"{facts.parameters:,} parameters, {share}{more}; {memory(facts.bytes)}"]


def memory(count: int) -> str:
    """Bytes in a unit that fits.

    Example:
        >>> memory(95440), memory(512), memory(2_600_000)
        ('95.4 kB', '512 bytes', '2.6 MB')
    """
    for size, unit in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} bytes"
