"""One moment of a run, all of it: what the network held, the rows it saw, every number of the step.

A step is done again by `train.replay`, bit for bit; numbers are opened by their addresses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from pellucid.data.table import Table
from pellucid.engine.engine import Engine
from pellucid.engine.program import Program
from pellucid.engine.state import State
from pellucid.engine.trace import Trace
from pellucid.errors import AddressError
from pellucid.explain.address import Address, read_address
from pellucid.explain.batch import Batch
from pellucid.explain.explanation import Explanation
from pellucid.explain.nudging import nudgeable, what_if_at
from pellucid.explain.places import find
from pellucid.explain.retrace import in_dtype, step_losses
from pellucid.explain.scene import Scene
from pellucid.explain.subject import Subject
from pellucid.explain.what_if import WhatIf
from pellucid.explain.what_if_cell import WhatIfCell
from pellucid.model.model import Model
from pellucid.model.network import decide
from pellucid.runs.run import Run
from pellucid.train.replay import check_step, engine_of, moment_at, state_after

Array = np.ndarray[Any, Any]


class Moment:
    """A run just before one of its steps, or after the last one.

    Args:
        run: the run.
        model: gives what it made, with preparation and target, when it is needed.
        step: the step that comes next, from 1; None for the moment after the last step.

    Attributes:
        step: the step that comes next, or None.

    Raises:
        AddressError: the run has no such step.
    """

    def __init__(self, run: Run, model: Model | Callable[[], Model], step: int | None) -> None:
        if step is not None:
            check_step(run, step)
        self.run, self._model, self.step = run, model, step

    @property
    def model(self) -> Model:
        """What the run made.

        Raises:
            RunError: the run is one of arrays whose numbers have no names.
        """
        return self._model if isinstance(self._model, Model) else self._model()

    @cached_property
    def state(self) -> State:
        """Everything that the future of the training depends on, before the step."""
        if self.step is None:
            return state_after(self.run, self.run.steps)
        return self.trace.before

    @cached_property
    def trace(self) -> Trace:
        """All numbers of the step.

        Raises:
            AddressError: the moment is after the last step.
        """
        if self.step is None:
            raise AddressError(
                f"@last is the moment after the last step, in which nothing happens any more."
                f" The last step itself is @{self.run.steps}."
            )
        return moment_at(self.run, self.step).trace

    @property
    def parameters(self) -> dict[str, Array]:
        """Weights and biases under PyTorch's names."""
        return self.state.parameters

    @property
    def memory(self) -> dict[str, Array]:
        """What the optimizer remembers: "0.weight.exp_avg", …."""
        return self.state.memory

    @property
    def learning_rate(self) -> float:
        """How far the step goes; a schedule writes it just before."""
        return self.state.learning_rate if self.step is None else self.trace.after.learning_rate

    @property
    def rows(self) -> Array:
        """The table's rows, from 1, of the step's batch in its order: shape (B,) int64."""
        return np.asarray(self.run.data["rows.training"][self.trace.rows] + 1, np.int64)

    @property
    def batch(self) -> Table:
        """The batch as it stands in the table: raw cells, in the batch's order."""
        return self.run.table.take(self.rows - 1)

    @property
    def epoch(self) -> int:
        """The running epoch, from 1."""
        return self.state.epoch + 1

    def next(self) -> Moment:
        """The moment one step later; after the last step there is none.

        Raises:
            AddressError: this is the moment after the last step.
        """
        if self.step is None:
            raise AddressError("@last is the last moment; nothing comes after it.")
        is_end = self.step == self.run.steps
        return Moment(self.run, self._model, None if is_end else self.step + 1)

    def previous(self) -> Moment:
        """The moment one step earlier.

        Raises:
            AddressError: this is the first moment.
        """
        step = self.run.steps + 1 if self.step is None else self.step
        return Moment(self.run, self._model, step - 1)

    def explain(self, address: str) -> Explanation:
        """Open a number of this moment.

        Args:
            address: without a step, such as "row:17 hidden1.3.z".

        Raises:
            AddressError: it names nothing here; the nearest addresses are named.
        """
        read = read_address(address)
        own = Address(self.step, read.row, read.place, is_last=self.step is None)
        if (read.step is not None or read.is_last) and read.owner != own.owner:
            raise AddressError(
                f"'{address}' belongs to another moment than this one, {own.owner.strip()}."
                " Leave the step out, or ask the run."
            )
        return nudgeable(find(self.scene, own), self.scene)

    def what_if(self, address: str, change: float) -> WhatIf | WhatIfCell:
        """Change a weight, a bias or a cell: what really comes of it, and what the gradient promised.

        Args:
            address: such as "hidden1.3.bias", or "row:17 hours_studied" for a cell.
            change: what is added to it, to a cell in its own unit.

        Returns:
            The loss of the step's batch; for a cell its row's prediction and loss.

        Raises:
            AddressError: it names no weight, no bias and no column of numbers on a row.
        """
        return what_if_at(self.scene, address, change)

    @cached_property
    def scene(self) -> Scene:
        """The moment as explanations read it."""
        program, state = self.run.recipe.program, self.state
        subject = _subject(self.model, program, self.run.table)
        engine = RunNumbers(subject, engine_of(self.run), state.values())
        weights = weights_of(self.run)
        if self.step is None:
            rows = self.run.data["rows.training"] + 1
            return Scene(
                subject,
                state.values(),
                engine,
                owner="@last ",
                table_rows=rows,
                row_weights=weights,
            )
        return Scene(
            subject,
            state.values(),
            engine,
            owner=f"@{self.step} ",
            trace=self.trace,
            table_rows=self.rows,
            earlier=self._earlier,
            row_weights=None if weights is None else weights[self.trace.rows],
        )

    def _earlier(self) -> dict[str, Array] | None:
        """The gradients that the step before left."""
        is_first = self.step is None or self.step <= self.run.first_step
        return None if is_first else self.previous().trace.gradients

    def __repr__(self) -> str:
        when = "after the last step" if self.step is None else f"before step {self.step:,}"
        return f"Moment({self.run.name}, {when} of {self.run.steps:,})"


