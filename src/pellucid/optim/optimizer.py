"""`Optimizer`: which parameters are learned, with which settings, and what is remembered of each.

The rules by which gradients change parameters stand beside it, one a file (`sgd`, `adam`, …); what
changes the learning rate over time stands in `lr_scheduler`.
"""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from typing import Any

import numpy as np

from pellucid.errors import InputError
from pellucid.tensor.dtypes import Array, scalar_name
from pellucid.tensor.tensor import Tensor

Group = dict[str, Any]


class Optimizer:
    """What every optimizer shares. Abstract: use `SGD`, `Adam` or another rule.

    Args:
        params: tensors; or pairs (name, tensor); or dicts with 'params' and settings of their own.
        defaults: the settings of groups that do not say otherwise.

    Attributes:
        param_groups: dicts with 'params' and the settings; changing a setting here takes effect.
        state: per parameter, what the rule remembers, under PyTorch's names.
        has_stepped: whether it has done a step since it got its first schedule.
        has_warned: whether it has warned of a forgotten `zero_grad`.
    """

    def __init__(self, params: Iterable[Any], defaults: Group) -> None:
        self.defaults = defaults
        self.state: defaultdict[Tensor, dict[str, Any]] = defaultdict(dict)
        self.param_groups: list[Group] = []
        self.has_stepped = False
        self.has_warned = False
        if isinstance(params, Tensor):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, "
                f"but got torch.{scalar_name(params.dtype)}Tensor. Put it in a list: [tensor]."
            )
        if not isinstance(params, Iterable):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, "
                f"but got {type(params).__name__}. Give it `model.parameters()`."
            )
        given = list(params)
        if not given:
            raise ValueError(
                "optimizer got an empty parameter list. Give it `model.parameters()` of a model "
                "that has parameters; a generator is empty after it was used once."
            )
        for group in given if isinstance(given[0], dict) else [{"params": given}]:
            self.add_param_group(group)

    def add_param_group(self, param_group: Group) -> None:
        """Learn further parameters, with settings of their own where given."""
        if not isinstance(param_group, dict):
            raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
        group = dict(param_group)
        params = group["params"]
        if isinstance(params, set):
            raise TypeError(
                "optimizer parameters need to be organized in ordered collections, but the "
                "ordering of tensors in sets will change between runs. Please use a list instead."
            )
        params = [params] if isinstance(params, Tensor) else list(params)
        if any(isinstance(each, tuple) for each in params):
            group["param_names"], params = names_and_parameters(params)
        if any(("param_names" in old) != ("param_names" in group) for old in self.param_groups):
            raise ValueError(
                "all optimizer param groups should be with/without names. cannot add param group "
                f"with{'' if 'param_names' in group else 'out'} names to the optimizer"
            )
        if len({id(each) for each in params}) < len(params):
            warnings.warn(
                "optimizer contains a parameter group with duplicate parameters; each step changes "
                "such a parameter several times. Name every parameter once.",
                stacklevel=4,
            )
        seen = {id(each) for old in self.param_groups for each in old["params"]}
        for each in params:
            check_parameter(each)
            if id(each) in seen:
                raise ValueError("some parameters appear in more than one parameter group")
        group["params"] = params
        self.param_groups.append(group | {k: v for k, v in self.defaults.items() if k not in group})

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters, or set them to zero."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if set_to_none:
                    parameter.grad = None
                elif parameter.grad is not None:
                    parameter.grad = Tensor(np.zeros_like(parameter.grad.array))

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Change every parameter that has a gradient, in place.

        Args:
            closure: computes the loss and its gradients again before the step.

        Returns:
            What the closure returned.
        """
        loss = closure() if closure is not None else None
        self.has_stepped = True
        with np.errstate(all="ignore"):
            for group in self.param_groups:
                self.notice_reuse(group)
                for parameter in group["params"]:
                    if parameter.grad is not None:
                        self.update(parameter, self.state[parameter], group)
                        parameter.edits[0] += 1
        return loss

    def notice_reuse(self, group: Group) -> None:
        """Warn once if a step goes by gradients that an earlier step has gone by already.

        The first gradient of a group speaks for all. `backward` adds to a gradient; if that was
        used by a step, is not 0 and nobody changed it since, `zero_grad` was forgotten. Adding up
        over several batches on purpose is silent: there a step comes after the last of them, and
        then the gradients are forgotten. So are a second loss between step and `zero_grad`, two
        steps by one gradient, and gradients that are scaled or cleared by hand.
        """
        for parameter in group["params"]:
            gradient = parameter.grad
            if gradient is not None:
                if parameter.watched().note_use(gradient.edits) and not self.has_warned:
                    self.has_warned = True
                    warnings.warn(
                        "optimizer.step() uses gradients that an earlier step has used already: "
                        "`backward` adds to `.grad`, and nobody cleared it in between. Call "
                        "`optimizer.zero_grad()` before every `loss.backward()`, or after every "
                        "step.",
                        stacklevel=3,
                    )
                return

    @abstractmethod
    def update(self, parameter: Tensor, memory: dict[str, Any], group: Group) -> None:
        """Change one parameter in place by its gradient and what is remembered of it."""

    def state_dict(self) -> dict[str, Any]:
        """Memory and settings in PyTorch's layout: parameters are numbered over all groups."""
        numbers: dict[int, int] = {}
        groups = []
        for group in self.param_groups:
            for parameter in group["params"]:
                numbers.setdefault(id(parameter), len(numbers))
            places = [numbers[id(each)] for each in group["params"]]
            groups.append({k: v for k, v in group.items() if k != "params"} | {"params": places})
        state = {numbers[id(each)]: memory for each, memory in self.state.items() if memory}
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over memory and settings that `state_dict` gave.

        Raises:
            ValueError: there are other groups than here.
        """
        groups = deepcopy(state_dict["param_groups"])
        if len(groups) != len(self.param_groups):
            raise ValueError("loaded state dict has a different number of parameter groups")
        for own, given in zip(self.param_groups, groups, strict=True):
            if len(own["params"]) != len(given["params"]):
                raise ValueError(
                    "loaded state dict contains a parameter group that doesn't match the size of "
                    "optimizer's group"
                )
        self.state.clear()
        for own, given in zip(self.param_groups, groups, strict=True):
            for parameter, place in zip(own["params"], given["params"], strict=True):
                memory = state_dict["state"].get(place)
                if memory is not None:
                    self.state[parameter] = own_memory(memory, parameter)
            own.update({name: value for name, value in given.items() if name != "params"})

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for place, group in enumerate(self.param_groups):
            lines += ([""] if place else []) + [f"Parameter Group {place}"]
            lines += [f"    {name}: {group[name]}" for name in sorted(group) if name != "params"]
        return "\n".join([*lines, ")"])


def names_and_parameters(pairs: list[Any]) -> tuple[list[str], list[Any]]:
    """Pairs (name, tensor) as two lists."""
    if not all(isinstance(each, tuple) for each in pairs):
        raise ValueError(
            "all optimizer params should be with/without names. Some param names are missing"
        )
    return [name for name, _ in pairs], [tensor for _, tensor in pairs]


def check_parameter(parameter: Any) -> None:
    """Raise PyTorch's sentence if this cannot be learned."""
    if not isinstance(parameter, Tensor):
        raise TypeError(
            f"optimizer can only optimize Tensors, but one of the params is "
            f"{type(parameter).__name__}"
        )
    if not parameter.is_leaf:
        raise ValueError(
            "can't optimize a non-leaf Tensor. Learn the tensor that it was computed from."
        )


