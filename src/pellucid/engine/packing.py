"""Programs and states as the flat arrays that the compiled module works on, and back.

The compiled module knows numbers where Python knows names: buffers and parameters are numbered in
the program's order. Where a parameter's numbers lie is said in `layout`.
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
from pellucid.engine.layout import Layout, Place, layout_of, split
from pellucid.engine.nodes import (
    flatten_statistics,
    make_nodes,
    refusal,
    split_statistics,
)
from pellucid.engine.optimizers import OPTIMIZER_SETTINGS
from pellucid.engine.plateau import Plateau
from pellucid.engine.program import LOSS_SETTINGS, Group, Program
from pellucid.engine.rates import rows_of
from pellucid.engine.state import State, read_buffers, read_parameters
from pellucid.errors import InputError, ShapeError, did_you_mean

Array = np.ndarray[Any, Any]
Progress = tuple[int, int, int, float, int, bool, bool, float, int]
Criterion = tuple[str, bool, float, bool, int, list[float], list[float]]
NativeOptimizer = tuple[
    str, list[dict[str, float]], list[tuple[int, int, int]], float, float
]  # kind, settings and segments of the groups, clipping (0: none)

# PyTorch counts steps in float32, which stands still here; corrections are 1 by then.
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
    if not program.inputs:
        raise refusal("a buffer of inputs")
    nodes = make_nodes(program)
    widths = program.widths()
    kept = [each.width for each in program.operations if each.buffers]
    try:
        return _native.Program(
            widths=list(widths.values()),
            nodes=nodes,
            prediction=list(widths).index(program.loss.prediction),
            loss=_criterion(program),
            optimizer=_optimizer(program),
            parameters=sum(prod(shape) for _, shape in program.parameters),
            statistics=2 * sum(kept),
            counters=len(kept),
            is_category=[name in program.categories for name, _ in program.inputs],
        )
    except ValueError as error:
        raise refusal(str(error)) from error


def check_trainable(program: Program) -> None:
    """A parameter's gradient comes from one operation, and deltas from those who read a buffer.

    Forwards any number may use a parameter, and none need read a buffer.

    Raises:
        InputError: if several operations use a parameter, or none reads what another gives.
    """
    read = {program.loss.prediction, *(name for op in program.operations for name in op.inputs)}
    for each in program.operations:
        if each.output not in read:
            raise refusal(f"something that reads '{each.output}' to train")
    used = [name for each in program.operations for name in each.parameters]
    if len(set(used)) < len(used):
        raise refusal("parameters used once to train")


def flatten_values(program: Program, values: Mapping[str, Array]) -> tuple[Array, Array]:
    """Parameters, and running means and variances: what a forward pass needs beside its inputs."""
    statistics, _ = flatten_statistics(program, read_buffers(program, values))
    layout = layout_of(program)
    return layout.flatten(layout.parameters, read_parameters(program, values)), statistics


class Numbers:
    """A state's arrays, flat and free to be changed, and what it counts.

    Args:
        layout: of the program whose state it is.
        state: which is not changed.
        rates: learning rates and momenta, (steps, groups); None: those of the state.
        plateau: by what rule the learning rates fall, if by any.

    Raises:
        InputError: if a parameter or a piece of memory is missing.
        ShapeError: if a parameter has another shape than the program says, or the generator has.
    """

    def __init__(
        self,
        layout: Layout,
        state: State,
        rates: tuple[Array, Array | None] | None = None,
        plateau: Plateau | None = None,
    ) -> None:
        program = layout.program
        self._layout, self._state = layout, state
        self._rates = rows_of(None, state, 1) if rates is None else rates
        given = read_parameters(program, state.parameters)
        self.parameters = layout.flatten(layout.parameters, given)
        kept = read_buffers(program, state.buffers)
        self.statistics, self.counters = flatten_statistics(program, kept)
        self.generator, self._waiting = _generator(state)
        # What the rule counts, and then the learning rates that it changes.
        self.plateau = np.empty(0)
        if plateau is not None:
            self.plateau = np.concatenate([plateau.counts(state), state.learning_rates()])
        is_fresh = program.optimizer.kind == "sgd" and not state.memory
        self.memories = tuple(
            _memory(layout, places, state, is_fresh=is_fresh) for places in layout.memories
        )
        has_steps = program.optimizer.kind != "sgd"
        rule_steps = _rule_steps(program, state) if has_steps else 0
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
        other.memories = tuple(np.empty_like(each) for each in self.memories)
        other.generator = np.empty_like(self.generator)
        other.statistics = np.empty_like(self.statistics)
        other.counters = np.empty_like(self.counters)
        other.plateau = np.empty_like(self.plateau)
        return other

    def arrays(self) -> tuple[Array, ...]:
        """What the compiled module changes in place."""
        kept = self.statistics, self.counters, self.plateau
        return self.parameters, *self.memories, self.generator, *kept

    def is_finite(self) -> bool:
        """Whether all parameters are finite numbers."""
        return bool(np.isfinite(self.parameters).all())

    def arguments(self) -> dict[str, Any]:
        """What the compiled module takes of a state."""
        return {
            "state": self.arrays(),
            "rates": self._rates,
            "progress": self.progress,
        }

    def state_after(self, steps: int, progress: Progress) -> State:
        """The state after `steps` steps, when the compiled module has changed the arrays."""
        epoch, position, order_seed, epoch_loss, rule_steps, is_fresh, *_ = progress
        start, (rates, _) = self._state, self._rates
        falls = len(self.plateau) > 0
        last = self.plateau[3:] if falls else rates[min(steps, len(rates)) - 1]
        return replace(
            start,
            parameters=self._layout.split(self.parameters),
            memory=self._memory_after(rule_steps, is_fresh=is_fresh),
            buffers=split_statistics(self._layout.program, self.statistics, self.counters),
            step=start.step + steps,
            epoch=epoch,
            position=position,
            order_seed=order_seed,
            generator=np.concatenate([self.generator, self._waiting])
            if len(self._waiting)
            else self.generator,
            epoch_loss=epoch_loss,
            learning_rate=float(last[0]) if steps else start.learning_rate,
            further_rates=last[1:].copy() if steps else start.further_rates,
            best_loss=progress[7],
            waiting=progress[8],
            plateau=self.plateau[:3].copy() if falls else start.plateau,
        )

    def _memory_after(self, rule_steps: int, *, is_fresh: bool) -> dict[str, Array]:
        if is_fresh:
            return {}
        kept: dict[str, Array] = {}
        for places, flat in zip(self._layout.memories, self.memories, strict=True):
            kept |= split(places, flat)
        count = min(rule_steps, _LAST_COUNTED_STEP)
        return {
            name: kept[name] if name in kept else np.array(count, dtype=np.float32)
            for name in self._layout.remembered
        }


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
    weights = list(loss.weights), list(loss.element_weights)
    return kind, is_mean, setting, is_full, ignored, *weights


def _optimizer(program: Program) -> NativeOptimizer:
    """What the compiled module takes of an optimizer: its groups own segments of the parameters.

    What lies between the segments is not learned.
    """
    rule = program.optimizer
    groups = rule.groups or (Group(tuple(dict(program.parameters)), rule.settings),)
    owner = {name: i for i, group in enumerate(groups) for name in group.parameters}
    segments: list[tuple[int, int, int]] = []
    start = 0
    for name, shape in program.parameters:
        end = start + prod(shape)
        if name in owner and segments and segments[-1][1:] == (start, owner[name]):
            segments[-1] = (segments[-1][0], end, owner[name])
        elif name in owner and end > start:
            segments.append((start, end, owner[name]))
        start = end
    # A group of nothing remembers nothing.
    settings = [
        _settings(rule.kind, group.settings if group.parameters else ()) for group in groups
    ]
    parts = segments if rule.groups else []
    return rule.kind, settings, parts, _length(rule.clip_norm), _length(rule.clip_value)


def _length(clip: float | None) -> float:
    if clip is not None and not clip > 0:
        raise refusal(f"gradients that are clipped to more than 0 instead of {clip}")
    return clip or 0.0


def _settings(kind: str, given: tuple[tuple[str, float | bool], ...]) -> dict[str, float]:
    known = OPTIMIZER_SETTINGS.get(kind, ())
    for name, value in given:
        if name not in known:
            raise InputError(
                f"'{kind}' has no setting '{name}' ({value}) in the native "
                f"engine; it knows {', '.join(known)}.{did_you_mean(name, known)}"
            )
    return {name: float(value) for name, value in given}


def _generator(state: State) -> tuple[Array, Array]:
    """The generator's words, and the normal number that waits in it: the engine draws none."""
    words = np.array(state.generator, dtype=np.uint32)
    count = _native.GENERATOR_WORDS
    if words.shape not in {(count,), (count + 2,)}:
        raise ShapeError(
            f"The state's generator must have shape ({count},), or ({count + 2},) while a normal "
            f"number waits. Got {words.shape}."
        )
    return words[:count], words[count:]


def _memory(layout: Layout, places: tuple[Place, ...], state: State, *, is_fresh: bool) -> Array:
    """A memory of all parameters; zeros for those of groups that do not keep it."""
    if is_fresh:
        return np.zeros(layout.size if places else 0, layout.program.dtype)
    for name, shape, _ in places:
        array = state.memory.get(name)
        if array is None or array.shape != shape:
            came = "none" if array is None else f"shape {array.shape}"
            raise InputError(f"The state's memory must have '{name}' of shape {shape}. Got {came}.")
    return layout.flatten(places, state.memory)


def _rule_steps(program: Program, state: State) -> int:
    learned = (name for name, _ in program.parameters if program.optimizer.learns(name))
    counts = {int(state.memory[f"{name}.step"]) for name in learned}
    if len(counts) > 1:
        raise InputError(
            "The optimizer must have done equally many steps for all parameters in the native "
            f"engine. Got {sorted(counts)}; the eager engine can continue from there."
        )
    return counts.pop() if counts else 0
