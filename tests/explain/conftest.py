"""One step of any network, opened: what a run gives, without a run on disk."""

import numpy as np
import pytest

from pellucid.data.preparation import Preparation
from pellucid.data.prepared_columns import NumberColumn
from pellucid.data.table import Column, Table
from pellucid.data.target import Target
from pellucid.engine.native import NativeEngine
from pellucid.explain.address import read_address
from pellucid.explain.moment import RunNumbers
from pellucid.explain.places import find
from pellucid.explain.scene import Scene
from pellucid.explain.subject import Subject
from pellucid.random import default_generator
from pellucid.train.row_weights import weigh
from pellucid.train.task import Plan, prepare_task
from pellucid.train.task import Preparation as Tasks

CLASSES = {"yes/no": lambda _: ("0", "1"), "number": lambda _: ()}


class OpenedStep:
    """The third step of a training, by the native engine."""

    def __init__(self, trainer, inputs, targets, kind, *, weights=None):
        loss = trainer.loss_function
        rows = weigh(trainer.read(inputs, targets), loss, weights, None)
        job = prepare_task(trainer, rows, Plan(6, 9), default_generator, Tasks()).job
        engine, work = NativeEngine(), (job.inputs, job.targets)
        state, self.earlier = job.state, []
        how = {"batch_size": 6, "row_weights": job.row_weights}
        for _ in range(2):
            trace = engine.trace(job.program, state, *work, **how)
            state = trace.after
            self.earlier.append(trace.rows)
        self.trace = engine.trace(job.program, state, *work, **how)
        self.program, self.job = job.program, job
        subject = self._subject(kind)
        values = self.trace.before.values()
        row_weights = None if weights is None else job.row_weights[self.trace.rows].astype(float)
        self.scene = Scene(
            subject,
            values,
            RunNumbers(subject, engine, values),
            owner="@3 ",
            trace=self.trace,
            table_rows=self.trace.rows + 1,
            row_weights=row_weights,
        )

    def _subject(self, kind):
        inputs, targets = self.job.inputs, np.asarray(self.job.targets, np.float64)
        names = [f"x{number + 1}" for number in range(inputs.shape[1])]
        columns = [Column(name, numbers=each) for name, each in zip(names, inputs.T, strict=True)]
        columns.append(Column("y", numbers=targets.reshape(len(targets), -1)[:, 0]))
        spread = {"mean": 0.0, "std": 1.0, "low": 0.0, "high": 1.0}
        prepared = tuple(NumberColumn(name=name, **spread) for name in names)
        width = self.program.widths()[self.program.loss.prediction]
        classes = CLASSES.get(kind, lambda width: tuple(map(str, range(width))))(width)
        labels = ("no", "yes") if kind == "yes/no" else classes
        target = Target(
            name="y", kind=kind, reason="", rows=1, dropped=0, classes=classes, labels=labels
        )
        preparation = Preparation(columns=prepared, target="y")
        return Subject(self.program, preparation, target, Table(tuple(columns), "arrays", {}))

    @property
    def row(self):
        """The table's row of the batch's second place."""
        return int(self.trace.rows[1]) + 1

    def explain(self, address):
        return find(self.scene, read_address(address if "@" in address else f"@3 {address}"))

    def addresses(self):
        """Every number of the state, what the step made of it, and of one row every buffer's."""
        for name, shape in self.scene.subject.shapes.items():
            for index in np.ndindex(*shape):
                place = f"{name}[{', '.join(map(str, index))}]" if index else name
                learned = ("", ".grad", ".update", ".new", ".grad.zero")
                is_learned = name in self.trace.gradients
                yield from (f"{place}{each}" for each in (learned if is_learned else ("", ".new")))
        for buffer in self.trace.deltas:
            for unit in range(self.program.widths()[buffer]):
                yield from (f"row:{self.row} {buffer}[{unit}]{each}" for each in ("", ".delta"))
        yield from ("loss", f"row:{self.row} loss", f"row:{self.row}", "")


@pytest.fixture(scope="session")
def open_step():
    return OpenedStep
