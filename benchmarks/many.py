"""Part "many": a thousand small networks, trained together."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from benchmarks.contest import ONE_OR_ALL, Contender, as_data, contest
from benchmarks.task import MANY
from benchmarks.timing import Pace

ONE_BY_ONE = "pellucid, one by one"
CROWD = {
    "pellucid": Contender("many_pellucid"),
    ONE_BY_ONE: Contender("many_pellucid_loop"),
    "JAX": Contender("many_jax", ONE_OR_ALL),
}

# How each of them does it, for the page.
WAYS = {
    "pellucid": "one call of `pellucid.fit_many`",
    ONE_BY_ONE: "one `Trainer.fit` after the other",
    "JAX": "`vmap` over the scan",
}


def measure(pace: Pace) -> Iterator[dict[str, Any]]:
    """The one contest."""
    results = contest(MANY, CROWD, pace)
    for name, each in results.items():
        print(f"{MANY.name}: {name} {each.micros:.2f} µs a step {each.reason}", flush=True)
    yield {"task": dataclasses.asdict(MANY), "results": as_data(results)}
