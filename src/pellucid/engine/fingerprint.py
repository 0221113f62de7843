"""One text for many numbers: equal arrays, equal text; a changed bit, another text.

States, runs and models all keep such a text. It lives here because the engine's floor is the
lowest one where named arrays are compared; files are hashed byte by byte, which is `runs`' work.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np


def fingerprint(arrays: Mapping[str, np.ndarray[Any, Any]], text: str = "") -> str:
    """SHA-256 over names, types, shapes and bytes in name order.

    Args:
        arrays: under their names.
        text: what is hashed before them, if they belong to a text.

    Example:
        >>> fingerprint({"x": np.zeros(2)}) == fingerprint({"x": np.zeros(2)})
        True
        >>> fingerprint({"x": np.zeros(2)}) == fingerprint({"x": np.zeros((2, 1))})
        False
    """
    digest = hashlib.sha256(text.encode())
    for name, array in sorted(arrays.items()):
        digest.update(f"{name}|{array.dtype.str}|{array.shape}|".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
