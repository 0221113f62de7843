"""Where a program's numbers lie in the flat arrays of the compiled module, which knows no names.

All parameters lie behind one another, and what is remembered of them likewise, in the same places.
What else the compiled module takes of a state is said in `packing`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from math import prod
from typing import Any, NamedTuple

import numpy as np

from pellucid.engine.nodes import starts
from pellucid.engine.program import MEMORY_NAMES, Program

Array = np.ndarray[Any, Any]


class Place(NamedTuple):
    """A named array's shape and its part of a flat array."""

    name: str
    shape: tuple[int, ...]
    part: slice


class Layout(NamedTuple):
    """The places of a program's numbers.

    Args:
        program: whose numbers.
        size: of the flat arrays.
        parameters: their places.
        memories: for each of the compiled module's three memories, the places of what is kept
            there; of some parameters only if groups of the optimizer keep different things.
        remembered: the names of everything that is remembered, in the order of a `State`.
    """

    program: Program
    size: int
    parameters: tuple[Place, ...]
    memories: tuple[tuple[Place, ...], ...]
    remembered: tuple[str, ...]

    def flatten(self, places: tuple[Place, ...], arrays: Mapping[str, Array]) -> Array:
        """One array with each named one in its place, zeros between them; empty without places."""
        parts = [arrays[place.name].ravel() for place in places]
        if not parts:
            return np.empty(0, self.program.dtype)
        if len(parts) == len(self.parameters):
            return np.concatenate(parts, dtype=self.program.dtype)
        flat = np.zeros(self.size, self.program.dtype)
        for place, part in zip(places, parts, strict=True):
            flat[place.part] = part
        return flat

    def split(self, flat: Array) -> dict[str, Array]:
        """The parameters in a flat array; they share its memory."""
        return split(self.parameters, flat)


def split(places: tuple[Place, ...], flat: Array) -> dict[str, Array]:
    """The named arrays in a flat one; they share its memory."""
    return {name: flat[part].reshape(shape) for name, shape, part in places}


@lru_cache(maxsize=64)
def layout_of(program: Program) -> Layout:
    """The places of a program's numbers.

    Example:
        >>> from pellucid.engine.program import Loss, Optimizer
        >>> loss, shapes = Loss("mse", "mean", "0"), (("0.weight", (2, 3)), ("0.bias", (2,)))
        >>> layout = layout_of(Program((), (), loss, Optimizer("adam"), shapes))
        >>> layout.size, layout.parameters[1], len(layout.memories[1])
        (8, Place(name='0.bias', shape=(2,), part=slice(6, 8, None)), 2)
    """
    begin, rule = starts(program), program.optimizer
    parameters = tuple(
        Place(name, shape, slice(begin[name], begin[name] + prod(shape)))
        for name, shape in program.parameters
    )
    names = {name: rule.memory_names(name) for name, _ in program.parameters}
    kinds = (*MEMORY_NAMES.get(rule.kind, {}), "", "", "")[:3]
    return Layout(
        program=program,
        size=sum(prod(shape) for _, shape in program.parameters),
        parameters=parameters,
        memories=tuple(
            tuple(
                Place(f"{place.name}.{kind}", place.shape, place.part)
                for place in parameters
                if kind in names[place.name]
            )
            for kind in kinds
        ),
        remembered=tuple(f"{name}.{kind}" for name, kinds in names.items() for kind in kinds),
    )
