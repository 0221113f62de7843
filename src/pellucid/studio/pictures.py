"""Moments as frames: what the network holds and says at a step, for one row and those listed.

Numbers are those of the run's own steps and forward passes; nothing is worked out here but what is
thinned and how it is packed. What a single number is made of is told in `cards`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from pellucid.data.kinds import CLASSES, NUMBER
from pellucid.engine.state import State
from pellucid.engine.trace import Trace
from pellucid.explain.digits import write_chance
from pellucid.explain.subject import Subject
from pellucid.model.network import decide
from pellucid.studio.frame import Block, Frame, Prediction, Shown
from pellucid.studio.open_run import OpenRun
from pellucid.studio.wording import say_position, say_row

Array = np.ndarray[Any, np.dtype[Any]]
Named = list[tuple[str, Array]]

MOST_POINTS = 1000  # of the curve of losses
LARGEST = 2**16  # numbers of a parameter; a larger one is sent to no page


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page looks.

    Args:
        step: that comes next; one more than the last planned one after that.
        row: of the table, from 1; the typed one comes behind the last.
        stage: of the step, from 0.
        typed: the cells of a row of one's own, as typed.
    """

    step: int
    row: int
    stage: int = 0
    typed: tuple[tuple[str, str], ...] | None = None

    @property
    def cells(self) -> Mapping[str, str] | None:
        """The typed cells by column."""
        return None if self.typed is None else dict(self.typed)


class Picture:
    """What frames of one page are made from: an open run, the chosen row and those listed.

    Args:
        run: that is open.
        cursor: where the page looks first.
        listed: rows of the table, from 1.
    """

    def __init__(self, run: OpenRun, cursor: Cursor, listed: Iterable[int]) -> None:
        self.run, self.listed = run, tuple(listed)
        self.program = decide(run.stored.recipe.program, run.model.target.kind)
        table = run.stored.table if cursor.cells is None else run.table_with(cursor.cells)
        self.subject = Subject(
            run.stored.recipe.program, run.model.preparation, run.model.target, table
        )
        self.key = (cursor.row, cursor.typed)
        rows = np.array([cursor.row, *self.listed]) - 1
        self._inputs = run.model.preparation.inputs(table.take(rows), self.program.dtype)
        names = [each.name for each in run.model.preparation.used]
        self.cells = tuple(table.cell_text(cursor.row - 1, each) for each in names)

    def frame(self, cursor: Cursor, number: int, *, is_playing: bool) -> bytes:
        """The moment as bytes; the run's lock must be held.

        Args:
            cursor: on the same row as at first.
            number: of the frame.
            is_playing: whether time goes on; then the step's own numbers are left out.
        """
        run = self.run
        is_step = cursor.step <= run.steps
        trace = None
        if is_step and not is_playing:
            trace = run.moment(cursor.step, cursor.cells).trace
        state = run.state(cursor.step - 1) if trace is None else trace.before
        values = run.engine.forward(self.program, state.values(), self._inputs)
        position = None if trace is None else self._position(cursor.row, trace)
        every, low, high = thin(run.losses)
        blocks = [
            *self._row(values, trace, position),
            *_parameters(state, trace),
            ("losses.low", low),
            ("losses.high", high),
        ]
        header = Frame(
            frame=number,
            run=run.key,
            owner=f"@{cursor.step} " if is_step else "@last ",
            step=cursor.step if is_step else None,
            stage=cursor.stage if is_step else 0,
            example=0 if position is None else position + 1,
            batch_rows=0 if trace is None else len(trace.rows),
            done=run.done,
            is_playing=is_playing,
            is_finished=run.is_over,
            position=say_position(run, cursor.step),
            shown=self._shown(cursor, values, trace, position),
            predictions=self._predictions(values),
            batch_loss=None if trace is None else trace.loss,
            steps_per_point=every,
            arrays=tuple(Block(name=name, shape=array.shape) for name, array in blocks),
        )
        return pack(header, blocks)

    def _position(self, row: int, trace: Trace) -> int | None:
        """The place of a row of the table in the step's batch, from 0."""
        rows = self.run.stored.data["rows.training"][trace.rows] + 1
        found = np.flatnonzero(rows == row)
        return int(found[0]) if len(found) else None

    def _row(self, values: Mapping[str, Array], trace: Trace | None, position: int | None) -> Named:
        """Inputs, sums, activations and deltas of the chosen row."""
        last = list(self.program.widths())[-1]
        named = [("input", values[self.program.inputs[0][0]][0])]
        for layer in self.subject.layers:
            ends = last if layer.name == "output" else layer.activations
            named += [(f"{layer.name}.z", values[layer.sums][0])]
            named += [(f"{layer.name}.a", values[ends][0])]
            if trace is not None and position is not None:
                named += [(f"{layer.name}.delta", trace.deltas[layer.sums][position])]
        return named

    def _shown(
        self,
        cursor: Cursor,
        values: Mapping[str, Array],
        trace: Trace | None,
        position: int | None,
    ) -> Shown:
        row, subject = cursor.row, self.subject
        has_truth = subject.has_truth(row)
        loss = None
        if trace is not None and position is not None:
            loss = float(trace.row_losses[position])
        elif has_truth and trace is not None:
            loss = float(self.run.engine.evaluate(
                subject.program, trace.before.values(), self._inputs[:1], self._truth(row)
            )[0])  # fmt: skip
        return Shown(
            row=row,
            is_typed=cursor.typed is not None,
            cells=self.cells,
            sentence=say_row(subject, row, is_typed=cursor.typed is not None),
            prediction=self._predict(values, 0, row),
            truth=subject.truth_text(row) if has_truth else "",
            loss=loss,
            is_in_batch=position is not None,
        )

    def _truth(self, row: int) -> Array:
        subject = self.subject
        return subject.target.encode(subject.table, np.array([row - 1]), subject.program.dtype)

    def _predictions(self, values: Mapping[str, Array]) -> tuple[Prediction, ...]:
        return tuple(
            self._predict(values, place, row) for place, row in enumerate(self.listed, start=1)
        )

    def _predict(self, values: Mapping[str, Array], place: int, row: int) -> Prediction:
        """What the network says of a row of the forward pass."""
        target = self.subject.target
        outputs = values[list(self.program.widths())[-1]][place]
        truth = self.subject.truth(row) if self.subject.has_truth(row) else None
        if target.kind == NUMBER:
            value = float(outputs[0]) * target.std + target.mean
            error = "" if truth is None else target.say(value - (truth * target.std + target.mean))
            return Prediction(text=target.say(value), error=error)
        best = int(outputs.argmax()) if target.kind == CLASSES else int(outputs[0] >= 0.5)
        label, chance = (
            (target.labels[best], float(outputs[best]))
            if target.kind == CLASSES
            else (target.positive, float(outputs[0]))
        )
        return Prediction(
            text=f"{write_chance(chance)} {label}",
            is_right=None if truth is None else best == int(truth),
        )


