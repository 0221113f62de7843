"""Finding a number of a layer that is none of neurons: by PyTorch's path and index.

"row:17 1[3]" is a number on a row, "@120 1.weight[3].grad" one of a parameter, "@120 1.mean[3]" one of
the whole batch. Numbers of neurons have names of their own and are found in `row_places` and
`parameter_places`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from pellucid.engine.program import Operation
from pellucid.errors import AddressError
from pellucid.explain.address import take_name, unknown
from pellucid.explain.explanation import Explanation
from pellucid.explain.neuron_places import check_index, find_number, take_spelt
from pellucid.explain.norms import moments_of, normed_of, scaled_delta
from pellucid.explain.parameter_places import find_quantity
from pellucid.explain.scene import Row, Scene
from pellucid.explain.search import search
from pellucid.explain.statistics import find_statistic
from pellucid.explain.units import CURVES, drops, kept, slope_of

Makers = dict[str, Callable[[], Explanation]]
OF_BATCH = re.compile(r"(?P<what>mean|var)\[(?P<index>\d+)\](?:\.(?P<rest>.+))?\Z")
DELTA_OF_BATCH = re.compile(r"delta\.(?P<what>mean|spread)(?:\.(?P<rest>.+))?\Z")


def find_on_layer(opened: Row, prefix: str, place: str) -> Explanation | None:
    """A number of a layer on a row; None if the place names no layer.

    Raises:
        AddressError: the layer has no such number; the nearest are named.
    """
    wiring = opened.prediction.neurons.wiring
    spelt = take_spelt(place)
    if spelt is not None and spelt[0] in wiring.writers:
        path, index, rest = spelt
        check_index(place, path, index, (wiring.widths[path],))
        return _unit(opened, prefix, wiring.writers[path], index[0], rest)
    found = take_name(place, {each: each for each in wiring.writers})
    return None if found is None else _whole(opened, prefix, wiring.writers[found[0]], found[1])


def _unit(opened: Row, prefix: str, operation: Operation, index: int, rest: str) -> Explanation:
    makers = _makers(opened, operation, index)
    if rest in makers:
        return makers[rest]()
    wanted = f"{prefix}{operation.output}[{index}].{rest}"
    for word in ("delta", "normed", ""):
        if word in makers and (rest.startswith(f"{word}.") or not word):
            return search(makers[word](), wanted, f"{prefix}{operation.output}[{index}]")
    raise unknown(f"{prefix}{operation.output}[{index}].", rest, [each for each in makers if each])


def _makers(opened: Row, operation: Operation, index: int) -> Makers:
    neurons, deltas = opened.prediction.neurons, opened.deltas
    makers: Makers = {"": lambda: neurons.unit(operation.output, index)}
    if operation.kind in ("batch_norm", "layer_norm"):
        makers["normed"] = lambda: normed_of(neurons, operation, index)
    if operation.kind == "dropout" and drops(neurons, operation):
        makers["kept"] = lambda: kept(neurons, operation, index)
        makers["mask"] = lambda: kept(neurons, operation, index).parts[0]
    if operation.kind in CURVES:
        makers["slope"] = lambda: slope_of(neurons, operation, index)
    if deltas is not None:
        makers["delta"] = lambda: deltas.unit(operation.output, index)
        if operation.kind == "layer_norm" and operation.parameters:
            makers["delta.scaled"] = lambda: scaled_delta(deltas, operation, index)
    return makers


def _whole(opened: Row, prefix: str, operation: Operation, rest: str) -> Explanation:
    """A layer on a row: all its numbers, or one that belongs to all of them."""
    neurons = opened.prediction.neurons
    if not rest:
        units = range(operation.width)
        parts = tuple(neurons.unit(operation.output, each) for each in units)
        told = f"What the layer {operation.output} ({operation.kind}) gives for this row."
        address = f"{prefix}{operation.output}"
        return Explanation(address, float(operation.width), "story", parts, sentence=told)
    seen = []
    for root in _shared(opened, operation):
        if root.address == f"{prefix}{operation.output}.{rest}":
            return root
        if f"{prefix}{operation.output}.{rest}".startswith(f"{root.address}."):
            return search(root, f"{prefix}{operation.output}.{rest}", root.address)
        seen.append(root.address.removeprefix(f"{prefix}{operation.output}."))
    raise unknown(f"{prefix}{operation.output}.", rest, seen)


def _shared(opened: Row, operation: Operation) -> Iterator[Explanation]:
    """The numbers of a layer that belong to all its units on this row."""
    neurons, deltas = opened.prediction.neurons, opened.deltas
    if operation.kind == "layer_norm":
        yield from moments_of(neurons, operation, 0)
    if deltas is not None and operation.kind in ("layer_norm", "softmax", "log_softmax"):
        own = f"{neurons.prefix}{operation.output}.delta."
        below = deltas.unit(operation.inputs[0], 0)
        yield from (each for each in below.walk() if each.address.startswith(own))


def find_in_layer(scene: Scene, place: str) -> Explanation | None:
    """A number of a layer without a row: a parameter, a running statistic, a mean of the batch.

    Args:
        scene: the moment.
        place: without the step.

    Returns:
        The number; None if the place names no layer.

    Raises:
        AddressError: the layer has no such number; the nearest are named.
    """
    number = find_number(scene, place)
    if number is not None:
        name, index, rest = number
        if name in dict(scene.subject.program.parameters):
            return find_quantity(scene, name, index, rest)
        return find_statistic(scene, name, index, rest)
    wiring = scene.subject.names.wiring
    spelt = take_spelt(place)
    if spelt is not None and spelt[0] in wiring.writers:
        path, at, rest = spelt
        check_index(place, path, at, (wiring.widths[path],))
        return _delta_of_batch(scene, wiring.writers[path], at[0], rest)
    found = take_name(place, {each: each for each in wiring.writers})
    return None if found is None else _of_operation(scene, wiring.writers[found[0]], found[1])


def _delta_of_batch(scene: Scene, operation: Operation, index: int, rest: str) -> Explanation:
    """What a batch normalization sends back through the batch's mean and spread."""
    found = DELTA_OF_BATCH.match(rest)
    place = f"{operation.output}[{index}]"
    if found and scene.subject.names.wiring.is_batched(operation) and scene.trace is not None:
        make = scene.batch.mean_delta if found["what"] == "mean" else scene.batch.mean_push
        node = make(operation, index)
        return search(node, f"{scene.owner}{place}.{rest}", node.address)
    row = scene.table_rows[0] if scene.table_rows else 1
    ending = f".{rest}" if rest else ""
    raise AddressError(
        f"'{place}{ending}' is another number for every row. Put a row in front:"
        f" '{scene.owner}row:{row} {place}{ending}'."
    )


