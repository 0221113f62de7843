"""One number's update pulled apart: old − learning rate × … = new, with the optimizer's memory.

Every optimizer stands alone, in PyTorch's order of operations. Where the gradient came from is
told in `gradient`; the pieces that the optimizers share are in `piece`.
"""

from __future__ import annotations

from collections.abc import Callable

from pellucid.engine.trace import Trace
from pellucid.errors import AddressError
from pellucid.explain.clipping import clip
from pellucid.explain.explanation import Explanation
from pellucid.explain.piece import Index, Pieces


def explain_update(
    trace: Trace, parameter: str, index: Index, address: str, gradient: Explanation
) -> Explanation:
    """How one number of a parameter got its new value.

    Args:
        trace: of the step.
        parameter: state_dict name.
        index: which number of it, from 0.
        address: of the number, such as "@120 hidden1.2.weight.age".
        gradient: the node of its gradient.

    Returns:
        A node whose value is the engine's new number.

    Raises:
        AddressError: the optimizer is none whose formula is told here.
    """
    kind = trace.program.optimizer.kind
    if kind not in RULES:
        raise AddressError(
            f"The update by '{kind}' cannot be pulled apart; that of {', '.join(RULES)} can."
            " Train with one of them to see it."
        )
    pieces = Pieces(trace, parameter, index, address)
    return RULES[kind](pieces, clip(trace, pieces, gradient))


def _sgd(pieces: Pieces, gradient: Explanation) -> Explanation:
    """Old − learning rate × gradient, or × the momentum buffer."""
    direction, word = _decayed(pieces, _uphill(pieces, gradient)), "gradient"
    if pieces.setting("momentum"):
        buffer = _momentum(pieces, direction)
        if pieces.setting("nesterov"):
            parts = (direction, pieces.given_setting("momentum", 0.0), buffer)
            direction, word = (
                pieces.function("nesterov", parts, "nesterov", "gradient ahead", "{} + {} × {}"),
                "gradient ahead",
            )
        else:
            direction, word = buffer, "momentum buffer"
    parts = (pieces.old, pieces.rate, direction)
    return pieces.result("sgd", parts, "{} − {} × {}", f"old − learning rate × {word}")


def _momentum(pieces: Pieces, direction: Explanation) -> Explanation:
    """The running sum of gradients that momentum steps along; PyTorch starts it with the first."""
    if not pieces.remembers("momentum_buffer"):
        return pieces.memory("momentum_buffer", "first_momentum", (direction,), "{}")
    parts = (
        pieces.given_setting("momentum", 0.0),
        pieces.before("momentum_buffer"),
        pieces.rest("dampening", 0.0),
        direction,
    )
    return pieces.memory("momentum_buffer", "momentum", parts, "{} × {} + {} × {}")


def _adam(pieces: Pieces, gradient: Explanation) -> Explanation:
    """Old − learning rate × corrected average ÷ (√corrected squares + ε)."""
    return _adam_step(pieces, _decayed(pieces, _uphill(pieces, gradient)), pieces.old)


def _adamw(pieces: Pieces, gradient: Explanation) -> Explanation:
    """Adam whose weight decay shrinks the old value itself, apart from the gradient."""
    old = pieces.old
    if pieces.setting("weight_decay", 0.01):
        decay = pieces.given_setting("weight_decay", 0.01)
        template = "{} × (1 − {} × {})"
        old = pieces.function("shrunk", (old, pieces.rate, decay), "shrunk", "shrunk old", template)
    return _adam_step(pieces, _uphill(pieces, gradient), old)


def _adam_step(pieces: Pieces, gradient: Explanation, old: Explanation) -> Explanation:
    average = _corrected(pieces, "exp_avg", ("beta1", 0.9), "decay", gradient)
    squares = _corrected(pieces, "exp_avg_sq", ("beta2", 0.999), "decay_square", gradient)
    parts = (old, pieces.rate, average, squares, pieces.given_setting("eps", 1e-8))
    formula = "old − learning rate × average ÷ (√squares + ε)"
    return pieces.result("adam", parts, "{} − {} × {} ÷ (√{} + {})", formula)