class RunNumbers:
    """What a scene asks about any row of the table, computed in evaluation mode.

    Args:
        subject: the network and the table.
        engine: the run's.
        values: parameters and running statistics of the moment.
    """

    def __init__(self, subject: Subject, engine: Engine, values: Mapping[str, Array]) -> None:
        self.subject, self.engine, self.parameters = subject, engine, values
        self._kept: tuple[tuple[int, ...], str, Array, Array] | None = None

    def values(self, row: int) -> dict[str, Array]:
        """Every buffer's numbers of a row (from 1), shape (units,)."""
        program = self.subject.program
        inputs = self._inputs([row], program.dtype)
        found = self.engine.forward(program, self.parameters, inputs)
        return {name: array[0] for name, array in found.items()}

    def row_losses(self, parameters: Mapping[str, Array], rows: Sequence[int]) -> Array:
        """Rows' own losses, shape (rows,), in the type of the parameters."""
        learned = [parameters[name].dtype for name, _ in self.subject.program.parameters]
        dtype = np.result_type(*learned).name
        program = in_dtype(self.subject.program, dtype)
        inputs, targets = self._examples(tuple(rows), dtype)
        return self.engine.evaluate(program, parameters, inputs, targets)[1]

    def step_losses(
        self, parameters: Mapping[str, Array], rows: Sequence[int], batch: Batch
    ) -> Array:
        """Rows' own losses in float64 as a step has them: with the batch's statistics and masks."""
        targets = self._examples(tuple(rows), "float64")[1]
        return step_losses(batch, parameters, targets)

    def _examples(self, rows: tuple[int, ...], dtype: str) -> tuple[Array, Array]:
        """Inputs and targets; the last ones are kept, for a finite difference asks four times.

        Inputs are those of the network's own type, whatever the loss is computed in.
        """
        if self._kept is None or self._kept[:2] != (rows, dtype):
            index = np.asarray(rows) - 1
            subject = self.subject
            inputs = self._inputs(rows, subject.program.dtype).astype(dtype)
            targets = subject.target.encode(subject.table, index, subject.program.dtype)
            targets = targets if targets.ndim == 1 else targets.astype(dtype)
            self._kept = (rows, dtype, inputs, targets)
        return self._kept[2], self._kept[3]

    def _inputs(self, rows: Sequence[int], dtype: str) -> Array:
        table = self.subject.table.take(np.asarray(rows) - 1)
        return self.subject.preparation.inputs(table, dtype)


def weights_of(run: Run) -> Array | None:
    """How much each training row counts, in float64; None if all count alike."""
    weights = run.data.get("row_weights")
    return None if weights is None else weights.astype(np.float64)


def model_scene(
    model: Model, table: Table, rows: Array | None = None, row_weights: Array | None = None
) -> Scene:
    """The trained model as explanations read it.

    Args:
        model: whose best weights.
        table: the raw rows.
        rows: (from 1) that it learnt from.
        row_weights: how much each of them counts; None: all alike.
    """
    subject = _subject(model, decide(model.program, model.target.kind), table)
    engine = RunNumbers(subject, model.engine, model.parameters)
    return Scene(subject, model.parameters, engine, table_rows=rows, row_weights=row_weights)


def _subject(model: Model, program: Program, table: Table) -> Subject:
    return Subject(program, model.preparation, model.target, table)
