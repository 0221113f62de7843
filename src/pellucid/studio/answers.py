"""What the studio says to a page, as plain records, told apart by `kind`.

Moments are binary frames and stand in `frame.py`. Numbers that ran away are null in JSON.
`web/src/messages.ts` is generated from this file, `wishes.py` and `frame.py` (`make messages`).
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from pellucid.studio.wishes import Message

StageName = Literal["forward", "loss", "zero", "backward", "update"]


class Column(Struct, frozen=True, kw_only=True):
    """A column of the table that the network reads.

    Args:
        name: as in the table.
        unit: "" if it has none.
        kind: "number" or "category".
        levels: of a category: the values that are known.
        low: of a number: the smallest in the training rows.
        high: of a number: the largest.
    """

    name: str
    unit: str
    kind: str
    levels: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None


class Input(Struct, frozen=True, kw_only=True):
    """A number that the network reads.

    Args:
        name: such as "city=Paris".
        column: it comes from.
        address: its place: `row:N ADDRESS` opens it.
    """

    name: str
    column: str
    address: str


class Neuron(Struct, frozen=True, kw_only=True):
    """A neuron of a layer.

    Args:
        name: "3", or of an output its name.
        address: its place, such as "hidden1.3" or "output.passed": `row:N ADDRESS.a` opens its
            activation, `ADDRESS.bias` its bias, `ADDRESS.weight.SOURCE` the weight of the line that
            comes from an input's address or from a neuron's place.
        weights: the `SOURCE`s of its lines, in the order of the layer before.
    """

    name: str
    address: str
    weights: tuple[str, ...]


class Layer(Struct, frozen=True, kw_only=True):
    """A layer of the network.

    Args:
        name: "hidden1" … "output".
        activation: "ReLU", "sigmoid", …; "" for none.
        weight: the parameter's name, shape (neurons, sources).
        bias: the parameter's name, shape (neurons,); "" if it has none.
        neurons: all of them.
    """

    name: str
    activation: str
    weight: str
    bias: str
    neurons: tuple[Neuron, ...]


class Target(Struct, frozen=True, kw_only=True):
    """What is predicted.

    Args:
        name: the column.
        type: "yes/no", "classes" or "number".
        labels: of yes/no first the negative, then the positive one; of classes all.
        unit: of a number.
    """

    name: str
    type: str
    labels: tuple[str, ...]
    unit: str


class Row(Struct, frozen=True, kw_only=True):
    """A row of the table.

    Args:
        row: from 1.
        cells: as people say them, in the order of `Scene.columns`: "10 h".
        truth: as people say it; "" where it is not known.
        use: "training", "validation" (chooses the best epoch), "test" (never seen) or "".
    """

    row: int
    cells: tuple[str, ...]
    truth: str
    use: str


class Rows(Message, frozen=True, kw_only=True, tag="rows"):
    """The rows that are listed; their answers stand in every frame."""

    rows: tuple[Row, ...]
    count: int


class Scene(Message, frozen=True, kw_only=True, tag="scene"):
    """What does not change with time: the run, its table and the shape of its network.

    Args:
        run: how to ask for it again.
        name: of the run's folder; "" while nothing is trained and nothing is kept.
        table: the table's name.
        sentence: "This network learns who will pass from 1,000 students."
        method: "binary cross-entropy · Adam · learning rate 0.03 · seed 0".
        columns: that the network reads, in the order of cells.
        inputs: numbers that they become.
        layers: of the network, the output last.
        target: what is predicted.
        rows: those that are listed.
        count: rows of the table.
        training: rows to learn from.
        steps: planned.
        steps_per_epoch: rows ÷ batch size, rounded up.
        epochs: planned.
        batch_size: rows a step.
        opening: the address whose card is open at first.
        can_train: whether steps that were never done can be done here.
        tables: the bundled tables.
    """

    run: str
    name: str
    table: str
    sentence: str
    method: str
    columns: tuple[Column, ...]
    inputs: tuple[Input, ...]
    layers: tuple[Layer, ...]
    target: Target
    rows: tuple[Row, ...]
    count: int
    training: int
    steps: int
    steps_per_epoch: int
    epochs: int
    batch_size: int
    opening: str
    can_train: bool
    tables: tuple[str, ...]


class Proof(Struct, frozen=True, kw_only=True):
    """A number computed again.

    Args:
        ok: whether it came out the same within what rounding allows.
        value: the engine's.
        recomputed: from its parts, or by a finite difference.
        allowed: the largest difference that rounding explains.
        method: "parts" or "finite difference".
        sentence: what was done and what came out.
    """

    ok: bool
    value: float | None
    recomputed: float | None
    allowed: float | None
    method: str
    sentence: str


class Part(Struct, frozen=True, kw_only=True):
    """What a number is made of.

    Args:
        address: where it opens.
        name: what people call it: "hours_studied", "bias".
        value: the engine's number.
        written: the value as it stands in the card's `numbers`, or as short as is sensible.
        share: of the sum of all absolute values, with the part's sign; null outside sums.
        role: "bias", "rounding" (what no bar shows), "rest" (many small ones) or "".
        op: as in `Card`.
        numbers: of a product: "1.408 × 1.202".
        text: as people say it: "10 h".
    """

    address: str
    name: str
    value: float | None
    written: str
    share: float | None
    role: str
    op: str
    numbers: str
    text: str


class Card(Struct, frozen=True, kw_only=True):
    """A number, opened: an explanation without what lies deeper.

    Args:
        address: names it.
        name: what people call it.
        value: the engine's number.
        written: the value as short as is sensible.
        unit: the value's.
        op: "given", "sum", "product", "function" or "story".
        function: for op "function": its name.
        formula: in symbols.
        numbers: the formula with the numbers; it holds as printed.
        parts: what the value is made of, in the order of the formula.
        text: as people say it: "76 % yes".
        sentence: one sentence for people.
        pytorch: PyTorch's spelling.
        note: what else must be known, such as that the row was not in the batch.
        owner: whose number it is, always said: "row 1", "the batch of 100 rows", "the network".
        below: of a function whose first part is a sum: that sum's card, whose bars are to be seen.
    """

    address: str
    name: str
    value: float | None
    written: str
    unit: str
    op: str
    function: str
    formula: str
    numbers: str
    parts: tuple[Part, ...]
    text: str
    sentence: str
    pytorch: str
    note: str
    owner: str
    below: Card | None = None


class Explained(Message, frozen=True, kw_only=True, tag="explained"):
    """The card that was asked for."""

    id: int
    card: Card


class Checked(Message, frozen=True, kw_only=True, tag="checked"):
    """The check that was asked for."""

    id: int
    address: str
    proof: Proof


class Stage(Struct, frozen=True, kw_only=True):
    """One of the five stages of a step.

    Args:
        name: of the stage.
        title: such as "Zero gradients".
        address: whose card tells it; "" if none does.
        numbers: the calculation with its numbers.
        sentence: what happens.
    """

    name: StageName
    title: str
    address: str
    numbers: str
    sentence: str


class Told(Message, frozen=True, kw_only=True, tag="told"):
    """The step in its five stages.

    Args:
        id: of the question.
        step: from 1.
        weight: the address of the weight that moved most, which the stages follow.
        stages: all five.
    """

    id: int
    step: int
    weight: str
    stages: tuple[Stage, ...]


class Failed(Message, frozen=True, kw_only=True, tag="failed"):
    """A wish that cannot be met.

    Args:
        id: of the question; 0 if it had none.
        wish: its `kind`.
        message: what was wanted, what came, and how to mend it.
    """

    id: int
    wish: str
    message: str


class Uploaded(Struct, frozen=True, kw_only=True):
    """The answer to a table that was sent (POST /tables, its bytes as they are, ?name=FILE).

    Args:
        table: how to ask for it.
        name: of the file.
        rows: of the table.
        columns: all names.
        target: the column that is probably meant, the last one.
        cells: the first rows, as text.
    """

    table: str
    name: str
    rows: int
    columns: tuple[str, ...]
    target: str
    cells: tuple[tuple[str, ...], ...]


Answer = Scene | Rows | Explained | Checked | Told | Failed
