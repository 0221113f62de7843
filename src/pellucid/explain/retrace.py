"""A step's losses once more with other parameters, in float64, as the step itself has them.

Batch normalization meets the same rows and dropout the same masks, so that a finite difference
shows what the gradient says. Rows in evaluation mode are the engine's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from pellucid.engine.building import build_network
from pellucid.engine.graph import compute
from pellucid.engine.losses import build_loss
from pellucid.engine.program import Program
from pellucid.engine.state import read_buffers, read_parameters
from pellucid.engine.values import draws_from
from pellucid.engine.weighing import losses_of_rows
from pellucid.explain.batch import Batch
from pellucid.random import Generator
from pellucid.tensor.graph import no_grad
from pellucid.tensor.tensor import Tensor

Array = np.ndarray[Any, Any]


def step_losses(batch: Batch, parameters: Mapping[str, Array], targets: Array) -> Array:
    """Each row's own loss, (rows,), float64.

    Args:
        batch: of the step.
        parameters: parameters and running statistics, of any dtype.
        targets: of the batch's rows, as the loss reads them, float64 or classes.
    """
    program = in_dtype(batch.trace.program, "float64")
    wide = {
        name: each.astype(np.float64) if each.dtype.kind == "f" else each.copy()
        for name, each in parameters.items()
    }
    known = read_parameters(program, wide) | read_buffers(program, wide)
    network = build_network(program, known)
    read = [batch.trace.values[name] for name, _ in program.inputs]
    inputs = [Tensor(each.astype(np.float64) if each.dtype.kind == "f" else each) for each in read]
    with draws_from(Generator(0).set_state(batch.generator.get_state())), no_grad():
        values = compute(program, network, *inputs)
    prediction = values[program.loss.prediction].detach()
    losses: Array = losses_of_rows(build_loss(program), prediction, Tensor(targets)).array
    return losses


def in_dtype(program: Program, dtype: str) -> Program:
    """The same program on other numbers; its running statistics too."""
    buffers = tuple(
        (name, shape, dtype if kind.startswith("float") else kind)
        for name, shape, kind in program.buffers
    )
    return replace(program, dtype=dtype, buffers=buffers)
