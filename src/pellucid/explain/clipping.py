"""Clipping of gradients before the update: shortened together to a length, or each to a range.

The length is that of all gradients of the step taken as one long vector.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from pellucid.engine.trace import Trace
from pellucid.explain.explanation import Explanation, given
from pellucid.explain.functions import FUNCTIONS
from pellucid.explain.later import Later
from pellucid.explain.piece import Pieces


def clip(trace: Trace, pieces: Pieces, gradient: Explanation) -> Explanation:
    """The gradient as the optimizer gets it; the same node if nothing is clipped."""
    optimizer = trace.program.optimizer
    if optimizer.clip_norm is not None:
        limit = given(f"{pieces.step}clip_norm", optimizer.clip_norm, "longest length")
        parts = (gradient, length(trace, pieces.step), limit)
        template = "{} × min(1, {} ÷ {})"
        gradient = _clipped(pieces, "shortened", parts, "grad.shortened", template)
    if optimizer.clip_value is not None:
        limit = given(f"{pieces.step}clip_value", optimizer.clip_value, "largest size")
        gradient = _clipped(pieces, "clamped", (gradient, limit), "grad.clamped", "")
    return gradient


def _clipped(
    pieces: Pieces, function: str, parts: tuple[Explanation, ...], place: str, template: str
) -> Explanation:
    if template:  # written as people read it: limit before length
        parts = (parts[0], parts[2], parts[1])
        return pieces.function(function, parts, place, "shortened gradient", template)
    return pieces.function(function, parts, place, "clamped gradient", "clamp({}, ±{})")


def length(
    trace: Trace, owner: str, place: Callable[[str, tuple[int, ...]], str] | None = None
) -> Explanation:
    """The length of all gradients of a step together: the root of the sum of their squares.

    Args:
        trace: of the step.
        owner: what addresses of the step begin with.
        place: gives the address of one number of a parameter, for its gradients to be opened.
    """
    tensors = [_length_of(trace, owner, each, place) for each in trace.gradients]
    value = math.sqrt(math.fsum(each.value**2 for each in tensors))
    sentence = "All gradients of the step as one vector: how long it is."
    node = _root(f"{owner}grad_norm", value, tensors, "length of all gradients", trace)
    return replace(node, sentence=sentence)


def _length_of(
    trace: Trace,
    owner: str,
    parameter: str,
    place: Callable[[str, tuple[int, ...]], str] | None,
) -> Explanation:
    """The length of one parameter's gradient."""
    gradient = trace.gradients[parameter].astype(np.float64)
    address = f"{owner}grad_norm.{parameter}"
    value = math.sqrt(float(np.square(gradient).sum()))
    if place is None:
        return given(address, value, parameter)
    parts = Later(
        lambda: [
            given(f"{place(parameter, index)}.grad", float(number), "gradient")
            for index, number in np.ndenumerate(gradient)
        ]
    )
    return _root(address, value, parts, parameter, trace)


def _root(
    address: str,
    value: float,
    parts: Sequence[Explanation],
    name: str,
    trace: Trace,
) -> Explanation:
    return Explanation(
        address,
        value,
        "function",
        parts if isinstance(parts, Later) else tuple(parts),
        function="length",
        name=name,
        formula=FUNCTIONS["length"].formula,
        epsilon=float(np.finfo(trace.program.dtype).eps),
    )