def _corrected(
    pieces: Pieces, memory: str, beta: tuple[str, float], function: str, gradient: Explanation
) -> Explanation:
    """One of Adam's averages, corrected for having started at 0."""
    decay = pieces.given_setting(*beta)
    parts = (decay, pieces.before(memory), pieces.rest(*beta), gradient)
    square = "²" if function == "decay_square" else ""
    node = pieces.memory(memory, function, parts, "{} × {} + {} × {}" + square)
    largest = "max_exp_avg_sq"
    if memory == "exp_avg_sq" and pieces.setting("amsgrad"):
        node = pieces.memory(largest, "largest", (pieces.before(largest), node), "max({}, {})")
    name = "corrected average" if memory == "exp_avg" else "corrected squares"
    three = (node, decay, pieces.count)
    template = "{} ÷ (1 − {}^{})"
    return pieces.function("debias", three, f"{memory}.corrected", name, template, exact=(1, 2))


def _rmsprop(pieces: Pieces, gradient: Explanation) -> Explanation:
    """Old − learning rate × gradient ÷ (√average of its squares + ε)."""
    gradient = _decayed(pieces, _uphill(pieces, gradient))
    parts = (
        pieces.given_setting("alpha", 0.99),
        pieces.before("square_avg"),
        pieces.rest("alpha", 0.99),
        gradient,
    )
    squares = pieces.memory("square_avg", "decay_square", parts, "{} × {} + {} × {}²")
    if pieces.setting("centered"):
        parts = (parts[0], pieces.before("grad_avg"), parts[2], gradient)
        average = pieces.memory("grad_avg", "decay", parts, "{} × {} + {} × {}")
        squares = pieces.function(
            "variance", (squares, average), "variance", "variance", "{} − {}²"
        )
    return _divided(pieces, gradient, squares, pieces.rate, 1e-8)


def _adagrad(pieces: Pieces, gradient: Explanation) -> Explanation:
    """Old − learning rate × gradient ÷ (√sum of all its squares + ε)."""
    gradient = _decayed(pieces, _uphill(pieces, gradient))
    squares = pieces.memory("sum", "add_square", (pieces.before("sum"), gradient), "{} + {}²")
    rate = pieces.rate
    if pieces.setting("lr_decay"):
        parts = (rate, pieces.count, pieces.given_setting("lr_decay", 0.0))
        template = "{} ÷ (1 + ({} − 1) × {})"
        rate = pieces.function("slowed", parts, "lr.slowed", "slowed rate", template, exact=(1, 2))
    return _divided(pieces, gradient, squares, rate, 1e-10)


def _divided(
    pieces: Pieces, gradient: Explanation, squares: Explanation, rate: Explanation, eps: float
) -> Explanation:
    """A step along gradient ÷ (√squares + ε), or along the momentum buffer of that."""
    epsilon = pieces.given_setting("eps", eps)
    if not (pieces.optimizer.kind == "rmsprop" and pieces.setting("momentum")):
        parts = (pieces.old, rate, gradient, squares, epsilon)
        formula = "old − learning rate × gradient ÷ (√squares + ε)"
        return pieces.result("adam", parts, "{} − {} × {} ÷ (√{} + {})", formula)
    three = (gradient, squares, epsilon)
    scaled = pieces.function("scaled", three, "scaled", "scaled gradient", "{} ÷ (√{} + {})")
    three = (pieces.given_setting("momentum", 0.0), pieces.before("momentum_buffer"), scaled)
    buffer = pieces.memory("momentum_buffer", "add_momentum", three, "{} × {} + {}")
    formula = "old − learning rate × momentum buffer"
    return pieces.result("sgd", (pieces.old, rate, buffer), "{} − {} × {}", formula)


def _uphill(pieces: Pieces, gradient: Explanation) -> Explanation:
    """The gradient turned round, if the loss is to be made large."""
    if not pieces.setting("maximize"):
        return gradient
    return pieces.function("negated", (gradient,), "grad.negated", "negated gradient", "−{}")


def _decayed(pieces: Pieces, gradient: Explanation) -> Explanation:
    """The gradient with the weight decay's share, if there is any."""
    if not pieces.setting("weight_decay"):
        return gradient
    parts = (gradient, pieces.given_setting("weight_decay", 0.0), pieces.old)
    return pieces.function("decayed", parts, "grad.decayed", "decayed gradient", "{} + {} × {}")


RULES: dict[str, Callable[[Pieces, Explanation], Explanation]] = {
    "sgd": _sgd,
    "adam": _adam,
    "adamw": _adamw,
    "rmsprop": _rmsprop,
    "adagrad": _adagrad,
}
"""How each optimizer makes the new number from the old one."""
