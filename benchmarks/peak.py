"""The most multiply-adds that this machine does, measured by a small C++ program."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).with_name("native") / "peak.cpp"
# Here the compiler is to fuse, and to use the widest registers that there are.
FLAGS = ["-std=c++17", "-O3", "-march=native", "-ffp-contract=fast", "-funroll-loops", "-pthread"]


@dataclass(frozen=True)
class Peak:
    """GFLOP/s of one core and of all, and the bytes of a register; or why they are not known."""

    one_core: float = 0.0
    all_cores: float = 0.0
    register_bytes: int = 0
    reason: str = ""


def measure() -> Peak:
    """Compile and run."""
    compiler = os.environ.get("CXX") or shutil.which("c++") or shutil.which("clang++")
    if compiler is None:
        return Peak(reason="no C++ compiler was found")
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "peak"
        try:
            build = [compiler, *FLAGS, str(SOURCE), "-o", str(program)]
            subprocess.run(build, check=True, capture_output=True)
            words = subprocess.run([program], check=True, capture_output=True, text=True).stdout
        except (OSError, subprocess.CalledProcessError) as error:
            return Peak(reason=f"{SOURCE.name} could not be compiled and run ({error})")
    one, every, size = words.split()
    return Peak(float(one), float(every), int(size))
