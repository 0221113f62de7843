"""What a model file says beside the weights: the records, and whether they can be meant.

A file may come from anywhere, so that everything is checked in words before a network is built
from it. Bytes are read and written in `file`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated

import msgspec
from msgspec import Meta

from pellucid.data.kinds import CLASSES, NUMBER, YES_NO
from pellucid.data.preparation import Preparation
from pellucid.data.prepared_columns import NumberColumn
from pellucid.data.target import Target
from pellucid.errors import InputError
from pellucid.model.settings import Method, read_settings
from pellucid.train.loop import Ending

FORMAT = 1
Count = Annotated[int, Meta(ge=0)]
Shapes = Mapping[str, tuple[int, ...]]


class StoredHistory(msgspec.Struct, frozen=True, kw_only=True):
    """What a file keeps of a `ModelHistory`; a loss that is no number is stored as null."""

    steps: Count
    epochs: Count
    best_epoch: Count
    ending: Ending
    seconds: float
    validation_losses: tuple[float | None, ...]


class Contents(msgspec.Struct, frozen=True, kw_only=True):
    """What a model file says beside the weights.

    Attributes:
        preparation: from cells to inputs.
        target: from outputs to words.
        method: layers and how they were trained.
        history: how it learned; None if it was put together by hand.
        format: version of this record.
    """

    preparation: Preparation
    target: Target
    method: Method
    history: StoredHistory | None
    format: int = FORMAT

    def check(self, shapes: Shapes, dtypes: set[str]) -> None:
        """See that a network can be built from this, before anything of its size is made.

        Args:
            shapes: of the weights, by their state_dict names.
            dtypes: of the weights, by numpy's names.

        Raises:
            InputError: something cannot be meant, or does not fit the weights.
        """
        check_method(self.method)
        _check_target(self.target)
        _check_preparation(self.preparation)
        widths = [len(self.preparation.input_names), *self.method.layers, self.target.outputs]
        if dict(shapes) != shapes_of(widths):
            shown = "-".join(str(width) for width in widths)
            raise InputError(f"its weights do not fit its layers {shown}")
        if dtypes != {self.method.dtype}:
            raise InputError(f"its weights are not of its type {self.method.dtype}")


def shapes_of(widths: list[int]) -> dict[str, tuple[int, ...]]:
    """The shapes of a network's weights and biases, by their state_dict names.

    Args:
        widths: of the inputs, the hidden layers and the outputs.

    Example:
        >>> shapes_of([4, 5, 1])
        {'0.weight': (5, 4), '0.bias': (5,), '2.weight': (1, 5), '2.bias': (1,)}
    """
    shapes: dict[str, tuple[int, ...]] = {}
    for place, (before, width) in enumerate(itertools.pairwise(widths)):
        shapes[f"{2 * place}.weight"] = (width, before)
        shapes[f"{2 * place}.bias"] = (width,)
    return shapes


def check_method(method: Method) -> None:
    """See that a method is one that `fit` would have chosen.

    Raises:
        InputError: it is not; the sentence says what would do.
    """
    told = asdict(method)
    read = asdict(read_settings(**told))
    for name, value in told.items():
        if read[name] != value:
            raise InputError(f"its {name} is {value!r}, which is written {read[name]!r}")


def _check_target(target: Target) -> None:
    known = {YES_NO: target.labels[2:] == (), CLASSES: True, NUMBER: True}
    if not known.get(target.kind, False):
        raise InputError(f"its target cannot be of the kind {target.kind!r}")
    if target.kind == NUMBER:
        if not (target.std > 0 and math.isfinite(target.std) and math.isfinite(target.mean)):
            raise InputError("its target has no standard deviation")
    elif len(target.labels) < 2 or len(target.labels) != len(target.classes):
        raise InputError("its target needs two classes or more, each with a label")


def _check_preparation(preparation: Preparation) -> None:
    names = preparation.input_names
    if not names:
        raise InputError("it has no inputs")
    for column in preparation.columns:
        if isinstance(column, NumberColumn) and not column.std > 0:
            raise InputError(f"its column '{column.name}' has no standard deviation")
