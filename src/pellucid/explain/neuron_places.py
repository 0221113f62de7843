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
    if layer == 0:
        return scene.subject.input_places
    return [str(each + 1) for each in range(scene.subject.layers[layer].inputs)]


def take_source(scene: Scene, layer: int, text: str) -> tuple[str, str] | None:
    """The source of a weight that a text begins with, and what stands behind it."""
    if layer == 0:
        return take_name(text, spellings(scene.subject.preparation.input_names))
    return take_name(text, {each: each for each in source_names(scene, layer)})


def translate(scene: Scene, place: str) -> str:
    """A place in PyTorch's spelling as ours; any other place as it is.

    Example: "model[0].weight[2, 0].grad" is "hidden1.3.weight.age.grad", and on a row "0[2]" is
    "hidden1.3.z".

    Raises:
        AddressError: the index lies outside.
    """
    found = _SPELT.match(place)
    if not found:
        return place
    path = found["path"].replace("[", ".").replace("]", "").strip(".")
    index = [int(each) for each in found["index"].split(",")]
    for number, layer in enumerate(scene.subject.layers):
        shapes = {
            layer.weight: (layer.width, layer.inputs),
            layer.bias: (layer.width,),
            layer.activations: (layer.width,),
            layer.sums: (layer.width,),
        }
        if path in shapes:
            _check_index(place, path, index, shapes[path])
            name = scene.neuron_name(number, index[0])
            what = {layer.bias: "bias", layer.activations: "a", layer.sums: "z"}
            tail = [name, what.get(path, "weight")]
            if path == layer.weight:
                tail.append(source_names(scene, number)[index[1]])
            return ".".join([*tail, *([found["rest"]] if found["rest"] else [])])
    return place


def _check_index(place: str, path: str, index: list[int], shape: tuple[int, ...]) -> None:
    if len(index) == len(shape) and all(i < n for i, n in zip(index, shape, strict=True)):
        return
    last = ", ".join(str(each - 1) for each in shape)
    first = ", ".join("0" for _ in shape)
    raise AddressError(
        f"There is no '{place}': PyTorch counts from 0, and {path} goes from [{first}] to [{last}]."
    )
