"""How a tensor is shown: as PyTorch shows it, to four decimals, long ones shortened."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.tensor.dtypes import Array

if TYPE_CHECKING:
    from pellucid.tensor.tensor import Tensor

LINE = 80  # columns
EDGE = 3  # numbers shown at each end of a shortened axis
LONGEST = 1000  # numbers; more are shortened


class Style:
    """How the numbers of one tensor are written, so that they stand in columns.

    Args:
        numbers: those that will be shown.
    """

    def __init__(self, numbers: Array) -> None:
        self.is_floating = numbers.dtype.kind == "f"
        self.is_whole = True
        self.is_scientific = False
        self.width = 1
        if not self.is_floating:
            self.width = max([1, *(len(str(each)) for each in numbers.reshape(-1).tolist())])
            return
        flat = numbers.reshape(-1).astype(np.float64)
        chosen = flat[np.isfinite(flat) & (flat != 0)]
        if chosen.size:
            self.choose(chosen)

    def choose(self, numbers: Array) -> None:
        """Choose notation and width from the numbers that are finite and not 0."""
        sizes = np.abs(numbers)
        smallest, largest = sizes.min(), sizes.max()
        self.is_whole = bool(np.all(numbers == np.ceil(numbers)))
        with np.errstate(over="ignore"):
            ratio = largest / smallest
        self.is_scientific = bool(
            ratio > 1000 or largest > 1e8 or smallest < 1e-4  # PyTorch's limits
        )
        self.width = max(len(self.text(each)) for each in numbers.tolist())

    def text(self, number: Any) -> str:
        """One number, not yet padded."""
        if not self.is_floating:
            return str(number)
        if self.is_scientific:
            return f"{number:.4e}"
        if self.is_whole:
            return f"{number:.0f}" + ("." if math.isfinite(number) else "")
        return f"{number:.4f}"

    def padded(self, number: Any) -> str:
        """One number, as wide as the widest."""
        return self.text(number).rjust(self.width)


def show(tensor: Tensor) -> str:
    """A tensor as text: numbers, then what is unusual about it.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> show(tensor([-1.5, 2.0]))
        'tensor([-1.5000,  2.0000])'
    """
    array = tensor.array
    words = []
    if array.size == 0:
        body = "[]"
        if array.ndim != 1:
            words.append(f"size={array.shape}")
    else:
        is_long = array.size > LONGEST
        body = show_axis(array, 7, Style(ends(array) if is_long else array), is_long=is_long)
    if array.dtype.name not in ("float32", "int64", "bool") or (
        array.size == 0 and array.dtype.name != "float32"
    ):
        words.append(f"dtype=pellucid.{array.dtype.name}")
    if tensor.grad_fn is not None:
        words.append(f"grad_fn=<{tensor.grad_fn.name()}>")
    elif tensor.is_tracked:
        words.append("requires_grad=True")
    return append_words(f"tensor({body}", words)


def append_words(text: str, words: list[str]) -> str:
    """Add `words` in the last line, or in a new one when it grows too long."""
    length = len(text) - text.rfind("\n") + 1
    for word in words:
        if length + len(word) + 2 > LINE:
            text += ",\n       " + word
            length = 7 + len(word)
        else:
            text += ", " + word
            length += len(word) + 2
    return text + ")"


def ends(array: Array) -> Array:
    """The numbers that remain when every axis is shortened."""
    for axis, size in enumerate(array.shape):
        if size > 2 * EDGE:
            places = [*range(EDGE), *range(size - EDGE, size)]
            array = np.take(array, places, axis=axis)
    return array


def show_axis(array: Array, indent: int, style: Style, *, is_long: bool) -> str:
    """The numbers within brackets, an axis at a time."""
    if array.ndim == 0:
        return style.padded(array.item()) if style.is_scientific else style.text(array.item())
    is_cut = is_long and len(array) > 2 * EDGE
    shown = [*array[:EDGE], *array[-EDGE:]] if is_cut else list(array)
    if array.ndim == 1:
        parts = [style.padded(each.item()) for each in shown]
        if is_cut:
            parts.insert(EDGE, " ...")
        return show_row(parts, indent, style.width + 2)
    blocks = [show_axis(each, indent + 1, style, is_long=is_long) for each in shown]
    if is_cut:
        blocks.insert(EDGE, "...")
    gap = "," + "\n" * (array.ndim - 1) + " " * (indent + 1)
    return "[" + gap.join(blocks) + "]"


def show_row(parts: list[str], indent: int, width: int) -> str:
    """Numbers in one line, or in several if they do not fit."""
    count = max(1, (LINE - indent) // width)
    lines = [", ".join(parts[i : i + count]) for i in range(0, len(parts), count)]
    return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"
