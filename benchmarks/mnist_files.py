"""MNIST as it was published: four compressed files in a folder that the user has.

Nothing is fetched: the folder is `$PELLUCID_DATA/mnist`, or `shared/data/mnist` beside the
repository.
"""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import numpy as np
import numpy.typing as npt

BESIDE = Path(__file__).parents[2] / "shared" / "data"
NAMES = {"train": "train", "test": "t10k"}


class NotHereError(FileNotFoundError):
    """The files are in neither of the places."""


def folder() -> Path:
    """Where the files are.

    Raises:
        NotHereError: they are missing.
    """
    place = Path(os.environ.get("PELLUCID_DATA", BESIDE)) / "mnist"
    missing = [each for name in NAMES for each in paths(place, name) if not each.is_file()]
    if missing:
        raise NotHereError(
            f"{missing[0].name} was looked for in $PELLUCID_DATA/mnist and in shared/data/mnist "
            "beside the repository"
        )
    return place


def paths(place: Path, name: str) -> tuple[Path, Path]:
    """The files of images and of labels."""
    prefix = NAMES[name]
    return place / f"{prefix}-images-idx3-ubyte.gz", place / f"{prefix}-labels-idx1-ubyte.gz"


def read(name: str) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """Pixels from 0 to 1, shape (rows, 784), and digits, shape (rows,), of "train" or "test"."""
    images, labels = (gzip.decompress(path.read_bytes()) for path in paths(folder(), name))
    pixels = np.frombuffer(images, np.uint8, offset=16).reshape(-1, 784).astype(np.float32)
    pixels /= 255
    return pixels, np.frombuffer(labels, np.uint8, offset=8).astype(np.int64)
