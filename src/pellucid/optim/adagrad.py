"""`Adagrad`: steps that shorten for a parameter the more its gradients add up to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from pellucid.optim.optimizer import Group, Optimizer, check_number, check_ways, count_step
from pellucid.tensor.tensor import Tensor


class Adagrad(Optimizer):
    """Adaptive gradients: p ← p − lrₜ · g ÷ (√s + eps).

    s ← s + g² is the sum of all squared gradients so far, over the value that it begins with;
    lrₜ = lr ÷ (1 + (t − 1) · lr_decay), t is the number of the step. What is rarely asked for, such
    as the weight of a rare category, keeps long steps.

    Args:
        params: what is learned: `model.parameters()`.
        lr: learning rate, 0 or more.
        lr_decay: 0 (none) or more; shortens all steps as time goes by.
        weight_decay: 0 or more; weight_decay · parameter is added to the gradient.
        initial_accumulator_value: 0 or more; what every s begins with, in all groups.
        eps: 0 or more; keeps the division finite.
        maximize: climb instead of descend.
        foreach: how PyTorch computes it; the numbers are the same, so nothing changes here.
        fused: likewise.
        differentiable: only False is offered: a step is not differentiated.

    Raises:
        ValueError: a setting is negative.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> weight = tensor(0.5, requires_grad=True)
        >>> weight.grad = tensor(2.0)
        >>> Adagrad([weight], lr=0.01).step()
        >>> weight
        tensor(0.4900, requires_grad=True)

    Source:
        Duchi, Hazan & Singer (2011), "Adaptive subgradient methods for online learning and
        stochastic optimization", figure 1, with the diagonal of the matrix. Keras begins s with
        0.1 and takes 1e-7 for eps.
    """

    def __init__(  # noqa: PLR0917 (PyTorch's signature)
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check_ways(foreach=foreach, fused=fused, differentiable=differentiable)
        check_number("learning rate", lr)
        check_number("lr_decay value", lr_decay)
        check_number("weight_decay value", weight_decay)
        check_number("initial_accumulator_value value", initial_accumulator_value)
        check_number("epsilon value", eps)
        super().__init__(
            params,
            {
                "lr": lr,
                "lr_decay": lr_decay,
                "eps": eps,
                "weight_decay": weight_decay,
                "initial_accumulator_value": initial_accumulator_value,
                "maximize": maximize,
            },
        )
        for group in self.param_groups:
            for parameter in group["params"]:
                self.begin(parameter.array, self.state[parameter])

    def begin(self, weights: Any, memory: dict[str, Any]) -> None:
        """Remember no gradient yet."""
        value = self.defaults["initial_accumulator_value"]
        memory["step"] = Tensor(np.zeros((), np.float32))
        memory["sum"] = Tensor(np.full_like(weights, value))

    def update(self, parameter: Tensor, memory: dict[str, Any], group: Group) -> None:
        """Change one parameter in place."""
        weights, gradient = parameter.array, parameter.grad.array  # type: ignore[union-attr]  # `step` gives only those with a gradient
        if not memory:  # its group came after the first ones, or a state was loaded without it
            self.begin(weights, memory)
        lr = group["lr"] / (1 + (count_step(memory) - 1) * group["lr_decay"])
        if group["maximize"]:
            gradient = -gradient
        if group["weight_decay"]:
            gradient = gradient + group["weight_decay"] * weights
        total = memory["sum"].array
        total += gradient * gradient
        weights -= lr * (gradient / (np.sqrt(total) + group["eps"]))
