"""One weight's update pulled apart: old − learning rate × … = new, with the optimizer's memory.

SGD, SGD with momentum and Adam, each as PyTorch does it. Where the gradient came from is told in
`step`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid.engine.trace import Trace
from pellucid.errors import AddressError
from pellucid.explain.digits import decimals_for
from pellucid.explain.equation import settle
from pellucid.explain.explanation import Explanation, given
from pellucid.explain.functions import FUNCTIONS

Array = np.ndarray[Any, Any]
Index = tuple[int, ...]


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
    optimizer = trace.program.optimizer
    if optimizer.kind not in ("sgd", "adam") or optimizer.setting("amsgrad"):
        said = "Adam with amsgrad" if optimizer.kind == "adam" else f"'{optimizer.kind}'"
        raise AddressError(
            f"The update by {said} cannot be pulled apart; that of SGD and Adam can."
            " Train with one of them to see it."
        )
    story = _Update(trace, parameter, index, address, gradient)
    return story.adam() if optimizer.kind == "adam" else story.sgd()


class _Update:
    """The parts that the optimizers' formulas share."""

    def __init__(
        self, trace: Trace, parameter: str, index: Index, address: str, gradient: Explanation
    ) -> None:
        self.trace, self.parameter, self.index, self.address = trace, parameter, index, address
        self.optimizer = trace.program.optimizer
        self.epsilon = float(np.finfo(trace.program.dtype).eps)
        before, after = trace.before, trace.after
        self.old = given(address, float(before.parameters[parameter][index]), "old")
        self.new = float(after.parameters[parameter][index])
        self.rate = given(f"{_step(address)} learning_rate", before.learning_rate, "learning rate")
        self.gradient = self._decayed(self._uphill(gradient))

    def sgd(self) -> Explanation:
        """Old − learning rate × gradient, or × the running average with momentum."""
        direction, word = self.gradient, "gradient"
        if self.optimizer.setting("momentum"):
            direction, word = self._momentum(), "momentum buffer"
            if self.optimizer.setting("nesterov"):
                direction, word = self._ahead(direction), "gradient ahead"
        parts = (self.old, self.rate, direction)
        return self._result("sgd", parts, "{} − {} × {}", f"old − learning rate × {word}")

    def adam(self) -> Explanation:
        """Old − learning rate × corrected average ÷ (√corrected squares + ε)."""
        settings = self.optimizer.setting
        first, second = settings("beta1", 0.9), settings("beta2", 0.999)
        average = self._corrected("exp_avg", "decay", first, "average")
        squares = self._corrected("exp_avg_sq", "decay_square", second, "squares")
        epsilon = given(f"{_step(self.address)} eps", settings("eps", 1e-8), "ε")
        parts = (self.old, self.rate, average, squares, epsilon)
        return self._result(
            "adam",
            parts,
            "{} − {} × {} ÷ (√{} + {})",
            "old − learning rate × average ÷ (√squares + ε)",
        )

    def _result(
        self, function: str, parts: tuple[Explanation, ...], template: str, formula: str
    ) -> Explanation:
        values = [each.value for each in parts]
        exact = [each.name in ("learning rate", "ε") for each in parts]
        compute = FUNCTIONS[function].compute
        moved = self.new - self.old.value
        decimals = min(max(decimals_for([moved], 3) if moved else 4, 4), 9)
        written = settle(template, values, compute, self.new, exact=exact, decimals=decimals)
        return Explanation(
            f"{self.address}.new",
            self.new,
            "function",
            parts,
            function=function,
            name="new",
            formula=formula,
            numbers=written.write(),
            sentence="The optimizer moves the weight against its gradient.",
            epsilon=self.epsilon,
        )

    def _uphill(self, gradient: Explanation) -> Explanation:
        """The gradient turned round, if the loss is to be made large."""
        if not self.optimizer.setting("maximize"):
            return gradient
        return self._part(
            "negated", (gradient,), -gradient.value, "negated gradient", template="−{}", exact=()
        )

    def _ahead(self, buffer: Explanation) -> Explanation:
        """Nesterov's direction: the gradient and the next stretch along the momentum."""
        momentum = self.optimizer.setting("momentum")
        given_momentum = given(f"{_step(self.address)} momentum", momentum, "momentum")
        parts = (self.gradient, given_momentum, buffer)
        value = FUNCTIONS["nesterov"].compute([each.value for each in parts])
        return self._part(
            "nesterov",
            parts,
            value,
            "gradient ahead",
            template="{} + {} × {}",
            exact=(False, True),
        )

    def _decayed(self, gradient: Explanation) -> Explanation:
        """The gradient with the weight decay's share, if there is any."""
        decay = self.optimizer.setting("weight_decay")
        if not decay:
            return gradient
        parts = (
            gradient,
            given(f"{_step(self.address)} weight_decay", decay, "weight decay"),
            self.old,
        )
        compute = FUNCTIONS["decayed"].compute
        value = compute([each.value for each in parts])
        return self._part(
            "decayed",
            parts,
            value,
            "decayed gradient",
            template="{} + {} × {}",
            exact=(False, True),
        )

    def _momentum(self) -> Explanation:
        """The running sum of gradients that momentum steps along."""
        memory = self.trace.before.memory.get(f"{self.parameter}.momentum_buffer")
        after = self.trace.after.memory[f"{self.parameter}.momentum_buffer"]
        if memory is None:
            return self._part(
                "first_momentum",
                (self.gradient,),
                float(after[self.index]),
                "momentum buffer",
                template="{}",
                exact=(),
            )
        momentum = self.optimizer.setting("momentum")
        keep = round(1.0 - self.optimizer.setting("dampening"), 12)
        parts = (
            given(f"{_step(self.address)} momentum", momentum, "momentum"),
            given(f"{self.address}.momentum_buffer", float(memory[self.index]), "before"),
            given(f"{_step(self.address)} dampening", keep, "1 − dampening"),
            self.gradient,
        )
        value = float(after[self.index])
        return self._part(
            "momentum",
            parts,
            value,
            "momentum buffer",
            template="{} × {} + {} × {}",
            exact=(True, False, True),
        )

    def _corrected(self, memory: str, function: str, beta: float, name: str) -> Explanation:
        """One of Adam's averages, corrected for having started at 0."""
        key = f"{self.parameter}.{memory}"
        before = float(self.trace.before.memory[key][self.index])
        after = float(self.trace.after.memory[key][self.index])
        decay = given(f"{_step(self.address)} {memory}.beta", beta, "β")
        rest = given(f"{_step(self.address)} {memory}.rest", round(1.0 - beta, 12), "1 − β")
        parts = (decay, given(f"{self.address}.{memory}", before, "before"), rest, self.gradient)
        square = "²" if function == "decay_square" else ""
        template = "{} × {} + {} × {}" + square
        average = self._part(
            function, parts, after, name, template=template, exact=(True, False, True)
        )
        count = float(self.trace.before.step + 1)
        steps = given(f"{_step(self.address)} step", count, "step")
        corrected = after / (1.0 - beta**count)
        return self._part(
            "debias",
            (average, decay, steps),
            corrected,
            f"corrected {name}",
            template="{} ÷ (1 − {}^{})",
            exact=(False, True, True),
        )

    def _part(
        self,
        function: str,
        parts: tuple[Explanation, ...],
        value: float,
        name: str,
        *,
        template: str,
        exact: tuple[bool, ...],
    ) -> Explanation:
        compute = FUNCTIONS[function].compute
        written = settle(template, [each.value for each in parts], compute, value, exact=exact)
        quantity = name.replace(" ", "_")
        return Explanation(
            f"{self.address}.{quantity}.new",
            value,
            "function",
            parts,
            function=function,
            name=name,
            formula=FUNCTIONS[function].formula,
            numbers=written.write(),
            epsilon=self.epsilon,
        )


def _step(address: str) -> str:
    return address.split(" ", 1)[0]
