"""Values between a module with its optimizer and a `State`, both ways.

Into a module they are written in place, so that whoever holds a parameter's array sees them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from pellucid.engine.obstacle import CannotLower
from pellucid.engine.optimizers import memory_names
from pellucid.engine.state import State
from pellucid.nn.module import Module
from pellucid.nn.parameter import Parameter
from pellucid.optim.optimizer import Optimizer
from pellucid.random import Generator
from pellucid.tensor.tensor import Tensor

Array = np.ndarray[Any, Any]


class Parts(NamedTuple):
    """A module's tensors under their state_dict names, for those who need them more than once."""

    parameters: dict[str, Parameter]
    buffers: dict[str, Tensor]


def parts_of(module: Module | Parts) -> Parts:
    """The tensors of a module."""
    if isinstance(module, Parts):
        return module
    return Parts(dict(module.named_parameters()), dict(module.named_buffers()))


def read_state(module: Module | Parts, optimizer: Optimizer, generator: Generator) -> State:
    """A state with copies of all values, at the start of an epoch.

    Args:
        module: whose parameters and running statistics.
        optimizer: whose memory and learning rate.
        generator: whose state.

    Raises:
        CannotLower: the optimizer remembers something of some parameters only, or has done
            different numbers of steps for them.
    """
    memory: dict[str, Array] = {}
    names = memory_names(optimizer)
    parameters, buffers = parts_of(module)
    counts = set()
    for name, parameter in parameters.items():
        wanted = names.get(id(parameter), ())
        kept = kept_of(optimizer, parameter, wanted)
        if wanted:
            counts.add(int(kept["step"]) if "step" in kept else len(kept))
        memory |= {f"{name}.{each}": array for each, array in kept.items()}
    if len(counts) > 1:
        raise CannotLower("the optimizer has done more steps for some parameters than for others")
    return State(
        parameters={name: np.array(p.array, order="C") for name, p in parameters.items()},
        memory=memory,
        step=counts.pop() if any("step" in each for each in names.values()) else 0,
        epoch=0,
        position=0,
        order_seed=0,
        generator=generator.get_state(),
        learning_rate=float(optimizer.param_groups[0]["lr"]),
        epoch_loss=0.0,
        buffers={name: np.array(b.array, order="C") for name, b in buffers.items()},
        further_rates=np.array([group["lr"] for group in optimizer.param_groups[1:]], np.float64),
    )


def kept_of(optimizer: Optimizer, parameter: Tensor, names: tuple[str, ...]) -> dict[str, Array]:
    """Copies of what the optimizer remembers of one parameter; before its first step zeros.

    SGD's buffer does not begin with zeros and is left out; Adagrad's sum may begin with a number.
    """
    memory = optimizer.state.get(parameter) or {}
    kept: dict[str, Array] = {}
    for name in names:
        value = memory.get(name)
        if value is not None:
            kept[name] = np.array(value.array if isinstance(value, Tensor) else value)
        elif name == "step":
            kept[name] = np.zeros((), np.float32)
        elif "step" in names:
            start = optimizer.defaults["initial_accumulator_value"] if name == "sum" else 0
            kept[name] = np.full_like(parameter.array, start)
    return kept


def write_state(state: State, module: Module | Parts, optimizer: Optimizer) -> None:
    """Put a state's values into a module and the optimizer's memory, in place.

    The learning rate and the generator are left to the caller.
    """
    names = memory_names(optimizer)
    parameters, buffers = parts_of(module)
    has_steps = any(array.any() for name, array in state.memory.items() if name.endswith(".step"))
    for name, buffer in buffers.items():
        buffer.array[...] = state.buffers[name]
        buffer.edits[0] += 1
    for name, parameter in parameters.items():
        parameter.array[...] = state.parameters[name]
        parameter.edits[0] += 1
        memory = optimizer.state.get(parameter)
        kinds = names.get(id(parameter), ())
        if "step" in kinds and not memory and not has_steps:
            continue
        for kind in kinds:
            if f"{name}.{kind}" in state.memory:
                remember(optimizer.state[parameter], kind, state.memory[f"{name}.{kind}"])


def remember(memory: dict[str, Any], kind: str, values: Any) -> None:
    """Put values into the optimizer's memory, in place where there was something."""
    old = memory.get(kind)
    if isinstance(old, Tensor):
        old.array[...] = values
        old.edits[0] += 1
    else:
        memory[kind] = Tensor(np.array(values))
