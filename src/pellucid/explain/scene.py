"""One moment of a run with everything that can be explained about it: its rows, made once each.

The moment is a step of the training (with a trace), the end of it, or the model. Which number an
address names is found in `places`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from pellucid.engine.trace import Trace
from pellucid.errors import AddressError
from pellucid.explain.backward import Deltas
from pellucid.explain.batch import Batch
from pellucid.explain.explanation import given
from pellucid.explain.functions import add
from pellucid.explain.neurons import Neurons
from pellucid.explain.prediction import Prediction, explain_row
from pellucid.explain.subject import Subject
from pellucid.explain.weighing import Weighing

Array = np.ndarray[Any, Any]
Parameters = Mapping[str, Array]


class Engine(Protocol):
    """What a scene asks the run's engine, in the table's rows (from 1)."""

    def values(self, row: int) -> Mapping[str, Array]:
        """Every buffer's numbers of a row in evaluation mode, shape (units,)."""
        ...

    def row_losses(self, parameters: Parameters, rows: Sequence[int]) -> Array:
        """Rows' own losses, shape (rows,), in the run's arithmetic or in that of the parameters."""
        ...

    def step_losses(self, parameters: Parameters, rows: Sequence[int], batch: Batch) -> Array:
        """The same in float64 as a step has them: with the batch's statistics and masks."""
        ...


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table, opened.

    Args:
        prediction: its way forward.
        deltas: its way back; None if it was not in the step's batch.
        position: its place in the batch, from 0; None if it was not in it.
    """

    prediction: Prediction
    deltas: Deltas | None
    position: int | None


class Scene:
    """A moment whose numbers can be opened.

    Args:
        subject: the network and what its numbers mean.
        parameters: under their state_dict names, as they are at this moment.
        engine: gives what the trace does not hold.
        owner: what addresses of this moment begin with: "@120 ", "@last " or "" for the model.
        trace: all numbers of the step that comes next; None if none does.
        table_rows: the table's row (from 1) of each row of the batch, in batch order; without a
            step of the rows that the network learnt from.
        earlier: gives the gradients that the step before left; None for a first step.
        row_weights: how much each row of the batch counts; None for all alike.
    """

    def __init__(
        self,
        subject: Subject,
        parameters: Parameters,
        engine: Engine,
        *,
        owner: str = "",
        trace: Trace | None = None,
        table_rows: Array | None = None,
        earlier: Callable[[], Parameters | None] = lambda: None,
        row_weights: Array | None = None,
    ) -> None:
        self.subject, self.parameters, self.engine = subject, parameters, engine
        self.owner, self.trace, self.earlier = owner, trace, earlier
        self.row_weights = row_weights
        self.table_rows: list[int] = [] if table_rows is None else table_rows.tolist()
        self.positions = {row: position for position, row in enumerate(self.table_rows)}
        self._rows: dict[int, Row] = {}

    @property
    def count(self) -> int:
        """Rows of the batch."""
        return len(self.table_rows)

    @property
    def share(self) -> float:
        """What the sum of the rows' losses is divided by: rows or weights; 1 where losses are summed."""
        return self.weighing.divisor

    @cached_property
    def weighing(self) -> Weighing:
        """How much each row counts."""
        loss = self.subject.program.loss
        known = loss.has_classes and all(map(self.subject.has_truth, self.table_rows))
        truths = [self.subject.truth(each) for each in self.table_rows] if known else None
        return Weighing(
            loss,
            self.owner,
            self.table_rows,
            None if truths is None else np.array(truths),
            self.row_weights,
            self.subject.epsilon,
        )

    @cached_property
    def batch(self) -> Batch:
        """What the rows of the step share."""
        trace = self.traced("A batch")
        return Batch(trace, self.subject.names, self.owner, self.table_rows)

    def losses(self, parameters: Parameters) -> Array:
        """The losses of the batch's rows with other parameters, in float64, as the step has them."""
        if self.trace is not None and self.subject.names.wiring.has_chance:
            return self.engine.step_losses(parameters, self.table_rows, self.batch)
        return self.engine.row_losses(parameters, self.table_rows)

    def batch_loss(self, parameters: Parameters) -> float:
        """The loss of the batch with other parameters, in float64."""
        losses = np.asarray(self.losses(parameters), np.float64)
        if self.row_weights is not None:
            losses = losses * self.row_weights
        return add(losses.tolist()) / self.share

    @cached_property
    def parameter_nodes(self) -> Neurons:
        """The network without a row: nodes of parameters only."""
        subject = self.subject
        inputs = [given(f"{self.owner}{each}", 0.0, each) for each in subject.input_places]
        return Neurons(
            subject.names,
            self.parameters,
            {},
            inputs,
            prefix=self.owner,
            owner=self.owner,
            epsilon=subject.epsilon,
        )

    def row(self, row: int) -> Row:
        """A row of the table, counted from 1.

        Raises:
            AddressError: the table has no such row.
        """
        if row not in self._rows:
            self.subject.check_row(row)
            self._rows[row] = self._open(row)
        return self._rows[row]

    def at(self, position: int) -> Row:
        """The row at a place of the batch, from 0."""
        return self.row(self.table_rows[position])

    def deltas_at(self, position: int) -> Deltas:
        """The way back of the row at a place of the batch, from 0."""
        row = self.at(position)
        if row.deltas is None:
            raise AddressError(f"Nothing came back to row {row.prediction.row:,} at this moment.")
        return row.deltas

    def neuron_name(self, layer: int, neuron: int) -> str:
        """A neuron as addresses name it; layer and neuron count from 0."""
        return self.subject.names.neuron(layer, neuron)

    def parameter_place(self, parameter: str, index: tuple[int, ...]) -> str:
        """The address of one number of a parameter, by its state_dict name and index from 0."""
        return self.parameter_nodes.number(parameter, *index).address

    def traced(self, wanted: str) -> Trace:
        """The step's trace.

        Raises:
            AddressError: this moment has no step; the sentence says what was wanted.
        """
        if self.trace is not None:
            return self.trace
        when = "after the last step" if self.owner else "of the trained model"
        raise AddressError(
            f"{wanted} belongs to a training step, and these are the numbers {when}."
            " Put a step in front, such as @1."
        )

    def _open(self, row: int) -> Row:
        position = self.positions.get(row)
        if self.trace is None or position is None:
            return Row(self._forward(row), None, None)
        trace = self.trace
        told = explain_row(
            self.subject,
            row,
            self.parameters,
            {name: array[position] for name, array in trace.values.items()},
            owner=self.owner,
            row_loss=float(trace.row_losses[position]),
            batch=self.batch,
            weighing=self.weighing,
        )
        if told.costs is None:
            return Row(told, None, position)
        back = {name: array[position] for name, array in trace.deltas.items()}
        deltas = Deltas(told.neurons, back, told.costs)
        return Row(told, deltas, position)

    def _forward(self, row: int) -> Prediction:
        """A row's way forward in evaluation mode."""
        loss = None
        if self.subject.has_truth(row):
            loss = float(self.engine.row_losses(self.parameters, [row])[0])
        values = self.engine.values(row)
        subject, parameters = self.subject, self.parameters
        return explain_row(subject, row, parameters, values, owner=self.owner, row_loss=loss)
