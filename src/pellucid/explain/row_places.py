"""Finding a number of one row: an input, a neuron's z, a or delta, the truth, the row's loss."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pellucid.errors import AddressError
from pellucid.explain.address import quote_name, spellings, take_name, unknown
from pellucid.explain.explanation import Explanation, given
from pellucid.explain.layer_places import find_on_layer
from pellucid.explain.neuron_places import NeuronPlace, take_neuron, take_source, translate
from pellucid.explain.prediction import other_chance
from pellucid.explain.scene import Row, Scene
from pellucid.explain.search import search
from pellucid.explain.subject import RAW
from pellucid.explain.units import CURVES, slope_of

Makers = dict[str, Callable[[], Explanation]]


def find_on_row(scene: Scene, row: int, place: str) -> Explanation:
    """The number at a place of a row.

    Args:
        scene: the moment.
        row: of the table, from 1.
        place: such as "hidden1.3.z"; "" for the whole row.

    Raises:
        AddressError: there is no such row or place; the nearest are named.
    """
    opened = scene.row(row)
    node = _find(scene, opened, f"{scene.owner}row:{row} ", place)
    if scene.trace is None or opened.position is not None:
        return node
    note = (
        f"Row {row:,} was not in the batch of step {scene.trace.before.step + 1:,}: these are its"
        " numbers in evaluation mode, on the way forward only."
    )
    return replace(node, note=note)


def _find(scene: Scene, opened: Row, prefix: str, place: str) -> Explanation:
    if not place:
        return opened.prediction.root
    place = translate(scene, place)
    neuron = take_neuron(scene, place, prefix)
    if neuron is not None:
        return _on_neuron(scene, opened, prefix, neuron)
    layer = find_on_layer(opened, prefix, place)
    if layer is not None:
        return layer
    for word, tell in (("share", _share), ("weight", _count), ("sample_weight", _weight)):
        if place == word and scene.trace is not None and opened.position is not None:
            return tell(scene, opened.prediction.row)
    for word, find in (("loss", _loss), ("truth", _truth)):
        found = take_name(place, {word: word})
        if found is not None:
            return find(scene, opened, prefix, found[1])
    return _input(scene, opened, prefix, place)


def _input(scene: Scene, opened: Row, prefix: str, place: str) -> Explanation:
    """An input, or a column of which several inputs were made."""
    preparation = scene.subject.preparation
    found = take_name(place, spellings(preparation.input_names))
    places = scene.subject.input_places
    if found is not None and found[1] == "raw" and not _has_raw(opened, places.index(found[0])):
        found = None
    if found is not None:
        node = opened.prediction.inputs[places.index(found[0])]
        has_slopes = opened.deltas is not None and not scene.subject.program.categories
        if found[1].split(".")[0] == "delta" and has_slopes and opened.deltas is not None:
            buffer = scene.subject.names.wiring.inputs
            node = opened.deltas.unit(buffer, places.index(found[0]))
        wanted = f"{prefix}{found[0]}.{found[1]}" if found[1] else node.address
        return search(node, wanted, f"{prefix}{found[0]}.")
    for column in preparation.used:
        if take_name(place, spellings([column.name])) == (quote_name(column.name), "raw"):
            return _raw(scene, opened, prefix, column.name)
        if take_name(place, spellings([column.name])) == (quote_name(column.name), ""):
            made = [places.index(quote_name(each)) for each in column.input_names()]
            parts = tuple(opened.prediction.inputs[each] for each in made)
            on = next((each for each in parts if each.value), parts[0])
            sentence = f"{column.name} is '{on.text}'; every value of it has an input of its own."
            address = f"{prefix}{quote_name(column.name)}"
            return Explanation(address, on.value, "story", parts, text=on.text, sentence=sentence)
    layers = [each.name for each in scene.subject.layers]
    raise unknown(prefix, place, [*places, *layers, "loss", "truth"])


def _has_raw(opened: Row, index: int) -> bool:
    """Whether an input was made of a number, which stands among its parts."""
    return any(each.address.endswith(".raw") for each in opened.prediction.inputs[index].parts)


def _raw(scene: Scene, opened: Row, prefix: str, column: str) -> Explanation:
    """A cell as it stands in the table: a word, or nothing."""
    row = opened.prediction.row
    preparation = scene.subject.preparation
    name = next(each.input_names()[0] for each in preparation.used if each.name == column)
    cell = preparation.explain_cell(scene.subject.table, row - 1, name).cell
    on = [each for each in opened.prediction.inputs if each.text == cell and each.value]
    address = f"{prefix}{quote_name(column)}.raw"
    value = on[0].value if on else 0.0
    told = f"{RAW} The network reads it as {value:g}."
    return given(address, value, column, text=cell, sentence=told)


def _loss(scene: Scene, opened: Row, prefix: str, rest: str) -> Explanation:
    if opened.prediction.loss is None:
        raise _no_truth(scene, opened)
    if not rest:
        return opened.prediction.loss
    roots = (opened.prediction.loss, *_sent_back(scene, opened))
    whole = Explanation(prefix, 0.0, "story", roots)
    return search(whole, f"{prefix}loss.{rest}", f"{prefix}loss")


def _sent_back(scene: Scene, opened: Row) -> list[Explanation]:
    """What the numbers are made of that the loss sends back to each output, in a step."""
    if opened.deltas is None:
        return []
    loss = opened.deltas.loss
    width = scene.subject.names.wiring.widths[scene.subject.program.loss.prediction]
    return [part for each in range(width) for part in loss.delta(each, "", None).parts]


def _truth(scene: Scene, opened: Row, prefix: str, rest: str) -> Explanation:
    row = opened.prediction.row
    if opened.prediction.loss is None:
        raise _no_truth(scene, opened)
    truth = scene.subject.truth_node(row, prefix)
    outputs = scene.subject.outputs
    found = take_name(rest, spellings(outputs)) if rest else None
    if found is not None and not found[1]:
        index = [quote_name(each) for each in outputs].index(found[0])
        if scene.subject.target.kind == "classes":
            return scene.subject.truth_of_class(row, prefix, index)
        return scene.subject.truth_of_output(row, prefix, index)
    return search(truth, f"{prefix}truth.{rest}" if rest else truth.address, f"{prefix}truth")


def _share(scene: Scene, row: int) -> Explanation:
    node = scene.weighing.share(row)
    told = "The loss is the sum of the rows' losses, so every row counts in full."
    return node or given(f"{scene.owner}row:{row} share", 1.0, "share", sentence=told)


def _count(scene: Scene, row: int) -> Explanation:
    return scene.weighing.count(row)


def _weight(scene: Scene, row: int) -> Explanation:
    return scene.weighing.weight(row)


def _no_truth(scene: Scene, opened: Row) -> AddressError:
    target = scene.subject.target.name
    return AddressError(
        f"Row {opened.prediction.row:,} has no '{target}' in the table, so it has no truth and no"
        " loss. Ask about its prediction, or about a row that has one."
    )


def _on_neuron(scene: Scene, opened: Row, prefix: str, place: NeuronPlace) -> Explanation:
    neurons, layer = opened.prediction.neurons, place.layer
    if place.neuron is None:
        width = scene.subject.layers[layer].width
        parts = tuple(neurons.activation(layer, each) for each in range(width))
        name = scene.subject.layers[layer].name
        sentence = f"What the neurons of {name} pass on for this row."
        return Explanation(f"{prefix}{name}", float(width), "story", parts, sentence=sentence)
    name = neurons.name(layer, place.neuron)
    if not place.rest:
        return _whole(scene, opened, layer, place.neuron)
    makers = _makers(scene, opened, prefix, layer, place.neuron)
    head, rest = _quantity(scene, opened, name, place, makers)
    node = makers[head]()
    if head == rest:
        return node
    return search(node, f"{prefix}{name}.{rest}", f"{prefix}{name}.")


def _whole(scene: Scene, opened: Row, layer: int, neuron: int) -> Explanation:
    """A neuron without a quantity: the answer if it is an output, otherwise what it passes on."""
    node = opened.prediction.neurons.activation(layer, neuron)
    answer = opened.prediction.answer
    is_number = scene.subject.target.kind == "number"
    is_output = layer == len(scene.subject.layers) - 1
    return answer if is_output and (is_number or answer.address == node.address) else node


def _makers(scene: Scene, opened: Row, prefix: str, layer: int, neuron: int) -> Makers:
    neurons, spec = opened.prediction.neurons, scene.subject.layers[layer]
    makers: Makers = {
        "z": lambda: neurons.weighted_sum(layer, neuron),
        "rounding": lambda: search(
            neurons.weighted_sum(layer, neuron),
            f"{prefix}{neurons.name(layer, neuron)}.rounding",
            f"{prefix}{neurons.name(layer, neuron)}",
        ),
        "a": lambda: neurons.activation(layer, neuron),
    }
    writer = neurons.wiring.writers.get(spec.own_buffer)
    if writer is not None and writer.kind in CURVES:
        makers["slope"] = lambda: slope_of(neurons, writer, neuron)
    is_output = layer == len(neurons.layers) - 1
    if is_output and scene.subject.target.kind == "yes/no":
        makers["rest"] = lambda: other_chance(scene.subject, neurons, prefix)
    deltas = opened.deltas
    if deltas is not None:
        makers["delta"] = lambda: deltas.delta(layer, neuron)
        if spec.own_buffer or not is_output:
            makers["a.delta"] = lambda: deltas.passed_back(layer, neuron)
    return makers


def _quantity(
    scene: Scene, opened: Row, name: str, place: NeuronPlace, makers: Makers
) -> tuple[str, str]:
    """Which number a quantity belongs to, and the quantity as it is spelt."""
    rest, prefix = place.rest, opened.prediction.neurons.prefix
    if rest in makers:
        return rest, rest
    if rest.startswith("z."):
        found = take_source(scene, place.layer, rest[2:])
        if found is not None and not found[1]:
            return "z", f"z.{found[0]}"
    for word in ("a.delta", "delta"):
        if rest.startswith(f"{word}.") and word in makers:
            tail = rest[len(word) + 1 :]
            other = take_neuron(scene, tail, f"{prefix}{name}.{word}.")
            if other is not None and other.neuron is not None and not other.rest:
                return word, f"{word}.{scene.neuron_name(other.layer, other.neuron)}"
            return word, rest
    if rest.startswith("a."):
        return "a", rest
    raise _no_quantity(scene, opened, name, rest, makers)


def _no_quantity(scene: Scene, opened: Row, name: str, rest: str, makers: Makers) -> AddressError:
    """Why a neuron has no such number on this row."""
    if rest.split(".", maxsplit=1)[0] in ("weight", "bias"):
        return AddressError(
            f"'{name}.{rest}' is the same for every row. Leave the row out:"
            f" '{scene.owner}{name}.{rest}'."
        )
    if "delta" not in rest or opened.deltas is not None:
        prefix = opened.prediction.neurons.prefix
        return unknown(f"{prefix}{name}.", rest, [each for each in makers if each != "rounding"])
    scene.traced(f"A delta ('{name}.{rest}')")
    some = ", ".join(f"row:{each}" for each in scene.table_rows[:3])
    return AddressError(
        f"Row {opened.prediction.row:,} was not in the batch of step {scene.owner.strip()[1:]}, so"
        f" nothing came back to it there. The batch's rows have deltas: {some}, …"
    )
