"""Finding runs: by name, by folder, or the latest one.

What a run holds is read in `run`.
"""

from __future__ import annotations

from pathlib import Path

from pellucid.errors import ModelFileError, did_you_mean
from pellucid.runs import store
from pellucid.runs.run import Run
from pellucid.runs.writer import ROOT


def open_run(name: str | Path | None = None) -> Run:
    """Open a run by its name, its folder, or the latest one.

    Args:
        name: "students-1", a path, or None for the run written last.

    Raises:
        ModelFileError: there is none; the nearest names are given.
    """
    if name is None:
        return Run(_latest())
    for folder in (ROOT / name, Path(name)):
        if (folder / store.RECIPE).is_file():
            return Run(folder)
    if Path(name).is_dir():
        return Run(Path(name))
    known = [each.name for each in list_runs()]
    near = did_you_mean(str(name), known)
    there = f" Runs here: {', '.join(known[:5])}." if known and not near else ""
    hint = near or there or f" There are no runs in {ROOT.absolute()}; `pellucid train` writes one."
    raise ModelFileError(f"There is no run '{name}'.{hint}")


def list_runs() -> list[Path]:
    """The folders of all runs here, the latest first."""
    if not ROOT.is_dir():
        return []
    found = [
        each
        for each in ROOT.iterdir()
        if not each.name.startswith(".") and (each / store.RECIPE).is_file()
    ]
    return sorted(found, key=lambda each: (each / store.RECIPE).stat().st_mtime_ns, reverse=True)


def _latest() -> Path:
    runs = list_runs()
    if not runs:
        raise ModelFileError(
            f"There are no runs in {ROOT.absolute()} yet."
            " `pellucid train students --target passed` makes one."
        )
    return runs[0]
