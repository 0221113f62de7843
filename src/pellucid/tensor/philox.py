"""Chance without a state: a word that looks random for every position, worked out from a key.

Any position can be asked for by itself, in any order and by any thread, with the same answer. The
generator with a state, from which keys are drawn, is `pellucid.random`.
"""

from __future__ import annotations

import numpy as np

from pellucid.tensor.dtypes import Array

ROUNDS = 10
MULTIPLIER = np.uint64(0xD256D193)
KEY_STEP = 0x9E3779B9  # the golden ratio in 32 bits
LOW = 0xFFFFFFFF
HALF = np.uint64(32)


def draw_words(key: int, count: int) -> Array:
    """Philox2x32-10's first word for the counters 0 … count − 1.

    In each of ten rounds (left, right) becomes (high ^ key ^ right, low), where high and low are the
    halves of left · 0xD256D193, and 0x9E3779B9 is added to the key.

    Args:
        key: 32 bits.
        count: 0 or more; counters have 64 bits, the low half on the left.

    Returns:
        Shape (count,), uint32.

    Example:
        >>> [hex(word) for word in draw_words(0, 1).tolist()]
        ['0xff1dae59']

    Source:
        Salmon et al. (2011), "Parallel random numbers: as easy as 1, 2, 3", section 3.
    """
    position = np.arange(count, dtype=np.uint64)
    left, right = position & np.uint64(LOW), position >> HALF
    for _ in range(ROUNDS):
        product = left * MULTIPLIER
        left, right = (product >> HALF) ^ np.uint64(key) ^ right, product & np.uint64(LOW)
        key = (key + KEY_STEP) & LOW
    return left.astype(np.uint32)
