"""The loss of a moment: the mean of its rows' losses, each of which opens.

One row's loss is made in `prediction`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from pellucid.explain.equation import settle
from pellucid.explain.explanation import Explanation, given
from pellucid.explain.functions import FUNCTIONS, add
from pellucid.explain.later import Later
from pellucid.explain.prediction import is_surprise, loss_function
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
    nodes = [_weighted(scene, each) for each in nodes]
    values = [each.value for each in nodes]
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
    if not scene.weighing.is_mean:
        return _summed(scene, total)
    parts = (total, scene.weighing.total())
    compute = FUNCTIONS["mean"].compute
    value = compute([exact, scene.share]) if scene.trace is None else float(scene.trace.loss)
    numbers = settle("{} ÷ {}", [exact, scene.share], compute, value, exact=[False, True])
    kind = "mean" if scene.weighing.is_plain else "weighted mean"
    whose = "The step's loss" if scene.trace is not None else "The loss on the training rows"
    return Explanation(
        f"{scene.owner}loss",
        value,
        "function",
        parts,
        function="mean",
        name="loss",
        formula=f"sum of the row losses ÷ {parts[1].name}",
        numbers=numbers.write(),
        sentence=f"{whose} is the {kind} of its rows' losses.",
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
    if not is_simple(scene):
        whole = scene.row(row).prediction.loss
        return given(address, value, name) if whole is None else replace(whole, name=name)
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


def is_simple(scene: Scene) -> bool:
    """Whether a row's loss is told in one line without weights, so that it need not be opened."""
    loss = scene.subject.program.loss
    if loss.kind == "cross_entropy":
        return not loss.weights and not loss.settings
    if loss.kind == "mse":
        return len(scene.subject.outputs) == 1
    return is_surprise(scene.subject)


def _weighted(scene: Scene, node: Explanation) -> Explanation:
    """A row's loss times how much the caller lets the row count."""
    if scene.row_weights is None:
        return node
    row = int(node.address.removeprefix(f"{scene.owner}row:").split(" ")[0])
    weight = scene.weighing.weight(row)
    return Explanation(
        f"{scene.owner}loss.row:{row}",
        weight.value * node.value,
        "product",
        (weight, node),
        name=node.name,
        formula="weight × the row's own loss",
        epsilon=scene.subject.epsilon,
    )


def _summed(scene: Scene, total: Explanation) -> Explanation:
    """The loss of a batch whose rows' losses are added: the engine's number, with its rounding."""
    address = f"{scene.owner}loss"
    value = total.value if scene.trace is None else float(scene.trace.loss)
    parts = tuple(total.parts)
    if value - total.value:
        missed = value - total.value
        parts = (*parts, given(f"{address}.rounding", missed, "rounding", kind="rounding"))
    node = replace(
        total,
        address=address,
        value=value,
        parts=parts,
        sentence="The loss is the sum of the rows' losses.",
        epsilon=scene.subject.epsilon * 4,
    )
    return node.with_numbers(write_sum(node))
