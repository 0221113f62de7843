"""Going on from a moment of a run with something changed: another rate, optimizer, weight, row.

A branch is a run of its own that knows its parent. What both have in common is not done again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pellucid.engine.state import State, initial_memory
from pellucid.errors import AddressError, InputError, did_you_mean
from pellucid.model.network import build_network, lower_network, seeded
from pellucid.model.of_run import prepared_of
from pellucid.model.prepared import Prepared
from pellucid.model.settings import Method, read_settings
from pellucid.runs.recipe import Parent
from pellucid.runs.run import Run
from pellucid.train.loop import Examples
from pellucid.train.past import Past
from pellucid.train.replay import check_step, state_after

CHANGEABLE = ("learning_rate", "optimizer", "activation", "batch_size", "epochs", "patience")


@dataclass(frozen=True, slots=True)
class Branch:
    """A training that goes on from a moment of a run.

    Attributes:
        prepared: the training, with the state to start from.
        past: what came before that state.
        parent: the moment, and what is different from then on.
    """

    prepared: Prepared
    past: Past
    parent: Parent


def branch_of(
    run: Run,
    step: int | None,
    *,
    weights: Mapping[str, float] | None = None,
    without: Iterable[int] = (),
    **settings: Any,
) -> Branch:
    """Prepare a branch.

    Args:
        run: to go on from.
        step: the first step that is done differently, counted from 1; None: after the last one.
        weights: new values of single weights by PyTorch's spelling, {"0.weight[2, 0]": 0.5}.
        without: rows of the table, counted from 1, that are no longer learnt from.
        settings: `learning_rate`, `optimizer`, `activation`, `batch_size`, `epochs` (in all, those
            of the run included) or `patience`; what is None or left out stays.

    Raises:
        InputError: nothing is changed, a change cannot be meant, or no epoch would be left.
        AddressError: the run has no such step, row or weight.
    """
    done = run.steps if step is None else step - 1
    if step is not None:
        check_step(run, step)
    origin = prepared_of(run)
    method = _changed(origin.method, settings)
    state = state_after(run, done)
    gone = sorted(set(without))
    changes = _describe(origin.method, method)
    changes |= {f"row {each}": "no longer learnt from" for each in gone}
    prepared = _with_method(replace(origin, state=state), method)
    prepared = _without(prepared, run, gone)
    if gone or method.batch_size != origin.method.batch_size:
        # The running epoch's order was drawn for other batches, so a new epoch begins.
        prepared = replace(prepared, state=replace(prepared.state, position=0, epoch_loss=0.0))
    prepared, edits = _with_weights(prepared, weights or {})
    changes |= edits
    _check_sense(changes, state, method)
    past = Past(
        prepared.state,
        run.losses[:done],
        run.validation_losses[: state.epoch + 1],
        since=state.epoch + 1,
    )
    folder = str(run.folder.absolute())
    parent = Parent(
        run=run.name, folder=folder, step=done, fingerprint=state.fingerprint(), changes=changes
    )
    return Branch(prepared, past, parent)


def _check_sense(changes: Mapping[str, str], state: State, method: Method) -> None:
    """Refuse a branch that changes nothing or has nothing left to do."""
    if not changes:
        raise InputError("A branch changes something, such as the learning rate (--lr 0.1).")
    if state.epoch >= method.epochs:
        raise InputError(
            f"All {method.epochs:,} epochs are done there. Plan more: --epochs {2 * state.epoch}."
        )


def _changed(method: Method, settings: Mapping[str, Any]) -> Method:
    """The method with what was asked for, checked as at the start of a training."""
    asked = {name: value for name, value in settings.items() if value is not None}
    for name in asked:
        if name not in CHANGEABLE:
            raise InputError(
                f"A branch cannot change '{name}'; it can change {', '.join(CHANGEABLE)}, weights"
                f" and rows.{did_you_mean(name, CHANGEABLE)}"
            )
    read = read_settings(**asked)
    return replace(method, **{name: getattr(read, name) for name in asked})


def _describe(before: Method, after: Method) -> dict[str, str]:
    pairs = {name: (getattr(before, name), getattr(after, name)) for name in CHANGEABLE}
    return {
        name.replace("_", " "): f"{old} → {new}" for name, (old, new) in pairs.items() if old != new
    }


def _with_method(prepared: Prepared, method: Method) -> Prepared:
    """The training by another method: its program, and the optimizer's memory if that is new."""
    state, inputs = prepared.state, len(prepared.preparation.input_names)
    with seeded(0):  # the weights are replaced at once; nobody's generator shall move
        network = build_network(method, inputs, prepared.target.outputs)
    network.load_state_dict(state.values())
    program = lower_network(network, method, prepared.target.kind, inputs)
    memory = state.memory
    if method.optimizer != prepared.method.optimizer:
        memory = initial_memory(program)
    rate = state.learning_rate
    if method.learning_rate != prepared.method.learning_rate:
        rate = method.learning_rate
    state = replace(state, memory=memory, learning_rate=rate)
    return replace(prepared, method=method, network=network, program=program, state=state)


def _without(prepared: Prepared, run: Run, gone: list[int]) -> Prepared:
    """The training without some rows of the table."""
    split = prepared.split
    stays = ~np.isin(split.train, np.asarray(gone, np.int64) - 1)
    if len(split.train) - int(stays.sum()) != len(gone):
        odd = next(each for each in gone if each - 1 not in split.train)
        raise AddressError(
            f"Row {odd} of {run.recipe.table.name} is not among the rows that {run.name} learns"
            " from, so it cannot be taken away."
        )
    if not stays.any():
        raise InputError("A branch needs at least one row to learn from.")
    examples = prepared.training
    kept = Examples(
        np.ascontiguousarray(examples.inputs[stays]), np.ascontiguousarray(examples.targets[stays])
    )
    return replace(prepared, split=replace(split, train=split.train[stays]), training=kept)


def _with_weights(
    prepared: Prepared, weights: Mapping[str, float]
) -> tuple[Prepared, dict[str, str]]:
    """The training with single weights set by hand, and what was set."""
    state: State = prepared.state.copy()
    changes = {}
    for place, value in weights.items():
        found = re.fullmatch(r"\s*([\w.]+)\s*\[([\d\s,]+)\]\s*", place)
        name = found[1] if found else place
        index = tuple(int(each) for each in found[2].split(",") if each.strip()) if found else ()
        array = state.parameters.get(name)
        if array is None or not index or len(index) != array.ndim:
            known = [
                f"{each}[{', '.join('0' * its.ndim)}]" for each, its in state.parameters.items()
            ]
            raise AddressError(f"There is no weight '{place}'. There are {', '.join(known)}, ….")
        if any(at >= size for at, size in zip(index, array.shape, strict=True)):
            raise AddressError(f"There is no weight '{place}': {name} has the shape {array.shape}.")
        number = _finite(place, value, array.dtype)
        changes[place] = f"{float(array[index]):.6g} → {number:.6g}"
        array[index] = number
    return replace(prepared, state=state) if changes else prepared, changes


def _finite(place: str, value: Any, dtype: np.dtype[Any]) -> float:
    """The value as a number that the weight can hold."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = np.nan
    if not abs(number) <= float(np.finfo(dtype).max):
        raise InputError(
            f"The value of {place} must be a finite number that {dtype.name} can hold, such as 0.5."
            f" Got {value!r}."
        )
    return number
