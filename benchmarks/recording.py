"""Part "recording": what it costs to keep a training as a run, on the clock and on the disk."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import pellucid
from benchmarks.timing import SMOKE, Pace
from pellucid import nn, optim
from pellucid.runs.store import DATA

SMALLEST, MILLION = "2-8-8-1", 1_000_000
NEIGHBOURS = 10  # moments on each side of one that was visited


@dataclass(frozen=True)
class Training:
    """A training that is done with a record and without.

    Args:
        layers: units, from the inputs to the outputs.
        batch_size: rows of a batch.
        rows: to learn from.
        steps: in all.
    """

    layers: tuple[int, ...]
    batch_size: int
    rows: int
    steps: int

    @property
    def name(self) -> str:
        """Such as 2-8-8-1."""
        return "-".join(map(str, self.layers))

    @property
    def epochs(self) -> int:
        """How often every row is used."""
        return max(1, self.steps * self.batch_size // self.rows)


TRAININGS = (
    Training((2, 8, 8, 1), 10, 1_000, MILLION),
    Training((30, 64, 64, 1), 32, 3_200, 300_000),
    Training((784, 100, 10), 100, 6_000, 18_000),
)
SHORT = 400  # steps, to see that it works


def fit(training: Training, record: Path | None) -> float:
    """Train; the seconds that it took, from the call to the return."""
    random = np.random.default_rng(0)
    inputs = random.normal(size=(training.rows, training.layers[0])).astype(np.float32)
    targets = random.normal(size=(training.rows, training.layers[-1])).astype(np.float32)
    pellucid.manual_seed(0)
    pairs = list(zip(training.layers, training.layers[1:], strict=False))
    layers = [each for pair in pairs for each in (nn.Linear(*pair), nn.ReLU())][:-1]
    model = nn.Sequential(*layers)
    trainer = pellucid.Trainer(model, nn.MSELoss(), optim.Adam(model.parameters(), lr=1e-4))
    start = time.perf_counter()
    trainer.fit(inputs, targets, training.batch_size, training.epochs, record=record)
    return time.perf_counter() - start


def size_beside_data(folder: Path) -> int:
    """Bytes of a run's files but its copy of the data."""
    files = (each for each in folder.rglob("*") if each.is_file() and each.name != DATA)
    return sum(each.stat().st_size for each in files)


def opening(folder: Path) -> tuple[float, float]:
    """Seconds until a moment in the middle opens, and until its slowest neighbour does."""
    run = pellucid.open_run(folder)
    middle = max(run.steps // 2 + 7, NEIGHBOURS + 1)
    start = time.perf_counter()
    _ = run.at(middle).trace
    first = time.perf_counter() - start
    slowest = 0.0
    for away in range(1, NEIGHBOURS + 1):
        for step in (middle + away, middle - away):
            start = time.perf_counter()
            _ = run.at(step).trace
            slowest = max(slowest, time.perf_counter() - start)
    return first, slowest


def compare(training: Training, repetitions: int) -> dict[str, Any]:
    """Medians with and without a record, in turns after one short training; size and opening."""
    times: dict[str, list[float]] = {"without": [], "with": []}
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as place:
        short = Training(training.layers, training.batch_size, training.rows, SHORT)
        for record in (None, Path(place) / "warm"):  # imports are no part of a training
            fit(short, record)
        for repetition in range(repetitions):
            folder = Path(place) / str(repetition)
            times["without"].append(fit(training, None))
            times["with"].append(fit(training, folder))
        found["bytes"] = size_beside_data(folder)
        found["opening"], found["neighbour"] = opening(folder)
    return found | {name: statistics.median(each) for name, each in times.items()}


def measure(pace: Pace) -> Iterator[dict[str, Any]]:
    """What every training's record costs."""
    is_short = pace == SMOKE
    known: dict[str, Any] = {}
    for each in TRAININGS[: 1 if is_short else None]:
        training = Training(each.layers, each.batch_size, each.rows, SHORT) if is_short else each
        found = compare(training, 1 if is_short else pace.repetitions)
        steps = training.epochs * training.rows // training.batch_size
        known[training.name] = {"steps": steps, **found}
        print(f"recording {training.name}: {known[training.name]}", flush=True)
        yield known
