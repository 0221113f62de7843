"""Copying values by name into a module's tensors, with an account of what did not match."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from pellucid.errors import ShapeError
from pellucid.tensor.dtypes import Array
from pellucid.tensor.tensor import Tensor


class LoadedKeys(NamedTuple):
    """Which names were missing and which were not expected; shows PyTorch's words if all matched."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return (
            f"_IncompatibleKeys(missing_keys={self.missing_keys}, "
            f"unexpected_keys={self.unexpected_keys})"
        )


def load(
    name: str, own: Mapping[str, Tensor], given: Mapping[str, Any], *, is_strict: bool
) -> LoadedKeys:
    """Copy `given` into the memory of `own`, name by name.

    Args:
        name: the module's class, for the message.
        own: the module's tensors.
        given: what is copied; tensors or arrays.
        is_strict: whether missing and unexpected names are errors.

    Raises:
        TypeError: `given` is not a mapping.
        ShapeError: something does not match; nothing has been copied then.
    """
    if not isinstance(given, Mapping):
        raise TypeError(f"Expected state_dict to be dict-like, got {type(given)}.")
    arrays = {key: values_of(value) for key, value in given.items()}
    missing = [key for key in own if key not in arrays]
    unexpected = [key for key in arrays if key not in own]
    problems = mismatches(own, arrays)
    if is_strict and missing:
        problems.insert(0, f"Missing key(s) in state_dict: {quoted(missing)}. ")
    if is_strict and unexpected:
        problems.insert(0, f"Unexpected key(s) in state_dict: {quoted(unexpected)}. ")
        if missing:
            problems[0], problems[1] = problems[1], problems[0]
    if problems:
        raise ShapeError(f"Error(s) in loading state_dict for {name}:\n\t" + "\n\t".join(problems))
    for key, tensor in own.items():
        if key in arrays:
            tensor.copy_(arrays[key])
    return LoadedKeys(missing, unexpected)


def values_of(value: Any) -> Array:
    """The array in a tensor, or anything that numpy reads as one."""
    return value.array if isinstance(value, Tensor) else np.asarray(value)


def mismatches(own: Mapping[str, Tensor], given: Mapping[str, Array]) -> list[str]:
    """A sentence for every name whose shape differs."""
    return [
        f"size mismatch for {key}: copying a param with shape torch.Size({list(given[key].shape)}) "
        f"from checkpoint, the shape in current model is torch.Size({list(tensor.shape)})."
        for key, tensor in own.items()
        if key in given and given[key].shape != tensor.shape
    ]


def quoted(names: list[str]) -> str:
    """Names in quotes, parted by commas."""
    return ", ".join(f'"{each}"' for each in names)
