"""Reading the name of a neuron or a parameter, ours ("hidden1.3") or PyTorch's ("0.weight[2, 0]").

What is asked about it is found in `row_places` and `parameter_places`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pellucid.errors import AddressError
from pellucid.explain.address import quote_name, spellings, take_name, unknown
from pellucid.explain.scene import Scene

_SPELT = re.compile(
    r"(?:model(?=[.\[]))?(?P<path>[\w.\[\]]*)\[(?P<index>\d+(?:\s*,\s*\d+)*)\](?:\.(?P<rest>[^\[\]]+))?\Z"
)

# What may be asked about a neuron on a row.
QUANTITIES = ("z", "a", "delta", "a.delta", "slope")
# What may be asked about a number of a layer that is none of neurons.
OF_LAYERS = ("normed", "kept", "mask", "delta.scaled")


@dataclass(frozen=True, slots=True)
class NeuronPlace:
    """A neuron, or a whole layer, and what is asked about it.

    Args:
        layer: from 0.
        neuron: from 0; None for the whole layer.
        rest: what stands behind its name, such as "weight.age.grad".
    """

    layer: int
    neuron: int | None
    rest: str


def take_neuron(scene: Scene, place: str, before: str) -> NeuronPlace | None:
    """The neuron or layer that a place begins with; None if it begins with none.

    Args:
        scene: the moment.
        place: such as "hidden1.3.weight.age".
        before: what stands before it in the address, for errors.

    Raises:
        AddressError: the layer has no such neuron.
    """
    names = [each.name for each in scene.subject.layers]
    found = take_name(place, {each: each for each in names})
    if found is None:
        return None
    layer, rest = names.index(found[0]), found[1]
    if not rest:
        return NeuronPlace(layer, None, "")
    known = neuron_names(scene, layer)
    named = take_name(rest, _typed(scene, layer))
    if named is None:
        word = rest.split(".", 1)[0]
        raise unknown(f"{before}{found[0]}.", word, known, "neuron")
    return NeuronPlace(layer, known.index(named[0]), named[1])


def neuron_names(scene: Scene, layer: int) -> list[str]:
    """The neurons of a layer as addresses name them, without the layer's name."""
    spec = scene.subject.layers[layer]
    if spec.name == "output":
        return [quote_name(each) for each in scene.subject.outputs]
    return [str(each + 1) for each in range(spec.width)]


def _typed(scene: Scene, layer: int) -> dict[str, str]:
    if scene.subject.layers[layer].name == "output":
        return spellings(scene.subject.outputs)
    return {each: each for each in neuron_names(scene, layer)}


def source_names(scene: Scene, layer: int) -> list[str]:
    """What a layer's weights are named by, as addresses spell it."""
    return scene.subject.names.sources(layer)


def take_source(scene: Scene, layer: int, text: str) -> tuple[str, str] | None:
    """The source of a weight that a text begins with, and what stands behind it."""
    if scene.subject.layers[layer].source == scene.subject.names.wiring.inputs:
        return take_name(text, spellings(scene.subject.input_names))
    return take_name(text, {each: each for each in source_names(scene, layer)})


def translate(scene: Scene, place: str) -> str:
    """A place in PyTorch's spelling as ours; any other place as it is.

    Example: "model[0].weight[2, 0].grad" is "hidden1.3.weight.age.grad", and on a row "0[2]" is
    "hidden1.3.z".

    Raises:
        AddressError: the index lies outside.
    """
    found = _SPELT.match(place)
    if not found or found["rest"] in OF_LAYERS:
        return place
    path, index = _read(found)
    for number, layer in enumerate(scene.subject.layers):
        shapes = {
            layer.weight: (layer.width, layer.inputs),
            layer.bias: (layer.width,),
            layer.own_buffer: (layer.width,),
            layer.sums: (layer.width,),
        }
        if path and path in shapes:
            check_index(place, path, index, shapes[path])
            name = scene.neuron_name(number, index[0])
            what = {layer.bias: "bias", layer.own_buffer: "a", layer.sums: "z"}
            tail = [name, what.get(path, "weight")]
            if path == layer.weight:
                tail.append(source_names(scene, number)[index[1]])
            if path == layer.sums and (found["rest"] or "").startswith("delta"):
                tail.pop()
            return ".".join([*tail, *([found["rest"]] if found["rest"] else [])])
    return place


def _read(found: re.Match[str]) -> tuple[str, list[int]]:
    path = found["path"].replace("[", ".").replace("]", "").strip(".")
    return path, [int(each) for each in found["index"].split(",")]


def take_spelt(place: str) -> tuple[str, list[int], str] | None:
    """A place in PyTorch's spelling: path, index from 0, and what stands behind it.

    Example:
        >>> take_spelt("model[1].weight[3].grad"), take_spelt("hidden1.3.z")
        (('1.weight', [3], 'grad'), None)
    """
    found = _SPELT.match(place)
    return None if not found else (*_read(found), found["rest"] or "")


def find_number(scene: Scene, place: str) -> tuple[str, tuple[int, ...], str] | None:
    """The parameter or running statistic that a place names: state_dict name, index, what is asked.

    Args:
        scene: the moment.
        place: "hidden1.3.weight.age.grad", "1.weight[2]" or "1.num_batches_tracked.new".

    Raises:
        AddressError: there is no such neuron, or the index lies outside.
    """
    place = translate(scene, place)
    neuron = take_neuron(scene, place, scene.owner)
    if neuron is not None:
        return _of_neuron(scene, neuron)
    shapes = scene.subject.shapes
    spelt = take_spelt(place)
    if spelt is not None and spelt[0] in shapes:
        path, index, rest = spelt
        check_index(place, path, index, shapes[path])
        return path, tuple(index), rest
    found = take_name(place, {name: name for name, shape in shapes.items() if not shape})
    return None if found is None else (found[0], (), found[1])


def _of_neuron(scene: Scene, place: NeuronPlace) -> tuple[str, tuple[int, ...], str] | None:
    if place.neuron is None:
        return None
    spec = scene.subject.layers[place.layer]
    word, _, rest = place.rest.partition(".")
    if word == "bias" and spec.has_bias:
        return spec.bias, (place.neuron,), rest
    source = take_source(scene, place.layer, rest) if word == "weight" else None
    if source is None:
        return None
    known = source_names(scene, place.layer)
    return spec.weight, (place.neuron, known.index(source[0])), source[1]


def check_index(place: str, path: str, index: list[int], shape: tuple[int, ...]) -> None:
    """See that an index lies inside a shape.

    Raises:
        AddressError: it does not; says from where to where it may go.
    """
    if len(index) == len(shape) and all(i < n for i, n in zip(index, shape, strict=True)):
        return
    last = ", ".join(str(each - 1) for each in shape)
    first = ", ".join("0" for _ in shape)
    raise AddressError(
        f"There is no '{place}': PyTorch counts from 0, and {path} goes from [{first}] to [{last}]."
    )
