"""One safetensors file a model: weights under PyTorch's names, all else as JSON beside them.

`safetensors.torch.load_file` reads the weights as a state_dict. The JSON stands under the metadata
key "pellucid" and names the version of its format. Nothing in the file is ever executed.
"""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from pellucid.engine.fingerprint import fingerprint
from pellucid.errors import InputError, ModelFileError, did_you_mean
from pellucid.model.contents import FORMAT, Contents
from pellucid.runs.permissions import open_up
from pellucid.runs.writer import ROOT

Array = np.ndarray[Any, np.dtype[Any]]

FILE_NAME = "model.safetensors"  # inside a run's folder
KEY = "pellucid"
SEAL = "pellucid.sha256"  # of the JSON and the weights, so that a changed byte is found


class _Version(msgspec.Struct):
    format: int


def write_model_file(
    path: str | os.PathLike[str], weights: Mapping[str, Array], contents: Contents
) -> None:
    """Write the file beside its place, then move it there: an old one stays whole until then.

    Raises:
        InputError: there is no permission, no such folder, or no room.
    """
    text = msgspec.json.encode(contents).decode()
    packed = {name: np.ascontiguousarray(array) for name, array in weights.items()}
    data = save(packed, metadata={"format": "pt", KEY: text, SEAL: fingerprint(packed, text)})
    replace_file(Path(path), data, "model")


def replace_file(target: Path, data: bytes, what: str) -> None:
    """Write a file beside its place, then move it there: an old one stays whole until then.

    Raises:
        InputError: there is no permission, no such folder, or no room.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            open_up(Path(name))
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(
            f"The {what} cannot be written to {target}: {reason}. Name another place."
        ) from error


def read_model_file(path: str | os.PathLike[str]) -> tuple[dict[str, Array], Contents]:
    """Read what `write_model_file` wrote; a run's folder or name stands for the model in it.

    Raises:
        ModelFileError: the file is missing, damaged, foreign or of a later version.
    """
    source = Path(path)
    if not source.exists() and (ROOT / source).is_dir():
        source = ROOT / source
    if source.is_dir():
        source = _inside(source)
    if not source.exists():
        raise ModelFileError(_missing(source))
    try:
        with safe_open(str(source), framework="numpy") as file:
            metadata = file.metadata() or {}
            text = metadata.get(KEY)
            names = list(file.keys())
            weights = {name: file.get_tensor(name) for name in names} if text else {}
    except PermissionError as error:
        raise ModelFileError(f"There is no permission to read {source}; change it.") from error
    except (SafetensorError, OSError, ValueError, TypeError) as error:
        if is_pickle(source):
            raise ModelFileError(
                f"{source} was written by torch.save; opening it would run code. Write it again in "
                "PyTorch with `safetensors.torch.save_file(model.state_dict(), path)`."
            ) from error
        raise ModelFileError(
            f"{source} is damaged or no model file. Copy it again from where it was whole, or"
            " train again."
        ) from error
    if text is None:
        raise ModelFileError(
            f"{source} holds weights but is no pellucid model: how cells become inputs is not in"
            " it. Name a file that `model.save` or `pellucid train` has written."
        )
    return weights, _read_contents(source, text, weights, metadata.get(SEAL, ""))


def is_pickle(path: Path) -> bool:
    """Whether a file is a zip archive or a bare pickle, as `torch.save` writes them."""
    with path.open("rb") as opened:
        return opened.read(2) in (b"PK", b"\x80\x02")


def store_losses(losses: tuple[float, ...]) -> tuple[float | None, ...]:
    """Give losses as JSON can hold them."""
    return tuple(loss if math.isfinite(loss) else None for loss in losses)


def restore_losses(losses: tuple[float | None, ...]) -> tuple[float, ...]:
    """Give losses as `store_losses` got them; what was not finite comes back as NaN."""
    return tuple(math.nan if loss is None else loss for loss in losses)


def _read_contents(source: Path, text: str, weights: Mapping[str, Array], seal: str) -> Contents:
    try:
        found = msgspec.json.decode(text, type=_Version).format
        if found > FORMAT:
            raise ModelFileError(
                f"{source} was written by a later pellucid (format {found}; this one reads up to"
                f" {FORMAT}). Update pellucid: pip install --upgrade pellucid."
            )
        if fingerprint(weights, text) != seal:
            raise _damaged(source, "its bytes are not those that were written")
        contents = msgspec.json.decode(text, type=Contents)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _damaged(source, "its description cannot be read") from error
    try:
        shapes = {name: each.shape for name, each in weights.items()}
        contents.check(shapes, {each.dtype.name for each in weights.values()})
    except InputError as error:
        raise _damaged(source, str(error).rstrip(".")) from error
    return contents


def _damaged(source: Path, why: str) -> ModelFileError:
    return ModelFileError(
        f"{source} is damaged: {why}. Copy it again from where it was whole, or train again."
    )


def _inside(folder: Path) -> Path:
    if (folder / FILE_NAME).is_file():
        return folder / FILE_NAME
    raise ModelFileError(
        f"The folder {folder} holds no {FILE_NAME}, so it is no run. Name a run's folder or a"
        " model file."
    )


def _missing(source: Path) -> str:
    folders = [folder for folder in (source.parent, ROOT) if folder.is_dir()]
    near = [each.name for folder in folders for each in folder.iterdir()]
    hint = did_you_mean(source.name, near) or " Name a run, its folder, or a model file."
    return f"There is no file {source}.{hint}"
