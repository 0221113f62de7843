"""What the measurements ran on: processor, cores, versions, date."""

from __future__ import annotations

import datetime as dt
import os
import platform
from importlib.metadata import version
from pathlib import Path


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if not information.exists():
        return platform.processor() or platform.machine()
    lines = information.read_text().splitlines()
    pairs = [line.split(":", 1) for line in lines if ":" in line]
    fields = {key.strip(): value.strip() for key, value in pairs}
    flags = fields.get("flags", "").split()
    widest = next((name for name in ("avx512f", "avx2", "sse2") if name in flags), "")
    family = f"family {fields.get('cpu family')}, model {fields.get('model')}"
    return f"{fields.get('model name')} ({family}, widest vectors: {widest})"


def describe() -> list[str]:
    """Lines for the head of the results."""
    packages = ("pellucid", "torch", "jax", "scikit-learn", "numpy")
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    today = dt.datetime.now(tz=dt.UTC).date()
    return [
        f"- measured on {today.isoformat()}",
        f"- {_processor()}, {os.cpu_count()} cores, {platform.system()}",
        f"- Python {platform.python_version()}, {versions}",
    ]