def _of_operation(scene: Scene, operation: Operation, rest: str) -> Explanation:
    """A setting of a layer, a mean over the batch, or all that the layer has learnt."""
    nodes, place = scene.parameter_nodes, f"{scene.owner}{operation.output}"
    settings = {name: value for name, value in operation.settings if name != "training"}
    if rest in settings:
        return nodes.setting(operation, rest, settings[rest])
    batched = OF_BATCH.match(rest)
    if batched and scene.subject.names.wiring.is_batched(operation):
        scene.traced(f"'{operation.output}.{rest}'")
        index = int(batched["index"])
        check_index(f"{place}.{rest}", operation.output, [index], (operation.width,))
        make = scene.batch.mean if batched["what"] == "mean" else scene.batch.variance
        return search(make(operation, index), f"{place}.{rest}", f"{place}.{batched['what']}")
    if rest == "units":
        return nodes.count_of(operation)
    if rest:
        known = [*settings, *(f"{each.rpartition('.')[2]}[0]" for each in operation.parameters)]
        raise unknown(f"{place}.", rest, known)
    shapes = scene.subject.shapes
    parts = tuple(
        nodes.number(name, *((each,) if shapes[name] else ()))
        for name in operation.parameters + operation.buffers
        for each in range(shapes[name][0] if shapes[name] else 1)
    )
    told = f"The layer {operation.output} ({operation.kind.replace('_', ' ')}) keeps {len(parts):,} numbers."
    return Explanation(place, float(len(parts)), "story", parts, sentence=told)
