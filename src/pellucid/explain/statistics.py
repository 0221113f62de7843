"""The running statistics of a batch normalization: how a step moves them towards its batch.

In evaluation mode they stand for mean and variance of the batch, so that a row can be looked at alone.
"""

from __future__ import annotations

from dataclasses import replace

from pellucid.engine.program import Operation
from pellucid.errors import AddressError
from pellucid.explain.address import unknown
from pellucid.explain.explanation import Explanation, given
from pellucid.explain.functions import FUNCTIONS
from pellucid.explain.scene import Scene
from pellucid.explain.search import search

TOLD = {
    "running_mean": "The mean that rows are normalised by in evaluation mode.",
    "running_var": "The variance that rows are normalised by in evaluation mode.",
    "num_batches_tracked": "How many batches the running statistics have seen.",
}


def find_statistic(scene: Scene, name: str, index: tuple[int, ...], quantity: str) -> Explanation:
    """A running statistic of a batch normalization, or what a step made of it (".new").

    Raises:
        AddressError: it has no such quantity, or the moment has no step.
    """
    node = scene.parameter_nodes.number(name, *index)
    node = replace(node, sentence=TOLD.get(name.rpartition(".")[2], ""))
    if not quantity:
        return node
    scene.traced(f"'{node.address.removeprefix(scene.owner)}.{quantity}'")
    if quantity != "new" and not quantity.startswith("new."):
        raise unknown(f"{node.address}.", quantity, ["new"])
    operation = scene.subject.names.wiring.owners[name]
    if not scene.subject.names.wiring.is_batched(operation):
        raise AddressError(
            f"'{node.address}' does not change: the layer is in evaluation mode. Ask for it without"
            f" '.{quantity}'."
        )
    moved = _moved(scene, operation, name, index, node)
    return search(moved, f"{node.address}.{quantity}", f"{node.address}.")


def _moved(
    scene: Scene, operation: Operation, name: str, index: tuple[int, ...], node: Explanation
) -> Explanation:
    value = float(scene.traced("A step").after.values()[name][index])
    if name.endswith("num_batches_tracked"):
        return _function(scene, node, "one_more", (node,), value)
    seen = _seen(scene, operation, name, index[0], node.address)
    momentum = dict(operation.settings).get("momentum")
    if momentum is None:
        tracked = f"{operation.output}.num_batches_tracked"
        count = find_statistic(scene, tracked, (), "new")
        return _function(scene, node, "running_mean_of_all", (node, seen, count), value)
    setting = scene.parameter_nodes.setting(operation, "momentum", momentum)
    return _function(scene, node, "running", (setting, node, seen), value)


def _seen(scene: Scene, operation: Operation, name: str, index: int, address: str) -> Explanation:
    """What the batch says: its mean, or its variance divided by n − 1."""
    if name.endswith("running_mean"):
        return scene.batch.mean(operation, index)
    rows = given(f"{scene.owner}rows", float(scene.count), "rows")
    parts = (scene.batch.variance(operation, index), rows)
    rule = FUNCTIONS["unbiased"]
    return Explanation(
        f"{address}.new.unbiased",
        rule.compute([each.value for each in parts]),
        "function",
        parts,
        function="unbiased",
        name="variance, divided by n − 1",
        formula=rule.formula,
        sentence="The spread of a few rows is a little too small for that of all; this mends it.",
    )


def _function(
    scene: Scene,
    node: Explanation,
    function: str,
    parts: tuple[Explanation, ...],
    value: float,
) -> Explanation:
    return Explanation(
        f"{node.address}.new",
        value,
        "function",
        parts,
        function=function,
        name="new",
        formula=FUNCTIONS[function].formula,
        sentence="Every batch moves the running statistics a little towards its own.",
        epsilon=4 * scene.subject.epsilon,
    )
