"""What a layer makes of a number on a row: activations, dropout, sums of two paths.

One function for each kind of layer. Weighted sums are made in `neurons`, normalizations in `norms`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pellucid.engine.layers import SETTINGS
from pellucid.engine.program import Operation
from pellucid.explain.digits import write_fixed
from pellucid.explain.equation import round_to, settle
from pellucid.explain.explanation import Explanation, given
from pellucid.explain.explanation import Operation as NodeKind
from pellucid.explain.functions import FUNCTIONS, add, slope_function
from pellucid.explain.layers import ACTIVATIONS, TITLES
from pellucid.explain.norms import make_normalised
from pellucid.explain.softmax import write_softmax
from pellucid.explain.sums import write_sum
from pellucid.explain.wiring import spell

if TYPE_CHECKING:
    from pellucid.explain.neurons import Neurons

WRITTEN = {
    "relu": "max(0, {})",
    "identity": "{}",
    "passed": "{}",
    "leaky_relu": "LeakyReLU({}, slope {})",
    "elu": "ELU({}, α = {})",
    "softplus": "Softplus({}, β = {}, threshold {})",
    "kept": "",
}
OFTEN = ("softmax", "log_softmax")  # activations that read all sums of their layer
CURVES = tuple(each for each in ACTIVATIONS if each not in OFTEN)


def make_unit(neurons: Neurons, operation: Operation, index: int) -> Explanation:
    """A number that an operation wrote for this row."""
    return MAKERS.get(operation.kind, _untold)(neurons, operation, index)


def make_turned(neurons: Neurons, layer: int, neuron: int) -> Explanation:
    """An activation that no buffer holds: none at all, or the one that the loss implies."""
    spec = neurons.layers[layer]
    parts = _feeds(neurons, spec.feed, spec.activation, neuron)
    value = FUNCTIONS[spec.activation].compute([each.value for each in parts])
    return _activation(neurons, spec.activation, parts, value, neurons.name(layer, neuron) + ".a")


def slope_of(neurons: Neurons, operation: Operation, index: int) -> Explanation:
    """How steep an activation is where a row stands on its curve."""
    return neurons.keep(
        ("slope", operation.output, index), lambda: _slope(neurons, operation, index)
    )


def _slope(neurons: Neurons, operation: Operation, index: int) -> Explanation:
    function, reads_sum = slope_function(operation.kind)
    buffer = operation.inputs[0] if reads_sum else operation.output
    parts = (neurons.unit(buffer, index), *_settings(neurons, operation))
    value = FUNCTIONS[function].compute([each.value for each in parts])
    place = neurons.names.unit(operation.output, index).removesuffix(".a")
    return Explanation(
        f"{neurons.prefix}{place}.slope",
        value,
        "function",
        parts,
        function=function,
        name="slope",
        formula=FUNCTIONS[function].formula,
        sentence="How much the activation grows if the sum below it grows by 1.",
        epsilon=neurons.epsilon,
    )


def kept(neurons: Neurons, operation: Operation, index: int) -> Explanation:
    """What dropout multiplied a number by: 0, or 1 ÷ (1 − p)."""
    return neurons.keep(("kept", operation.output, index), lambda: _kept(neurons, operation, index))


def _kept(neurons: Neurons, operation: Operation, index: int) -> Explanation:
    place = f"{neurons.prefix}{operation.output}[{index}]"
    chance = neurons.setting(operation, "p", operation.setting("p"))
    batch = neurons.batch
    mask = batch.masks[operation.output][neurons.position, index] if batch is not None else 1.0
    told = "1 if this number was kept in this step, 0 if chance dropped it."
    parts = (given(f"{place}.mask", float(mask), "mask", sentence=told), chance)
    function = FUNCTIONS["kept"]
    return Explanation(
        f"{place}.kept",
        function.compute([each.value for each in parts]),
        "function",
        parts,
        function="kept",
        name="kept",
        formula=function.formula,
        sentence="What is kept counts for what is dropped: it is divided by the chance to stay.",
        epsilon=neurons.epsilon,
    )


def drops(neurons: Neurons, operation: Operation) -> bool:
    """Whether a dropout left anything to chance for this row."""
    is_on = operation.setting("training", 1.0) != 0.0 and operation.setting("p") > 0.0
    return is_on and neurons.batch is not None


def _curve(neurons: Neurons, operation: Operation, index: int) -> Explanation:
    feeds = _feeds(neurons, operation.inputs[0], operation.kind, index)
    parts = (*feeds, *_settings(neurons, operation))
    value = float(neurons.values[operation.output][index])
    place = neurons.names.unit(operation.output, index)
    node = _activation(neurons, operation.kind, parts, value, place)
    return replace(node, pytorch=spell(operation.output, index))


def _feeds(neurons: Neurons, buffer: str, function: str, index: int) -> tuple[Explanation, ...]:
    """What an activation reads; of softmax all sums, its own first."""
    own = neurons.unit(buffer, index)
    if function not in OFTEN:
        return (own,)
    width = neurons.wiring.widths[buffer]
    return (own, *(neurons.unit(buffer, each) for each in range(width) if each != index))


def _settings(neurons: Neurons, operation: Operation) -> list[Explanation]:
    names = SETTINGS.get(operation.kind, ())
    return [neurons.setting(operation, each, operation.setting(each)) for each in names]


def _activation(
    neurons: Neurons, function: str, parts: tuple[Explanation, ...], value: float, place: str
) -> Explanation:
    layer, _, neuron = place.removesuffix(".a").rpartition(".")
    name = place.removesuffix(".a")
    if layer == "output":
        spelt = neurons.outputs
        name = next((each for each in spelt if neuron in (each, f'"{each}"')), neuron)
    elif place.endswith(".a"):
        name = neuron
    return Explanation(
        f"{neurons.prefix}{place}",
        value,
        "function",
        parts,
        function=function,
        name=name,
        formula=FUNCTIONS[function].formula,
        numbers=write_activation(function, parts, value),
        sentence=say_activation(function, place.removesuffix(".a"), parts[0].value, value),
        epsilon=neurons.epsilon,
    )


def _dropped(neurons: Neurons, operation: Operation, index: int) -> Explanation:
    if not drops(neurons, operation):
        return _passed(neurons, operation, index)
    parts = (neurons.unit(operation.inputs[0], index), kept(neurons, operation, index))
    told = "Chance kept this number in this step." if parts[1].value else "Chance dropped it."
    return replace(
        _plain(neurons, operation, index, "product", parts), formula="number × kept", sentence=told
    )


def _added(neurons: Neurons, operation: Operation, index: int) -> Explanation:
    value = float(neurons.values[operation.output][index])
    parts = tuple(neurons.unit(each, index) for each in operation.inputs)
    missed = value - add(each.value for each in parts)
    if missed:
        place = f"{neurons.prefix}{neurons.names.unit(operation.output, index)}.rounding"
        parts = (*parts, given(place, missed, "rounding", kind="rounding"))
    node = _plain(neurons, operation, index, "sum", parts)
    return replace(
        node,
        formula="sum of the two paths",
        sentence="What went past the layers, plus what they made of it.",
        numbers=write_sum(node),
    )


def _passed(neurons: Neurons, operation: Operation, index: int) -> Explanation:
    part = neurons.unit(operation.inputs[0], index)
    told = "This layer passes the number on as it is."
    if operation.kind == "dropout":
        told = "Dropout leaves nothing to chance here: the number is passed on as it is."
    node = _plain(neurons, operation, index, "function", (part,))
    formula = FUNCTIONS["passed"].formula
    return replace(node, function="passed", formula=formula, sentence=told)


def _joined(neurons: Neurons, operation: Operation, index: int) -> Explanation:
    part = neurons.unit(*neurons.wiring.joined(operation, index))
    node = _plain(neurons, operation, index, "function", (part,))
    told = "Here several layers' numbers stand side by side; this one is passed on as it is."
    return replace(node, function="passed", formula=FUNCTIONS["passed"].formula, sentence=told)


def _untold(neurons: Neurons, operation: Operation, index: int) -> Explanation:
    """What a layer without words of its own gave: its number, and what stood before it."""
    widths = neurons.wiring.widths
    parts = tuple(
        neurons.unit(buffer, each) for buffer in operation.inputs for each in range(widths[buffer])
    )
    told = f"What the layer {operation.output} ({operation.kind}) made of these numbers."
    return replace(_plain(neurons, operation, index, "story", parts), sentence=told)


def _plain(
    neurons: Neurons,
    operation: Operation,
    index: int,
    op: NodeKind,
    parts: tuple[Explanation, ...],
) -> Explanation:
    node = Explanation(
        f"{neurons.prefix}{neurons.names.unit(operation.output, index)}",
        float(neurons.values[operation.output][index]),
        op,
        parts,
        name=neurons.names.short(operation.output, index),
        epsilon=neurons.epsilon,
    )
    return replace(node, pytorch=spell(operation.output, index))


def write_activation(function: str, parts: Sequence[Explanation], value: float) -> str:
    """An activation with its numbers, such as "max(0, 1.127) = 1.127"."""
    numbers = [each.value for each in parts]
    if function == "softmax":
        written = write_softmax(numbers, 4, 4)
        sign = "=" if written.holds(round_to(value, 4)) else "≈"
        return f"{written.left} {sign} {write_fixed(value, 4)}"
    if function == "log_softmax":
        return ""
    template = WRITTEN.get(function, f"{TITLES.get(function, function)}({{}})")
    exact = [False] + [True] * (len(parts) - 1)
    return settle(template, numbers, FUNCTIONS[function].compute, value, exact=exact).write()


def say_activation(function: str, name: str, total: float, value: float) -> str:
    """What an activation does with this sum, in one sentence."""
    if function == "relu" and total <= 0:
        return f"Neuron {name} is off: its sum is not above 0, so it passes on 0."
    if function == "relu":
        return f"Neuron {name} is on: ReLU passes its sum on as it is."
    if function == "sigmoid":
        return f"The sigmoid turns any sum into a number from 0 to 1: here {value:.3f}."
    if function in ("elu", "selu", "leaky_relu"):
        side = "is above 0 and grows straight" if total > 0 else "is below 0 and is made small"
        return f"{TITLES[function]}: the sum {side}."
    return SENTENCES.get(function, "The sum is passed on as it is.")


SENTENCES = {
    "tanh": "tanh turns any sum into a number from −1 to 1.",
    "softmax": "Softmax turns the sums of all classes into probabilities that add up to 1.",
    "log_softmax": "The logarithm of the probability that softmax gives this class.",
    "gelu": "GELU passes large sums on, holds negative ones back, and bends softly in between.",
    "gelu_tanh": "GELU, by a formula with tanh that is almost the same.",
    "silu": "SiLU passes large sums on, holds negative ones back, and bends softly in between.",
    "mish": "Mish passes large sums on, holds negative ones back, and bends softly in between.",
    "softplus": "Softplus is a ReLU with a soft bend: always above 0.",
}


MAKERS: dict[str, Callable[[Neurons, Operation, int], Explanation]] = {
    **dict.fromkeys(ACTIVATIONS, _curve),
    "identity": _passed,
    "flatten": _passed,
    "dropout": _dropped,
    "add": _added,
    "cat": _joined,
    "batch_norm": make_normalised,
    "layer_norm": make_normalised,
}
"""How each kind of operation makes its number."""
