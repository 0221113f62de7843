"""`Model`: preparation, network and target decoding, so that a table goes in and answers come out.

How it was trained is in `fit`, how it is stored in `file`, how it is judged against simple answers
in `report`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from pellucid.data.kinds import NUMBER, YES_NO
from pellucid.data.preparation import Preparation
from pellucid.data.reading import read_table
from pellucid.data.table import Table
from pellucid.data.target import Target, usable_rows
from pellucid.data.typed_row import typed_row
from pellucid.engine.engine import Engine
from pellucid.engine.native import NativeEngine
from pellucid.engine.program import Program
from pellucid.errors import InputError
from pellucid.model import file
from pellucid.model.contents import Contents, StoredHistory
from pellucid.model.history import ModelHistory
from pellucid.model.network import build_network, decide, lower_network, seeded
from pellucid.model.prediction import Prediction, say_share
from pellucid.model.score import Score, mean_error, share_right
from pellucid.model.settings import Method
from pellucid.nn.module import Module

Array = np.ndarray[Any, np.dtype[Any]]


class Model:
    """A trained network together with what its numbers mean.

    A row's prediction depends on that row alone: it has the same bits in any table.

    Args:
        preparation: from cells to inputs, fitted on the training rows.
        target: from outputs to labels or numbers in their unit.
        network: the layers with their weights; changing a weight changes the predictions.
        method: the layers' widths and how they were trained.
        history: how the network learned.
        program: what the network computes, its loss and its optimizer; None: as the method says.

    Example:
        >>> import pellucid
        >>> model = pellucid.fit("students", "passed", epochs=5)
        >>> model.predict(
        ...     {
        ...         "hours_studied": [2, 19],
        ...         "sleep_hours": [4, 7],
        ...         "prev_score": [50, 90],
        ...         "attendance": [70, 95],
        ...     }
        ... )
        ['no', 'yes']
    """

    def __init__(
        self,
        preparation: Preparation,
        target: Target,
        network: Module,
        method: Method,
        history: ModelHistory | None = None,
        *,
        program: Program | None = None,
    ) -> None:
        self.preparation = preparation
        self.target = target
        self.network = network
        self.method = method
        self.history = history
        self.engine: Engine = NativeEngine()
        inputs = len(preparation.input_names)
        self.is_of_arrays = program is not None
        self.program = program or lower_network(network, method, target.kind, inputs)

    @property
    def parameters(self) -> dict[str, Array]:
        """Weights, biases and running statistics by their PyTorch names; views, not copies."""
        parts = (*self.network.named_parameters(), *self.network.named_buffers())
        return {name: each.array for name, each in parts}

    def predict(self, table: Any) -> list[str] | Array:
        """Predict every row of a table.

        Args:
            table: a path, a dict of lists or a frame, with the columns that the model uses; others
                are ignored.

        Returns:
            A label for each row; for a number an array of shape (rows,), in the target's unit.

        Raises:
            TableError: the table cannot be read.
            ColumnError: a column is missing, or holds text where numbers were.
        """
        return self.target.decode(self._outputs(self._inputs(self.read(table))))

    def predict_probabilities(self, table: Any) -> Array:
        """Predict how likely each label is.

        Returns:
            Shape (rows, labels), in the order of `model.target.labels`; each row sums to 1.

        Raises:
            InputError: the target is a number, which has no probabilities.
        """
        if self.target.kind == NUMBER:
            raise InputError(
                f"'{self.target.name}' is a number, which has no probabilities. Call"
                " `model.predict` for its value."
            )
        shares = self._outputs(self._inputs(self.read(table)))
        return np.hstack([1 - shares, shares]) if self.target.kind == YES_NO else shares

    def predict_row(self, row: Mapping[str, Any]) -> Prediction:
        """Predict one row.

        Args:
            row: a cell for each column that the model uses, in the units of the table; None for a
                missing one.

        Raises:
            ColumnError: a column is missing or unknown, a cell is no number where one was, or a
                level is none that the training rows had.

        Example:
            >>> import pellucid
            >>> model = pellucid.fit("penguins", "species")
            >>> print(
            ...     model.predict_row(
            ...         {
            ...             "island": "Biscoe",
            ...             "bill_length_mm": 46.1,
            ...             "bill_depth_mm": 13.2,
            ...             "flipper_length_mm": 211,
            ...             "body_mass_g": 4500,
            ...             "sex": "female",
            ...         }
            ...     )
            ... )
            over 99 % Gentoo
        """
        table = typed_row(self.preparation, row)
        warnings = tuple(self.preparation.warnings(table))
        value = self.predict(table)[0]
        if self.target.kind == NUMBER:
            return Prediction(float(value), self.target.say(float(value)), warnings=warnings)
        shares = self.predict_probabilities(table)[0].tolist()
        shares = dict(zip(self.target.labels, shares, strict=True))
        text = f"{say_share(shares[value])} {value}"
        return Prediction(value, text, shares[value], shares, warnings)

    def evaluate(self, table: Any) -> Score:
        """Score the model on the rows of a table that have a target.

        Returns:
            The share of rows predicted right, or the mean error; with its 95 % interval and the
            mean loss.

        Raises:
            ColumnError: the target's column is missing, or holds a class the model does not know.
        """
        whole = self.read(table)
        rows = usable_rows(whole, self.target.name)
        used = whole.take(rows)
        targets = self.target.encode(whole, rows, self.method.dtype)
        inputs = self._inputs(used)
        loss, _ = self.engine.evaluate(self.program, self.parameters, inputs, targets)
        predictions = self.target.decode(self._outputs(inputs))
        if self.target.kind == NUMBER:
            return mean_error(predictions, used.column(self.target.name).numbers, float(loss))
        labels = [self.target.labels[code] for code in targets.reshape(-1).astype(np.int64)]
        return share_right(predictions, labels, float(loss))

    def read(self, table: Any) -> Table:
        """Read a table as the one was that the model learnt from, with or without a line of names.

        Raises:
            TableError: it cannot be read.
        """
        return read_table(table, header=self.preparation.is_named)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model to one safetensors file; a file that was there is replaced as a whole.

        Raises:
            InputError: the file cannot be written there, or no method says what the network is.
        """
        if self.is_of_arrays:
            raise InputError(
                "A model of arrays has no table to read, so it has no file of its own. Save the"
                " module's `state_dict`, or keep the run."
            )
        weights = {name: array.copy() for name, array in self.parameters.items()}
        contents = Contents(
            preparation=self.preparation,
            target=self.target,
            method=self.method,
            history=None if self.history is None else _store_history(self.history),
        )
        file.write_model_file(path, weights, contents)

    def __repr__(self) -> str:
        widths = [len(self.preparation.input_names), *self.method.layers, self.target.outputs]
        shape = "-".join(str(width) for width in widths)
        return f"Model({self.target.name}: {self.target.kind}, network {shape})"

    def _inputs(self, table: Table) -> Array:
        return self.preparation.inputs(table, self.method.dtype)

    def _outputs(self, inputs: Array) -> Array:
        """Give probabilities, or standardised numbers: shape (rows, outputs)."""
        return self.engine.predict(decide(self.program, self.target.kind), self.parameters, inputs)


