"""The page of results: figures beside goals, in Markdown."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.commands import REPETITIONS


@dataclass(frozen=True)
class Row:
    """One network: microseconds of a step by peer, and JAX's seconds of compiling."""

    name: str
    micros: dict[str, float]
    compile_seconds: float

    @property
    def torch(self) -> float:
        """PyTorch with the number of threads that suits it best here."""
        return min(value for name, value in self.micros.items() if name.startswith("PyTorch"))

    def times_faster(self, peer: float) -> str:
        """How many times a peer's time is ours."""
        ratio = peer / self.micros["pellucid"]
        return f"{ratio:,.1f}×" if ratio < 10 else f"{ratio:,.0f}×"

    def cells(self) -> list[str]:
        """The row of the table."""
        ours = self.micros["pellucid"]
        jax, sklearn = self.micros["JAX"], self.micros["scikit-learn"]
        return [
            self.name,
            f"**{ours:,.2f}**",
            f"{self.torch:,.0f} ({self.times_faster(self.torch)})",
            f"{jax:,.1f} ({self.times_faster(jax)})",
            f"{sklearn:,.0f} ({self.times_faster(sklearn)})",
            f"{self.compile_seconds:.1f} s",
        ]

    def summary(self) -> str:
        """The row as a line for the terminal."""
        return "  ".join(self.cells())


HEAD = [
    "network",
    "pellucid",
    "PyTorch eager",
    "JAX, epoch in one `lax.scan`",
    "scikit-learn",
    "JAX compiles",
]


def _table(head: list[str], rows: list[list[str]]) -> list[str]:
    ruler = ["---"] + ["---:"] * (len(head) - 1)
    return ["| " + " | ".join(cells) + " |" for cells in (head, ruler, *rows)]


def _steps(rows: list[Row]) -> list[str]:
    return [
        "## A training step",
        "",
        "Microseconds of one step (forward, loss, backward, Adam; float32), shuffling and cutting",
        "of batches included: the median of 5 interleaved stretches of at least half a second.",
        "In brackets: how many times longer the peer takes. PyTorch cuts its batches from a tensor",
        "and runs with one thread or all, whichever is faster. Compiling is not in JAX's steps.",
        "",
        *_table(HEAD, [row.cells() for row in rows]),
        "",
        "Goal: at least 50 times PyTorch eager on the first two networks.",
        "",
    ]


def _commands(seconds: dict[str, float]) -> list[str]:
    ours, numpy, python = (seconds[name] for name in ("import pellucid", "import numpy", "python"))
    rows = [
        [
            "`pellucid train students --target passed`, 50 epochs, all printed",
            f"{seconds['train']:.2f} s",
            "at most 0.6 s",
        ],
        [
            "`import pellucid`, as a multiple of `import numpy`",
            f"{ours / numpy:.2f} ({ours * 1e3:.0f} ms; Python alone {python * 1e3:.0f} ms)",
            "at most 1.5",
        ],
    ]
    return [
        "## Commands",
        "",
        f"Wall time of whole processes, median of {REPETITIONS}.",
        "",
        *_table(["command", "measured", "goal"], rows),
        "",
    ]


def render(machine: list[str], rows: list[Row], seconds: dict[str, float]) -> str:
    """The whole page: the machine, a step of each network, and whole commands."""
    head = ["# Results", "", "Written by `make bench`; do not edit by hand.", "", *machine, ""]
    return "\n".join([*head, *_steps(rows), *_commands(seconds)])
