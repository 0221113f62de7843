"""`DataLoader`: a dataset in batches, in order or shuffled, drawing as PyTorch's draws."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from pellucid.data.dataset import Dataset, Subset, TensorDataset, read_batch
from pellucid.data.sampling import draw_order
from pellucid.errors import InputError
from pellucid.random import Generator, default_generator
from pellucid.tensor.creation import stack, tensor
from pellucid.tensor.dtypes import float64
from pellucid.tensor.tensor import Tensor


class DataLoader:
    """Gives the rows of a dataset in batches, once per iteration.

    Every iteration draws two words from the generator, a shuffling one more: with the default
    generator two, with a generator of its own an order at the start and one at the end.

    Args:
        dataset: has a length and gives row i; `TensorDataset` for tensors.
        batch_size: rows of a batch, at least 1; the last one may be smaller.
        shuffle: a new random order in every iteration.
        num_workers: only 0 is offered: rows are read in this process.
        collate_fn: makes a batch of a list of rows; by default numbers and tensors are stacked,
            tuples and dicts part by part.
        pin_memory: changes nothing; numbers stay where they are.
        drop_last: leave out a last batch that is not full.
        generator: draws the orders; the default generator if None.
        persistent_workers: only False is offered, as there are none.

    Example:
        >>> from pellucid.tensor.creation import arange
        >>> [batch for (batch,) in DataLoader(TensorDataset(arange(5)), batch_size=2)]
        [tensor([0, 1]), tensor([2, 3]), tensor([4])]
    """

    def __init__(
        self,
        dataset: Dataset,
        batch_size: int = 1,
        shuffle: bool | None = None,
        *,
        num_workers: int = 0,
        collate_fn: Callable[[list[Any]], Any] | None = None,
        pin_memory: bool = False,  # noqa: ARG002 (belongs to graphics cards)
        drop_last: bool = False,
        generator: Generator | None = None,
        persistent_workers: bool = False,
    ) -> None:
        check_workers(num_workers, are_kept=persistent_workers)
        if not isinstance(batch_size, int) or isinstance(batch_size, bool) or batch_size <= 0:
            raise ValueError(
                f"batch_size should be a positive integer value, but got batch_size={batch_size}"
            )
        if not hasattr(dataset, "__len__") or not hasattr(dataset, "__getitem__"):
            raise TypeError(
                "A dataset must have a length and give row number i. "
                f"Got {type(dataset).__name__}. Put the rows into a list or a TensorDataset."
            )
        if shuffle and len(dataset) == 0:
            raise ValueError(
                "num_samples should be a positive integer value, but got num_samples=0. "
                "The dataset is empty."
            )
        self.dataset = dataset
        self.batch_size = batch_size
        self.shuffle = bool(shuffle)
        self.num_workers = 0
        self.collate_fn = collate_fn
        self.drop_last = drop_last
        self.generator = generator

    def __len__(self) -> int:
        full, rest = divmod(len(self.dataset), self.batch_size)
        return full + (rest > 0 and not self.drop_last)

    def __iter__(self) -> Iterator[Any]:
        # PyTorch draws a seed for its worker processes here, whether it has any or not.
        (self.generator or default_generator).random_int64()
        return self.batches()

    def batches(self) -> Iterator[Any]:
        """The batches of one iteration."""
        count, size = len(self.dataset), self.batch_size
        order = draw_order(count, self.generator) if self.shuffle else np.arange(count)
        is_last_short = count % size > 0 and not self.drop_last
        for start in range(0, count - size + 1, size):
            yield self.read(order[start : start + size])
        # PyTorch's sampler notices its end by drawing one more order, of which it uses nothing.
        if self.shuffle and self.generator is not None:
            self.generator.permutation(count)
        if is_last_short:
            yield self.read(order[count - count % size :])

    def read(self, rows: Any) -> Any:
        """One batch."""
        if self.collate_fn is not None:
            return self.collate_fn([self.dataset[int(row)] for row in rows])
        if isinstance(self.dataset, TensorDataset | Subset):
            batch = read_batch(self.dataset, rows)
            return batch if is_tensors(self.dataset) else collate(batch)
        return collate([self.dataset[int(row)] for row in rows])


def check_workers(count: int, *, are_kept: bool) -> None:
    """Raise if rows shall be read by other processes.

    Raises:
        ValueError: PyTorch's sentences.
        InputError: there is more than no worker.
    """
    if count < 0:
        raise ValueError(
            "num_workers option should be non-negative; use num_workers=0 to disable "
            "multiprocessing."
        )
    if count > 0:
        raise InputError(
            f"`num_workers` must be 0. Got {count}: rows are read in this process, which for "
            "tables in memory is faster. Leave it out; the batches are the same."
        )
    if are_kept:
        raise ValueError("persistent_workers option needs num_workers > 0")


def is_tensors(dataset: Any) -> bool:
    """Whether the dataset, below all subsets, gives whole batches of tensors."""
    while isinstance(dataset, Subset):
        dataset = dataset.dataset
    return isinstance(dataset, TensorDataset)


def collate(rows: list[Any]) -> Any:
    """One batch of a list of rows: numbers and tensors stacked, tuples and dicts part by part.

    Example:
        >>> collate([(1, [0.5]), (2, [1.5])])
        [tensor([1, 2]), [tensor([0.5000, 1.5000], dtype=pellucid.float64)]]
    """
    first = rows[0]
    if isinstance(first, Tensor):
        return stack(rows)
    if isinstance(first, np.ndarray | np.generic):
        return Tensor(np.stack([np.asarray(row) for row in rows]))
    if isinstance(first, bool | int | float):
        return tensor(rows, float64 if isinstance(first, float) else None)
    if isinstance(first, str):
        return rows
    if isinstance(first, dict):
        return {name: collate([row[name] for row in rows]) for name in first}
    if isinstance(first, tuple | list):
        parts: list[Any] = [collate(list(part)) for part in zip(*rows, strict=True)]
        return type(first)(*parts) if hasattr(first, "_fields") else parts
    raise TypeError(
        "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; "
        f"found {type(first)}"
    )
