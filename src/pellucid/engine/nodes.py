"""A program's operations as nodes of the compiled module: numbers for names, everything checked.

The compiled module indexes buffers, parameters and statistics without looking again. Running
statistics lie in one flat array, means and then variances layer by layer, and their counters in
another.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np

from pellucid.engine.program import Operation, Program
from pellucid.errors import InputError

Array = np.ndarray[Any, Any]
Node = tuple[str, list[int], int, list[int], dict[str, float], list[int]]

_MOST_UNITS = 2**31 - 1
_NORMS = ("layer_norm", "batch_norm")


def refusal(need: str) -> InputError:
    """What the native engine says about a program that it cannot execute."""
    return InputError(f"The native engine cannot execute this program; it needs {need}.")


def make_nodes(program: Program) -> list[Node]:
    """The operations with numbers for names.

    Raises:
        InputError: names or shapes do not fit together.
    """
    _check_names(program)
    number = {name: i for i, name in enumerate(program.widths())}
    places = starts(program)
    _check_widths(program)
    nodes = []
    statistics, counters = 0, 0
    for each in program.operations:
        _check_shapes(program, each)
        kept = []
        if each.buffers:
            kept = [statistics, counters]
            statistics, counters = statistics + 2 * each.width, counters + 1
        settings = dict(each.settings)
        if each.kind == "embedding":
            count, size = dict(program.parameters)[each.parameters[0]]
            settings |= {"num_embeddings": float(count), "embedding_dim": float(size)}
        inputs = [number[name] for name in each.inputs]
        parameters = [places[name] for name in each.parameters]
        nodes.append((each.kind, inputs, number[each.output], parameters, settings, kept))
    return nodes


def starts(program: Program) -> dict[str, int]:
    """Where each parameter begins in the flat array of all."""
    places, start = {}, 0
    for name, shape in program.parameters:
        places[name] = start
        start += prod(shape)
    return places


def flatten_statistics(program: Program, values: Mapping[str, Array]) -> tuple[Array, Array]:
    """All running means and variances behind one another, and all counters."""
    if not program.buffers:
        return np.empty(0, program.dtype), np.empty(0, np.int64)
    kept = [each.buffers for each in program.operations if each.buffers]
    moments = [values[name] for names in kept for name in names[:2]]
    flat = np.concatenate([*moments, np.empty(0)], dtype=program.dtype, casting="same_kind")
    return flat, np.array([values[names[2]] for names in kept], dtype=np.int64)


def split_statistics(program: Program, flat: Array, counters: Array) -> dict[str, Array]:
    """What `flatten_statistics` joined, in the program's order; the arrays share memory."""
    if not program.buffers:
        return {}
    found: dict[str, Array] = {}
    start = 0
    kept = [each for each in program.operations if each.buffers]
    for number, each in enumerate(kept):
        mean, variance, counter = each.buffers
        found[mean] = flat[start : start + each.width]
        found[variance] = flat[start + each.width : start + 2 * each.width]
        found[counter] = counters[number : number + 1].reshape(())
        start += 2 * each.width
    return {name: found[name] for name, _, _ in program.buffers}


def _check_names(program: Program) -> None:
    buffers, parameters = program.widths(), dict(program.parameters)
    read = [name for each in program.operations for name in each.inputs]
    for name in (*read, program.loss.prediction):
        if name not in buffers:
            raise refusal(f"an operation that writes '{name}'")
    kept = {name for name, _, _ in program.buffers}
    for each in program.operations:
        for name in each.parameters:
            if name not in parameters:
                raise refusal(f"a parameter '{name}', which '{each.output}' uses")
        kept -= set(each.buffers)
    if kept:
        raise refusal(f"an operation that keeps '{min(kept)}'")


def _check_widths(program: Program) -> None:
    for name, width in program.widths().items():
        if not 1 <= width <= _MOST_UNITS:
            raise refusal(f"1 to {_MOST_UNITS:,} units in '{name}' instead of {width}")


def _check_shapes(program: Program, each: Operation) -> None:
    if each.kind != "cat" and len(each.inputs) != (2 if each.kind == "add" else 1):
        raise refusal(f"one input for '{each.output}' ({each.kind}), or two for an addition")
    fan_in = program.widths()[each.inputs[0]]
    wanted: tuple[tuple[int, ...], ...] = ()
    if each.kind == "linear":
        wanted = ((each.width, fan_in), (each.width,))[: max(1, len(each.parameters))]
    elif each.kind == "embedding":
        came = [dict(program.parameters)[name] for name in each.parameters]
        size = came[0][1] if len(came) == 1 and len(came[0]) == 2 else each.width
        wanted = ((came[0][0] if came else 1, size),)
    elif each.kind in _NORMS:
        wanted = ((each.width,), (each.width,))[: len(each.parameters)]
    _need_shapes(each, fan_in, wanted, [dict(program.parameters)[name] for name in each.parameters])
    kept = {name: (shape, dtype) for name, shape, dtype in program.buffers}
    moments = ((each.width,), program.dtype)
    wanted_kept = [moments, moments, ((), "int64")] if each.kind == "batch_norm" else []
    if [kept.get(name) for name in each.buffers] != wanted_kept:
        raise refusal(f"running mean, variance and counter for '{each.output}' ({each.kind})")


def _need_shapes(
    each: Operation, fan_in: int, wanted: tuple[tuple[int, ...], ...], came: list[tuple[int, ...]]
) -> None:
    if tuple(came) != wanted:
        raise refusal(
            f"parameters of the shapes {_list(wanted)} for '{each.output}' ({each.kind}, "
            f"{fan_in} → {each.width} units) instead of {_list(came)}"
        )


def _list(shapes: tuple[tuple[int, ...], ...] | list[tuple[int, ...]]) -> str:
    return " and ".join(map(str, shapes)) or "none"
