"""From a run on disk back to a model, or to a training that can go on.

The run's own copy of its rows is read, never the table that they came from: that may have changed
since, or be gone.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np

from pellucid.data.split import Split
from pellucid.errors import RunError
from pellucid.model.history import ModelHistory
from pellucid.model.model import Model, load
from pellucid.model.of_arrays import model_of_arrays
from pellucid.model.prepared import Prepared
from pellucid.model.settings import Settings
from pellucid.runs import store
from pellucid.runs.run import Run
from pellucid.train.loop import Examples
from pellucid.train.replay import engine_of


def model_of(run: Run) -> Model:
    """The model of a run; of an unfinished one with the best epoch's weights so far.

    Raises:
        ModelFileError: a file is gone or damaged.
        RunError: the run is one of arrays whose numbers have no names.
    """
    if run.recipe.recorded == "arrays":
        return model_of_arrays(run)
    if run.is_finished:
        return load(run.model_path)
    model = load(_any_model(run))
    model.network.load_state_dict(run.states["best"].values())
    outcome = run.outcome
    model.history = ModelHistory(
        steps=outcome.steps,
        epochs=outcome.finished_epochs,
        best_epoch=outcome.best_epoch,
        ending="interrupted",
        seconds=outcome.seconds,
        validation_losses=tuple(run.validation_losses.tolist()),
        losses=run.losses,
    )
    return model


def prepared_of(run: Run) -> Prepared:
    """The training of a run as it was before the run's first step.

    Raises:
        ModelFileError: a file is gone or damaged.
        RunError: this processor has not the run's arithmetic, or `Trainer.fit` recorded the run.
    """
    if run.recipe.recorded == "arrays":
        raise RunError(
            f"{run.name} was recorded by `Trainer.fit`, which knows neither table nor target, so it"
            " goes on in Python only: load its weights into the module and call `fit` again."
        )
    model = load(_any_model(run))
    recipe, data, first = run.recipe, run.data, run.states["first"]
    model.network.load_state_dict(first.values())
    training, validation, test = (
        np.asarray(data[f"rows.{name}"]) for name in ("training", "validation", "test")
    )
    return Prepared(
        table=run.table,
        preparation=model.preparation,
        target=model.target,
        split=Split(training, validation, test),
        settings=Settings(**asdict(model.method), task=model.target.kind),
        method=model.method,
        engine=engine_of(run),
        network=model.network,
        program=recipe.program,
        state=first,
        training=Examples(data["inputs"], data["targets"]),
        validation=Examples(data["validation.inputs"], data["validation.targets"]),
    )


def _any_model(run: Run) -> Path:
    """The file that says what the network's numbers mean: with the first weights or the best."""
    start = run.folder / store.START
    return start if start.exists() else run.folder / store.MODEL
