"""From the address of a weight to its name and index in the state_dict, for whoever changes it."""

from __future__ import annotations

import re

from pellucid.errors import AddressError
from pellucid.explain.history import History
from pellucid.runs.run import Run

_PLAIN = re.compile(r"[\w.]+\s*\[[\d\s,]+\]")  # 0.weight[2, 0], as the state_dict has it
_STEP = re.compile(r"\[(\d+)\]")


def name_weight(run: Run, step: int | None, place: str) -> str:
    """A weight's or bias's name and index.

    Args:
        run: whose network.
        step: the moment, from 1; None for the one after the last step.
        place: an address without a step, such as "hidden1.3.weight.age", or PyTorch's spelling.

    Returns:
        "0.weight[2, 0]".

    Raises:
        AddressError: it names no weight and no bias; the nearest addresses are named.
    """
    place = place.strip()
    if _PLAIN.fullmatch(place):
        return place
    node = History(run).at(step).explain(place)
    path, bracket, index = node.pytorch.rpartition("[")
    if not bracket or not index[:-1].replace(", ", "").isdigit() or not _is_parameter(run, path):
        raise AddressError(
            f"'{place}' is no weight and no bias, so a branch cannot set it. Name one, such as"
            " hidden1.1.bias or 0.weight[2,0]."
        )
    return f"{_name(path)}[{index}"


def _name(path: str) -> str:
    """From model[0].weight to 0.weight."""
    return _STEP.sub(r".\1", path.removeprefix("model")).lstrip(".")


def _is_parameter(run: Run, path: str) -> bool:
    return _name(path) in dict(run.recipe.program.parameters)
