"""Which numbers can be nudged: weights and biases of a step, and the cells of a row.

What comes of it is computed in `what_if` and `what_if_cell`.
"""

from __future__ import annotations

from dataclasses import replace

from pellucid.errors import AddressError, InputError
from pellucid.explain.address import read_address
from pellucid.explain.explanation import Explanation
from pellucid.explain.scene import Scene
from pellucid.explain.what_if import WhatIf, what_if
from pellucid.explain.what_if_cell import WhatIfCell, what_if_cell


def what_if_at(scene: Scene, address: str, change: float) -> WhatIf | WhatIfCell:
    """Change the number that an address names.

    Args:
        scene: a moment.
        address: of a weight or bias, or of a cell on a row.
        change: what is added to it.

    Raises:
        AddressError: it names neither, or belongs to another moment.
        InputError: the change is no finite number.
    """
    try:
        change = float(change)
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(
            f"A change must be a finite number, such as 0.1. Got {change!r}."
        ) from error
    read = read_address(address)
    if read.owner not in ("", scene.owner):
        here = scene.owner.strip() or "the trained model"
        raise AddressError(
            f"'{address}' belongs to another moment than this one, {here}. Leave the step out."
        )
    if read.row is not None:
        return what_if_cell(scene, read, change)
    return what_if(scene, read.place, change)


def nudgeable(node: Explanation, scene: Scene) -> Explanation:
    """The node, which knows what comes of adding to it."""
    address = node.address
    return replace(node, nudger=lambda change: what_if_at(scene, address, change))
