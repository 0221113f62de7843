"""The values of a program's buffers, computed by modules one operation after another.

What the eager engine does with them, step by step, is said in `eager`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from pellucid.engine.building import build_network
from pellucid.engine.program import Program
from pellucid.engine.state import read_buffers, read_parameters
from pellucid.nn.module import Module
from pellucid.random import Generator, default_generator
from pellucid.tensor.tensor import Tensor

Array = np.ndarray[Any, Any]


def build_evaluated(program: Program, values: Mapping[str, Array]) -> Module:
    """The network in evaluation mode, with these parameters and running statistics."""
    known = read_parameters(program, values) | read_buffers(program, values)
    return build_network(program, known).eval()


@contextmanager
def draws_from(generator: Generator) -> Iterator[None]:
    """Let the layers that leave something to chance, dropout's, draw from this generator."""
    others = default_generator.get_state()
    default_generator.set_state(generator.get_state())
    try:
        yield
    finally:
        generator.set_state(default_generator.get_state())
        default_generator.set_state(others)


def compute(program: Program, network: Module, inputs: Tensor) -> dict[str, Tensor]:
    """Every buffer's values, the inputs among them, each in a tensor of its own."""
    layers = dict(network.named_modules())
    values = {program.inputs[0][0]: inputs}
    for each in program.operations:
        first, *others = (values[name] for name in each.inputs)
        if each.kind == "add":
            values[each.output] = first + others[0]
            continue
        out = layers[each.output](first)
        values[each.output] = out.clone() if out is first else out
    return values
