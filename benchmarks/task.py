"""The networks that are timed, and the seeded data that they learn from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Task:
    """A network of dense layers with ReLU between them, trained by Adam on `rows` rows."""

    layers: tuple[int, ...]
    batch_size: int
    rows: int

    @property
    def name(self) -> str:
        """As people write it: 784-100-10, batch 64."""
        return f"{'-'.join(map(str, self.layers))}, batch {self.batch_size}"

    @property
    def steps_per_epoch(self) -> int:
        """How many batches an epoch has; the last one is full too."""
        return self.rows // self.batch_size

    @property
    def is_binary(self) -> bool:
        """Whether the only output says yes or no; otherwise the outputs are classes."""
        return self.layers[-1] == 1

    def data(self) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
        """Inputs of shape (rows, in) and classes of shape (rows,), with something to learn."""
        rng = np.random.default_rng(0)
        inputs = rng.standard_normal((self.rows, self.layers[0]), dtype=np.float32)
        classes = max(2, self.layers[-1])
        scores = inputs @ rng.standard_normal((self.layers[0], classes), dtype=np.float32)
        return inputs, scores.argmax(axis=1).astype(np.int64)


TASKS = (
    Task((2, 4, 2, 1), batch_size=10, rows=1_000),
    Task((4, 5, 1), batch_size=100, rows=1_000),
    Task((64, 32, 10), batch_size=32, rows=1_600),
    Task((784, 100, 10), batch_size=64, rows=6_400),
)
