"""Types of the compiled module: arrays in, arrays out."""

from typing import Any

import numpy as np

GENERATOR_WORDS: int

def generator_seed(words: np.ndarray[Any, np.dtype[np.uint32]], seed: int) -> None: ...
def generator_int64(words: np.ndarray[Any, np.dtype[np.uint32]]) -> int: ...
def generator_uniform(
    words: np.ndarray[Any, np.dtype[np.uint32]],
    out: np.ndarray[Any, Any],
    low: float,
    high: float,
) -> None: ...
def generator_permutation(
    words: np.ndarray[Any, np.dtype[np.uint32]],
    out: np.ndarray[Any, np.dtype[np.int64]],
) -> None: ...
