"""The counter-based generator: its authors' known answers, and what a mask needs of it."""

import numpy as np

from pellucid.tensor.philox import draw_words


def reference(key: int, counter: int) -> int:
    """The same rounds in Python's own whole numbers."""
    left, right = counter & 0xFFFFFFFF, counter >> 32
    for number in range(10):
        product = left * 0xD256D193
        left = (product >> 32) ^ ((key + number * 0x9E3779B9) & 0xFFFFFFFF) ^ right
        right = product & 0xFFFFFFFF
    return left


def test_the_authors_known_answers() -> None:
    """The three answers that come with Random123, for philox2x32 with ten rounds."""
    assert reference(0, 0) == 0xFF1DAE59
    assert reference(0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF) == 0x2C3F628B
    assert reference(0x13198A2E, 0x85A308D3243F6A88) == 0xDD7CE038


def test_words_are_the_references() -> None:
    for key in (0, 1, 0xDEADBEEF, 0xFFFFFFFF):
        words = draw_words(key, 50)
        assert words.dtype == np.uint32
        assert words.tolist() == [reference(key, place) for place in range(50)]
    assert draw_words(0, 0).shape == (0,)


def test_a_position_has_its_word_whatever_the_count() -> None:
    np.testing.assert_array_equal(draw_words(7, 1000)[:10], draw_words(7, 10))


def test_words_are_even_and_neighbours_unrelated() -> None:
    shares = np.stack([draw_words(key, 4096) for key in range(64)]) / 2.0**32
    assert abs(shares.mean() - 0.5) < 5 * np.sqrt(1 / 12 / shares.size)
    for other in (np.roll(shares, 1, axis=0), np.roll(shares, 1, axis=1)):
        correlation = np.corrcoef(shares.reshape(-1), other.reshape(-1))[0, 1]
        assert abs(correlation) < 5 / np.sqrt(shares.size)
