"""The section of the page about a training step: figures, goals, arithmetic and memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from benchmarks.contest import Result, from_data
from benchmarks.goals import GOALS, Goal, is_met, mark
from benchmarks.numbers import NOTHING, least, megabytes, micros, ratio, seconds, share, table
from benchmarks.steps import LOOP
from benchmarks.task import Task

EAGER = "PyTorch eager"
OTHERS = ("torch.compile", "scikit-learn")


@dataclass(frozen=True)
class Row:
    """One network with everybody's results."""

    task: Task
    results: dict[str, Result]
    all_cores: float = 0.0

    @property
    def ours(self) -> Result:
        """What pellucid needed."""
        return self.results["pellucid"]

    @property
    def goal(self) -> Goal:
        """What it should reach; nothing for a network that is no longer on the list."""
        return GOALS.get(self.task, Goal())

    def times(self, peer: str) -> float | None:
        """How many times longer a peer takes; None without both figures."""
        theirs = self.results.get(peer, Result(reason="not measured"))
        if not (theirs.is_there and self.ours.is_there):
            return None
        return theirs.micros / self.ours.micros

    @property
    def gflops(self) -> float | None:
        """The multiply-adds of the products, over the time of the whole step."""
        return 2e-3 * self.task.products / self.ours.micros if self.ours.is_there else None

    @property
    def share_of_peak(self) -> float | None:
        """The same as a share of the machine's peak."""
        return self.gflops / self.all_cores if self.gflops and self.all_cores else None

    def judged(self) -> list[tuple[bool, str]]:
        """Every goal that has a figure: whether it is met, and both in words."""
        wanted = (
            (self.times(EAGER), self.goal.torch, ratio, least, "PyTorch eager"),
            (self.times("JAX"), self.goal.jax, ratio, least, "JAX"),
            (
                self.share_of_peak,
                self.goal.peak,
                share,
                lambda goal: f"≥ {share(goal)}",
                "the peak",
            ),
        )
        return [
            (
                figure >= goal,
                f"{self.task.name}, against {what}: {show(figure)}, the goal is {say(goal)}",
            )
            for figure, goal, show, say, what in wanted
            if figure is not None and goal is not None
        ]

    def wins(self) -> list[str]:
        """The peers that are faster, in words."""
        return [
            f"{self.task.name}: {peer} needs {micros(other.micros)} µs, "
            f"pellucid {micros(self.ours.micros)} µs"
            for peer, other in self.results.items()
            if peer not in {"pellucid", LOOP} and (self.times(peer) or 1) < 1
        ]


def rows_of(measured: dict[str, Any]) -> list[Row]:
    """From what was kept."""
    peak = measured["peak"]["all_cores"]
    return [
        Row(
            Task(**{**row["task"], "layers": tuple(row["task"]["layers"])}),
            from_data(row["results"]),
            peak,
        )
        for row in measured["rows"]
    ]


def figure(result: Result | None) -> str:
    """Microseconds, or a dash; reasons are listed below the tables."""
    return micros(result.micros) if result and result.is_there else NOTHING


def times_cell(times: float | None) -> str:
    """How many times, with a word where it is less than one."""
    if times is None:
        return NOTHING
    return ratio(times) if times >= 1 else f"**{ratio(times)}, slower**"


def goal_cell(times: float | None, goal: float | None) -> str:
    """The goal, with whether it is met."""
    return least(goal) + mark(is_met(times, goal))


def goals_table(rows: list[Row]) -> list[str]:
    """Our figures beside the two peers that goals were set against."""
    head = ["network", "pellucid", "PyTorch", "times", "goal", "JAX", "times", "goal"]
    cells = [
        [
            row.task.name,
            f"**{figure(row.ours)}**",
            figure(row.results.get(EAGER)),
            times_cell(row.times(EAGER)),
            goal_cell(row.times(EAGER), row.goal.torch),
            figure(row.results.get("JAX")),
            times_cell(row.times("JAX")),
            goal_cell(row.times("JAX"), row.goal.jax),
        ]
        for row in rows
    ]
    return table(head, cells)


