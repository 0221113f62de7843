"""Which rows a network learns from, which choose the best epoch, and which it never sees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pellucid.data.table import Rows
from pellucid.errors import InputError
from pellucid.random import Generator

_LEAST_ROWS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Row numbers (from 0, of the whole table) in three parts that share no row.

    Args:
        train: rows to learn from, ascending.
        validation: rows that choose the best epoch, ascending.
        test: rows never seen, ascending.
    """

    train: Rows
    validation: Rows
    test: Rows


def split_rows(rows: Rows, seed: int = 0, shares: tuple[float, float] = (0.1, 0.1)) -> Split:
    """Deal rows into training, validation and test at random.

    Validation and test each get their share of the rows, rounded to the nearest whole number
    (halves up), and at least one; training gets the rest, so 1,250 rows make 1,000, 125 and 125.

    Args:
        rows: the usable row numbers, shape (n,), n at least 3.
        seed: the draw; the same seed always deals alike.
        shares: of validation and of test, between 0 and 1, together less than 1.

    Raises:
        InputError: if there are fewer than 3 rows, or if the shares leave nothing to learn from.

    Example:
        >>> import numpy as np
        >>> split = split_rows(np.arange(1250))
        >>> len(split.train), len(split.validation), len(split.test)
        (1000, 125, 125)
    """
    count = len(rows)
    if count < _LEAST_ROWS:
        raise InputError(
            f"At least 3 rows with a target are needed: one to learn from, one to choose the best "
            f"epoch, one never seen. Got {count}; add rows."
        )
    validation, test = (max(1, int(count * share + 0.5)) for share in shares)
    if min(shares) < 0 or validation + test >= count:
        raise InputError(
            f"The shares {shares[0]:g} and {shares[1]:g} leave none of {count} rows to learn from; "
            f"choose smaller ones."
        )
    order = np.asarray(rows, dtype=np.int64)[Generator(seed).permutation(count)]
    train = count - validation - test
    return Split(
        train=np.sort(order[:train]),
        validation=np.sort(order[train : train + validation]),
        test=np.sort(order[train + validation :]),
    )
