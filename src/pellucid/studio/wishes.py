"""What a page says to the studio, as plain records, told apart by `kind`.

`web/src/messages.ts` is generated from this file, `answers.py` and `frame.py` (`make messages`).
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Grain = Literal["epoch", "batch", "example", "operation"]


class Message(Struct, frozen=True, kw_only=True, tag_field="kind"):
    """Anything that is said; `kind` is its record's name in small letters."""


class Look(Message, frozen=True, kw_only=True, tag="look"):
    """Look at a moment of a run; the first thing that a page says, and how it comes back to where it was.

    Args:
        run: its name; "" for the one that the studio opened with.
        step: from 1, `@step`; null for the moment after the last planned step; 0: where the run
            was opened.
        row: of the table, from 1; 0: the first one with a truth.
        cells: a row of one's own instead, by column, as typed.
        stage: of the step, as in `Frame`.
        speed: goes on playing, as in `Play`; null: stands still.
    """

    run: str = ""
    step: int | None = 0
    row: int = 0
    cells: dict[str, str] = {}
    stage: int = 0
    speed: float | None = None


class Play(Message, frozen=True, kw_only=True, tag="play"):
    """Let time go on from here: what is not trained yet is trained.

    Args:
        speed: steps a second; 0: as fast as the engine goes.
    """

    speed: float = 0.0


class Pause(Message, frozen=True, kw_only=True, tag="pause"):
    """Let time stand still."""


class Step(Message, frozen=True, kw_only=True, tag="step"):
    """Go a little forwards or backwards, and stand still there.

    Args:
        by: how many of the grain; below 0: backwards.
        grain: an epoch; a batch (one training step); the next row of the batch; the next of the
            five stages of a step.
    """

    by: int
    grain: Grain = "batch"


class Go(Message, frozen=True, kw_only=True, tag="go"):
    """Go to a step (what is not trained yet is trained) and stand still there.

    Args:
        step: from 1; null for the moment after the last planned step.
        stage: of the step, as in `Frame`.
    """

    step: int | None
    stage: int = 0


class Restart(Message, frozen=True, kw_only=True, tag="restart"):
    """Go back to before the first step; what was trained is kept and comes again as it was."""


class Choose(Message, frozen=True, kw_only=True, tag="choose"):
    """Show another row of the table.

    Args:
        row: from 1.
    """

    row: int


class TypeRow(Message, frozen=True, kw_only=True, tag="type"):
    """Show a row of one's own.

    Args:
        cells: by column, in the columns' own units: "10", "10 h"; "" for a cell that is not known.
    """

    cells: dict[str, str]


class Page(Message, frozen=True, kw_only=True, tag="page"):
    """List other rows of the table.

    Args:
        first: the first of them, from 1.
    """

    first: int


class Explain(Message, frozen=True, kw_only=True, tag="explain"):
    """Open a number; answered by `Explained` or `Failed` with the same `id`."""

    id: int
    address: str


class Check(Message, frozen=True, kw_only=True, tag="check"):
    """Compute a number again; answered by `Checked` or `Failed` with the same `id`."""

    id: int
    address: str


class Tell(Message, frozen=True, kw_only=True, tag="tell"):
    """Tell the step in its five stages; answered by `Told` or `Failed` with the same `id`."""

    id: int


class Begin(Message, frozen=True, kw_only=True, tag="begin"):
    """Begin a run of one's own; answered by its `Scene`, or `Failed` with the same `id`.

    Args:
        id: of the question.
        table: a bundled table's name, or the `table` of `Uploaded`.
        target: the column to predict; "": the one that a bundled table is about.
        seed: any whole number.
    """

    id: int
    table: str
    target: str = ""
    seed: int = 0


class Ack(Message, frozen=True, kw_only=True, tag="ack"):
    """A frame was drawn; the next one may come.

    Args:
        frame: its number.
    """

    frame: int


Wish = (
    Look | Play | Pause | Step | Go | Restart | Choose | TypeRow | Page | Explain | Check | Tell | Begin
    | Ack
)  # fmt: skip
