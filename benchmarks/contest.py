"""One task, several libraries, each at the number of threads that suits it best here."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks.crew import PeerError, Worker
from benchmarks.task import Task
from benchmarks.timing import Pace, Trial, first_stretch, spread

ALL_CORES = os.cpu_count() or 1
Crew = dict[str, list[Worker]]


@dataclass(frozen=True)
class Contender:
    """A library: its file in `peers`, and the numbers of threads that are tried.

    One that follows another takes the number that suited the other: compiling is slow.
    """

    module: str
    threads: tuple[int, ...] = (ALL_CORES,)
    follows: str = ""


ONE_OR_ALL = tuple(sorted({1, ALL_CORES}))

CONTENDERS = {
    "pellucid": Contender("with_pellucid"),
    "PyTorch eager": Contender("with_torch", ONE_OR_ALL),
    "torch.compile": Contender("with_torch_compile", ONE_OR_ALL, follows="PyTorch eager"),
    "JAX": Contender("with_jax", ONE_OR_ALL),
    "scikit-learn": Contender("with_sklearn", ONE_OR_ALL),
}


@dataclass(frozen=True)
class Result:
    """What a library needed for a task, or the reason why there is no figure.

    Attributes:
        micros: microseconds of a step, the median of the repetitions.
        spread: half of the way between the quickest and the slowest, as a share of the median.
        compile_seconds: how much longer the first epoch took than a later one.
        memory: bytes at the highest, beyond what the imports left; None where not measured.
        threads: how many threads it was given.
        reason: empty if all went well.
    """

    micros: float = 0.0
    spread: float = 0.0
    compile_seconds: float = 0.0
    memory: int | None = None
    threads: int = 0
    reason: str = ""

    @property
    def is_there(self) -> bool:
        """Whether there is a figure."""
        return not self.reason


@dataclass
class Entry:
    """A worker that is ready, with its trial."""

    worker: Worker
    first_epoch: float
    trial: Trial


def ready(worker: Worker, task: Task, pace: Pace) -> Entry:
    """Prepare and try; raises PeerError."""
    worker.prepare(task)
    first_epoch = worker.train(1)
    return Entry(worker, first_epoch, first_stretch(worker.train, pace, task.epochs))


def best_of(workers: list[Worker], task: Task, pace: Pace) -> Entry:
    """The entry of the worker whose trial was the fastest.

    Raises:
        PeerError: all failed; the reason is the first one's.
    """
    entries, reasons = [], []
    for worker in workers:
        try:
            entries.append(ready(worker, task, pace))
        except PeerError as error:
            reasons.append(error)
    if not entries:
        raise reasons[0]
    return min(entries, key=lambda entry: entry.trial.seconds_per_epoch)


def leader_threads(name: str, entries: dict[str, Entry]) -> int | None:
    """How many threads suited the contender that this one follows; None if it follows nobody."""
    leader = entries.get(CONTENDERS[name].follows) if name in CONTENDERS else None
    return leader.worker.threads if leader else None


def qualify(task: Task, crew: Crew, pace: Pace) -> tuple[dict[str, Entry], dict[str, Result]]:
    """Those who can do the task, each at its best number of threads, and why others cannot."""
    entries: dict[str, Entry] = {}
    failures: dict[str, Result] = {}
    for name, workers in crew.items():
        threads = leader_threads(name, entries)
        fitting = [each for each in workers if threads in {None, each.threads}]
        try:
            entries[name] = best_of(fitting, task, pace)
        except PeerError as error:
            failures[name] = Result(reason=str(error))
    return entries, failures


def compete(task: Task, crew: Crew, pace: Pace) -> dict[str, Result]:
    """Let the libraries take turns, so that a machine that slows down slows all of them.

    What fails gets a reason, and the others go on.
    """
    entries, results = qualify(task, crew, pace)
    times: dict[str, list[float]] = {name: [] for name in entries}
    for _ in range(pace.repetitions):
        for name, entry in list(entries.items()):
            try:
                times[name].append(entry.worker.train(entry.trial.epochs) / entry.trial.epochs)
            except PeerError as error:
                results[name] = Result(reason=str(error))
                del entries[name]
    for name, entry in entries.items():
        results[name] = result_of(task, entry, times[name])
    return {name: results[name] for name in crew}


def result_of(task: Task, entry: Entry, times: list[float]) -> Result:
    """The figures of one library."""
    epoch = statistics.median(times)
    try:
        memory = entry.worker.ask("memory")
    except PeerError:
        memory = None
    return Result(
        micros=epoch / task.steps_per_epoch * 1e6,
        spread=spread(times),
        compile_seconds=max(0.0, entry.first_epoch - epoch),
        memory=memory,
        threads=entry.worker.threads,
    )


@contextlib.contextmanager
def assembled(contenders: dict[str, Contender]) -> Iterator[tuple[Crew, dict[str, Result]]]:
    """Processes for all: those that are ready, and why others are not.

    They start together, since importing is not timed, and end with the `with`.
    """
    crew: Crew = {}
    absent: dict[str, Result] = {}
    with contextlib.ExitStack() as stack:
        started = {
            name: [stack.enter_context(Worker(each.module, count)) for count in each.threads]
            for name, each in contenders.items()
        }
        for name, workers in started.items():
            try:
                for worker in workers:
                    worker.hear()
                crew[name] = workers
            except PeerError as error:
                absent[name] = Result(reason=str(error))
        yield crew, absent


def contest(task: Task, contenders: dict[str, Contender], pace: Pace) -> dict[str, Result]:
    """One task, in processes of its own."""
    with assembled(contenders) as (crew, absent):
        results = compete(task, crew, pace) | absent
    return {name: results[name] for name in contenders}


def as_data(results: dict[str, Result]) -> dict[str, Any]:
    """For JSON."""
    return {name: dataclasses.asdict(result) for name, result in results.items()}


def from_data(data: dict[str, Any]) -> dict[str, Result]:
    """From JSON."""
    return {name: Result(**fields) for name, fields in data.items()}
