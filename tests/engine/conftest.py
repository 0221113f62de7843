"""What the tests of the engines share: dense programs, data for them, and a state to start from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pellucid.engine.program import Loss, Operation, Optimizer, Program
from pellucid.engine.state import State, initial_state
from pellucid.random import Generator


def build_dense_program(
    widths: tuple[int, ...],
    activations: tuple[str | None, ...],
    loss: str = "mse",
    *,
    reduction: str = "mean",
    optimizer: Optimizer | None = None,
    dtype: str = "float64",
    bias: bool = True,
    leading: str | None = None,
) -> Program:
    """A chain of linear layers with an activation (or none) behind each of them."""
    operations: list[Operation] = []
    parameters: list[tuple[str, tuple[int, ...]]] = []
    previous = "inputs"

    def add(kind: str, width: int, names: tuple[str, ...] = ()) -> None:
        nonlocal previous
        output = str(len(operations))
        operations.append(Operation(kind, (previous,), output, width, names))
        previous = output

    if leading is not None:
        add(leading, widths[0])
    for fan_in, fan_out, activation in zip(widths, widths[1:], activations, strict=False):
        name = str(len(operations))
        shapes = [(f"{name}.weight", (fan_out, fan_in)), (f"{name}.bias", (fan_out,))]
        shapes = shapes if bias else shapes[:1]
        parameters += shapes
        add("linear", fan_out, tuple(each for each, _ in shapes))
        if activation is not None:
            add(activation, fan_out)
    return Program(
        inputs=(("inputs", widths[0]),),
        operations=tuple(operations),
        loss=Loss(loss, reduction, previous),
        optimizer=optimizer or Optimizer("sgd"),
        parameters=tuple(parameters),
        dtype=dtype,
    )


def build_examples(program: Program, count: int, seed: int = 0) -> tuple[Any, Any]:
    """Inputs, and targets that suit the program's loss."""
    random = np.random.default_rng(seed)
    width = program.widths()[program.loss.prediction]
    inputs = random.normal(size=(count, program.inputs[0][1])).astype(program.dtype)
    if program.loss.kind == "cross_entropy":
        return inputs, random.integers(0, width, count)
    if program.loss.kind == "mse":
        return inputs, random.normal(size=(count, width)).astype(program.dtype)
    return inputs, (random.random((count, width)) < 0.5).astype(program.dtype)


def build_start(program: Program, learning_rate: float = 0.01, seed: int = 0) -> State:
    """Parameters uniform within 1/√fan_in, and a generator seeded alike."""
    random = np.random.default_rng(seed)
    parameters = {
        name: random.uniform(-1, 1, shape) / np.sqrt(shape[-1])
        for name, shape in program.parameters
    }
    return initial_state(program, parameters, learning_rate, Generator(seed).get_state())


@pytest.fixture(scope="session")
def dense_program() -> Callable[..., Program]:
    return build_dense_program


@pytest.fixture(scope="session")
def examples() -> Callable[..., tuple[Any, Any]]:
    return build_examples


@pytest.fixture(scope="session")
def start() -> Callable[..., State]:
    return build_start
