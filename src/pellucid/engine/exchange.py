"""Values between a module with its optimizer and a `State`, both ways.

Into a module they are written in place, so that whoever holds a parameter's array sees them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid.engine.obstacle import CannotLower
from pellucid.engine.state import State
from pellucid.nn.module import Module
from pellucid.optim.adam import Adam
from pellucid.optim.optimizer import Optimizer
from pellucid.random import Generator
from pellucid.tensor.tensor import Tensor

Array = np.ndarray[Any, Any]

ADAM_MEMORY = ("step", "exp_avg", "exp_avg_sq")


def read_state(module: Module, optimizer: Optimizer, generator: Generator) -> State:
    """A state with copies of all values, at the start of an epoch.

    Args:
        module: whose parameters and running statistics.
        optimizer: whose memory and learning rate.
        generator: whose words.

    Raises:
        CannotLower: the optimizer remembers something of some parameters only, or has done
            different numbers of steps for them.
    """
    memory: dict[str, Array] = {}
    counts = set()
    for name, parameter in module.named_parameters():
        kept = kept_of(optimizer, parameter)
        counts.add(int(kept["step"]) if "step" in kept else len(kept))
        memory |= {f"{name}.{each}": np.array(array) for each, array in kept.items()}
    if len(counts) > 1:
        raise CannotLower("the optimizer has done more steps for some parameters than for others")
    return State(
        parameters={name: np.array(p.array, order="C") for name, p in module.named_parameters()},
        memory=memory,
        step=counts.pop() if isinstance(optimizer, Adam) and counts else 0,
        epoch=0,
        position=0,
        order_seed=0,
        generator=generator.words.copy(),
        learning_rate=float(optimizer.param_groups[0]["lr"]),
        epoch_loss=0.0,
        buffers={name: np.array(b.array, order="C") for name, b in module.named_buffers()},
    )


def kept_of(optimizer: Optimizer, parameter: Tensor) -> dict[str, Array]:
    """What the optimizer remembers of one parameter, as arrays; Adam begins with zeros."""
    memory = optimizer.state.get(parameter) or {}
    kept = {name: np.asarray(value) for name, value in memory.items() if value is not None}
    if isinstance(optimizer, Adam) and not kept:
        zeros = np.zeros_like(parameter.array)
        return {"step": np.zeros((), np.float32), "exp_avg": zeros, "exp_avg_sq": zeros}
    return kept


def write_state(state: State, module: Module, optimizer: Optimizer) -> None:
    """Put a state's values into a module and the optimizer's memory, in place.

    The learning rate and the generator are left to the caller.
    """
    has_steps = any(array.any() for name, array in state.memory.items() if name.endswith(".step"))
    for name, buffer in module.named_buffers():
        buffer.array[...] = state.buffers[name]
        buffer.edits[0] += 1
    for name, parameter in module.named_parameters():
        parameter.array[...] = state.parameters[name]
        parameter.edits[0] += 1
        memory = optimizer.state.get(parameter)
        if isinstance(optimizer, Adam) and not memory and not has_steps:
            continue
        for kind in (*ADAM_MEMORY, "momentum_buffer"):
            if f"{name}.{kind}" in state.memory:
                remember(optimizer.state[parameter], kind, state.memory[f"{name}.{kind}"])


def remember(memory: dict[str, Any], kind: str, values: Any) -> None:
    """Put values into the optimizer's memory, in place where there was something."""
    old = memory.get(kind)
    if isinstance(old, Tensor):
        old.copy_(values)
    else:
        memory[kind] = Tensor(np.array(values))
