"""Everything that the future of a training depends on, as one value.

Whoever holds a state holds the run: the next steps follow from it, the program and the data alone.
How a state is executed lives in the engines, how it is stored in `runs`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pellucid.engine.fingerprint import fingerprint
from pellucid.engine.program import Program
from pellucid.errors import InputError, ShapeError

Array = np.ndarray[Any, Any]

_COUNTERS = ("step", "epoch", "position", "order_seed")


@dataclass(slots=True)
class State:
    """A moment of a training.

    Args:
        parameters: PyTorch names and shapes, C-ordered, unpadded.
        memory: the optimizer's memory, '<parameter>.<PyTorch name>'; absent where PyTorch has not
            made it yet (`momentum_buffer` before the first step).
        step: steps done.
        epoch: epochs finished.
        position: batches done in the running epoch.
        order_seed: seed (32 bits) of the running epoch's order; meaningful while position > 0.
        generator: the generator's 625 words, and two more while the second of a pair of normal
            numbers waits: see `Generator.get_state`.
        learning_rate: the optimizer's `lr`; of its first group if it has several.
        epoch_loss: Σ batch loss × rows over the running epoch; 0 at its start.
        buffers: running statistics under their state_dict names, in the program's order.
        further_rates: (groups − 1,) float64, `lr` of the optimizer's other groups.
        plateau: (3,) float64, what `ReduceLROnPlateau` counts: the best figure, epochs without a
            better one, epochs of cool-down left; (0,) without such a schedule.
        best: the moment at the end of the best epoch so far; None until an epoch was judged.
        best_loss: what it was judged by; ∞ until then, and where that was no number.
        waiting: epochs judged since the best one.
    """

    parameters: dict[str, Array]
    memory: dict[str, Array]
    step: int
    epoch: int
    position: int
    order_seed: int
    generator: Array
    learning_rate: float
    epoch_loss: float
    buffers: dict[str, Array] = field(default_factory=dict)
    further_rates: Array = field(default_factory=lambda: np.empty(0, np.float64))
    best: State | None = None
    best_loss: float = math.inf
    waiting: int = 0
    plateau: Array = field(default_factory=lambda: np.empty(0, np.float64))

    def values(self) -> dict[str, Array]:
        """Parameters and running statistics, as a module's state_dict names them."""
        return self.parameters | self.buffers

    def learning_rates(self) -> Array:
        """`lr` of every group, (groups,) float64."""
        return np.array([self.learning_rate, *self.further_rates])

    def copy(self) -> State:
        """The same moment in memory of its own."""
        return State.from_arrays({name: each.copy() for name, each in self.to_arrays().items()})

    def to_arrays(self) -> dict[str, Array]:
        """The state as named arrays, for storage: 'parameters/…', 'buffers/…', 'memory/…', 'step', …."""
        arrays = {f"parameters/{name}": array for name, array in self.parameters.items()}
        arrays |= {f"buffers/{name}": array for name, array in self.buffers.items()}
        arrays |= {f"memory/{name}": array for name, array in self.memory.items()}
        arrays |= {name: np.array(getattr(self, name), dtype=np.int64) for name in _COUNTERS}
        arrays["generator"] = self.generator
        arrays["learning_rate"] = np.array(self.learning_rate, dtype=np.float64)
        arrays["epoch_loss"] = np.array(self.epoch_loss, dtype=np.float64)
        if len(self.further_rates):
            arrays["further_rates"] = self.further_rates
        if len(self.plateau):
            arrays["plateau"] = self.plateau
        if self.best is not None:
            arrays |= {f"best/{name}": array for name, array in self.best.to_arrays().items()}
            arrays["best_loss"] = np.array(self.best_loss, dtype=np.float64)
            arrays["waiting"] = np.array(self.waiting, dtype=np.int64)
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array]) -> State:
        """The state that `to_arrays` gave; it shares memory with the arrays."""
        best = _under("best/", arrays)
        return cls(
            parameters=_under("parameters/", arrays),
            memory=_under("memory/", arrays),
            step=int(arrays["step"]),
            epoch=int(arrays["epoch"]),
            position=int(arrays["position"]),
            order_seed=int(arrays["order_seed"]),
            generator=arrays["generator"],
            learning_rate=float(arrays["learning_rate"]),
            epoch_loss=float(arrays["epoch_loss"]),
            buffers=_under("buffers/", arrays),
            further_rates=arrays.get("further_rates", np.empty(0, np.float64)),
            best=cls.from_arrays(best) if best else None,
            best_loss=float(arrays.get("best_loss", math.inf)),
            waiting=int(arrays.get("waiting", 0)),
            plateau=arrays.get("plateau", np.empty(0, np.float64)),
        )

    def fingerprint(self) -> str:
        """SHA-256 over names, types, shapes and bytes in name order: equal states, equal text."""
        return fingerprint(self.to_arrays())


