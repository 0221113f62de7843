"""`fit`: from a table to a trained model in one call.

What is decided before the first step is in `prepared`, the steps are done by `train.loop`, and
whether the result is any good is judged in `report`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Never

from pellucid.engine.state import State
from pellucid.model.history import ModelHistory
from pellucid.model.model import Model
from pellucid.model.network import build_network, seeded
from pellucid.model.prepared import Prepared, prepare_fit
from pellucid.model.settings import check_names
from pellucid.nn import Sequential
from pellucid.train.loop import Plan, Progress, Training, train
from pellucid.train.past import Past


@dataclass(frozen=True, slots=True)
class Fitted:
    """A training that is over.

    Attributes:
        prepared: what was known before the first step.
        training: what the steps left: states, losses, the best epoch.
        model: with the best epoch's weights.
    """

    prepared: Prepared
    training: Training
    model: Model


def fit(
    table: Any,
    target: str,
    *,
    layers: str | int | Sequence[int] | None = None,
    activation: str = "relu",
    optimizer: str = "adam",
    learning_rate: float | None = None,
    batch_size: int | None = None,
    epochs: int = 50,
    seed: int = 0,
    patience: int | None = None,
    dtype: Any = "float32",
    weights: str | Iterable[float] | None = None,
    task: str | None = None,
    kinds: Mapping[str, str] | None = None,
    header: bool = True,
    progress: Callable[[Progress], object] | None = None,
    **unknown: Never,
) -> Model:
    """Train a network on a table and give the model of its best epoch.

    A tenth of the rows chooses the best epoch and a tenth is never seen. A yes/no target is learnt
    with binary cross-entropy, classes with cross-entropy, a number with the mean squared error of
    the standardised target. The same seed gives the same model, bit for bit.

    Args:
        table: the path of a CSV or Parquet file, a bundled name, a dict of lists, or a frame of
            pandas, polars, pyarrow or duckdb.
        target: the column to predict; rows without it are left out.
        layers: neurons of each hidden layer, such as [16, 16]; "none" for none; None chooses one
            layer by the size of the table.
        activation: after each hidden layer: "relu", "sigmoid", "tanh" or "none".
        optimizer: "adam" or "sgd".
        learning_rate: above 0; None chooses by optimizer and width.
        batch_size: rows a step; None chooses a tenth of the training rows, 8 to 100.
        epochs: how often every training row is used; 0 leaves the first weights.
        seed: of the split, the first weights and the orders.
        patience: stop after so many epochs without a better validation loss; None: never.
        dtype: "float32" or "float64".
        weights: of the only neuron of a network without hidden layer; its bias is then 0.
        task: "yes/no", "classes" or "number" where it is not to be read from the target.
        kinds: "number", "category" or "left out" by column where it is not to be read from it.
        header: whether a text file's first line names the columns; otherwise they are called
            c1, c2, …, and the model reads later files the same way.
        progress: called after each stretch of steps with a `Progress`.
        unknown: nothing else can be chosen.

    Returns:
        The model. Ctrl-C ends the training early and gives the best epoch so far.

    Raises:
        TableError: the table cannot be read.
        ColumnError: a column is missing or unusable.
        InputError: a setting cannot be meant, or there are fewer than 3 rows with a target.
        TrainingError: a number is no longer finite; a smaller learning rate helps.

    Example:
        >>> import pellucid
        >>> model = pellucid.fit("students", "passed")
        >>> model
        Model(passed: yes/no, network 4-5-1)
        >>> model.history.steps
        500
    """
    check_names("fit", unknown, ("progress",))
    prepared = prepare_fit(
        table,
        target,
        layers=layers,
        activation=activation,
        optimizer=optimizer,
        learning_rate=learning_rate,
        batch_size=batch_size,
        epochs=epochs,
        seed=seed,
        patience=patience,
        dtype=dtype,
        weights=weights,
        task=task,
        kinds=kinds,
        header=header,
    )
    return learn(prepared, progress).model


def learn(
    prepared: Prepared,
    progress: Callable[[Progress], object] | None = None,
    past: Past | None = None,
    leave: Callable[[int], int] | None = None,
) -> Fitted:
    """Do the steps that `prepare_fit` has prepared.

    Args:
        prepared: with the state to start from.
        progress: called after each stretch of steps.
        past: what came before that state, if it is not the first one.
        leave: asked before each stretch how many steps may follow, as in `train`.

    Raises:
        TrainingError: a number is no longer finite.
    """
    method = prepared.method
    training = train(
        prepared.engine,
        prepared.program,
        prepared.state,
        training=prepared.training,
        validation=prepared.validation,
        plan=Plan(method.batch_size, method.epochs, method.patience),
        progress=progress,
        past=past,
        leave=leave,
    )
    model = Model(
        prepared.preparation,
        prepared.target,
        network_at(prepared, training.best),
        method,
        ModelHistory.of(training),
    )
    return Fitted(prepared, training, model)


def network_at(prepared: Prepared, state: State) -> Sequential:
    """Give a network of its own with the weights of a state."""
    with seeded(0):  # the weights are replaced at once; nobody's generator shall move
        network = build_network(
            prepared.method, len(prepared.preparation.input_names), prepared.target.outputs
        )
    network.load_state_dict(state.parameters)
    return network
