"""Whole commands, timed from outside: what a person at a terminal waits for."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPETITIONS = 11


def median_seconds(commands: dict[str, list[str]]) -> dict[str, float]:
    """The median wall time of each command, in turns, after one run that is not counted."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as folder:
        for repetition in range(REPETITIONS + 1):
            for name, command in commands.items():
                start = time.perf_counter()
                subprocess.run(command, cwd=folder, check=True, capture_output=True)
                if repetition:
                    times[name].append(time.perf_counter() - start)
    return {name: statistics.median(each) for name, each in times.items()}


def measure() -> dict[str, float]:
    """Seconds of the train command and of the two imports."""
    python = [sys.executable, "-c"]
    pellucid = str(Path(sys.executable).with_name("pellucid"))
    return median_seconds(
        {
            "train": [pellucid, "train", "students", "--target", "passed"],
            "import pellucid": [*python, "import pellucid"],
            "import numpy": [*python, "import numpy"],
            "python": [*python, ""],
        }
    )
