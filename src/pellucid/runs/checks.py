"""Whether the files of a run fit together: a recipe's program, its states, its data, its losses.

The seal tells whether bytes changed; here it is seen that what they say can be computed with, so
that nothing unfit reaches an engine. Every check raises `Misfit`, for which `run` names the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from pellucid.engine.program import LOSS_SETTINGS, OWN, Operation, Program
from pellucid.engine.state import State
from pellucid.runs.recipe import Outcome, Recipe

Array = np.ndarray[Any, Any]
Shapes = Mapping[str, tuple[int, ...]]

GENERATOR_WORDS = 625
KEEP_WIDTH = ("relu", "sigmoid", "tanh", "identity", "softmax")  # and have no parameters


class Misfit(Exception):  # noqa: N818 (no error of its own: `run` turns it into one)
    """Something that a file of a run says does not fit the rest."""


def check_recipe(recipe: Recipe) -> None:
    """See that the program can be computed, and that the recipe speaks of the same network."""
    program = recipe.program
    _need(program.dtype == recipe.dtype, "dtype")
    _need(len(program.inputs) == 1 and program.inputs[0][1] == len(recipe.inputs), "inputs")
    widths = _check_operations(program)
    _need(program.loss.prediction in widths, "prediction")
    kinds = (*LOSS_SETTINGS, OWN) if recipe.own is not None else tuple(LOSS_SETTINGS)
    _need(program.loss.kind in kinds and program.loss.reduction in ("mean", "sum"), "loss")


def check_state(state: State, recipe: Recipe) -> None:
    """See that a state belongs to the program."""
    _check_state(state, recipe.program)
    _need(state.step >= 0, "step")


def check_name(state: State, name: str) -> None:
    """See that a state's file is named by its step; the best one has a name of its own."""
    _need(name == "best" or int(name) == state.step, "step")


def check_outcome(outcome: Outcome, last_step: int) -> None:
    """See that what came out is what the states tell."""
    _need(outcome.steps == last_step, "steps")
    _need(0 <= outcome.best_epoch <= outcome.finished_epochs, "best epoch")


def check_data(data: Mapping[str, Array], recipe: Recipe) -> None:
    """See that there is a target and a row of the table for each row of inputs."""
    inputs, targets, rows = (data[name] for name in ("inputs", "targets", "rows.training"))
    _need(len(inputs) == len(rows) == len(targets) > 0, "rows")
    if recipe.own is None:
        is_table = inputs.ndim == 2 and inputs.shape[1] == len(recipe.inputs)
        _need(is_table and inputs.dtype == recipe.dtype, "inputs")
    _need(rows.dtype == np.int64 and 0 <= rows.min() <= rows.max() < recipe.table.rows, "rows")


def _check_operations(program: Program) -> dict[str, int]:
    """The widths of all buffers of a program whose operations follow from each other."""
    widths = dict(program.inputs)
    shapes = dict(program.parameters)
    for operation in program.operations:
        _need(operation.output not in widths and operation.width > 0, "output")
        _need(bool(operation.inputs) and all(each in widths for each in operation.inputs), "inputs")
        width = widths[operation.inputs[0]]
        if operation.kind == "linear":
            _check_linear(operation, width, shapes)
        elif operation.kind in KEEP_WIDTH:
            _need(operation.width == width and not operation.parameters, "width")
        widths[operation.output] = operation.width
    used = [name for each in program.operations for name in each.parameters]
    _need(bool(used) and sorted(used) == sorted(shapes), "parameters")
    return widths


def _check_linear(operation: Operation, width: int, shapes: Shapes) -> None:
    wanted = [(operation.width, width), (operation.width,)]
    found = [shapes.get(name) for name in operation.parameters]
    _need(bool(found) and found == wanted[: len(found)], "parameters")
    leaves = [name.rpartition(".")[2] for name in operation.parameters]
    _need(leaves == ["weight", "bias"][: len(found)], "names")


def _check_state(state: State, program: Program) -> None:
    shapes = dict(program.parameters)
    found = {name: each.shape for name, each in state.parameters.items()}
    _need(found == shapes, "parameters")
    _need(all(each.dtype == program.dtype for each in state.parameters.values()), "dtype")
    for name, array in state.memory.items():
        owner, _, leaf = name.rpartition(".")
        _need(owner in shapes and array.shape == (() if leaf == "step" else shapes[owner]), name)
    first = state.step == 0
    names_of = program.optimizer.memory_names
    wanted = {f"{name}.{leaf}" for name in shapes for leaf in names_of(name)}
    _need(state.memory.keys() == wanted or (first and not state.memory), "memory")
    words = state.generator
    shapes_known = {(GENERATOR_WORDS,), (GENERATOR_WORDS + 2,)}
    _need(words.shape in shapes_known and words.dtype == np.uint32, "generator")


def _need(holds: bool, what: str) -> None:
    if not holds:
        raise Misfit(what)
