"""Part "commands": whole commands, timed from outside, as who sits at a terminal waits for them."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.timing import SMOKE, Pace

REPETITIONS = 11


def median_seconds(commands: dict[str, list[str]], repetitions: int) -> dict[str, float]:
    """The median wall time of each command, in turns, after one run that is not counted.

    That run leaves the modules' bytecode behind, which an installed package brings along.
    """
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    times: dict[str, list[float]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as folder:
        for repetition in range(repetitions + 1):
            for name, command in commands.items():
                start = time.perf_counter()
                subprocess.run(
                    command, cwd=folder, check=True, capture_output=True, env=environment
                )
                if repetition:
                    times[name].append(time.perf_counter() - start)
    return {name: statistics.median(each) for name, each in times.items()}


def measure(pace: Pace) -> Iterator[dict[str, Any]]:
    """Seconds of the train command and of the two imports."""
    python = [sys.executable, "-c"]
    pellucid = str(Path(sys.executable).with_name("pellucid"))
    seconds = median_seconds(
        {
            "train": [pellucid, "train", "students", "--target", "passed"],
            "import pellucid": [*python, "import pellucid"],
            "import numpy": [*python, "import numpy"],
            "python": [*python, ""],
        },
        1 if pace == SMOKE else REPETITIONS,
    )
    print(" · ".join(f"{name} {each:.3f} s" for name, each in seconds.items()), flush=True)
    yield seconds
