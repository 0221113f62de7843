"""Finding the number that an address names, as a node that opens down to the raw cells.

How an address is spelt is told in `address`; the nodes are made by the files that they belong to.
Here the numbers of a whole step are found, and the way to those of rows and parameters.
"""

from __future__ import annotations

import re
from dataclasses import replace

from pellucid.data.prepared_columns import NumberColumn
from pellucid.engine.program import LOSS_SETTINGS
from pellucid.errors import AddressError
from pellucid.explain.address import Address, quote_name, spellings, take_name, unknown
from pellucid.explain.clipping import length
from pellucid.explain.explanation import Explanation, given
from pellucid.explain.functions import add
from pellucid.explain.layer_places import find_in_layer
from pellucid.explain.loss import explain_loss
from pellucid.explain.neuron_places import take_neuron, translate
from pellucid.explain.parameter_places import find_parameter
from pellucid.explain.row_loss import setting_node
from pellucid.explain.row_places import find_on_row
from pellucid.explain.scene import Scene
from pellucid.explain.search import search
from pellucid.explain.step import explain_step
from pellucid.explain.subject import spread
from pellucid.explain.sums import write_sum
from pellucid.explain.update import explain_update

_MORE = re.compile(r"(?P<place>.+)\.more:(?P<shown>\d+)\Z")


def find(scene: Scene, address: Address) -> Explanation:
    """The number that an address names.

    Args:
        scene: the address's moment.
        address: as read.

    Raises:
        AddressError: it names nothing; the nearest addresses are named.
    """
    more = _MORE.match(address.place)
    if more:
        whole = find(scene, replace(address, place=more["place"]))
        return rest_of(whole, int(more["shown"]))
    if address.row is not None:
        return find_on_row(scene, address.row, address.place)
    if not address.place:
        return _whole(scene)
    place = translate(scene, address.place)
    neuron = take_neuron(scene, place, scene.owner)
    if neuron is not None:
        return find_parameter(scene, neuron)
    return find_in_layer(scene, place) or _of_step(scene, place)


def rest_of(whole: Explanation, shown: int) -> Explanation:
    """A sum without its largest terms, which opens like any other sum.

    Args:
        whole: a sum.
        shown: so many of its largest terms are left out.

    Raises:
        AddressError: it is no sum, or has not so many terms.
    """
    terms = [each for each in whole.parts if each.kind != "rounding"]
    if whole.op != "sum" or shown >= len(terms):
        raise AddressError(
            f"'{whole.address}' is no sum of more than {shown:,} terms."
            f" Ask for '{whole.address}' itself."
        )
    largest = sorted(range(len(terms)), key=lambda each: -abs(terms[each].value))
    kept = tuple(terms[each] for each in sorted(largest[shown:]))
    node = Explanation(
        f"{whole.address}.more:{shown}",
        add(each.value for each in kept),
        "sum",
        kept,
        name=f"{len(kept):,} more",
        formula=f"the sum without its {shown:,} largest terms",
        sentence=f"What the {len(kept):,} smaller terms of this sum add up to.",
        epsilon=whole.epsilon,
    )
    return node.with_numbers(write_sum(node))


def _whole(scene: Scene) -> Explanation:
    """A step told in its stages; without a step the layers."""
    if scene.trace is not None:
        return explain_step(scene).root
    parts = tuple(
        given(f"{scene.owner}{each.name}", float(each.learned), each.name)
        for each in scene.subject.layers
    )
    when = "after the last step" if scene.owner else "as it was trained"
    learned = sum(each.learned for each in scene.subject.layers)
    return Explanation(
        scene.owner.strip() or "model",
        float(learned),
        "story",
        parts,
        sentence=f"The network {when}; it has learnt {learned:,} numbers.",
    )


def _of_step(scene: Scene, place: str) -> Explanation:
    """A number that belongs to no neuron: the loss, a setting, a column's mean."""
    owner = scene.owner
    known = _of_column(scene, place) or _of_loss(scene, place)
    if known is not None:
        return known
    if place == "loss" or place.startswith("loss."):
        return search(explain_loss(scene), f"{owner}{place}", f"{owner}loss")
    counts = {"outputs": len(scene.subject.outputs), "rows": scene.count}
    if place in counts:
        told = f"How many {place} these are."
        return given(f"{owner}{place}", float(counts[place]), place, sentence=told)
    if scene.trace is None:
        raise _nothing(scene, place)
    if place == "forward":
        return explain_step(scene).root.part("forward")
    if place == "grad_norm" or place.startswith("grad_norm."):
        norm = length(scene.trace, owner, scene.parameter_place)
        return search(norm, f"{owner}{place}", f"{owner}grad_norm")
    return _setting(scene, place)


def _setting(scene: Scene, place: str) -> Explanation:
    """A setting of the optimizer, as the update of some number uses it."""
    trace, owner = scene.traced("A setting"), scene.owner
    known: list[str] = []
    for group in trace.program.optimizer.groups or (None,):
        names = [name for name, _ in trace.program.parameters]
        name = group.parameters[0] if group else names[0]
        index = (0,) * trace.gradients[name].ndim
        gradient = given("", float(trace.gradients[name][index]))
        update = explain_update(trace, name, index, f"{owner}any", gradient)
        nodes = [each for each in update.walk() if not each.address.startswith(f"{owner}any")]
        for node in nodes:
            if node.address == f"{owner}{place}":
                return node
        known += [each.address.removeprefix(owner) for each in nodes if each.address]
    raise _nothing(scene, place, [*known, "rows", "grad_norm"])


def _of_loss(scene: Scene, place: str) -> Explanation | None:
    """A setting of the loss, or what the rows count together."""
    loss, head = scene.subject.program.loss, place.removeprefix("loss.")
    if place == "loss.weights":
        return scene.weighing.total()
    if head == place:
        return None
    if head in LOSS_SETTINGS[loss.kind]:
        return setting_node(scene.owner, head, loss.setting(head))
    outputs = scene.subject.outputs
    for name in ("weight", "pos_weight", "quantile"):
        rest = head.removeprefix(name).removeprefix(".")
        found = take_name(rest, spellings(outputs)) if head.startswith(name) and rest else None
        at = [quote_name(each) for each in outputs].index(found[0]) if found else 0
        if head == name or found is not None:
            value = loss.weights[at] if loss.weights else 1.0
            return setting_node(scene.owner, head, value)
    return None


def _of_column(scene: Scene, place: str) -> Explanation | None:
    """The mean and standard deviation by which a column was prepared, of the training rows."""
    subject = scene.subject
    numbers = {
        each.name: (each.mean, each.std, each.unit)
        for each in subject.preparation.used
        if isinstance(each, NumberColumn)
    }
    target = subject.target
    if target.kind == "number":
        numbers[target.name] = (target.mean, target.std, target.unit)
    found = take_name(place, spellings(numbers))
    if found is None:
        return None
    name = next(each for each in numbers if quote_name(each) == found[0])
    mean, std, unit = numbers[name]
    nodes = spread(found[0], mean, std, unit)
    story = Explanation(
        found[0],
        mean,
        "story",
        nodes,
        sentence=f"{name} is standardised by the mean and standard deviation of the training rows.",
    )
    wanted = f"{found[0]}.{found[1]}" if found[1] else found[0]
    return search(story, wanted, f"{found[0]}.")


def _nothing(scene: Scene, place: str, known: list[str] | None = None) -> AddressError:
    layers = [each.name for each in scene.subject.layers]
    inputs = [f"row:1 {each}" for each in scene.subject.input_places]
    return unknown(scene.owner, place, [*layers, "loss", *(known or []), *inputs])
