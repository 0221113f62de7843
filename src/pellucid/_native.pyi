"""Types of the compiled module: arrays in, arrays out."""

from collections.abc import Callable
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
# epoch, position, order seed, epoch loss, steps of the optimizer, whether momentum is fresh, whether
# an epoch was judged, the best loss, epochs judged since
_Progress = tuple[int, int, int, float, int, bool, bool, float, int]
_Inputs = tuple[list[_Array], list[_Array]]  # numbers, categories
# inputs, targets, classes, weights of rows
_Examples = tuple[_Inputs, _Array | None, _Array | None, _Array | None]
# parameters, three memories, generator, statistics, counters, what a plateau changes
_State = tuple[_Array, ...]
_Watch = tuple[_Examples, int, _Array, _State]  # patience (0: none), losses, room for the best

# kind, whether a mean, the setting, whether full, the class that is left out, weights of outputs,
# and what the losses of single outputs are multiplied by
_Criterion = tuple[str, bool, float, bool, int, list[float], list[float]]
# kind, groups' settings, segments (first, end, group) of the parameters, clip_norm, clip_value
_Optimizer = tuple[str, list[dict[str, float]], list[tuple[int, int, int]], float, float]

# kind, buffers read, buffer written, starts of parameters, settings, start of statistics, counter
_Node = tuple[str, list[int], int, list[int], dict[str, float], list[int]]

class Program:
    def __init__(
        self,
        widths: list[int],
        nodes: list[_Node],
        prediction: int,
        loss: _Criterion,
        optimizer: _Optimizer,
        parameters: int,
        statistics: int,
        counters: int,
        is_category: list[bool] = ...,
    ) -> None: ...

def multiply_rows(rows: _Array, matrix: _Array, start: _Array | None, out: _Array) -> None: ...
def machines() -> list[tuple[str, str]]: ...
def apply_function(machine: str, function: str, x: _Array, y: _Array) -> None: ...

class Job:
    # How it ended, steps done, progress; of the best epoch the steps done by its end, and progress.
    def result(self) -> tuple[str, int, _Progress, tuple[int, _Progress] | None]: ...

def make_job(
    program: Program,
    machine: str,
    state: _State,
    progress: _Progress,
    examples: _Examples,
    rows: _Array | None,
    rates: tuple[_Array, _Array | None],
    batch_size: int,
    shuffle: bool,
    steps: int,
    losses: _Array | None,
    watch: _Watch | None,
    plateau: tuple[bool, bool, list[float], list[float]] | None,
) -> Job: ...
def run_jobs(
    jobs: list[Job], threads: int, stop: Callable[[], object] | None
) -> BaseException | None: ...
def trace_step(
    program: Program,
    machine: str,
    state: _State,
    progress: _Progress,
    examples: _Examples,
    rows: _Array | None,
    rates: tuple[_Array, _Array | None],
    batch_size: int,
    shuffle: bool,
    losses: _Array,
    values: list[_Array],
    deltas: list[_Array],
    row_losses: _Array,
    gradients: _Array,
    clipped: _Array,
    chosen: _Array,
) -> tuple[float, _Progress]: ...
def forward_rows(
    program: Program,
    machine: str,
    parameters: _Array,
    statistics: _Array,
    inputs: _Inputs,
    buffers: list[int],
    outs: list[_Array],
    threads: int,
) -> None: ...
def evaluate_rows(
    program: Program,
    machine: str,
    parameters: _Array,
    statistics: _Array,
    inputs: _Inputs,
    targets: _Array | None,
    classes: _Array | None,
    row_weights: _Array | None,
    row_losses: _Array,
    threads: int,
) -> float: ...
