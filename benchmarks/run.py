"""Measure everything and write RESULTS.md: `make bench`.

Options name the tasks to run, by the number of their row; without any, all are run.
"""

from __future__ import annotations

import os
from pathlib import Path

from benchmarks import commands, machine, timing
from benchmarks.peers import with_jax, with_pellucid, with_sklearn, with_torch
from benchmarks.results import Row, render
from benchmarks.task import TASKS, Task


def measure(task: Task) -> Row:
    """Microseconds of a step for every peer."""
    jax_trainer, compile_seconds = with_jax.trainer(task)
    cores = os.cpu_count() or 1
    trainers = {
        "pellucid": with_pellucid.trainer(task),
        "PyTorch, 1 thread": with_torch.trainer(task, 1),
        f"PyTorch, {cores} threads": with_torch.trainer(task, cores),
        "JAX": jax_trainer,
        "scikit-learn": with_sklearn.trainer(task),
    }
    taken = timing.seconds_per_epoch(trainers)
    steps = task.steps_per_epoch
    micros = {name: each / steps * 1e6 for name, each in taken.items()}
    row = Row(task.name, micros, compile_seconds)
    print(row.summary(), flush=True)
    return row


def main() -> None:
    """Run all and write the page."""
    rows = [measure(task) for task in TASKS]
    page = render(machine.describe(), rows, commands.measure())
    Path(__file__).with_name("RESULTS.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
