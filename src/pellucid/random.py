"""The one source of chance: PyTorch's CPU generator, MT19937, word for word.

The same seed therefore gives the same initial weights and the same order of the batches as
PyTorch. What draws from a generator lives elsewhere: initial weights in `nn`, orders in `data`.
"""

from __future__ import annotations

import math
import secrets
from typing import Any

import numpy as np

from pellucid import _native
from pellucid.errors import InputError


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
        self.next_normal: float | None = None
        return self

    def initial_seed(self) -> int:
        """The seed that the stream was last started from."""
        return self._initial_seed

    def seed(self) -> int:
        """Start the stream from a seed that nobody can guess, and return that seed."""
        self.manual_seed(secrets.randbits(63))
        return self._initial_seed

    def get_state(self) -> np.ndarray[Any, np.dtype[np.uint32]]:
        """A copy of the state: shape (625,), the 624 words and the index of the next one.

        Normal numbers are drawn in pairs. While the second of a pair waits for the next draw, the
        shape is (627,): the bits of that number, a float64, come last.
        """
        if self.next_normal is None:
            return self.words.copy()
        waiting = np.array([self.next_normal]).view(np.uint32)
        return np.concatenate([self.words, waiting])

    def set_state(self, state: np.ndarray[Any, np.dtype[np.uint32]]) -> Generator:
        """Go on from a state that `get_state` gave; returns the generator itself."""
        count = len(self.words)
        if np.shape(state) not in {(count,), (count + 2,)}:
            raise InputError(
                f"A generator's state has {count} or {count + 2} words, as `get_state` gives them. "
                f"Got shape {np.shape(state)}."
            )
        self.words[:] = state[:count]
        waiting = np.array(state[count:], dtype=np.uint32).view(np.float64)
        self.next_normal = float(waiting[0]) if waiting.size else None
        return self

    def random_int64(self) -> int:
        """A whole number from 0 to 2**63 - 1; uses two words."""
        return int(_native.generator_int64(self.words))

    def uniform_(self, out: np.ndarray[Any, Any], low: float, high: float) -> None:
        """Fill a C-ordered float32 or float64 array of any shape with numbers in [low, high)."""
        _native.generator_uniform(self.words, out.reshape(-1), low, high)

    def normal_(self, out: np.ndarray[Any, Any], mean: float, std: float) -> None:
        """Fill a C-ordered float32 or float64 array with numbers of a normal distribution.

        Box and Muller's way, with PyTorch's draws: 16 numbers and more are made 8 pairs at a time,
        fewer one after another, where the second number of a pair waits for the next draw.
        """
        flat = out.reshape(-1)
        if flat.size < BLOCK:
            flat[:] = [self.normal(mean, std) for _ in range(flat.size)]
            return
        self.uniform_(flat, 0.0, 1.0)
        whole = flat.size - flat.size % BLOCK
        pair_up(flat[:whole].reshape(-1, BLOCK), mean, std)
        if whole < flat.size:  # the last 16 are drawn once more, a part of them for the second time
            rest = flat[-BLOCK:]
            self.uniform_(rest, 0.0, 1.0)
            pair_up(rest.reshape(1, BLOCK), mean, std)

    def normal(self, mean: float = 0.0, std: float = 1.0) -> float:
        """One number of a normal distribution; uses four words, or none if one waits."""
        if self.next_normal is not None:
            waiting, self.next_normal = self.next_normal, None
            return waiting * std + mean
        pair = np.empty(2)
        self.uniform_(pair, 0.0, 1.0)
        radius = math.sqrt(-2.0 * math.log1p(-pair[1]))
        angle = 2.0 * math.pi * pair[0]
        self.next_normal = radius * math.sin(angle)
        return radius * math.cos(angle) * std + mean

    def integers(self, count: int, low: int, high: int) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Whole numbers from `low` to `high` − 1: shape (count,); a word each, from 2²⁸ on two."""
        room = high - low
        drawn = self.draw_words(count if room < 1 << 28 else 2 * count).astype(np.uint64)
        if room >= 1 << 28:
            drawn = drawn[::2] << np.uint64(32) | drawn[1::2]
        return (drawn % np.uint64(room)).astype(np.int64) + low

    def draw_words(self, count: int) -> np.ndarray[Any, np.dtype[np.uint32]]:
        """The next words of the stream as they are: shape (count,)."""
        source = np.random.MT19937()
        key, place = self.words[:-1], int(self.words[-1])
        source.state = {"bit_generator": "MT19937", "state": {"key": key, "pos": place}}
        drawn = source.random_raw(count).astype(np.uint32)
        after: Any = source.state["state"]
        self.words[:-1], self.words[-1] = after["key"], after["pos"]
        return drawn

    def permutation(self, count: int) -> np.ndarray[Any, np.dtype[np.int64]]:
        """A random order of 0 … count - 1: shape (count,), int64; uses count - 1 words."""
        out = np.empty(count, dtype=np.int64)
        _native.generator_permutation(self.words, out)
        return out


# PyTorch's vector code makes this many normal numbers at once.
BLOCK = 16


def pair_up(blocks: np.ndarray[Any, Any], mean: float, std: float) -> None:
    """Turn even draws into normal ones, in place: in each row the first 8 pair up with the last 8.

    Args:
        blocks: shape (any, 16), numbers in [0, 1); float32 is computed in float32, as in PyTorch.
        mean: of the normal numbers.
        std: their standard deviation.
    """
    kind = blocks.dtype.type
    first, second = 1 - blocks[:, : BLOCK // 2], blocks[:, BLOCK // 2 :]
    radius = np.sqrt(kind(-2) * np.log(first))
    angle = kind(2 * math.pi) * second
    across, along = radius * np.cos(angle), radius * np.sin(angle)
    blocks[:, : BLOCK // 2] = across * kind(std) + kind(mean)
    blocks[:, BLOCK // 2 :] = along * kind(std) + kind(mean)


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
