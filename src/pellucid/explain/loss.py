"""The loss of a moment: the mean of its rows' losses, each of which opens.

One row's loss is made in `prediction`.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from pellucid.explain.equation import settle
from pellucid.explain.explanation import Explanation, given
from pellucid.explain.functions import FUNCTIONS, add
from pellucid.explain.later import Later
from pellucid.explain.prediction import loss_function
from pellucid.explain.scene import Scene
from pellucid.explain.sums import write_sum


def explain_loss(scene: Scene, opened: Collection[int] | None = None) -> Explanation:
    """The loss of a step's batch; without a step that of the training rows.

    Args:
        scene: the moment.
        opened: places in the batch whose losses open further; left out: all.
    """
    values = _row_losses(scene)
    nodes = [
        _row_loss(scene, position, value, is_open=opened is None or position in opened)
        for position, value in enumerate(values)
    ]
    order = sorted(range(len(nodes)), key=lambda each: -values[each])
    exact = add(values)
    total = Explanation(
        f"{scene.owner}loss.sum",
        exact,
        "sum",
        tuple(nodes[each] for each in order),
        name="sum of the row losses",
        formula="sum of the rows' own losses",
    )
    total = total.with_numbers(write_sum(total))
    if scene.share == 1.0 and scene.count != 1:
        return total
    parts = (total, given(f"{scene.owner}rows", float(scene.count), "rows"))
    compute = FUNCTIONS["mean"].compute
    value = compute([exact, scene.share]) if scene.trace is None else float(scene.trace.loss)
    numbers = settle("{} ÷ {}", [exact, scene.share], compute, value, exact=[False, True])
    whose = "The step's loss" if scene.trace is not None else "The loss on the training rows"
    return Explanation(
        f"{scene.owner}loss",
        value,
        "function",
        parts,
        function="mean",
        name="loss",
        formula="sum of the row losses ÷ rows",
        numbers=numbers.write(),
        sentence=f"{whose} is the mean of its rows' losses.",
        epsilon=scene.subject.epsilon * 4,
    )


def _row_losses(scene: Scene) -> list[float]:
    if scene.trace is not None:
        return [float(each) for each in scene.trace.row_losses]
    losses = scene.engine.row_losses(scene.parameters, scene.table_rows)
    return [float(each) for each in np.asarray(losses, np.float64)]


def _row_loss(scene: Scene, position: int, value: float, *, is_open: bool) -> Explanation:
    row = scene.table_rows[position]
    name, address = f"row {row:,}", f"{scene.owner}row:{row} loss"
    if not is_open:
        return given(address, value, name)
    function = loss_function(scene.subject)

    def parts() -> tuple[Explanation, ...]:
        loss = scene.row(row).prediction.loss
        return () if loss is None else tuple(loss.parts)

    return Explanation(
        address,
        value,
        "function",
        Later(parts),
        function=function,
        name=name,
        formula=FUNCTIONS[function].formula,
        epsilon=scene.subject.epsilon,
    )
