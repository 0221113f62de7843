"""What if a row's cell were another: prediction and loss, beside what the gradient promised.

The gradient with respect to an input comes from autograd in float64; a changed weight is `what_if`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pellucid.data.prepared_columns import CategoryColumn, NumberColumn
from pellucid.data.table import Column, Table, show_cell
from pellucid.engine.losses import build_loss
from pellucid.engine.program import Program
from pellucid.engine.values import build_evaluated
from pellucid.errors import AddressError, InputError
from pellucid.explain.address import Address, quote_name, spellings, take_name, unknown
from pellucid.explain.digits import MINUS, write_number
from pellucid.explain.scene import Scene
from pellucid.explain.subject import Subject
from pellucid.model.network import decide
from pellucid.tensor.tensor import Tensor

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class WhatIfCell:
    """A changed cell and what comes of it, for its row.

    Args:
        address: of the cell, such as "row:17 hours_studied".
        change: what is added to it, in its own unit.
        cells: the cell before and after, as people say it.
        output: what is predicted: the answer's name, or the target's with its unit.
        prediction: before: a probability, or a number in the target's unit.
        changed_prediction: the same with the changed cell.
        promised_prediction: the change that the gradient promised.
        loss: of the row before; NaN where the table does not know the truth.
        changed_loss: the same with the changed cell.
        promised: the change of the loss that the gradient promised.
    """

    address: str
    change: float
    cells: tuple[str, str]
    output: str
    prediction: float
    changed_prediction: float
    promised_prediction: float
    loss: float
    changed_loss: float
    promised: float

    @property
    def measured(self) -> float:
        """How the row's loss really changed."""
        return self.changed_loss - self.loss

    @property
    def measured_prediction(self) -> float:
        """How the prediction really changed."""
        return self.changed_prediction - self.prediction

    def __str__(self) -> str:
        before, after = self.cells
        told = _told(self.prediction, self.changed_prediction, self.promised_prediction)
        said = f"If {self.address} were {after} instead of {before}, {self.output} would go {told}"
        if math.isnan(self.loss):
            return said
        return f"{said} Its loss would go {_told(self.loss, self.changed_loss, self.promised)}"


def what_if_cell(scene: Scene, address: Address, change: float) -> WhatIfCell:
    """Change one cell of a row and see its prediction and its loss, in evaluation mode.

    Args:
        scene: a moment, or the trained model.
        address: of a column of numbers, on a row: "row:17 hours_studied".
        change: what is added to the cell, in its own unit.

    Raises:
        AddressError: there is no such row or column, or its cells are no numbers.
        InputError: the change is not finite.
    """
    if not np.isfinite(change):
        raise InputError(f"A change must be a finite number, such as 1. Got {change}.")
    row, subject = address.row or 0, scene.subject
    subject.check_row(row)
    spec = _column(subject, address)
    table = subject.table.take([row - 1])
    numbers = spec.read(table.column(spec.name))
    if not np.isfinite(numbers).all():
        raise AddressError(
            f"Row {row:,} has no value of {spec.name}, so nothing can be added to it."
        )
    tables = [_with(table, spec.name, each) for each in (numbers, numbers + change)]
    inputs = [subject.preparation.inputs(each, np.float64) for each in tables]
    truth = (
        subject.target.encode(table, np.array([0]), np.float64) if subject.has_truth(row) else None
    )
    answers = Answers(subject, scene.parameters, inputs[0], truth)
    before, after = (answers.of(each) for each in inputs)
    move = inputs[1] - inputs[0]
    promised, promised_loss = (float(np.sum(each * move)) for each in answers.slopes(inputs[0]))
    unit = subject.table.units.get(spec.name, "")
    return WhatIfCell(
        address=f"{scene.owner}row:{row} {quote_name(spec.name)}",
        change=float(change),
        cells=(_say(float(numbers[0]), unit), _say(float(numbers[0] + change), unit)),
        output=answers.output,
        prediction=before[0],
        changed_prediction=after[0],
        promised_prediction=promised,
        loss=before[1],
        changed_loss=after[1],
        promised=promised_loss,
    )


