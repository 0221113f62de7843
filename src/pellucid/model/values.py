"""`pellucid.save` and `pellucid.load`: tensors in dicts and lists, as a file that is safe to open.

A safetensors file holds the numbers, its header the dicts and lists around them as JSON; nothing in
it is ever executed. Whole models, with their preparation, are in `file`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as pack

from pellucid.errors import InputError
from pellucid.model import file, model
from pellucid.nn.module import Module
from pellucid.tensor.device import check_device
from pellucid.tensor.tensor import Tensor

KEY = "pellucid.values"
PLAIN = (type(None), bool, int, float, str)


def save(obj: Any, f: str | os.PathLike[str]) -> None:
    """Write tensors, in dicts and lists with numbers and texts, to a file.

    A state_dict is stored under its own names, so that `safetensors.torch.load_file` reads it too.

    Args:
        obj: a state_dict, an optimizer's state_dict, or a dict of several and of what else belongs
            to them: numbers, texts, True, None, tuples, arrays; or a `Model`.
        f: the file's path; a file that was there is replaced as a whole.

    Raises:
        InputError: a module or another object, which cannot be stored without code; a place that
            cannot be written.

    Example:
        >>> import pellucid, tempfile
        >>> network = pellucid.nn.Linear(2, 1)
        >>> optimizer = pellucid.optim.Adam(network.parameters())
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = f"{folder}/epoch-3.safetensors"
        ...     checkpoint = {"model": network.state_dict(), "optimizer": optimizer.state_dict()}
        ...     pellucid.save({**checkpoint, "epoch": 3}, path)
        ...     back = pellucid.load(path)
        >>> network.load_state_dict(back["model"]), back["epoch"]
        (<All keys matched successfully>, 3)
    """
    if isinstance(obj, model.Model):
        obj.save(f)
        return
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    described = json.dumps(describe(obj, (), arrays))
    replaced = pack(arrays, metadata={"format": "pt", KEY: described})
    file.replace_file(read_path(f), replaced, "values")


def load(f: str | os.PathLike[str], map_location: Any = None, weights_only: bool = True) -> Any:
    """Open what `pellucid.save`, `model.save` or `pellucid train` has written.

    Args:
        f: a file, a run's folder, or the name of a run here: "students-1". A safetensors file of
            another library gives a dict of its tensors.
        map_location: "cpu" or None.
        weights_only: True; nothing else can be in such a file.

    Returns:
        What was saved, with fresh tensors; or a `Model`.

    Raises:
        ModelFileError: it is missing, damaged, foreign or of a later version.

    Example:
        >>> import pellucid, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     pellucid.save({"weight": pellucid.ones(2)}, f"{folder}/weights.safetensors")
        ...     print(pellucid.load(f"{folder}/weights.safetensors"))
        {'weight': tensor([1., 1.])}
    """
    check_device(map_location)
    if not weights_only:
        raise InputError(
            "pellucid.load reads numbers and texts only, no code: leave weights_only=False out."
        )
    source = read_path(f)
    try:
        with safe_open(str(source), framework="numpy") as opened:
            metadata = opened.metadata() or {}
            if file.KEY in metadata:
                return model.load(source)
            arrays = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError, TypeError):
        return model.load(
            source
        )  # a folder, the name of a run, or an error that says what is wrong
    if KEY not in metadata:
        return {name: Tensor(array) for name, array in arrays.items()}
    return restore(json.loads(metadata[KEY]), arrays)


def read_path(path: Any) -> Path:
    """A path, checked.

    Raises:
        InputError: an open file or something else.
    """
    if not isinstance(path, str | os.PathLike):
        raise InputError(f"Name the file by its path. Got an object of {type(path).__name__}.")
    return Path(path)


def describe(thing: Any, place: tuple[str, ...], arrays: dict[str, np.ndarray[Any, Any]]) -> Any:
    """A thing as JSON can hold it, its numbers put into `arrays`.

    Plain values stand for themselves; all else is a list of its kind and its content.

    Raises:
        InputError: it cannot be stored; where it stands is said.
    """
    if isinstance(thing, np.generic):
        thing = thing.item()
    if isinstance(thing, PLAIN):
        return thing
    if isinstance(thing, Tensor | np.ndarray):
        array = thing.array if isinstance(thing, Tensor) else thing
        name = ".".join(place) or "value"
        while name in arrays:
            name += "_"
        arrays[name] = np.array(array, order="C")
        return ["tensor" if isinstance(thing, Tensor) else "array", name]
    if isinstance(thing, Mapping):
        pairs = [
            [describe_key(key, place), describe(each, (*place, str(key)), arrays)]
            for key, each in thing.items()
        ]
        return ["dict", pairs]
    if type(thing) in (list, tuple):
        parts = [describe(each, (*place, str(at)), arrays) for at, each in enumerate(thing)]
        return [type(thing).__name__, parts]
    raise refusal(thing, place)


def describe_key(key: Any, place: tuple[str, ...]) -> Any:
    """A key of a dict, checked."""
    if isinstance(key, str | int | float | None):
        return key
    raise refusal(key, (*place, "key"))


def refusal(thing: Any, place: tuple[str, ...]) -> InputError:
    """What to say of something that cannot be stored."""
    where = f" at {'.'.join(place)}" if place else ""
    cure = (
        "Save `model.state_dict()`, and load it into a network that your code makes."
        if isinstance(thing, Module)
        else "Tensors, numbers, texts, None, dicts, lists and tuples can be."
    )
    return InputError(
        f"An object of {type(thing).__name__}{where} cannot be saved: it would need code to come "
        f"back. {cure}"
    )


def restore(described: Any, arrays: Mapping[str, np.ndarray[Any, Any]]) -> Any:
    """What `describe` described."""
    if not isinstance(described, list):
        return described
    kind, content = described
    if kind == "tensor":
        return Tensor(arrays[content])
    if kind == "array":
        return arrays[content]
    if kind == "dict":
        return {key: restore(each, arrays) for key, each in content}
    parts = [restore(each, arrays) for each in content]
    return tuple(parts) if kind == "tuple" else parts
