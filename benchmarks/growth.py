"""Part "growth": how the time of a step grows with a network's width, its depth, and the batch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks.contest import CONTENDERS, Contender, assembled, compete
from benchmarks.task import Task
from benchmarks.timing import SMOKE, Pace

ROWS = 2_048

# What grows -> the networks, smallest first. All read 32 columns and tell 10 classes apart.
SERIES: dict[str, dict[int, Task]] = {
    "width": {
        width: Task((32, width, width, 10), 32, ROWS)
        for width in (8, 16, 32, 64, 128, 256, 512, 1024)
    },
    "depth": {depth: Task((32, *[64] * depth, 10), 32, ROWS) for depth in (1, 2, 4, 8, 16)},
    "batch": {
        batch: Task((32, 64, 64, 10), batch, max(ROWS, 4 * batch))
        for batch in (1, 4, 16, 64, 256, 1024)
    },
}

DRAWN = {
    "pellucid": CONTENDERS["pellucid"],
    "PyTorch eager": CONTENDERS["PyTorch eager"],
    "JAX": Contender("with_jax"),
}


def measure(pace: Pace) -> Iterator[dict[str, Any]]:
    """Microseconds by what grows, by size and by library; a library that fails has no point."""
    known: dict[str, Any] = {}
    with assembled(DRAWN) as (crew, _):
        for name, tasks in SERIES.items():
            known[name] = {}
            for size, task in list(tasks.items())[: 2 if pace == SMOKE else None]:
                results = compete(task, crew, pace)
                known[name][str(size)] = {
                    peer: each.micros for peer, each in results.items() if each.is_there
                }
            print(f"growth with {name}: {known[name]}", flush=True)
            yield known