def load(path: str | os.PathLike[str]) -> Model:
    """Open a model that `model.save` or `pellucid train` has written.

    Args:
        path: a model file, a run's folder, or the name of a run here: "students-1".

    Raises:
        ModelFileError: it is missing, damaged, foreign or of a later version.

    Example:
        >>> import pellucid, tempfile
        >>> model = pellucid.fit("students", "passed", epochs=1)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     model.save(f"{folder}/students.safetensors")
        ...     print(pellucid.load(f"{folder}/students.safetensors"))
        Model(passed: yes/no, network 4-5-1)
    """
    weights, contents = file.read_model_file(path)
    inputs = len(contents.preparation.input_names)
    with seeded(0):  # the weights are replaced at once; nobody's generator shall move
        network = build_network(contents.method, inputs, contents.target.outputs)
    network.load_state_dict(weights)
    history = None if contents.history is None else _restore_history(contents.history)
    return Model(contents.preparation, contents.target, network, contents.method, history)


def _store_history(history: ModelHistory) -> StoredHistory:
    return StoredHistory(
        steps=history.steps,
        epochs=history.epochs,
        best_epoch=history.best_epoch,
        ending=history.ending,
        seconds=history.seconds,
        validation_losses=file.store_losses(history.validation_losses),
    )


def _restore_history(stored: StoredHistory) -> ModelHistory:
    return ModelHistory(
        steps=stored.steps,
        epochs=stored.epochs,
        best_epoch=stored.best_epoch,
        ending=stored.ending,
        seconds=stored.seconds,
        validation_losses=file.restore_losses(stored.validation_losses),
    )