def _parameters(state: State, trace: Trace | None) -> Named:
    """The parameters, with their gradients and updates where a step is to be seen."""
    named = [(name, each) for name, each in state.parameters.items() if each.size <= LARGEST]
    if trace is None:
        return named
    updates = trace.updates()
    known = [name for name, _ in named]
    named += [(f"grad {name}", trace.gradients[name]) for name in known if name in trace.gradients]
    return named + [(f"update {name}", updates[name]) for name in known if name in updates]


def thin(losses: Array, most: int = MOST_POINTS) -> tuple[int, Array, Array]:
    """A long curve with fewer points, from which no peak is lost.

    Args:
        losses: of every step.
        most: points at most.

    Returns:
        How many steps each point stands for (a power of 2), their lowest and their highest losses.

    Example:
        >>> import numpy as np
        >>> thin(np.array([4.0, 2.0, 3.0, 1.0, 5.0]), 3)
        (2, array([2., 1., 5.], dtype=float32), array([4., 3., 5.], dtype=float32))
    """
    every = 1
    while -(-len(losses) // every) > most:
        every *= 2
    curve = losses.astype(np.float32)
    if every == 1:
        return 1, curve, curve
    starts = np.arange(0, len(curve), every)
    return every, np.minimum.reduceat(curve, starts), np.maximum.reduceat(curve, starts)


def pack(header: Frame, blocks: Named) -> bytes:
    """A header and its arrays as one binary frame."""
    text = msgspec.json.encode(header)
    text += b" " * (-len(text) % 4)
    arrays = [np.ascontiguousarray(each, "<f4").tobytes() for _, each in blocks]
    return b"".join([len(text).to_bytes(4, "little"), text, *arrays])
