"""The model of a run that `Trainer.fit` has recorded: the network between plain columns of numbers.

Its preparation changes nothing, for the arrays went into the network as they were. Runs of tables
keep a model file; see `of_run`.
"""

from __future__ import annotations

from pellucid.data.kinds import CLASSES, NUMBER, YES_NO
from pellucid.data.preparation import Preparation
from pellucid.data.prepared_columns import NumberColumn
from pellucid.data.table import Table
from pellucid.data.target import Target
from pellucid.engine.building import build_network
from pellucid.errors import RunError
from pellucid.model.history import ModelHistory
from pellucid.model.model import Model
from pellucid.model.settings import Method
from pellucid.runs.recipe import Recipe
from pellucid.runs.run import Run


def model_of_arrays(run: Run) -> Model:
    """The network of a run of arrays, with its best weights.

    Raises:
        RunError: it is a module of a person's own, or its targets are not those of one answer.
        ModelFileError: a file is gone or damaged.
    """
    recipe = run.recipe
    if recipe.task == "arrays":
        raise RunError(
            f"{why_unnamed(recipe)}, so the numbers inside {run.name} have no addresses. Its steps"
            f" open as arrays: `pellucid.open_run({str(run.folder)!r}).at(1).trace`."
        )
    network = build_network(recipe.program, run.states["best"].values())
    outcome = run.outcome
    history = ModelHistory(
        steps=outcome.steps,
        epochs=outcome.finished_epochs,
        best_epoch=outcome.best_epoch,
        ending="epochs" if outcome.ending == "epochs" else "interrupted",
        seconds=outcome.seconds,
        validation_losses=tuple(run.validation_losses.tolist()),
        losses=run.losses,
    )
    table = run.table
    return Model(
        _preparation(recipe, table),
        _target(recipe, table),
        network,
        _method(recipe),
        history,
        program=recipe.program,
    )


def why_unnamed(recipe: Recipe) -> str:
    """Why the numbers inside a run of arrays have no addresses, as the beginning of a sentence."""
    if recipe.own is not None:
        return f"{recipe.own.title} was trained by code of its own"
    return "The targets are not one answer for each row"


def _preparation(recipe: Recipe, table: Table) -> Preparation:
    columns = []
    for name in recipe.inputs:
        numbers = table.column(name).values
        low, high = float(numbers.min()), float(numbers.max())
        columns.append(NumberColumn(name=name, mean=0.0, std=1.0, low=low, high=high))
    return Preparation(columns=tuple(columns), target=recipe.target)


def _target(recipe: Recipe, table: Table) -> Target:
    outputs = recipe.program.widths()[recipe.program.loss.prediction]
    values = table.column(recipe.target).values
    classes: tuple[str, ...] = {
        YES_NO: ("0", "1"),
        CLASSES: tuple(str(each) for each in range(outputs)),
        NUMBER: (),
    }[recipe.task]
    labels = ("no", "yes") if recipe.task == YES_NO else classes
    return Target(
        name=recipe.target,
        kind=recipe.task,
        reason="the loss says so",
        rows=len(table),
        dropped=0,
        classes=classes,
        labels=labels,
        counts=tuple(int((values == number).sum()) for number in range(len(classes))),
        low=float(values.min()),
        high=float(values.max()),
    )


def _method(recipe: Recipe) -> Method:
    return Method(
        layers=recipe.layers,
        activation=recipe.activation,
        optimizer=recipe.program.optimizer.kind,
        learning_rate=recipe.learning_rate,
        batch_size=recipe.batch_size,
        epochs=recipe.epochs,
        seed=recipe.seed,
        patience=recipe.patience,
        dtype=recipe.dtype,
        weights=None,
    )
