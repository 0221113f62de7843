"""A run as a program holds it: everything of `runs.run`, and the way to any moment and any number.

The methods that need higher floors are here, at the top; drawings of explanations are registered
with them, so that notebooks show a number as a card.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from pellucid.errors import AddressError, InputError
from pellucid.explain.address import read_address
from pellucid.explain.computation import Computation, open_computation
from pellucid.explain.cursor import Cursor
from pellucid.explain.diagnosis import Diagnosis
from pellucid.explain.events import Course, read_course
from pellucid.explain.explanation import Explanation
from pellucid.explain.history import History
from pellucid.explain.moment import Moment
from pellucid.explain.weight_name import name_weight
from pellucid.figures.computation_svg import draw_computation, save_computation
from pellucid.figures.computation_text import write_computation
from pellucid.figures.explanation_html import write_html
from pellucid.figures.explanation_markdown import write_markdown
from pellucid.figures.explanation_text import write_explanation
from pellucid.figures.overview_html import write_moment_html, write_run_html
from pellucid.model.model import Model
from pellucid.model.settings import check_names
from pellucid.report.keeping import keep_branch, keep_fit
from pellucid.runs import finding
from pellucid.runs.journal import Event
from pellucid.runs.run import Run as StoredRun
from pellucid.tensor.tensor import Tensor


class Run(StoredRun):
    """A run on disk whose moments and numbers open.

    Args:
        folder: where it lies.

    Raises:
        ModelFileError: the folder is no run, is damaged, or was written by a later pellucid.
    """

    @cached_property
    def _history(self) -> History:
        return History(self)

    def at(self, step: int | str) -> Moment:
        """Go to a moment: the one before a step, or the one after the last step.

        Args:
            step: from 1, or "last".

        Raises:
            AddressError: the run has no such step.
        """
        if not isinstance(step, str):
            if isinstance(step, bool) or not isinstance(step, int | np.integer | None):
                raise AddressError(f"A step is a whole number from 1, or 'last'. Got {step!r}.")
            return self._history.at(step)
        read = read_address(step if step.startswith("@") else f"@{step}")
        if read.place or read.row is not None:
            raise AddressError(f"A moment is a step such as 120, or 'last'. Got '{step}'.")
        return self._history.at(read.step)

    def cursor(self, step: int | str = 1, row: int | None = None) -> Cursor:
        """A place that can be moved by epoch, batch, example and operation, to and fro.

        Args:
            step: from 1, or "last".
            row: of the table, from 1, in the step's batch; left out: the batch's first.

        Raises:
            AddressError: the run has no such step, or its batch no such row.
        """
        moment = self.at(step)
        if row is None:
            return Cursor(self._history.at, moment)
        rows = [] if moment.step is None else moment.rows.tolist()
        if row not in rows:
            shown = ", ".join(f"row:{each}" for each in sorted(rows)[:5])
            raise AddressError(
                f"Row {row} is not in the batch of @{step}."
                + (f" Its {len(rows):,} rows are {shown}, …" if rows else " Nothing is there.")
            )
        return Cursor(self._history.at, moment, rows.index(row))

    def explain(self, address: str) -> Explanation:
        """Open a number.

        Args:
            address: such as "@120 row:17 hidden1.3.z"; without a step the trained model is meant.

        Returns:
            The number with its parts; `check()` computes it again, notebooks show it as a card.

        Raises:
            AddressError: it names nothing; the nearest addresses are named.
        """
        return self._history.explain(address)

    @cached_property
    def _course(self) -> Course:
        return read_course(self)

    def events(self, kind: str | None = None) -> tuple[Event, ...]:
        """What happened on the way, in order, each with the addresses that show it.

        Args:
            kind: only these: "sign" (a weight changed its sign), "dead", "saturated", "jumped" (the
                loss), "rising" (the validation loss), "vanished", "exploded" (gradients), "learnt"
                or "forgotten" (a row was classified right, or wrong again).
        """
        return tuple(each for each in self._course.events if kind in (None, each.kind))

    @property
    def model(self) -> Model:
        """What the run made: the network with what its numbers mean."""
        return self._history.model

    def branch(
        self,
        step: int | str,
        *,
        weights: Mapping[str, float] | None = None,
        out: str | Path | None = None,
        **changes: Any,
    ) -> Run:
        """Go on from a step with something changed, as a run of its own.

        Args:
            step: the first one that is done differently, from 1; "last": after the last one.
            weights: values set by hand, by address: {"hidden1.3.bias": 0.0}.
            out: folder for the branch; None: runs/NAME-1.
            changes: `learning_rate`, `optimizer`, `activation`, `batch_size`, `epochs` (in all,
                those of this run included), `patience`, or `without`: rows of the table, from 1,
                that are no longer learnt from.

        Returns:
            The branch; `pellucid compare` says where it parts from this run.

        Raises:
            InputError: nothing is changed, or a change cannot be meant.
            AddressError: the run has no such step, row or weight.
        """
        if weights is not None and not isinstance(weights, Mapping):
            raise InputError(
                '`weights` must be values by address, such as {"hidden1.3.bias": 0.0}. Got'
                f" {type(weights).__name__}."
            )
        read = read_address(f"@{str(step).removeprefix('@')}")
        named = {
            name_weight(self, read.step, place): value for place, value in (weights or {}).items()
        }
        made = keep_branch(self, read.step, out, weights=named, **changes)
        return Run(made.folder)

    def diagnoses(self) -> tuple[Diagnosis, ...]:
        """What is wrong, with evidence that opens and what to try; empty if nothing is seen."""
        return self._course.diagnoses


def open_run(name: str | Path | None = None) -> Run:
    """Open a run.

    Args:
        name: of the run, or its folder; left out: the latest one.

    Raises:
        ModelFileError: there is none, or it is damaged.

    Example:
        >>> import tempfile
        >>> from pellucid.cli.main import run as command
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     place = f"{folder}/students"
        ...     command(["train", "students", "--epochs", "1", "--quiet", "--out", place])
        ...     run = open_run(place)
        ...     print(
        ...         run.at(3), run.explain("@3 hidden1.2.bias.grad").check().ok
        ...     )  # doctest: +ELLIPSIS
        /...students
        0
        Moment(students, before step 3 of 10) True
    """
    return Run(finding.open_run(name).folder)


def record(
    table: Any,
    target: str,
    *,
    out: str | Path | None = None,
    disk: int | None = None,
    **settings: Any,
) -> Run:
    """Train on a table as `fit` does, judge the result, and keep all of it as a run.

    It does what `pellucid train` does in a terminal. A module of your own is recorded by
    `Trainer.fit(…, record=True)`.

    Args:
        table: a path, a bundled name, a dict of lists, or a frame.
        target: the column to predict.
        out: folder for the run, which must not exist or be empty; None: runs/NAME-1.
        disk: megabytes for the states along the run; None: 256.
        settings: those of `fit`, such as `layers` and `epochs`.

    Returns:
        The run; `run.model` predicts, `run.explain` opens its numbers.

    Raises:
        InputError: a setting cannot be meant, or the folder cannot be written.
        TableError: the table cannot be read.
        TrainingError: a number is no longer finite; nothing is kept.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     run = record("students", "passed", epochs=2, out=f"{folder}/run")
        ...     slow = run.branch(11, learning_rate=0.001, out=f"{folder}/slow")
        ...     print(run.steps, slow.first_step, slow.recipe.parent.changes)
        20 11 {'learning rate': '0.03 → 0.001'}
    """
    check_names("record", settings, ("out", "disk"))
    return Run(keep_fit(table, target, out, disk, **settings).folder)


def open_tensor(result: Tensor, **names: Tensor) -> Computation:
    """Open the computation that made a number: every step with its value and its gradient.

    Args:
        result: a tensor with a single number, before `backward`.
        names: what its tensors shall be called: `open_tensor(loss, x=x, w=w)`.

    Returns:
        The steps; printed, one after another with how each one's gradient came about. `save("graph.svg")`
        draws them as a graph, which notebooks show.

    Raises:
        GraphError: it is no single number, nothing is remembered, or the graph was freed.

    Example:
        >>> import pellucid
        >>> x = pellucid.tensor(3.0, requires_grad=True)
        >>> print(float(open_tensor(x * x, x=x).step("x").gradient))
        6.0
    """
    return open_computation(result, names)


def _as_text(node: Explanation) -> str:
    return "\n".join(write_explanation(node))


def _computation_as_text(computation: Computation) -> str:
    return "\n".join(write_computation(computation))


def _register() -> None:
    """Let explanations be drawn, without their knowing how."""
    drawings: tuple[tuple[type, str, Callable[..., str]], ...] = (
        (Explanation, "_repr_html_", write_html),
        (Explanation, "_repr_markdown_", write_markdown),
        (Explanation, "__str__", _as_text),
        (Computation, "__str__", _computation_as_text),
        (Computation, "_repr_html_", draw_computation),
        (Run, "_repr_html_", write_run_html),
        (Moment, "_repr_html_", write_moment_html),
    )
    for kind, name, draw in drawings:
        setattr(kind, name, draw)
    Computation.save = save_computation  # type: ignore[attr-defined]


_register()
