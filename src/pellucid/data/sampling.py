"""The order of rows, drawn as PyTorch draws it: one epoch's order, and a random split."""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Sequence

from pellucid.data.dataset import Dataset, Subset
from pellucid.random import Generator, default_generator
from pellucid.tensor.dtypes import Array


def draw_order(count: int, generator: Generator | None = None) -> Array:
    """A random order of `count` rows, as a shuffling `DataLoader` of PyTorch draws it.

    Args:
        count: how many rows.
        generator: draws the order itself. If None, the default generator draws the seed (two
            words) of a fresh generator, which draws the order.

    Returns:
        Shape (count,), int64.

    Example:
        >>> from pellucid.random import manual_seed
        >>> _ = manual_seed(0)
        >>> draw_order(5).tolist()
        [1, 3, 4, 2, 0]
    """
    if generator is None:
        generator = Generator(default_generator.random_int64())
    return generator.permutation(count)


def random_split(
    dataset: Dataset, lengths: Sequence[float], generator: Generator | None = None
) -> list[Subset]:
    """Deal the rows of a dataset at random into parts.

    Args:
        dataset: where the rows are.
        lengths: rows of each part, adding up to all; or shares, adding up to 1. Rows that shares
            leave over go one by one to the first parts.
        generator: draws the order; the default generator if None.

    Returns:
        One subset per length.

    Raises:
        ValueError: the lengths do not add up.

    Example:
        >>> from pellucid.random import manual_seed
        >>> _ = manual_seed(0)
        >>> [part.indices for part in random_split(range(5), [0.6, 0.4])]
        [[4, 0, 1], [3, 2]]
    """
    total = sum(lengths)
    counts = [int(each) for each in lengths]
    if math.isclose(total, 1) and total <= 1:
        counts = deal(len(dataset), lengths)
    elif counts != list(lengths) or total != len(dataset):
        raise ValueError(
            "Sum of input lengths does not equal the length of the input dataset! "
            f"Got {' + '.join(map(str, lengths))} = {total} for {len(dataset)} rows."
        )
    order = (generator or default_generator).permutation(len(dataset)).tolist()
    ends = itertools.accumulate(counts)
    return [
        Subset(dataset, order[end - count : end]) for end, count in zip(ends, counts, strict=True)
    ]


def deal(count: int, shares: Sequence[float]) -> list[int]:
    """Whole numbers of rows for shares that add up to 1.

    Example:
        >>> deal(10, [0.55, 0.45])
        [6, 4]
    """
    for place, share in enumerate(shares):
        if not 0 <= share <= 1:
            raise ValueError(f"Fraction at index {place} is not between 0 and 1. Got {share}.")
    counts = [math.floor(count * share) for share in shares]
    for place in range(count - sum(counts)):
        counts[place % len(counts)] += 1
    for place, each in enumerate(counts):
        if each == 0:
            warnings.warn(
                f"Length of split at index {place} is 0. This might result in an empty dataset.",
                stacklevel=3,
            )
    return counts
