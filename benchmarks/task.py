"""The networks that are timed, and the seeded data that they learn from.

How each library builds and trains them is in `peers`; what they should reach is in `goals`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks import mnist_files

Inputs = npt.NDArray[np.float32]
Classes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Task:
    """A network of dense layers and how it is trained.

    Two recipes are known. "adam": ReLU between the layers, cross-entropy (binary for one output),
    Adam. "nielsen": the sigmoid after every layer, the mean squared error to 0 and 1, plain SGD,
    as in the first chapter of Nielsen's "Neural Networks and Deep Learning" (2015).

    `rows` is a multiple of `batch_size`, so that no peer has a smaller last batch; `epochs` are
    trained in one call at least.
    """

    layers: tuple[int, ...]
    batch_size: int
    rows: int
    recipe: str = "adam"
    lr: float = 1e-3
    has_dead_units: bool = False
    copies: int = 1
    source: str = "drawn"
    epochs: int = 1

    @property
    def name(self) -> str:
        """As people write it: 784-100-10, batch 64."""
        network = f"{'-'.join(map(str, self.layers))}, batch {self.batch_size}"
        if self.has_dead_units:
            return f"{network}, half of its hidden units dead"
        return network if self.copies == 1 else f"{self.copies:,} × {network}"

    @property
    def steps_per_epoch(self) -> int:
        """How many batches an epoch has, over all copies of the network."""
        return self.rows // self.batch_size * self.copies

    @property
    def is_binary(self) -> bool:
        """Whether the only output says yes or no; otherwise the outputs are classes."""
        return self.layers[-1] == 1

    @property
    def products(self) -> int:
        """Multiply-adds of the matrix products of a step.

        Forward, the weights' gradients, and the deltas of all layers but the first.
        """
        weights = [one * other for one, other in zip(self.layers, self.layers[1:], strict=False)]
        return self.batch_size * (3 * sum(weights) - weights[0])

    def data(self) -> tuple[Inputs, Classes]:
        """Inputs of shape (rows, in) and classes of shape (rows,), with something to learn."""
        if self.source == "mnist":
            inputs, classes = mnist_files.read("train")
            if len(inputs) < self.rows:
                raise ValueError(f"MNIST should have {self.rows} rows to learn from: {len(inputs)}")
            return inputs[: self.rows], classes[: self.rows]
        rng = np.random.default_rng(0)
        inputs = rng.standard_normal((self.rows, self.layers[0]), dtype=np.float32)
        width = max(2, self.layers[-1])
        scores = inputs @ rng.standard_normal((self.layers[0], width), dtype=np.float32)
        return inputs, scores.argmax(axis=1).astype(np.int64)

    def examined(self, name: str) -> tuple[Inputs, Classes]:
        """Rows to judge by: MNIST's "test", or "held back", its training rows that `data` left."""
        if name == "test":
            return mnist_files.read("test")
        inputs, classes = mnist_files.read("train")
        return inputs[self.rows :], classes[self.rows :]

    def targets(self, classes: Classes) -> npt.NDArray[np.float32] | Classes:
        """What the loss reads: 0 and 1 for every output, or the classes as they are."""
        if self.recipe == "nielsen":
            return np.eye(self.layers[-1], dtype=np.float32)[classes]
        return classes.astype(np.float32)[:, None] if self.is_binary else classes


TASKS = (
    Task((2, 4, 2, 1), batch_size=10, rows=1_000),
    Task((4, 5, 1), batch_size=100, rows=1_000),
    Task((64, 32, 10), batch_size=32, rows=1_600),
    Task((784, 30, 10), batch_size=10, rows=2_000),
    Task((784, 30, 10), batch_size=10, rows=2_000, has_dead_units=True),
    Task((784, 100, 10), batch_size=64, rows=6_400),
    Task((784, 512, 512, 10), batch_size=128, rows=2_560),
    Task((1024, 1024, 1024, 10), batch_size=1_024, rows=4_096, epochs=3),
)

MANY = Task((2, 8, 8, 1), batch_size=10, rows=500, copies=1_000, epochs=10)

# Steps after which the first moments of a unit that died have shrunk below 2^-126, where Adam's
# decay by 0.9 leaves them for ever: 0.9^1200 is about 1e-55.
STEPS_TO_SUBNORMAL = 1_200
DEAD_BIAS = -1e3
