"""What was measured, kept as JSON: one file a part, so that a part can be measured again alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("measured")


def write(folder: Path, part: str, machine: list[str], measured: dict[str, Any]) -> None:
    """Keep a part, in place of what was known of it."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"machine": machine, "measured": measured}, indent=1, ensure_ascii=False)
    (folder / f"{part}.json").write_text(text + "\n", encoding="utf-8")


def read(folder: Path, part: str) -> tuple[list[str], dict[str, Any]] | None:
    """The machine and the figures of a part; None if it was never measured."""
    path = folder / f"{part}.json"
    if not path.exists():
        return None
    known = json.loads(path.read_text(encoding="utf-8"))
    return known["machine"], known["measured"]
