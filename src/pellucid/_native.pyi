"""Types of the compiled module: arrays in, arrays out."""

from typing import Any

import numpy as np

GENERATOR_WORDS: int
version: str

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

_Array = np.ndarray[Any, Any]
# epoch, position, order seed, epoch loss, steps of the optimizer, whether momentum is fresh
_Progress = tuple[int, int, int, float, int, bool]

class Program:
    def __init__(
        self,
        widths: list[int],
        nodes: list[tuple[str, int, int, int, int]],
        prediction: int,
        loss: str,
        mean: bool,
        rule: str,
        settings: dict[str, float],
        parameters: int,
    ) -> None: ...

def multiply_rows(rows: _Array, matrix: _Array, start: _Array | None, out: _Array) -> None: ...
def machines() -> list[tuple[str, str]]: ...
def apply_function(machine: str, function: str, x: _Array, y: _Array) -> None: ...
def run_steps(
    program: Program,
    machine: str,
    parameters: _Array,
    memory1: _Array,
    memory2: _Array,
    inputs: _Array,
    targets: _Array | None,
    classes: _Array | None,
    rows: _Array | None,
    generator: _Array,
    learning_rate: float,
    batch_size: int,
    shuffle: bool,
    progress: _Progress,
    steps: int,
    threads: int,
    losses: _Array | None,
) -> tuple[bool, int, _Progress]: ...
def trace_step(
    program: Program,
    machine: str,
    parameters: _Array,
    memory1: _Array,
    memory2: _Array,
    inputs: _Array,
    targets: _Array | None,
    classes: _Array | None,
    rows: _Array | None,
    generator: _Array,
    learning_rate: float,
    batch_size: int,
    shuffle: bool,
    progress: _Progress,
    values: list[_Array],
    deltas: list[_Array],
    row_losses: _Array,
    gradients: _Array,
    chosen: _Array,
) -> tuple[float, _Progress]: ...
def forward_rows(
    program: Program,
    machine: str,
    parameters: _Array,
    inputs: _Array,
    buffers: list[int],
    outs: list[_Array],
) -> None: ...
def evaluate_rows(
    program: Program,
    machine: str,
    parameters: _Array,
    inputs: _Array,
    targets: _Array | None,
    classes: _Array | None,
    row_losses: _Array,
) -> float: ...