def others_table(rows: list[Row]) -> list[str]:
    """The other peers, pellucid's own loop, and the seconds of compiling."""
    head = ["network", *OTHERS, LOOP, "`torch.compile` compiles", "JAX compiles"]
    cells = []
    for row in rows:
        line = [row.task.name]
        for peer in OTHERS:
            times = row.times(peer)
            line.append(
                figure(row.results.get(peer)) + (f" ({times_cell(times)})" if times else "")
            )
        line.append(figure(row.results.get(LOOP)))
        for peer in ("torch.compile", "JAX"):
            result = row.results.get(peer)
            # Where units were made to die, the first epoch was before them.
            known = result and result.is_there and not row.task.has_dead_units
            line.append(seconds(result.compile_seconds) if result and known else NOTHING)
        cells.append(line)
    return table(head, cells)


def machine_table(rows: list[Row]) -> list[str]:
    """What the processor did, and the memory that it took."""
    peers = [EAGER, "torch.compile", "JAX", "scikit-learn"]
    head = ["network", "GFLOP/s", "of the peak", "goal", "pellucid's memory", *peers]
    cells = []
    for row in rows:
        part, goal = row.share_of_peak, row.goal.peak
        wanted = f"≥ {share(goal)}" if goal else NOTHING
        line = [
            row.task.name,
            f"{row.gflops:,.1f}" if row.gflops else NOTHING,
            share(part) if part else NOTHING,
            wanted + mark(is_met(part, goal)),
        ]
        for peer in ("pellucid", *peers):
            result = row.results.get(peer)
            line.append(megabytes(result.memory) if result and result.is_there else NOTHING)
        cells.append(line)
    return table(head, cells)


def bullets(title: str, lines: list[str]) -> list[str]:
    """A list with a heading."""
    return [f"### {title}", "", *(f"- {line}" for line in lines), ""]


def reasons(rows: list[Row]) -> list[str]:
    """Why a dash stands where a figure should."""
    return [
        f"{row.task.name}: {peer} {result.reason}"
        for row in rows
        for peer, result in row.results.items()
        if not result.is_there
    ]


def peak_words(peak: dict[str, Any]) -> str:
    """The measured peak."""
    if peak["reason"]:
        return f"The machine's peak was not measured: {peak['reason']}."
    return (
        f"The machine's peak, measured in the same run: {peak['all_cores']:,.0f} GFLOP/s on all "
        f"cores, {peak['one_core']:,.0f} on one, with registers of {peak['register_bytes']} bytes."
    )


def judged_loops(rows: list[Row]) -> list[tuple[bool, str]]:
    """The loop written by hand, whose goal is to take no longer than PyTorch's."""
    judged = []
    for row in rows:
        loop, eager = row.results.get(LOOP), row.results.get(EAGER)
        if loop and eager and loop.is_there and eager.is_there:
            words = (
                f"{row.task.name}: the loop written by hand needs {micros(loop.micros)} µs in "
                f"pellucid's words, {micros(eager.micros)} µs in PyTorch's; the goal is no more"
            )
            judged.append((loop.micros <= eager.micros, words))
    return judged


def section(measured: dict[str, Any]) -> list[str]:
    """Everything about steps."""
    rows = rows_of(measured)
    widest = max((each.spread for row in rows for each in row.results.values()), default=0.0)
    judged = [each for row in rows for each in row.judged()] + judged_loops(rows)
    missed = [words for met, words in judged if not met]
    wins = [line for row in rows for line in row.wins()]
    absent = reasons(rows)
    return [
        "## A training step",
        "",
        "Microseconds of one step: forward, loss, backward, update, with shuffling and cutting of",
        "batches; float32, ReLU, Adam. *times*: how often pellucid does a step while the other does",
        f"one. ✓ and ✗: whether the goal is met. Of {len(judged)} goals in this section "
        f"{len(judged) - len(missed)} are met.",
        "",
        *goals_table(rows),
        "",
        "The other libraries, in brackets how often pellucid does their step; the loop of",
        "`loss.backward()` and `optimizer.step()` written by hand in pellucid, whose goal is to take",
        "no longer than PyTorch's on the first two networks; and the seconds of compiling, which",
        "are in no step.",
        "",
        *others_table(rows),
        "",
        "The multiply-adds of the matrix products (two operations each) over the time of the whole",
        f"step, and the memory above the imports at its highest. {peak_words(measured['peak'])}",
        "",
        *machine_table(rows),
        "",
        f"Repetitions lay within ±{share(widest)} of their median at most.",
        "",
        *bullets("Goals that are missed", missed or ["none"]),
        *bullets("Where another library is faster", wins or ["nowhere in these tables"]),
        *(bullets("Figures that are not there", absent) if absent else []),
    ]
