"""All numbers of one real step, kept while it was made.

A trace holds numbers only; what they mean in words is said in `explain`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pellucid.engine.program import Program
from pellucid.engine.state import State

Array = np.ndarray[Any, Any]


@dataclass(slots=True)
class Trace:
    """One step, opened.

    Args:
        program: what was computed.
        before: the state that the step started from.
        after: the state that it led to, bit for bit that of an untraced step.
        rows: (B,) int64, which rows of the inputs made the batch, in batch order.
        values: every buffer's numbers, (B, units), the inputs among them.
        deltas: d loss / d buffer, (B, units), with the mean's 1/n in it; not for the inputs.
        row_losses: (B,) each row's own loss; under 'mean' the mean over its outputs.
        loss: the batch's loss.
        gradients: d loss / d parameter, under the parameters' names.
        clipped: what the optimizer saw of them; the same numbers if nothing was clipped.
        momenta: (groups,) momentum or β₁ of the step where a schedule writes it; else None. The
            learning rates of the step are those of `after`.
    """

    program: Program
    before: State
    after: State
    rows: Array
    values: dict[str, Array]
    deltas: dict[str, Array]
    row_losses: Array
    loss: float
    gradients: dict[str, Array]
    clipped: dict[str, Array]
    momenta: Array | None = None

    def updates(self) -> dict[str, Array]:
        """How much each parameter changed: after − before."""
        old = self.before.parameters
        return {name: new - old[name] for name, new in self.after.parameters.items()}
