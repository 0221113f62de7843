"""The rows that a `Trainer` learns from: inputs, targets and weights, side by side.

How they are read from what a person gives is said in `trainer`, what the native engine takes of
them in `task`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pellucid.data.dataset import TensorDataset
from pellucid.engine.inputs import Input
from pellucid.engine.obstacle import CannotLower
from pellucid.tensor.tensor import Tensor

Array = np.ndarray[Any, Any]


class Examples(TensorDataset):
    """Rows of one input or of several, with their targets and, if rows are weighed, weights.

    Args:
        inputs: one tensor for each argument of the model's forward.
        targets: of the loss, or of each loss by its name.
        weights: (n,), how much each row counts.
    """

    def __init__(
        self, inputs: Sequence[Tensor], targets: Any, weights: Tensor | None = None
    ) -> None:
        named = targets.values() if isinstance(targets, dict) else (targets,)
        super().__init__(*inputs, *named, *(() if weights is None else (weights,)))
        self.inputs, self.targets, self.weights = tuple(inputs), targets, weights

    def split(self, batch: Sequence[Tensor]) -> tuple[Sequence[Tensor], Any, Tensor | None]:
        """The parts of a batch of these rows: inputs, targets and weights."""
        count = len(self.inputs)
        weights = None if self.weights is None else batch[-1]
        if isinstance(self.targets, dict):
            return batch[:count], dict(zip(self.targets, batch[count:], strict=False)), weights
        return batch[:count], batch[count], weights


def is_several(inputs: Any) -> bool:
    """Whether inputs are several arrays, one for each argument: a tuple of tensors or arrays."""
    return (
        isinstance(inputs, tuple)
        and len(inputs) > 0
        and all(isinstance(each, Tensor | np.ndarray) and each.ndim > 0 for each in inputs)
    )


def describe_inputs(inputs: Sequence[Tensor]) -> list[Input]:
    """What the arrays hold; whole numbers are categories.

    Raises:
        CannotLower: one is no table of rows.
    """
    described = []
    for each in inputs:
        is_category = each.array.dtype.kind in "iu"
        if each.ndim != 2 and not (is_category and each.ndim == 1):
            raise CannotLower(f"the inputs have shape {each.shape}, not (rows, columns)")
        width = 1 if each.ndim == 1 else each.shape[1]
        described.append(Input("", width, is_category, each.ndim))
    return described


def native_inputs(inputs: Sequence[Tensor]) -> list[Array]:
    """The arrays as the engine wants them: rows and columns, categories as int64."""
    arrays = []
    for each in inputs:
        array = each.array if each.ndim > 1 else each.array.reshape(-1, 1)
        kind = np.int64 if array.dtype.kind in "iu" else array.dtype
        arrays.append(np.ascontiguousarray(array, kind))
    return arrays
