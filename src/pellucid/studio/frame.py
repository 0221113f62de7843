"""A moment as it is sent to a page: a binary frame, so that many a second may follow each other.

First the header's length in four bytes, little-endian; then the header, a `Frame` as JSON, filled up
with blanks to a multiple of 4; then its arrays as float32, little-endian, in the order of
`Frame.arrays`.
"""

from __future__ import annotations

from msgspec import Struct


class Block(Struct, frozen=True, kw_only=True):
    """An array behind a frame's header.

    Args:
        name: "input" (values of the row that the network reads), "hidden1.z", "hidden1.a",
            "hidden1.delta" (only of a row of the step's batch, at rest), a parameter's name,
            "grad 0.weight" and "update 0.weight" (new − old of this step; at rest, unless the moment
            is after the last step), "losses.low" and "losses.high" (of so many steps each as
            `Frame.steps_per_point` says: the lowest and the highest loss).
        shape: C order.
    """

    name: str
    shape: tuple[int, ...]


class Prediction(Struct, frozen=True, kw_only=True):
    """What the network says of a row.

    Args:
        text: "76 % yes".
        is_right: whether it is the truth; null where that is not known, or of numbers.
        error: of a number, as people say it: how far it lies from the truth.
    """

    text: str
    is_right: bool | None = None
    error: str = ""


class Shown(Struct, frozen=True, kw_only=True):
    """The row that goes through the network.

    Args:
        row: of the table, from 1; the typed row comes behind the last one.
        is_typed: whether it is one's own.
        cells: as people say them, in the order of `Scene.columns`.
        sentence: "Row 1: 10 h studied, 7 h sleep."
        prediction: of the network as it is at this moment.
        truth: as people say it; "" where it is not known.
        loss: its own; null where the truth is not known.
        is_in_batch: whether the step learns from it; only then there are deltas.
    """

    row: int
    is_typed: bool
    cells: tuple[str, ...]
    sentence: str
    prediction: Prediction
    truth: str
    loss: float | None
    is_in_batch: bool


class Frame(Struct, frozen=True, kw_only=True):
    """A moment: the header of a binary frame.

    Args:
        frame: its number, to be acknowledged.
        run: as in `Scene`.
        owner: what addresses of this moment begin with: "@120 " or "@last ".
        step: that comes next, from 1; null after the last planned step.
        stage: of the step, from 0: forward, loss, zero gradients, backward, update.
        example: the place of the row in the batch, from 1; 0 if it is not in it, or while playing.
        batch_rows: rows of the step's batch; 0 after the last step.
        done: steps trained so far.
        is_playing: whether time goes on.
        is_finished: whether the training is over and judged.
        position: "step 120 of 500, epoch 12, batch 10".
        shown: the row that goes through the network.
        predictions: of the rows that are listed.
        batch_loss: of the step's batch; null while playing and after the last step.
        steps_per_point: of the losses.
        arrays: what follows.
    """

    frame: int
    run: str
    owner: str
    step: int | None
    stage: int
    example: int
    batch_rows: int
    done: int
    is_playing: bool
    is_finished: bool
    position: str
    shown: Shown
    predictions: tuple[Prediction, ...]
    batch_loss: float | None
    steps_per_point: int
    arrays: tuple[Block, ...]
