"""The page of results, in Markdown: figures beside goals, from what the parts have kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks import step_tables
from benchmarks.commands import REPETITIONS
from benchmarks.contest import from_data
from benchmarks.goals import (
    IMPORT_RATIO,
    NEIGHBOUR_SECONDS,
    RECORDING_BYTES,
    RECORDING_COST,
    TRAIN_SECONDS,
    mark,
)
from benchmarks.many import WAYS
from benchmarks.numbers import NOTHING, megabytes, micros, ratio, seconds, table
from benchmarks.recording import MILLION, NEIGHBOURS, SMALLEST
from benchmarks.task import Task
from pellucid.model.intervals import wilson

Known = tuple[list[str], dict[str, Any]]


def many(measured: dict[str, Any]) -> list[str]:
    """A thousand small networks."""
    task = Task(**{**measured["task"], "layers": tuple(measured["task"]["layers"])})
    results = from_data(measured["results"])
    ours = results["pellucid"]
    rows = []
    for name, each in results.items():
        how = WAYS[name]
        if not each.is_there:
            rows.append([name, how, NOTHING, NOTHING, NOTHING, each.reason])
            continue
        whole = each.micros * task.steps_per_epoch * task.epochs / 1e6
        times = ratio(each.micros / ours.micros) if ours.is_there else NOTHING
        rows.append(
            [name, how, seconds(whole), f"{each.micros:.2f}", times, megabytes(each.memory)]
        )
    head = ["", "how", "all", "µs a step of one", "times", "memory"]
    return [
        "## A thousand networks at once",
        "",
        f"{task.copies:,} networks of {'-'.join(map(str, task.layers))}, each with weights of its own",
        f"and an order of its own of the same {task.rows} rows; batch {task.batch_size}, Adam,",
        f"{task.epochs} epochs, all of them in one call where the library has one.",
        "",
        *table(head, rows, left=2),
        "",
    ]


def peers_cell(peers: dict[str, Any], name: str) -> str:
    """Seconds of the whole training elsewhere."""
    known = peers.get(name, {"reason": "not measured"})
    return NOTHING if "reason" in known else seconds(known["seconds"])


def right_words(right: int, rows: int) -> str:
    """The share of right answers, of how many rows, and its interval."""
    low, high = wilson(right, rows)
    return f"{right / rows:.2%} of {rows:,} ({low:.1%} to {high:.1%})".replace("%", " %")


def mnist(measured: dict[str, Any]) -> list[str]:
    """Handwritten digits."""
    if measured["reason"]:
        return ["## MNIST", "", f"Not measured: {measured['reason']}.", ""]
    rows = []
    for each in measured["trainings"]:
        task = Task(**{**each["task"], "layers": tuple(each["task"]["layers"])})
        ours, peers = each["pellucid"], each["peers"]
        words = f"{task.name}, {each['epochs']} epochs; {each['title']}"
        others = [peers_cell(peers, name) for name in ("PyTorch eager", "JAX", "scikit-learn")]
        if "reason" in ours:
            rows.append([words, NOTHING, ours["reason"], NOTHING, *others])
            continue
        accuracy = right_words(ours["right"], ours["rows"])
        cells = [f"**{seconds(ours['seconds'])}**", accuracy, megabytes(ours["memory"])]
        rows.append([words, *cells, *others])
    head = ["training", "pellucid", "right on the test digits", "memory"]
    return [
        "## MNIST",
        "",
        "Handwritten digits, 60,000 to learn from. The whole training goes through",
        "`Trainer.fit`; elsewhere an epoch after one that warmed up, times the number of epochs.",
        "About 95 % of all 10,000 test digits is the known result of the first one. Here as many",
        "were judged by as the table says, with how far chance alone could move the share (95 %).",
        "",
        *table([*head, "PyTorch eager", "JAX", "scikit-learn"], rows),
        "",
    ]


def growth(measured: dict[str, Any]) -> list[str]:
    """The figures behind the chart."""
    lines = [
        "## Growth",
        "",
        "![The time of a step by width, depth and batch](../docs/pictures/step-time.svg)",
        "",
        "Microseconds of a step with 32 inputs and 10 classes. Width: two hidden layers, batch 32.",
        "Depth: hidden layers of 64 units, batch 32. Batch: two hidden layers of 64 units.",
        "",
    ]
    for name, points in measured.items():
        peers = list(dict.fromkeys(peer for each in points.values() for peer in each))
        rows = [
            [peer, *(micros(each[peer]) if peer in each else NOTHING for each in points.values())]
            for peer in peers
        ]
        lines += [*table([name, *(f"{int(size):,}" for size in points)], rows), ""]
    return lines


def commands(measured: dict[str, Any]) -> list[str]:
    """What a person at a terminal waits for."""
    ours, numpy, python = (measured[name] for name in ("import pellucid", "import numpy", "python"))
    train, times = measured["train"], ours / numpy
    rows = [
        [
            "`pellucid train students --target passed`, 50 epochs, all printed",
            f"{train:.2f} s",
            f"at most {TRAIN_SECONDS} s{mark(train <= TRAIN_SECONDS)}",
        ],
        [
            "`import pellucid`, as a multiple of `import numpy`",
            f"{times:.2f} ({ours * 1e3:.0f} ms; Python alone {python * 1e3:.0f} ms)",
            f"at most {IMPORT_RATIO}{mark(times <= IMPORT_RATIO)}",
        ],
    ]
    return [
        "## Commands",
        "",
        f"Wall time of whole processes, median of {REPETITIONS}.",
        "",
        *table(["command", "measured", "goal"], rows),
        "",
    ]


def recording(measured: dict[str, Any]) -> list[str]:
    """What it costs to keep a training as a run."""
    rows = []
    for name, each in measured.items():
        cost, size = each["with"] / each["without"] - 1, each["bytes"]
        is_long = name == SMALLEST and each["steps"] >= MILLION
        limit = mark(size <= RECORDING_BYTES) if is_long else ""
        rows.append(
            [
                f"{name}, {each['steps']:,} steps",
                seconds(each["without"]),
                seconds(each["with"]),
                f"{100 * cost:+.1f} %{mark(cost <= RECORDING_COST)}".replace("-", "−"),
                f"{size / 1e6:.1f} MB{limit}",
                f"{1e3 * each['opening']:.0f} ms",
                f"{1e3 * each['neighbour']:.0f} ms{mark(each['neighbour'] <= NEIGHBOUR_SECONDS)}",
            ]
        )
    head = ["training", "not recorded", "recorded", "cost", "size", "a moment", "its neighbours"]
    return [
        "## Recording",
        "",
        "The same `Trainer.fit` with `record=` and without, whole calls. Size: the run's folder but",
        f"its copy of the data; at most {RECORDING_BYTES / 1e6:.0f} MB for a million steps of {SMALLEST}. A moment: one in",
        f"the middle that nobody has visited; its neighbours: the slowest of {2 * NEIGHBOURS} around it. Goals: a cost of",
        f"at most {100 * RECORDING_COST:.0f} %, neighbours within {1e3 * NEIGHBOUR_SECONDS:.0f} ms.",
        "",
        *table(head, rows),
        "",
    ]


SECTIONS: dict[str, Callable[[dict[str, Any]], list[str]]] = {
    "steps": step_tables.section,
    "many": many,
    "mnist": mnist,
    "growth": growth,
    "recording": recording,
    "commands": commands,
}


def render(known: dict[str, Known]) -> str:
    """The whole page; parts that were measured elsewhere or on another day say so."""
    machine = next((each for each, _ in known.values()), [])
    lines = [
        "# Results",
        "",
        "Written by `make bench`; do not edit by hand. How it is measured, and what was tried where",
        "a goal is missed: [docs/benchmarks.md](../docs/benchmarks.md).",
        "",
        *(f"- {line}" for line in machine),
        "",
    ]
    for part, section in SECTIONS.items():
        if part in known:
            where, measured = known[part]
            heading, *rest = section(measured)
            lines.append(heading)
            # The last line of a machine has the load, which always differs a little.
            if [line.split(", load")[0] for line in where] != [
                line.split(", load")[0] for line in machine
            ]:
                lines += ["", *(f"- {line}" for line in where)]
            lines += rest
    return "\n".join(lines)
