"""Finding a number of a parameter: its value, gradient, update, new value, the optimizer's memory."""

from __future__ import annotations

from dataclasses import replace

from pellucid.errors import AddressError
from pellucid.explain.address import unknown
from pellucid.explain.digits import decimals_for, write_count
from pellucid.explain.equation import settle_sum
from pellucid.explain.explanation import Explanation, given
from pellucid.explain.functions import FUNCTIONS
from pellucid.explain.gradient import Gradient
from pellucid.explain.neuron_places import QUANTITIES, NeuronPlace, source_names, take_source
from pellucid.explain.piece import MEMORIES
from pellucid.explain.scene import Scene
from pellucid.explain.search import search
from pellucid.explain.step import explain_zero
from pellucid.explain.update import explain_update

TOLD = ("linear", "batch_norm", "layer_norm")  # layers whose gradients open into the rows' shares


def find_parameter(scene: Scene, place: NeuronPlace) -> Explanation:
    """The number at a place of a neuron, without a row.

    Args:
        scene: the moment.
        place: a neuron with what is asked, such as "weight.age.grad"; or a whole layer.

    Raises:
        AddressError: there is no such place; the nearest are named.
    """
    if place.neuron is None:
        return _layer(scene, place.layer)
    name = scene.neuron_name(place.layer, place.neuron)
    if not place.rest:
        return _neuron(scene, place.layer, place.neuron)
    word, _, rest = place.rest.partition(".")
    spec = scene.subject.layers[place.layer]
    if word == "bias" and spec.has_bias:
        return find_quantity(scene, spec.bias, (place.neuron,), rest)
    sources = source_names(scene, place.layer)
    if word == "weight" and rest:
        found = take_source(scene, place.layer, rest)
        if found is None:
            raise unknown(f"{scene.owner}{name}.weight.", rest, sources)
        index = (place.neuron, sources.index(found[0]))
        return find_quantity(scene, spec.weight, index, found[1])
    if place.rest in (*QUANTITIES, "rounding", "rest") or word in ("z", "a"):
        row = scene.table_rows[0] if scene.table_rows else 1
        raise AddressError(
            f"'{name}.{place.rest}' is another number for every row. Put a row in front:"
            f" '{scene.owner}row:{row} {name}.{place.rest}'."
        )
    known = ["bias", *(f"weight.{each}" for each in sources)]
    raise unknown(f"{scene.owner}{name}.", place.rest, known)


def _layer(scene: Scene, layer: int) -> Explanation:
    spec = scene.subject.layers[layer]
    parts = tuple(_neuron(scene, layer, each) for each in range(spec.width))
    sentence = (
        f"{spec.name} has {write_count(spec.width, 'neuron')} and learns"
        f" {write_count(spec.learned, 'number')}."
    )
    return Explanation(
        f"{scene.owner}{spec.name}", float(spec.learned), "story", parts, sentence=sentence
    )


def _neuron(scene: Scene, layer: int, neuron: int) -> Explanation:
    """All that one neuron learns."""
    spec = scene.subject.layers[layer]
    forms = scene.parameter_nodes
    parts = [forms.parameter(layer, neuron, each) for each in range(spec.inputs)]
    named = [
        replace(part, name=f"weight {source}")
        for part, source in zip(parts, source_names(scene, layer), strict=True)
    ]
    if spec.has_bias:
        named.append(forms.parameter(layer, neuron))
    name = scene.neuron_name(layer, neuron)
    count = len(named)
    sentence = f"Neuron {name} learns {count:,} numbers: a weight for each input" + (
        " and a bias." if spec.has_bias else "."
    )
    return Explanation(
        f"{scene.owner}{name}", float(count), "story", tuple(named), name=name, sentence=sentence
    )


