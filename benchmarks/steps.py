"""Part "steps": microseconds of a training step, for every network and every library."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from benchmarks import peak
from benchmarks.contest import CONTENDERS, Contender, as_data, contest
from benchmarks.numbers import micros
from benchmarks.task import TASKS, Task
from benchmarks.timing import Pace

LOOP = "pellucid's eager loop"


def contenders(task: Task) -> dict[str, Contender]:
    """All libraries; for the two smallest networks also the loop written by hand."""
    if task in TASKS[:2]:
        return {**CONTENDERS, LOOP: Contender("with_pellucid_loop")}
    return CONTENDERS


def measure(pace: Pace) -> Iterator[dict[str, Any]]:
    """All that is known, again after every network."""
    known: dict[str, Any] = {"peak": dataclasses.asdict(peak.measure()), "rows": []}
    for task in TASKS:
        results = contest(task, contenders(task), pace)
        words = (
            f"{name} {micros(each.micros) if each.is_there else each.reason}"
            for name, each in results.items()
        )
        print(f"{task.name}: {' · '.join(words)}", flush=True)
        known["rows"].append({"task": dataclasses.asdict(task), "results": as_data(results)})
        yield known
