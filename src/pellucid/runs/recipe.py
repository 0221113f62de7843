"""The recipe of a run: everything that was decided before its first step, as one JSON file.

With the recipe, the data and the first state a run can be done again, bit for bit. What came out
of it stands in the `Outcome`; the folder itself is read and written in `writer` and `store`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from pellucid.engine.origin import Source as Code
from pellucid.engine.program import Program

FORMAT = 3
OLDEST = 2
BUDGET = 256  # megabytes
LARGEST_COPY = 64 * 10**6  # bytes of table and prepared arrays that are copied into a run
Count = Annotated[int, Meta(ge=0)]


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """The table that a run learnt from.

    Args:
        name: as typed, "students.csv".
        path: where the file lay; empty for a bundled table or a frame.
        sha256: fingerprint of the table's content.
        rows: rows of the table, those without a target included.
    """

    name: str
    path: str
    sha256: str
    rows: Count


class ColumnUse(msgspec.Struct, frozen=True, kw_only=True):
    """What a column was taken for, and why.

    Args:
        name: of the column.
        kind: "number", "category", "target" or "left out".
        reason: in words a person understands.
    """

    name: str
    kind: str
    reason: str = ""


class Parent(msgspec.Struct, frozen=True, kw_only=True):
    """The moment of another run that a branch goes on from.

    Args:
        run: its name.
        folder: where it lay.
        step: steps done until then.
        fingerprint: of its state there.
        changes: what is different from then on, in words: {"learning rate": "0.03 → 0.1"}.
    """

    run: str
    folder: str
    step: Count
    fingerprint: str
    changes: dict[str, str]


class Own(msgspec.Struct, frozen=True, kw_only=True):
    """A module and a loss of a person's own, by which the steps are done again.

    Args:
        title: their names, for sentences: "Net".
        network: what the module is made of; see `engine.blueprint`.
        loss: what the loss is made of.
        code: the files in which they are written.
        obstacle: why they cannot be built again; empty if they can.
    """

    title: str
    network: Any = None
    loss: Any = None
    code: tuple[Code, ...] = ()
    obstacle: str = ""


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was decided before the first step.

    Args:
        format: version of this file's format.
        version: of pellucid.
        created: date and time, ISO 8601, UTC.
        table: where the rows came from.
        target: the column that is predicted.
        task: "yes/no", "classes", "number", or "arrays" where nobody said what the numbers mean.
        columns: every column with what it was taken for.
        inputs: the network's inputs, in order.
        preparation: how cells became inputs, as plain data.
        split_seed: of the split into training, validation and test rows.
        layers: widths of the hidden layers.
        activation: of the hidden layers.
        loss: in words.
        program: the network, its loss and its optimizer, lowered.
        learning_rate: of the first step.
        batch_size: rows a step.
        epochs: planned.
        patience: epochs without a better one before it stops; None: never.
        seed: of the first weights and the batches.
        dtype: "float32" or "float64".
        engine: "native" or "eager".
        arithmetic: "fma" or "plain".
        data_sha256: of the prepared arrays.
        budget: megabytes of disk for the states along the run.
        parent: the moment that it goes on from; None if it began with its own first weights.
        recorded: "table" for a training on a table's columns, "arrays" for `Trainer.fit`.
        shuffle: whether each epoch has an order of its own.
        decoding: how the target's cells became the loss's numbers, as plain data.
        outside: whether table and prepared arrays were too large to be copied, so that the table is
            read again from where it lay.
        own: the module and the loss that no program describes; None if the program says all.
    """

    format: int = FORMAT
    version: str
    created: str
    table: Source
    target: str
    task: Annotated[str, Meta(pattern=r"^(yes/no|classes|number|arrays)\Z")]
    columns: tuple[ColumnUse, ...]
    inputs: tuple[str, ...]
    preparation: dict[str, Any]
    split_seed: int
    layers: tuple[int, ...]
    activation: str
    loss: str
    program: Program
    learning_rate: Annotated[float, Meta(gt=0)]
    batch_size: Annotated[int, Meta(ge=1)]
    epochs: Count
    patience: Annotated[int, Meta(ge=1)] | None
    seed: int
    dtype: Annotated[str, Meta(pattern=r"^float(32|64)\Z")]
    engine: Annotated[str, Meta(pattern=r"^(native|eager)\Z")]
    arithmetic: str
    data_sha256: str
    budget: Annotated[int, Meta(ge=1)] = BUDGET
    parent: Parent | None = None
    recorded: Literal["table", "arrays"] = "table"
    shuffle: bool = True
    decoding: dict[str, Any] = {}
    outside: bool = False
    own: Own | None = None


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came out of a run.

    Args:
        steps: steps done.
        finished_epochs: epochs done.
        best_epoch: the epoch whose weights the model has.
        ending: "epochs", "patience", "interrupted" by Ctrl-C, "stopped" by the program that
            trained, or "unfinished".
        seconds: the training took.
        fingerprint: of the last state.
        scores: each answer's score on the rows never seen, as plain data.
        sentences: the verdict in words.
    """

    steps: Count
    finished_epochs: Count
    best_epoch: Count
    ending: Literal["epochs", "patience", "interrupted", "stopped", "unfinished"]
    seconds: float
    fingerprint: str
    scores: tuple[dict[str, Any], ...] = ()
    sentences: tuple[str, ...] = ()
