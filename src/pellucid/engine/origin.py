"""Where code of a person's own comes from: its import path and the SHA-256 of its file.

Code is executed again only from a file that has not changed a byte since. Which objects are made
of it is `blueprint`'s matter.
"""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

from pellucid.errors import RunError

OWN = "pellucid"
STARTED = "is defined in the program that was started"


class Source(msgspec.Struct, frozen=True):
    """A file of code.

    Args:
        module: its import path, "models.net".
        path: where it lay.
        sha256: of its bytes.
    """

    module: str
    path: str
    sha256: str


class Untraceable(Exception):  # noqa: N818 (a reason, of which others make their error)
    """Code cannot be found again; `reason` says why.

    Args:
        reason: as the second half of a sentence: "Net is defined in the program that was started".
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def name_code(code: Any) -> str:
    """The import path of a class or a function: "models.net:Net".

    Raises:
        Untraceable: it has none.
    """
    module, name = code.__module__, code.__qualname__
    if module == "__main__":
        raise Untraceable(
            f"{name} {STARTED}, which would train again if it were"
            " imported; put it into a file of its own"
        )
    if "<" in name:
        raise Untraceable(f"{name} is defined inside a function; put it at the top of a file")
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    if found is not code:
        raise Untraceable(f"{module}.{name} is something else than what was used")
    return f"{module}:{name}"


def sources_of(names: Iterable[str]) -> tuple[Source, ...]:
    """The files of code that is named by import paths; pellucid's own are left out.

    Raises:
        Untraceable: a module has no file.
    """
    modules = sorted({each.partition(":")[0] for each in names})
    return tuple(_source(each) for each in modules if each.partition(".")[0] != OWN)


def find_code(name: str, sources: Iterable[Source]) -> Any:
    """The class or function of an import path, from a file that has not changed since.

    Args:
        name: "models.net:Net".
        sources: the files as they were.

    Raises:
        RunError: the file is gone or has changed, or cannot be imported.
    """
    module, _, inner = name.partition(":")
    if module.partition(".")[0] == OWN:
        found: Any = importlib.import_module(module)
    else:
        found = _import({each.module: each for each in sources}[module])
    for part in inner.split("."):
        found = getattr(found, part)
    return found


def _source(module: str) -> Source:
    path = getattr(sys.modules[module], "__file__", None)
    if path is None or not Path(path).is_file():
        raise Untraceable(f"{module} was not read from a file")
    return Source(module, str(Path(path).absolute()), _hash(Path(path)))


def _import(source: Source) -> ModuleType:
    """The module of a source: as it is imported already, by its import path, or from its old place."""
    path = _find(source)
    if _hash(path) != source.sha256:
        raise RunError(f"{path} has changed since")
    try:
        if _is_importable(source.module):
            return importlib.import_module(source.module)
        return _import_file(source.module, path)
    except Exception as error:  # whatever a person's code raises
        raise RunError(f"{path} cannot be imported: {error}") from error


def _import_file(module: str, path: Path) -> ModuleType:
    """A module from a file that no import path leads to."""
    spec = importlib.util.spec_from_file_location(module, path)
    if spec is None or spec.loader is None:
        raise ImportError("it is no Python file")
    made = importlib.util.module_from_spec(spec)
    sys.modules[module] = made
    try:
        spec.loader.exec_module(made)
    except BaseException:
        del sys.modules[module]
        raise
    return made


def _is_importable(module: str) -> bool:
    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, ValueError):
        return False
    return spec is not None and spec.origin is not None and Path(spec.origin).is_file()


def _find(source: Source) -> Path:
    """The file: where the import path leads, or where it lay."""
    if _is_importable(source.module):
        spec = importlib.util.find_spec(source.module)
        return Path(str(spec.origin if spec else source.path))
    if not Path(source.path).is_file():
        raise RunError(f"{source.path} is no longer there, and {source.module} cannot be imported")
    return Path(source.path)


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
