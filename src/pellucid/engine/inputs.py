"""Several arrays as the inputs of a program, row by row side by side, and what each of them holds.

What is wrong with a person's arrays is said in `batch`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pellucid.engine.program import Program
from pellucid.tensor.tensor import Tensor

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Input:
    """One of the buffers that a batch fills.

    Args:
        name: of the buffer.
        width: its columns.
        is_category: whether it holds the numbers of categories, for embeddings.
        axes: of the array that a module is given: 2, or 1 for one column of categories.
    """

    name: str
    width: int
    is_category: bool = False
    axes: int = 2


class Inputs:
    """The arrays of a program's inputs, in its order; asked for rows, it gives those of each.

    Args:
        arrays: (n, columns) each: numbers, or int64 for categories.

    Example:
        >>> both = Inputs((np.ones((3, 2)), np.zeros((3, 1), np.int64)))
        >>> len(both), [each.shape for each in both[np.array([2, 0])].arrays]
        (3, [(2, 2), (2, 1)])
    """

    __slots__ = ("arrays",)

    def __init__(self, arrays: Sequence[Array]) -> None:
        self.arrays = tuple(arrays)

    def __len__(self) -> int:
        return len(self.arrays[0])

    def __getitem__(self, rows: Any) -> Inputs:
        return Inputs([each[rows] for each in self.arrays])


def arrays_of(inputs: Array | Inputs) -> tuple[Array, ...]:
    """The arrays, one for each input of a program."""
    return inputs.arrays if isinstance(inputs, Inputs) else (inputs,)


def tensors_of(inputs: Array | Inputs, *, requires_grad: bool = False) -> list[Tensor]:
    """The arrays as tensors; only numbers can want a gradient."""
    return [
        Tensor(each, requires_grad=requires_grad and each.dtype.kind == "f")
        for each in arrays_of(inputs)
    ]


def split_inputs(program: Program, inputs: Array | Inputs) -> tuple[list[Array], list[Array]]:
    """The arrays of numbers and those of categories, as the compiled module takes them."""
    names = [name for name, _ in program.inputs]
    named = list(zip(names, arrays_of(inputs), strict=True))
    return (
        [each for name, each in named if name not in program.categories],
        [each for name, each in named if name in program.categories],
    )
