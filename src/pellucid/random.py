"""The one source of chance: PyTorch's CPU generator, MT19937, word for word.

The same seed therefore gives the same initial weights and the same order of the batches as
PyTorch. What draws from a generator lives elsewhere: initial weights in `nn`, orders in `data`.
"""

from __future__ import annotations

import secrets
from typing import Any

import numpy as np

from pellucid import _native


class Generator:
    """A stream of random numbers that starts from a seed.

    Args:
        seed: any whole number; only its low 32 bits matter, as in PyTorch.

    Example:
        >>> Generator(0).permutation(5)
        array([4, 0, 1, 3, 2])

    Source:
        Matsumoto & Nishimura (1998), "Mersenne Twister".
    """

    def __init__(self, seed: int = 0) -> None:
        self.words = np.empty(_native.GENERATOR_WORDS, dtype=np.uint32)
        self.manual_seed(seed)

    def manual_seed(self, seed: int) -> Generator:
        """Start the stream again from `seed`; returns the generator itself."""
        _native.generator_seed(self.words, int(seed) & 0xFFFFFFFF)
        self._initial_seed = int(seed)
        return self

    def initial_seed(self) -> int:
        """The seed that the stream was last started from."""
        return self._initial_seed

    def seed(self) -> int:
        """Start the stream from a seed that nobody can guess, and return that seed."""
        self.manual_seed(secrets.randbits(63))
        return self._initial_seed

    def get_state(self) -> np.ndarray[Any, np.dtype[np.uint32]]:
        """A copy of the state: shape (625,), the 624 words and the index of the next one."""
        return self.words.copy()

    def set_state(self, state: np.ndarray[Any, np.dtype[np.uint32]]) -> Generator:
        """Go on from a state that `get_state` gave; returns the generator itself."""
        self.words[:] = state
        return self

    def random_int64(self) -> int:
        """A whole number from 0 to 2**63 - 1; uses two words."""
        return int(_native.generator_int64(self.words))

    def uniform_(self, out: np.ndarray[Any, Any], low: float, high: float) -> None:
        """Fill a C-ordered float32 or float64 array of any shape with numbers in [low, high)."""
        _native.generator_uniform(self.words, out.reshape(-1), low, high)

    def permutation(self, count: int) -> np.ndarray[Any, np.dtype[np.int64]]:
        """A random order of 0 … count - 1: shape (count,), int64; uses count - 1 words."""
        out = np.empty(count, dtype=np.int64)
        _native.generator_permutation(self.words, out)
        return out


default_generator = Generator(0)


def manual_seed(seed: int) -> Generator:
    """Start the default generator again from `seed`, so that what follows can be repeated.

    Args:
        seed: any whole number; only its low 32 bits matter, as in PyTorch.

    Returns:
        The default generator.

    Example:
        >>> manual_seed(0).permutation(3)
        array([2, 0, 1])
    """
    return default_generator.manual_seed(seed)
