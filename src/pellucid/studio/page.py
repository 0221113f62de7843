"""Where the built page lies, or the sentence that says why there is none.

It is built from `web/` when the package is installed (`web/build_page.py`).
"""

from __future__ import annotations

from pathlib import Path

from pellucid import _native
from pellucid.errors import InputError

WHY = "missing.txt"  # written in place of the page where it could not be built


def find_page() -> Path:
    """The folder of the built page.

    Raises:
        InputError: it was not built; says what was missing.
    """
    folder = Path(str(_native.__file__)).parent / "studio" / "page"
    if (folder / "index.html").is_file():
        return folder
    note = folder / WHY
    reason = note.read_text("utf-8").strip() if note.is_file() else "it was not built"
    raise InputError(
        f"This installation lacks the studio's page: {reason}."
        " Install Node.js 20 or newer and pellucid again, where npm's registry can be reached."
    )