def initial_state(
    program: Program,
    parameters: Mapping[str, Array],
    learning_rate: float,
    generator_words: Array,
) -> State:
    """The moment before the first step.

    Args:
        program: whose parameters and optimizer.
        parameters: initial values, and running statistics if the program has some, under their
            state_dict names; copied.
        learning_rate: the optimizer's `lr`.
        generator_words: 625 words, as `Generator.get_state` gives them; copied.

    Returns:
        A state at step 0 with the memory that PyTorch's optimizer starts from.

    Raises:
        InputError: if a parameter is missing.
        ShapeError: if one has another shape than the program says.
    """
    return State(
        parameters=read_parameters(program, parameters, copy=True),
        memory=initial_memory(program),
        step=0,
        epoch=0,
        position=0,
        order_seed=0,
        generator=np.array(generator_words, dtype=np.uint32),
        learning_rate=float(learning_rate),
        epoch_loss=0.0,
        buffers=read_buffers(program, parameters, copy=True),
    )


def read_parameters(
    program: Program, parameters: Mapping[str, Array], *, copy: bool = False
) -> dict[str, Array]:
    """The program's parameters in its order, type and C order; checked, copied only if needed.

    Raises:
        InputError: if a parameter is missing.
        ShapeError: if one has another shape than the program says.
    """
    return {
        name: _read(parameters, name, shape, program.dtype, copy=copy)
        for name, shape in program.parameters
    }


def read_buffers(
    program: Program, values: Mapping[str, Array], *, copy: bool = False
) -> dict[str, Array]:
    """The program's running statistics in its order, types and C order; checked like parameters.

    Raises:
        InputError: if one is missing.
        ShapeError: if one has another shape than the program says.
    """
    return {
        name: _read(values, name, shape, dtype, copy=copy) for name, shape, dtype in program.buffers
    }


def _read(
    values: Mapping[str, Array], name: str, shape: tuple[int, ...], dtype: str, *, copy: bool
) -> Array:
    if name not in values:
        raise InputError(f"The program needs '{name}'. Got: {', '.join(values) or 'none'}.")
    array = np.asarray(values[name])
    if array.shape != shape:
        raise ShapeError(f"`{name}` must have shape {shape}. Got {array.shape}.")
    return np.array(array, dtype=dtype, order="C", copy=copy or None)


def initial_memory(program: Program) -> dict[str, Array]:
    """What PyTorch's optimizer remembers before its first step: nothing for SGD, else zeros.

    Adagrad's sum begins with `initial_accumulator_value`.
    """
    memory: dict[str, Array] = {}
    rule = program.optimizer
    for name, shape in program.parameters:
        for kind in rule.memory_names(name) if rule.kind != "sgd" else ():
            if kind == "step":
                memory[f"{name}.step"] = np.zeros((), dtype=np.float32)
                continue
            start = rule.setting("initial_accumulator_value", parameter=name)
            memory[f"{name}.{kind}"] = np.full(
                shape, start if kind == "sum" else 0, dtype=program.dtype
            )
    return memory


def _under(prefix: str, arrays: Mapping[str, Array]) -> dict[str, Array]:
    return {
        name.removeprefix(prefix): array
        for name, array in arrays.items()
        if name.startswith(prefix)
    }
