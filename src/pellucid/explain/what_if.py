"""What if a weight were another: how the loss really changes, beside what the gradient promised.

The gradient tells the truth for small changes only; how far it can be trusted is seen here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pellucid.errors import AddressError, InputError
from pellucid.explain.address import read_address
from pellucid.explain.digits import write_number
from pellucid.explain.gradient import Gradient
from pellucid.explain.neuron_places import find_number, source_names
from pellucid.explain.scene import Scene


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A changed weight and what comes of it.

    Args:
        address: of the weight or bias.
        change: what is added to it.
        loss: of the step's batch before, in float64.
        changed_loss: the same with the changed weight.
        promised: the change that the gradient promised: gradient × change.
    """

    address: str
    change: float
    loss: float
    changed_loss: float
    promised: float

    @property
    def measured(self) -> float:
        """How the loss really changed."""
        return self.changed_loss - self.loss

    def __str__(self) -> str:
        said = f"If {self.address} were {write_number(self.change)} more, the loss would go"
        went = f" from {write_number(self.loss)} to {write_number(self.changed_loss)}"
        changes = f"{write_number(self.measured)}; the gradient promised"
        return f"{said}{went}, a change of {changes} {write_number(self.promised)}."


def what_if(scene: Scene, address: str, change: float) -> WhatIf:
    """Change one weight or bias and see the loss of the step's batch.

    Args:
        scene: a moment with a step.
        address: of the number, without the step: "hidden1.3.weight.age".
        change: what is added to it.

    Raises:
        AddressError: it names no weight and no bias.
        InputError: the change is not finite.
    """
    if not np.isfinite(change):
        raise InputError(f"A change must be a finite number, such as 0.1. Got {change}.")
    gradient = _gradient(scene, address)
    before = {
        name: each.astype(np.float64) if each.dtype.kind == "f" else each
        for name, each in scene.parameters.items()
    }
    after = {name: each.copy() for name, each in before.items()}
    after[gradient.parameter][gradient.index] += change
    losses = [scene.batch_loss(each) for each in (before, after)]
    slope = float(gradient.trace.gradients[gradient.parameter][gradient.index])
    return WhatIf(f"{scene.owner}{address}", change, losses[0], losses[1], slope * change)


def _gradient(scene: Scene, address: str) -> Gradient:
    """The gradient of the parameter that an address names."""
    read = read_address(address)
    if read.row is None:
        node = find_number(scene, read.place)
        if node is not None and not node[2] and node[0] in dict(scene.subject.program.parameters):
            return Gradient(scene, node[0], node[1])
    raise AddressError(
        f"'{address}' is no weight and no bias. Name one, such as 'hidden1.1.bias' or"
        f" '{scene.neuron_name(0, 0)}.weight.{source_names(scene, 0)[0]}'."
    )
