"""What does not change with time: a run, its table and the shape of its network, for a page."""

from __future__ import annotations

from pellucid.data.bundled.examples import bundled_names
from pellucid.data.kinds import NUMBER
from pellucid.data.prepared_columns import NumberColumn
from pellucid.explain.address import quote_name
from pellucid.explain.digits import write_number
from pellucid.explain.subject import Subject
from pellucid.report.judge import LOSS_NAMES, OPTIMIZER_NAMES
from pellucid.studio.answers import Column, Input, Layer, Neuron, Row, Rows, Scene, Target
from pellucid.studio.open_run import OpenRun
from pellucid.studio.wording import say_task

LISTED = 10  # rows


def make_scene(run: OpenRun, listed: range) -> Scene:
    """A run as a page needs it.

    Args:
        run: that is open.
        listed: rows of the table, from 1.
    """
    subject, recipe, method = run.subject, run.stored.recipe, run.model.method
    target = subject.target
    training = len(run.uses["training"])
    return Scene(
        run=run.key,
        name=run.name,
        table=subject.table.source,
        sentence=say_task(subject, training),
        method=" · ".join(
            (
                LOSS_NAMES[target.kind],
                OPTIMIZER_NAMES[method.optimizer],
                f"learning rate {write_number(recipe.learning_rate)}",
                f"seed {recipe.seed}",
            )
        ),
        columns=_columns(subject),
        inputs=_inputs(subject),
        layers=_layers(subject),
        target=Target(name=target.name, type=target.kind, labels=target.labels, unit=target.unit),
        rows=make_rows(run, listed).rows,
        count=len(subject.table),
        training=training,
        steps=run.steps,
        steps_per_epoch=run.per_epoch,
        epochs=recipe.epochs,
        batch_size=recipe.batch_size,
        opening=_opening(subject),
        can_train=run.learning is not None,
        tables=tuple(bundled_names()),
    )


def make_rows(run: OpenRun, listed: range) -> Rows:
    """Rows of the table.

    Args:
        run: that is open.
        listed: their numbers, from 1.
    """
    subject = run.subject
    names = [each.name for each in subject.preparation.used]
    rows = tuple(
        Row(
            row=row,
            cells=tuple(subject.table.cell_text(row - 1, each) for each in names),
            truth=subject.truth_text(row) if subject.has_truth(row) else "",
            use=next((use for use, rows in run.uses.items() if row in rows), ""),
        )
        for row in listed
    )
    return Rows(rows=rows, count=len(subject.table))


def list_from(run: OpenRun, first: int) -> range:
    """Ten rows of the table from one on, as far as there are so many."""
    count = len(run.subject.table)
    begin = max(1, min(first, count - LISTED + 1))
    return range(begin, min(begin + LISTED, count + 1))


def first_row(run: OpenRun) -> int:
    """The first row with a truth, from 1."""
    return min(min(rows) for rows in run.uses.values() if rows)


def _opening(subject: Subject) -> str:
    """The place of the answer: of a number in its unit, otherwise the first output's."""
    if subject.target.kind == NUMBER:
        return f"output.{quote_name(subject.target.name)}"
    return f"{subject.names.neuron(len(subject.layers) - 1, 0)}.a"


def _columns(subject: Subject) -> tuple[Column, ...]:
    columns = []
    for each in subject.preparation.used:
        unit = subject.table.units.get(each.name, "")
        if isinstance(each, NumberColumn):
            columns.append(
                Column(name=each.name, unit=unit, kind="number", low=each.low, high=each.high)
            )
        else:
            levels = tuple(each.known())
            columns.append(Column(name=each.name, unit=unit, kind="category", levels=levels))
    return tuple(columns)


def _inputs(subject: Subject) -> tuple[Input, ...]:
    cells = subject.cells(1)
    return tuple(
        Input(name=each.input, column=each.column, address=quote_name(each.input)) for each in cells
    )


def _layers(subject: Subject) -> tuple[Layer, ...]:
    layers = []
    for number, each in enumerate(subject.layers):
        before = [str(place + 1) for place in range(each.inputs)]
        sources = tuple(subject.input_places if number == 0 else before)
        outputs = subject.outputs
        neurons = tuple(
            Neuron(
                name=outputs[place] if each.name == "output" else str(place + 1),
                address=subject.names.neuron(number, place),
                weights=sources,
            )
            for place in range(each.width)
        )
        layers.append(
            Layer(
                name=each.name,
                activation="" if each.activation == "identity" else each.title,
                weight=each.weight,
                bias=each.bias if each.has_bias else "",
                neurons=neurons,
            )
        )
    return tuple(layers)
