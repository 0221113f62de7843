"""A place in a training that can be moved: by epoch, by batch, by example, by operation.

What is there is opened by `explain`; what a moment holds is in `moment`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from pellucid.errors import AddressError, InputError
from pellucid.explain.explanation import Explanation
from pellucid.explain.moment import Moment

Grain = Literal["epoch", "batch", "example", "operation"]
OPERATIONS = ("forward", "loss", "zero", "backward", "update")


@dataclass(frozen=True)
class Cursor:
    """A row of a step's batch, and the operation that is done with it.

    A step does its operations one after the other, each for all rows of its batch: forward, loss,
    zero the gradients, backward, update.

    Args:
        moments: gives the moment before a step, or the one after the last step for None.
        moment: where the cursor stands.
        place: of the row in the batch, from 0.
        operation: one of `OPERATIONS`.

    Example:
        >>> import tempfile
        >>> import pellucid
        >>> from pellucid.cli.main import run as command
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     place = f"{folder}/students"
        ...     command(["train", "students", "--epochs", "1", "--quiet", "--out", place])
        ...     cursor = pellucid.open_run(place).cursor(3)
        ...     print(cursor, "|", cursor.next("operation"), "|", cursor.next("batch"))
        ... # doctest: +ELLIPSIS
        /...students
        0
        @3 row:... forward | @3 row:... loss | @4 row:... forward
    """

    moments: Callable[[int | None], Moment] = field(repr=False)
    moment: Moment
    place: int = 0
    operation: str = OPERATIONS[0]

    @property
    def step(self) -> int | None:
        """The step, from 1; None after the last one, where nothing is done any more."""
        return self.moment.step

    @property
    def row(self) -> int | None:
        """The table's row, from 1; None after the last step."""
        return None if self.step is None else int(self.moment.rows[self.place])

    def explain(self) -> Explanation:
        """Open what the operation computes: for the row, or for the weight that moved most."""
        if self.step is None:
            return self.moment.explain("")
        if self.operation == "forward":
            return self.moment.explain(f"row:{self.row}")
        if self.operation == "loss":
            return self.moment.explain(f"row:{self.row} loss")
        return self.moment.explain("").part(self.operation)

    def next(self, grain: Grain = "operation") -> Cursor:
        """A little later.

        Args:
            grain: "operation"; "example": the next row of the batch, behind the last one the next
                batch; "batch": the next step; "epoch": the first step of the next epoch.

        Raises:
            AddressError: this is after the last step.
            InputError: there is no such grain.
        """
        check_grain(grain)
        if self.step is None:
            raise AddressError("@last is the last moment; nothing comes after it.")
        if grain == "operation" and self.operation != OPERATIONS[-1]:
            return replace(self, operation=OPERATIONS[OPERATIONS.index(self.operation) + 1])
        if grain == "example" and self.place + 1 < len(self.moment.rows):
            return replace(self, place=self.place + 1)
        if grain == "epoch":
            return self._at(self.step + self._steps_left() + 1)
        return self._at(self.step + 1)

    def previous(self, grain: Grain = "operation") -> Cursor:
        """A little earlier; "epoch": the first step of this epoch, or of the one before.

        Args:
            grain: as for `next`.

        Raises:
            AddressError: this is the very beginning.
            InputError: there is no such grain.
        """
        check_grain(grain)
        if self.step is None:
            before = self._at(self.moment.run.steps)
            return before._before_end(grain)  # noqa: SLF001
        if grain == "operation" and self.operation != OPERATIONS[0]:
            return replace(self, operation=OPERATIONS[OPERATIONS.index(self.operation) - 1])
        if grain == "example" and self.place > 0:
            return replace(self, place=self.place - 1)
        if grain == "epoch":
            position = self.moment.state.position
            return self._at(self.step - (position or self._steps_of_epoch()))
        return self._at(self.step - 1)._before_end(grain)  # noqa: SLF001

    def _before_end(self, grain: Grain) -> Cursor:
        """The last place of this step, as seen by a cursor that comes from behind."""
        if grain == "operation":
            return replace(self, operation=OPERATIONS[-1])
        if grain == "example":
            return replace(self, place=len(self.moment.rows) - 1)
        if grain == "epoch":
            return self._at((self.step or 0) - self.moment.state.position)
        return self

    def _at(self, step: int) -> Cursor:
        first = self.moment.run.first_step
        if step < first:
            raise AddressError(f"@{first} is the first moment; nothing comes before it.")
        moment = self.moments(None if step == self.moment.run.steps + 1 else step)
        return Cursor(self.moments, moment)

    def _steps_of_epoch(self) -> int:
        recipe = self.moment.run.recipe
        rows = len(self.moment.run.data["rows.training"])
        return -(-rows // recipe.batch_size)

    def _steps_left(self) -> int:
        """Steps of the epoch that come after this one, if the run does them."""
        left = self._steps_of_epoch() - 1 - self.moment.state.position
        return min(left, self.moment.run.steps - (self.step or 0))

    def __str__(self) -> str:
        return "@last" if self.step is None else f"@{self.step} row:{self.row} {self.operation}"


def check_grain(grain: str) -> None:
    """See that a grain is known.

    Raises:
        InputError: it is not.
    """
    known = ("epoch", "batch", "example", "operation")
    if grain not in known:
        raise InputError(f"A training is walked by {', '.join(known)}. Got '{grain}'.")
