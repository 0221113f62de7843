"""Programs and states as the flat arrays that the compiled module works on, and back.

The compiled module knows numbers where Python knows names: buffers and parameters are numbered in
the program's order, and all parameters lie behind one another in one array.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from functools import lru_cache
from math import prod
from typing import Any

import numpy as np

from pellucid import _native
from pellucid.engine.nodes import (
    flatten_statistics,
    make_nodes,
    refusal,
    split_statistics,
    starts,
)
from pellucid.engine.program import LOSS_SETTINGS, Program
from pellucid.engine.state import State, read_buffers, read_parameters
from pellucid.errors import InputError, ShapeError, did_you_mean

Array = np.ndarray[Any, Any]
Progress = tuple[int, int, int, float, int, bool, bool, float, int]
Criterion = tuple[str, bool, float, bool, int, list[float]]

_SETTINGS = {
    "sgd": ("momentum", "dampening", "weight_decay", "nesterov", "maximize"),
    "adam": ("beta1", "beta2", "eps", "weight_decay", "amsgrad", "maximize"),
}
# PyTorch counts Adam's steps in float32, which stands still here; both corrections are 1 by then.
_LAST_COUNTED_STEP = 2**24
_LOSS_NUMBERS = ("delta", "beta", "eps", "label_smoothing")


@lru_cache(maxsize=64)
def native_program(program: Program) -> _native.Program:
    """The program with numbers for names.

    Raises:
        InputError: if it holds a kind of operation, loss or setting that the engine does not know.
    """
    if program.loss.reduction not in ("mean", "sum"):
        raise refusal(f"the reduction 'mean' or 'sum' instead of '{program.loss.reduction}'")
    if program.dtype not in ("float32", "float64"):
        raise refusal(f"the dtype float32 or float64 instead of '{program.dtype}'")
    if len(program.inputs) != 1:
        raise refusal("one buffer of inputs")
    nodes = make_nodes(program)
    widths = program.widths()
    kept = [each.width for each in program.operations if each.buffers]
    try:
        return _native.Program(
            widths=list(widths.values()),
            nodes=nodes,
            prediction=list(widths).index(program.loss.prediction),
            loss=_criterion(program),
            rule=program.optimizer.kind,
            settings=_settings(program),
            parameters=sum(prod(shape) for _, shape in program.parameters),
            statistics=2 * sum(kept),
            counters=len(kept),
        )
    except ValueError as error:
        raise refusal(str(error)) from error


def check_trainable(program: Program) -> None:
    """A parameter's gradient comes from one operation; forwards any number may use it.

    Raises:
        InputError: if several operations use a parameter.
    """
    used = [name for each in program.operations for name in each.parameters]
    if len(set(used)) < len(used):
        raise refusal("parameters used once to train")


def flatten(program: Program, arrays: dict[str, Array], suffix: str = "") -> Array:
    """The parameters' arrays (or what is kept for each, under `suffix`) behind one another."""
    parts = [np.ravel(arrays[name + suffix]) for name, _ in program.parameters]
    return np.concatenate(parts, dtype=program.dtype) if parts else np.empty(0, program.dtype)


def split(program: Program, flat: Array, suffix: str = "") -> dict[str, Array]:
    """What `flatten` joined; the arrays share memory with `flat`."""
    places = starts(program)
    return {
        name + suffix: flat[places[name] : places[name] + prod(shape)].reshape(shape)
        for name, shape in program.parameters
    }


def flatten_values(program: Program, values: Mapping[str, Array]) -> tuple[Array, Array]:
    """Parameters, and running means and variances: what a forward pass needs beside its inputs."""
    statistics, _ = flatten_statistics(program, read_buffers(program, values))
    return flatten(program, read_parameters(program, values)), statistics


