"""What the measurements ran on: processor, cores, load, versions, date."""

from __future__ import annotations

import datetime as dt
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("pellucid", "torch", "jax", "scikit-learn", "numpy")


def processor() -> str:
    """Its name, family, and widest vectors, where the system tells."""
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


def version_of(package: str) -> str:
    """The version, or that there is none."""
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return f"{package} not installed"


def load() -> str:
    """How busy the machine was already, where the system tells: 0 is quiet."""
    return f"load before {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "load unknown"


def describe() -> list[str]:
    """Lines for the head of the results."""
    today = dt.datetime.now(tz=dt.UTC).date()
    return [
        f"{processor()}, {os.cpu_count()} cores, {platform.system()}",
        f"Python {platform.python_version()}, {', '.join(map(version_of, PACKAGES))}",
        f"measured on {today.isoformat()}, {load()}",
    ]
