"""One training step as a spreadsheet needs it: the batch's raw cells beside the trace's numbers."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from pellucid.data.prepared_columns import CategoryColumn, NumberColumn
from pellucid.engine.trace import Trace
from pellucid.errors import AddressError
from pellucid.explain.layers import Layer
from pellucid.figures.run_view import RunView
from pellucid.figures.workbook_formulas import ACTIVATIONS, LOSSES, SETTINGS
from pellucid.figures.workbook_rules import RULES

Array = np.ndarray[Any, Any]

LONGEST_LITERAL = 250  # letters of a text inside a formula; spreadsheets allow 255
MOST_FORMULAS = 250_000


@dataclass
class StepFacts:
    """A step of a run.

    Args:
        view: the run.
        step: counts from 1.
        row: the table's row to point at, from 1; None: none.

    Raises:
        AddressError: there is no such step, the row is not in its batch, or the step's arithmetic
            has no formulas here.
    """

    view: RunView
    step: int
    row: int | None = None

    def __post_init__(self) -> None:
        self.trace: Trace = self.view.moment(self.step).trace
        self.layers: list[Layer] = self.view.layers
        rows = self.view.run.data["rows.training"][self.trace.rows] + 1
        self.rows: list[int] = [int(each) for each in rows]
        if self.row is not None and self.row not in self.rows:
            shown = ", ".join(f"row:{each}" for each in sorted(self.rows)[:5])
            raise AddressError(
                f"Row {self.row:,} is not in the batch of step {self.step:,}."
                f" Its {len(self.rows):,} rows are {shown}, …"
            )
        self._check_formulas()

    def _check_formulas(self) -> None:
        """See that all of the step can be written as formulas.

        Raises:
            AddressError: it cannot; says what stands in the way.
        """
        obstacle = self._obstacle()
        if obstacle:
            raise AddressError(
                f"Step {self.step:,} cannot be written as a spreadsheet: {obstacle}. Its numbers"
                f" open by their addresses: pellucid show {self.view.run.reference} @{self.step}"
            )
        if self.formulas > MOST_FORMULAS:
            raise AddressError(
                f"Step {self.step:,} would need {self.formulas:,} formulas, more than the"
                f" {MOST_FORMULAS:,} that spreadsheets bear. Take a run with a smaller network or"
                " smaller batches."
            )

    def _obstacle(self) -> str:
        """What has no formulas, as the second half of a sentence; "" if all has."""
        loss, optimizer = self.trace.program.loss, self.optimizer
        odd = [each.kind for each in self.trace.program.operations if each.kind not in self._known]
        for is_odd, what in (
            (bool(odd), f"the layer {odd[0] if odd else ''} has no formulas"),
            (self._branches(), "its layers are no chain of weighted sums"),
            (loss.kind not in LOSSES, f"the loss {loss.kind} has no formulas"),
            (bool(loss.weights), "its loss has weights of classes or outputs"),
            (self._has_odd_loss(), "its loss has settings that have no formulas"),
            ("row_weights" in self.view.run.data, "its rows count differently"),
            (optimizer.kind not in RULES, f"the optimizer {optimizer.kind} has no formulas"),
            (bool(optimizer.groups), "its optimizer has groups of parameters"),
            (bool(optimizer.clip_norm or optimizer.clip_value), "its gradients are clipped"),
        ):
            if is_odd:
                return what
        return ""

    @property
    def _known(self) -> tuple[str, ...]:
        return ("linear", *ACTIVATIONS)

    def _has_odd_loss(self) -> bool:
        """Whether a setting of the loss changes its formula, or it would divide by 0."""
        loss = self.trace.program.loss
        if loss.kind == "poisson_nll":
            return not loss.setting("log_input") or bool(loss.setting("full"))
        if loss.kind == "smooth_l1":
            return not loss.setting("beta")
        return loss.kind not in ("huber",) and bool(loss.settings)

    def _branches(self) -> bool:
        """Whether the operations are more than weighted sums, each with one activation at most."""
        kinds = [each.kind for each in self.trace.program.operations]
        pairs = itertools.pairwise(kinds)
        after = [each.activation for each in self.layers[:-1]]
        return "softmax" in after or any("linear" not in pair for pair in pairs)

    @property
    def is_mean(self) -> bool:
        """Whether the step's loss is the mean of the rows' losses, not their sum."""
        return bool(self.trace.program.loss.reduction == "mean")

    @property
    def loss_settings(self) -> dict[str, float]:
        """The numbers in the loss's formula, by PyTorch's names."""
        loss = self.trace.program.loss
        names = {"huber": "delta", "smooth_l1": "beta"}
        return {names[loss.kind]: loss.setting(names[loss.kind])} if loss.kind in names else {}

    def settings(self, layer: int) -> dict[str, float]:
        """The numbers in a layer's activation, by PyTorch's names."""
        spec = self.layers[layer]
        wanted = SETTINGS.get(spec.activation, {})
        for each in self.trace.program.operations:
            if each.output == spec.activations and each.kind == spec.activation:
                return {name: each.setting(name, usual) for name, usual in wanted.items()}
        return wanted

    @property
    def formulas(self) -> int:
        """About how many formulas the step has."""
        learned = sum(each.learned for each in self.layers)
        units = sum(each.width for each in self.layers) + self.layers[0].inputs
        return 5 * learned + 3 * units * len(self.rows)

    @property
    def optimizer(self) -> Any:
        """How gradients change parameters."""
        return self.trace.program.optimizer

    @cached_property
    def source(self) -> Array:
        """The inputs of the batch: (rows, inputs)."""
        return self.trace.values[self.trace.program.inputs[0][0]]

    @cached_property
    def targets(self) -> Array:
        """The truths of the batch as the loss reads them: (rows,)."""
        return self.view.run.data["targets"][self.trace.rows].reshape(-1).astype(np.float64)

    @cached_property
    def columns(self) -> list[NumberColumn | CategoryColumn]:
        """The columns that make inputs."""
        return self.view.model.preparation.used

    def raw(self, column: NumberColumn | CategoryColumn) -> list[float | str | None]:
        """The batch's cells of a column, as numbers or as text; None where one is missing."""
        part = self.view.run.table.column(column.name).take(np.array(self.rows) - 1)
        if isinstance(column, NumberColumn):
            numbers = column.read(part)
            return [None if np.isnan(each) else float(each) for each in numbers]
        return [
            None if missing else part.text(at) for at, missing in enumerate(part.missing.tolist())
        ]

    def neuron_names(self, layer: int) -> list[str]:
        """The neurons of a layer as addresses name them."""
        width = self.layers[layer].width
        return [self.view.subject.names.neuron(layer, each) for each in range(width)]

    def source_names(self, layer: int) -> list[str]:
        """What a layer reads: the inputs, or the neurons before it."""
        if layer == 0:
            return self.view.model.preparation.input_names
        return self.neuron_names(layer - 1)

    def answers(self, layer: int) -> Array:
        """What a layer's neurons pass on, (rows, neurons); the output's are its answers."""
        spec = self.layers[layer]
        sums = self.trace.values[spec.sums].astype(np.float64)
        if spec.activations != spec.sums:
            return self.trace.values[spec.activations].astype(np.float64)
        if spec.activation == "sigmoid":
            return np.asarray(1.0 / (1.0 + np.exp(-sums)))
        if spec.activation == "softmax":
            grown = np.exp(sums - sums.max(axis=1, keepdims=True))
            return np.asarray(grown / grown.sum(axis=1, keepdims=True))
        return sums

    @cached_property
    def left_over(self) -> dict[str, Array]:
        """The gradients of the step before, which are still there until they are set to 0."""
        if self.step == 1:
            return {name: np.zeros(shape) for name, shape in self.trace.program.parameters}
        return self.view.moment(self.step - 1).trace.gradients
