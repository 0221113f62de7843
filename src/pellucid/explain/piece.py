"""The pieces that the optimizers' formulas are made of: settings, memory, the old and the new number.

Each piece is a node with an address; which pieces an optimizer uses is told in `update`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pellucid.engine.trace import Trace
from pellucid.explain.digits import decimals_for, write_number
from pellucid.explain.equation import settle
from pellucid.explain.explanation import Explanation, given
from pellucid.explain.functions import FUNCTIONS

Array = np.ndarray[Any, Any]
Index = tuple[int, ...]

MEMORIES = {
    "exp_avg": "average",
    "exp_avg_sq": "squares",
    "max_exp_avg_sq": "largest squares",
    "momentum_buffer": "momentum buffer",
    "square_avg": "squares",
    "grad_avg": "average",
    "sum": "sum of squares",
}
LONGEST_SETTING = 12  # letters; what a schedule made may have more and is rounded
SETTINGS = {
    "weight_decay": "weight decay",
    "beta1": "β",
    "beta2": "β",
    "alpha": "α",
    "eps": "ε",
    "lr": "learning rate",
    "lr_decay": "decay of the rate",
}


class Pieces:
    """The pieces of one number's update.

    Args:
        trace: of the step.
        parameter: state_dict name.
        index: which number of it, from 0.
        address: of the number, such as "@120 hidden1.2.weight.age".
    """

    def __init__(self, trace: Trace, parameter: str, index: Index, address: str) -> None:
        self.trace, self.parameter, self.index, self.address = trace, parameter, index, address
        self.optimizer = trace.program.optimizer
        self.epsilon = float(np.finfo(trace.program.dtype).eps)
        self.step = f"{address.split(' ', 1)[0]} "
        value = float(trace.before.parameters[parameter][index])
        self.old = given(address, value, "old", sentence="The value before this step.")
        self.new = float(trace.after.parameters[parameter][index])
        self.count = given(
            f"{self.step}step",
            float(trace.before.step + 1),
            "step",
            sentence="Steps so far, this one included.",
        )

    @property
    def group(self) -> int:
        """Which of the optimizer's groups the parameter is in, from 0."""
        places = [each.parameters for each in self.optimizer.groups]
        return next((at for at, each in enumerate(places) if self.parameter in each), 0)

    @property
    def rate(self) -> Explanation:
        """The learning rate."""
        rate = float(self.trace.after.learning_rates()[self.group])
        earlier = float(self.trace.before.learning_rates()[self.group])
        told = "How far the optimizer goes along its direction in this step."
        if rate != earlier:
            told += f" The schedule has just changed it: it was {write_number(earlier)}."
        return given(self._setting_place("lr"), rate, "learning rate", sentence=told)

    def setting(self, name: str, default: float = 0.0) -> float:
        """An optimizer's setting for this parameter; a schedule may write the momentum too."""
        momenta = self.trace.momenta
        if momenta is not None and name == (
            "beta1" if "adam" in self.optimizer.kind else "momentum"
        ):
            return float(momenta[self.group])
        return self.optimizer.setting(name, default, parameter=self.parameter)

    def given_setting(self, name: str, default: float) -> Explanation:
        """A setting as a node."""
        place, value = self._setting_place(name), self.setting(name, default)
        told = "A setting of the optimizer."
        return given(place, value, SETTINGS.get(name, name), sentence=told)

    def rest(self, name: str, default: float) -> Explanation:
        """1 minus a setting."""
        setting = self.given_setting(name, default)
        exact = 1.0 - setting.value
        value = round(exact, 12) if abs(round(exact, 12) - exact) < 1e-15 else exact
        return Explanation(
            f"{setting.address}.rest",
            value,
            "function",
            (setting,),
            function="rest",
            name=f"1 − {setting.name}",
            formula=f"1 − {setting.name}",
            numbers=settle("1 − {}", [setting.value], lambda p: 1.0 - p[0], value).write(),
        )

    def remembers(self, memory: str) -> bool:
        """Whether PyTorch has made this memory already."""
        return f"{self.parameter}.{memory}" in self.trace.before.memory

    def before(self, memory: str) -> Explanation:
        """What the optimizer remembered before the step."""
        array = self.trace.before.memory.get(f"{self.parameter}.{memory}")
        value = 0.0 if array is None else float(array[self.index])
        told = "What the optimizer remembered before this step."
        return given(f"{self.address}.{memory}", value, f"{MEMORIES[memory]} before", sentence=told)

    def memory(
        self, memory: str, function: str, parts: tuple[Explanation, ...], template: str
    ) -> Explanation:
        """What the optimizer remembers after the step, made of what it remembered before."""
        array = self.trace.after.memory[f"{self.parameter}.{memory}"]
        value = float(array[self.index])
        place = f"{memory}.new"
        return self.function(function, parts, place, MEMORIES[memory], template, value=value)

    def function(
        self,
        function: str,
        parts: tuple[Explanation, ...],
        place: str,
        name: str,
        template: str,
        *,
        value: float | None = None,
        exact: Sequence[int] = (),
    ) -> Explanation:
        """A number between gradient and update.

        Args:
            function: by which the parts make it.
            parts: in the template's order.
            place: behind the parameter's address.
            name: what people call it.
            template: how it is written.
            value: the engine's number; left out: from the parts.
            exact: places of parts that are written as they are; settings always are.
        """
        compute = FUNCTIONS[function].compute
        values = [each.value for each in parts]
        value = compute(values) if value is None else value
        keeps = [at in exact or self._is_setting(each) for at, each in enumerate(parts)]
        return Explanation(
            f"{self.address}.{place}",
            value,
            "function",
            parts,
            function=function,
            name=name,
            formula=FUNCTIONS[function].formula,
            numbers=settle(template, values, compute, value, exact=keeps).write(),
            epsilon=self.epsilon,
        )

    def result(
        self, function: str, parts: tuple[Explanation, ...], template: str, formula: str
    ) -> Explanation:
        """The number after the step."""
        values = [each.value for each in parts]
        compute = FUNCTIONS[function].compute
        moved = self.new - self.old.value
        decimals = min(max(decimals_for([moved], 3) if moved else 4, 4), 9)
        exact = [self._is_setting(each) for each in parts]
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
            sentence="The optimizer moves the number against its gradient.",
            epsilon=self.epsilon,
        )

    def _is_setting(self, node: Explanation) -> bool:
        is_short = len(repr(node.value)) <= LONGEST_SETTING
        return node.op == "given" and is_short and not node.address.startswith(self.address)

    def _setting_place(self, name: str) -> str:
        """Groups of parameters have settings of their own: "@3 lr", "@3 group:2.lr"."""
        group = f"group:{self.group + 1}." if self.optimizer.groups else ""
        return f"{self.step}{group}{name}"