class Answers:
    """A row's prediction and loss as functions of its inputs, in float64.

    Args:
        subject: the network and what its numbers mean.
        parameters: parameters and running statistics.
        inputs: (1, in), the row as it is; says which class is spoken about.
        truth: as the loss reads it; None if the table does not know.
    """

    def __init__(
        self, subject: Subject, parameters: Mapping[str, Array], inputs: Array, truth: Array | None
    ) -> None:
        program = replace(subject.program, dtype="float64")
        wide = {name: _widened(each) for name, each in parameters.items()}
        raw = _undecided(program)
        self.program, self.truth, self.target = raw, truth, subject.target
        self.network = build_evaluated(raw, wide)
        self.decision = build_evaluated(decide(raw, subject.target.kind), wide)
        answers = self.decision(Tensor(inputs)).array[0]
        self.index = int(answers.argmax())
        self.scale = subject.target.std if subject.target.kind == "number" else 1.0
        self.shift = subject.target.mean if subject.target.kind == "number" else 0.0
        self.output = self._name()

    def of(self, inputs: Array) -> tuple[float, float]:
        """The prediction, and the loss (NaN without a truth)."""
        answer = float(self.decision(Tensor(inputs)).array[0, self.index])
        return answer * self.scale + self.shift, float(self._loss(Tensor(inputs)).array)

    def slopes(self, inputs: Array) -> tuple[Array, Array]:
        """How both grow with the inputs: (1, in) each."""
        one, other = (Tensor(inputs.copy(), requires_grad=True) for _ in range(2))
        self.decision(one)[0, self.index].backward()
        if self.truth is None:
            return _slope(one) * self.scale, np.full_like(inputs, np.nan)
        self._loss(other).backward()
        return _slope(one) * self.scale, _slope(other)

    def _loss(self, inputs: Tensor) -> Tensor:
        if self.truth is None:
            return Tensor(np.array(np.nan))
        loss: Tensor = build_loss(self.program)(self.network(inputs), Tensor(self.truth))
        return loss

    def _name(self) -> str:
        target = self.target
        if target.kind == "number":
            return f"{target.name}{f' (in {target.unit})' if target.unit else ''}"
        label = target.labels[self.index] if len(target.output_names) > 1 else target.positive
        return f"the probability of {label}"


def _slope(inputs: Tensor) -> Array:
    return np.zeros(inputs.shape) if inputs.grad is None else inputs.grad.array


def _undecided(program: Program) -> Program:
    """The program that the loss reads, without the decision behind it."""
    kept = tuple(each for each in program.operations if each.output != "decision")
    return replace(program, operations=kept)


def _widened(array: Array) -> Array:
    return array.astype(np.float64) if array.dtype.kind == "f" else array


def _with(table: Table, name: str, numbers: Array) -> Table:
    """The same row with another cell."""
    data = tuple(Column(name, numbers) if each.name == name else each for each in table.data)
    return replace(table, data=data)


def _column(subject: Subject, address: Address) -> NumberColumn:
    """The column that an address names; its raw cell may be named too."""
    used: list[NumberColumn | CategoryColumn] = subject.preparation.used
    found = take_name(address.place, spellings([each.name for each in used]))
    prefix = f"row:{address.row} "
    if found is None or found[1] not in ("", "raw"):
        raise unknown(prefix, address.place, [quote_name(each.name) for each in used], "cell")
    spec = next(each for each in used if quote_name(each.name) == found[0])
    if isinstance(spec, NumberColumn):
        return spec
    raise AddressError(
        f"The cells of {spec.name} are words, and nothing can be added to a word."
        " Name a column of numbers, or ask `pellucid predict` with another word."
    )


def _say(cell: float, unit: str) -> str:
    """A cell as people say it; 2.1 − 2 is 0.1 to them."""
    return show_cell(float(f"{cell:.12g}"), unit)


def _told(before: float, after: float, promised: float) -> str:
    change = write_number(after - before)
    change = change if change.startswith(MINUS) else f"+{change}"
    promise = write_number(promised)
    promise = promise if promise.startswith(MINUS) else f"+{promise}"
    return (
        f"from {write_number(before)} to {write_number(after)}, a change of {change};"
        f" the gradient promised {promise}."
    )
