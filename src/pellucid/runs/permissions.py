"""Who may read a file that was first written under a hidden name.

Temporary files and folders are made for their owner alone; before they get their name they get the
permissions that any new file or folder has. `runs` is the lowest floor that writes to disk, so
`model` takes them from here too.
"""

from __future__ import annotations

import os
from pathlib import Path


def open_up(path: Path) -> None:
    """Give a file or a folder the permissions that the person's umask gives a new one."""
    mask = os.umask(0)
    os.umask(mask)
    path.chmod((0o777 if path.is_dir() else 0o666) & ~mask)