def find_quantity(
    scene: Scene, parameter: str, index: tuple[int, ...], quantity: str
) -> Explanation:
    """What is asked about a number of a parameter: "", "grad", "update", "new", "exp_avg", ….

    Raises:
        AddressError: there is no such quantity, or the moment has no step.
    """
    node = scene.parameter_nodes.number(parameter, *index)
    if not quantity:
        return replace(node, sentence=_said(scene, node))
    address = node.address
    scene.traced(f"'{address.removeprefix(scene.owner)}.{quantity}'")
    if not scene.subject.program.optimizer.learns(parameter):
        return _unlearned(node, quantity)
    if scene.subject.names.wiring.owners[parameter].kind not in TOLD:
        return _of_other_layer(scene, parameter, index, node, quantity)
    gradient = Gradient(scene, parameter, index)
    slope = gradient.node(address)
    if quantity == "grad" or quantity.startswith(("grad.row:", "grad.rounding")):
        found = search(slope, f"{address}.{quantity}", f"{address}.grad")
    elif quantity == "grad.zero":
        return explain_zero(scene, gradient, address)
    else:
        trace = scene.traced("An update")
        update = explain_update(trace, gradient.parameter, gradient.index, address, slope)
        if quantity == "update":
            return _moved(address, node, update, scene.subject.epsilon)
        found = search(update, f"{address}.{quantity}", f"{address}.")
    return replace(found, pytorch=_spell(node.pytorch, quantity))


def _of_other_layer(
    scene: Scene, parameter: str, index: tuple[int, ...], node: Explanation, quantity: str
) -> Explanation:
    """A number of a layer whose gradient is not told row by row: the engine's gradient, the update."""
    trace, address = scene.traced("A gradient"), node.address
    value = float(trace.gradients[parameter][index])
    told = "The engine's gradient; the rows' shares of this kind of layer are not told apart."
    slope = given(f"{address}.grad", value, "gradient", sentence=told)
    if quantity == "grad":
        return slope
    update = explain_update(trace, parameter, index, address, slope)
    if quantity == "update":
        return _moved(address, node, update, scene.subject.epsilon)
    return search(update, f"{address}.{quantity}", f"{address}.")


def _unlearned(node: Explanation, quantity: str) -> Explanation:
    """What is asked about a number that the training leaves as it is."""
    told = "This number is not learnt here (it is frozen, or the optimizer was not given it)"
    values = {"grad": 0.0, "update": 0.0, "new": node.value}
    if quantity not in values:
        raise AddressError(
            f"There is no '{node.address}.{quantity}'. {told}, so nothing is remembered for it."
        )
    ending = "so it stays." if quantity != "grad" else "so no gradient is kept for it."
    return given(
        f"{node.address}.{quantity}", values[quantity], quantity, sentence=f"{told}, {ending}"
    )


def _said(scene: Scene, node: Explanation) -> str:
    if scene.trace is None:
        when = "after the last step" if scene.owner else "as the trained model has it"
        return f"The number that the network learnt, {when}."
    step = scene.trace.before.step + 1
    if step == 1:
        return "The first value, drawn by chance from the seed, before step 1 changes it."
    place = node.address.removeprefix(scene.owner)
    return f"The value before step {step:,}; '@{step - 1} {place}.new' tells how it was made."


def _moved(address: str, old: Explanation, update: Explanation, epsilon: float) -> Explanation:
    """How far the step moved the number."""
    compute = FUNCTIONS["difference"].compute
    values = [update.value, old.value]
    moved = compute(values)
    written = settle_sum([update.value, -old.value], moved, decimals_for([moved]), more=4)
    return Explanation(
        f"{address}.update",
        moved,
        "function",
        (update, replace(old, name="old")),
        function="difference",
        name="update",
        formula=FUNCTIONS["difference"].formula,
        numbers=written.write(),
        sentence="How far this step moved the number.",
        epsilon=epsilon,
    )


def _spell(pytorch: str, quantity: str) -> str:
    """PyTorch's spelling of a gradient or of the optimizer's memory; "" if it has none."""
    whole, _, index = pytorch.rpartition("[")
    if quantity == "grad":
        return f"{whole}.grad[{index}"
    memory = quantity.removesuffix(".new")
    if memory in MEMORIES:
        return f'optimizer.state[{whole}]["{memory}"][{index}'
    return pytorch if quantity == "new" else ""
