"""What a picture of a run needs to know: the run with its model, its table and any of its moments.

Numbers are the engine's, meanings are those of `explain`; how it looks is decided by the figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from pellucid.engine.engine import Engine
from pellucid.engine.trace import Trace
from pellucid.explain.layers import Layer
from pellucid.explain.moment import RunNumbers, weights_of
from pellucid.explain.prediction import Prediction, explain_row
from pellucid.explain.scene import Scene
from pellucid.explain.subject import Subject
from pellucid.model.model import Model
from pellucid.model.network import decide
from pellucid.model.of_run import model_of
from pellucid.runs.run import Run
from pellucid.train.replay import Moment, engine_of, moment_at

Array = np.ndarray[Any, Any]


class RunView:
    """A run, ready to be drawn.

    Args:
        run: the run.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self._moments: dict[int, Moment] = {}

    @cached_property
    def model(self) -> Model:
        """The trained model."""
        return model_of(self.run)

    @cached_property
    def subject(self) -> Subject:
        """The network and what its numbers mean."""
        model = self.model
        return Subject(self.run.recipe.program, model.preparation, model.target, self.run.table)

    @cached_property
    def engine(self) -> Engine:
        """The engine that gives the run's own bits."""
        return engine_of(self.run)

    @property
    def layers(self) -> list[Layer]:
        """The network's layers."""
        return self.subject.layers

    @property
    def steps_per_epoch(self) -> int:
        """Steps that see every training row once."""
        return -(-len(self.run.data["inputs"]) // self.run.recipe.batch_size)

    def moment(self, step: int) -> Moment:
        """The moment before a step, with all numbers of that step.

        Raises:
            AddressError: the run has no such step.
        """
        if step not in self._moments:
            self._moments[step] = moment_at(self.run, step)
        return self._moments[step]

    def scene(self, step: int, trace: Trace, rows: Array) -> Scene:
        """A step as explanations read it.

        Args:
            step: counts from 1.
            trace: all its numbers.
            rows: of the table, from 1, in its batch.
        """
        values = trace.before.values()
        numbers = RunNumbers(self.subject, self.engine, values)
        weights = weights_of(self.run)
        return Scene(
            self.subject,
            values,
            numbers,
            owner=f"@{step} ",
            trace=trace,
            table_rows=rows,
            row_weights=None if weights is None else weights[trace.rows],
        )

    def inputs(self, rows: Array) -> Array:
        """What the network reads of rows of the table, counted from 1: shape (rows, inputs)."""
        return self.model.preparation.inputs(
            self.run.table.take(np.asarray(rows) - 1), self.model.method.dtype
        )

    def answers(self, values: Mapping[str, Array], inputs: Array) -> Array:
        """Probabilities, or numbers in the target's unit: shape (rows, outputs).

        Args:
            values: parameters and running statistics under their state_dict names.
            inputs: as the network reads them.
        """
        target = self.model.target
        outputs = self.engine.predict(decide(self.subject.program, target.kind), values, inputs)
        if target.kind == "number":
            return outputs.astype(np.float64) * target.std + target.mean
        return outputs

    def open_row(self, row: int, values: Mapping[str, Array]) -> Prediction:
        """A row's way through the network, number by number.

        Args:
            row: of the table, from 1.
            values: parameters and running statistics under their state_dict names.

        Raises:
            AddressError: the table has no such row.
        """
        self.subject.check_row(row)
        numbers = self.engine.forward(self.subject.program, values, self.inputs(np.array([row])))
        alone = {name: each[0] for name, each in numbers.items()}
        return explain_row(self.subject, row, values, alone)
