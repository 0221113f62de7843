"""Rows that can be asked for by number: `TensorDataset`, and a `Subset` of any dataset."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from pellucid.errors import ShapeError
from pellucid.tensor.dtypes import Array
from pellucid.tensor.tensor import Tensor


class Dataset(Protocol):
    """What a `DataLoader` can read: it has a length and gives row number i."""

    def __len__(self) -> int: ...

    def __getitem__(self, place: Any, /) -> Any: ...


class SizeMismatchError(ShapeError, AssertionError):
    """Tensors of unequal length; an AssertionError too, because PyTorch raises that."""


class TensorDataset:
    """Several tensors side by side; row i is (first[i], second[i], …).

    Args:
        tensors: each with the same number of rows.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> TensorDataset(tensor([[1.0], [2.0]]), tensor([0, 1]))[1]
        (tensor([2.]), tensor(1))
    """

    def __init__(self, *tensors: Tensor) -> None:
        for each in tensors:
            if not isinstance(each, Tensor):
                raise TypeError(
                    f"TensorDataset holds tensors, got {type(each).__name__}. "
                    "Make one: `pellucid.tensor(…)`."
                )
        lengths = [len(each) for each in tensors]
        if any(length != lengths[0] for length in lengths):
            raise SizeMismatchError(
                f"Size mismatch between tensors. Each must have the same number of rows. "
                f"Got {', '.join(map(str, lengths))}."
            )
        self.tensors = tensors

    def __len__(self) -> int:
        return len(self.tensors[0])

    def __getitem__(self, place: Any) -> tuple[Tensor, ...]:
        return tuple(each[place] for each in self.tensors)

    def batch(self, rows: Array) -> list[Tensor]:
        """Several rows at once: of every tensor those rows, in memory of their own."""
        return [
            each[rows] if each.is_tracked else Tensor(each.array.take(rows, axis=0))
            for each in self.tensors
        ]


class Subset:
    """Some rows of a dataset, in an order of their own.

    Args:
        dataset: where the rows are.
        indices: their numbers there.
    """

    def __init__(self, dataset: Dataset, indices: Sequence[int]) -> None:
        self.dataset = dataset
        self.indices = indices

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, list):
            return self.dataset[[self.indices[each] for each in place]]
        return self.dataset[self.indices[place]]

    def batch(self, rows: Array) -> Any:
        """Several rows at once."""
        return read_batch(self.dataset, np.asarray(self.indices, dtype=np.int64)[rows])


def read_batch(dataset: Any, rows: Array) -> Any:
    """Several rows at once if the dataset can, else a list of single ones."""
    if hasattr(dataset, "batch"):
        return dataset.batch(rows)
    return [dataset[int(row)] for row in rows]