def own_memory(memory: Mapping[str, Any], parameter: Tensor) -> dict[str, Any]:
    """A copy of what is remembered, in the parameter's dtype (`step` stays float32)."""
    result: dict[str, Any] = {}
    for name, value in memory.items():
        if value is None:
            result[name] = None
            continue
        array = np.array(np.asarray(value))  # in two steps, as PyTorch's tensors know no `copy=`
        result[name] = Tensor(
            array.astype(np.float32 if name == "step" else parameter.array.dtype, copy=False)
        )
    return result


def check_number(name: str, value: Any, *, below: float | None = None) -> None:
    """Raise PyTorch's sentence if a setting is negative, or not below a bound."""
    if not isinstance(value, int | float | np.number | Tensor):
        raise TypeError(
            f"The {name} must be a number. Got {value!r} of {type(value).__name__}. The parameters "
            "come first: `Adam(model.parameters(), lr=0.001)`."
        )
    if not value >= 0 or (below is not None and not value < below):
        raise ValueError(f"Invalid {name}: {value}")


def check_ways(
    *,
    foreach: bool | None = None,
    fused: bool | None = None,
    capturable: bool = False,
    differentiable: bool = False,
) -> None:
    """Take PyTorch's words for how a step is computed, where the numbers are the same.

    Raises:
        RuntimeError: two that exclude each other.
        InputError: a way that pellucid does not have.
    """
    if fused and foreach:
        raise RuntimeError("`fused` and `foreach` cannot be `True` together.")
    if fused and differentiable:
        raise RuntimeError("`fused` does not support `differentiable`")
    for name, value in (("capturable", capturable), ("differentiable", differentiable)):
        if value:
            raise InputError(
                f"`{name}` must be False. Got {value}: pellucid computes on the CPU and does not "
                "differentiate steps. Leave it out."
            )


def count_step(memory: dict[str, Any]) -> float:
    """Count one more step of a parameter; returns its number, the first is 1."""
    if "step" not in memory:
        memory["step"] = Tensor(np.zeros((), np.float32))
    step = memory["step"].array
    step += 1
    return float(step)


def recall(memory: dict[str, Any], name: str, weights: Array) -> Array:
    """What is remembered under this name, to be changed in place; at first zeros."""
    if name not in memory:
        memory[name] = Tensor(np.zeros_like(weights))
    remembered: Array = memory[name].array
    return remembered
