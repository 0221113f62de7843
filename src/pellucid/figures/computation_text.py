"""A computation as text: what was given and made, line by line, with value and gradient.

What stands in it is found in `explain.computation`.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from pellucid.explain.computation import Computation, Step
from pellucid.explain.digits import write_number
from pellucid.explain.equation import settle
from pellucid.figures.text import wrap

SHOWN = 3  # numbers of an array


def write_computation(computation: Computation) -> list[str]:
    """The computation, two or more lines a step.

    Args:
        computation: from what was given to its result.
    """
    given = [each for each in computation.steps if not each.operation]
    made = len(computation.steps) - len(given)
    result = computation.result
    lines = [
        f"result = {write_numbers(result.value)}: {made} steps from {len(given)} given tensors"
    ]
    lines += wrap(
        "gradient: how much the result grows if this grows by 1, seen from very near. It is the"
        " reader's gradient times how the reader grows with it, added over all readers.",
        indent="  ",
    )
    for each in computation.steps:
        lines += ["", *_write_step(each)]
    return lines


def _write_step(step: Step) -> list[str]:
    what = "given" if not step.operation else f"{step.operation} of {_parts(step)}"
    lines = wrap(f"{step.name} = {write_numbers(step.value)}  ({what})")
    if step.gradient is not None:
        lines += wrap(f"gradient {write_numbers(step.gradient)}", indent="    ")
    for part, slope in zip(step.parts, step.locals, strict=False):
        if slope is not None and part.share is not None and step.gradient is not None:
            factors, share = [float(step.gradient.item()), slope], float(part.share.item())
            written = settle("{} × {}", factors, prod, share).write()
            text = f"gives {part.name}: {written}"
            lines += wrap(text, indent="    ")
    return lines


def _parts(step: Step) -> str:
    return ", ".join(each.name for each in step.parts)


def write_numbers(array: np.ndarray[Any, Any]) -> str:
    """One number, or the first few of many with how many there are."""
    flat = np.asarray(array).reshape(-1)
    shown = ", ".join(write_number(float(each)) for each in flat[:SHOWN])
    if flat.size == 1:
        return shown
    more = f", and {flat.size - SHOWN:,} more" if flat.size > SHOWN else ""
    return f"[{shown}{more}]"