class Numbers:
    """A state's arrays, flat and free to be changed, and what it counts.

    Args:
        program: whose state.
        state: which is not changed.

    Raises:
        InputError: if a parameter or a piece of memory is missing.
        ShapeError: if a parameter has another shape than the program says, or the generator has.
    """

    def __init__(self, program: Program, state: State) -> None:
        self._program = program
        self._state = state
        empty = np.empty(0, program.dtype)
        self.parameters = flatten(program, read_parameters(program, state.parameters))
        self.memory1, self.memory2 = empty, empty
        kept = read_buffers(program, state.buffers)
        self.statistics, self.counters = flatten_statistics(program, kept)
        self.generator = np.array(state.generator, dtype=np.uint32)
        if self.generator.shape != (_native.GENERATOR_WORDS,):
            raise ShapeError(
                f"The state's generator must have shape ({_native.GENERATOR_WORDS},). "
                f"Got {self.generator.shape}."
            )
        names = program.optimizer.memory_names()
        is_fresh = False
        rule_steps = 0
        if program.optimizer.kind == "adam":
            rule_steps = _rule_steps(program, state)
            self.memory1 = _memory(program, state, ".exp_avg")
            self.memory2 = _memory(program, state, ".exp_avg_sq")
        elif names:
            is_fresh = not state.memory
            self.memory1 = (
                np.zeros_like(self.parameters)
                if is_fresh
                else _memory(program, state, ".momentum_buffer")
            )
        self.progress: Progress = (
            state.epoch,
            state.position,
            state.order_seed,
            state.epoch_loss,
            rule_steps,
            is_fresh,
            state.best is not None,
            state.best_loss,
            state.waiting,
        )

    def room(self) -> Numbers:
        """Arrays like these for another moment of the same training; what is in them is not set."""
        other = copy(self)
        other.parameters = np.empty_like(self.parameters)
        other.memory1 = np.empty_like(self.memory1)
        other.memory2 = np.empty_like(self.memory2)
        other.generator = np.empty_like(self.generator)
        other.statistics = np.empty_like(self.statistics)
        other.counters = np.empty_like(self.counters)
        return other

    def arrays(self) -> tuple[Array, ...]:
        """What the compiled module changes in place."""
        numbers = self.parameters, self.memory1, self.memory2
        return *numbers, self.generator, self.statistics, self.counters

    def arguments(self) -> dict[str, Any]:
        """What the compiled module takes of a state."""
        return {
            "state": self.arrays(),
            "learning_rate": self._state.learning_rate,
            "progress": self.progress,
        }

    def state_after(self, steps: int, progress: Progress) -> State:
        """The state after `steps` steps, when the compiled module has changed the arrays."""
        epoch, position, order_seed, epoch_loss, rule_steps, is_fresh, *_ = progress
        return replace(
            self._state,
            parameters=split(self._program, self.parameters),
            memory=self._memory_after(rule_steps, is_fresh=is_fresh),
            buffers=split_statistics(self._program, self.statistics, self.counters),
            step=self._state.step + steps,
            epoch=epoch,
            position=position,
            order_seed=order_seed,
            generator=self.generator,
            epoch_loss=epoch_loss,
            best_loss=progress[7],
            waiting=progress[8],
        )

    def _memory_after(self, rule_steps: int, *, is_fresh: bool) -> dict[str, Array]:
        program = self._program
        if program.optimizer.kind != "adam":
            has_memory = bool(program.optimizer.memory_names()) and not is_fresh
            return split(program, self.memory1, ".momentum_buffer") if has_memory else {}
        averages = split(program, self.memory1, ".exp_avg")
        squares = split(program, self.memory2, ".exp_avg_sq")
        count = min(rule_steps, _LAST_COUNTED_STEP)
        memory: dict[str, Array] = {}
        for name, _ in program.parameters:
            memory[f"{name}.step"] = np.array(count, dtype=np.float32)
            memory[f"{name}.exp_avg"] = averages[f"{name}.exp_avg"]
            memory[f"{name}.exp_avg_sq"] = squares[f"{name}.exp_avg_sq"]
        return memory


def _criterion(program: Program) -> Criterion:
    """What the compiled module takes of a loss: one number is a setting for all that have one."""
    loss = program.loss
    if loss.kind not in LOSS_SETTINGS:
        raise refusal(f"a known loss instead of '{loss.kind}'")
    for name, value in loss.settings:
        if name not in LOSS_SETTINGS[loss.kind]:
            raise refusal(f"no setting '{name}' ({value}) of the loss '{loss.kind}'")
    known = {name: loss.setting(name) for name in LOSS_SETTINGS[loss.kind]}
    setting = next((known[name] for name in _LOSS_NUMBERS if name in known), 0.0)
    kind = loss.kind
    if kind == "poisson_nll":
        kind = "poisson_of_log" if known["log_input"] else "poisson"
    ignored = int(known.get("ignore_index", -100))
    is_mean, is_full = loss.reduction == "mean", bool(known.get("full", False))
    return kind, is_mean, setting, is_full, ignored, list(loss.weights)


def _settings(program: Program) -> dict[str, float]:
    known = _SETTINGS.get(program.optimizer.kind, ())
    for name, value in program.optimizer.settings:
        if name not in known:
            raise InputError(
                f"'{program.optimizer.kind}' has no setting '{name}' ({value}) in the native "
                f"engine; it knows {', '.join(known)}.{did_you_mean(name, known)}"
            )
    return {name: float(value) for name, value in program.optimizer.settings}


def _memory(program: Program, state: State, suffix: str) -> Array:
    for name, shape in program.parameters:
        array = state.memory.get(name + suffix)
        if array is None or array.shape != shape:
            came = "none" if array is None else f"shape {array.shape}"
            raise InputError(
                f"The state's memory must have '{name}{suffix}' of shape {shape}. Got {came}."
            )
    return flatten(program, state.memory, suffix)


def _rule_steps(program: Program, state: State) -> int:
    counts = {int(state.memory[f"{name}.step"]) for name, _ in program.parameters}
    if len(counts) > 1:
        raise InputError(
            "Adam must have done equally many steps for all parameters in the native engine. "
            f"Got {sorted(counts)}; the eager engine can continue from there."
        )
    return counts.pop() if counts else 0
