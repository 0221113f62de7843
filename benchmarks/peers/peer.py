"""What the measurements ask of a library: train so many epochs, everything included."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


class CannotDoError(Exception):
    """The library has no words for this task; the message says what is missing."""


@dataclass(frozen=True)
class Peer:
    """A network that a library has made ready to learn.

    Attributes:
        train: trains for the given number of epochs, going on from where it was.
        predict: the class of each row; None where no part of the benchmark asks.
        set_lr: another learning rate for the next epochs; None likewise.
    """

    train: Callable[[int], None]
    predict: Callable[[npt.NDArray[np.float32]], npt.NDArray[np.int64]] | None = None
    set_lr: Callable[[float], None] | None = None
