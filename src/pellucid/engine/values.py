"""What a network needs around its forward pass: values in evaluation mode, and a source of chance.

What the eager engine does step by step is said in `eager`, the forward pass itself in `graph`.
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
