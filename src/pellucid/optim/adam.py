"""`Adam`: steps whose length adapts to each parameter."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from pellucid.optim.optimizer import Group, Optimizer, check_number, check_ways, count_step, recall
from pellucid.tensor.dtypes import Array
from pellucid.tensor.tensor import Tensor


class Adam(Optimizer):
    """Adaptive moments: parameter ← parameter − lr · m̂ ÷ (√v̂ + eps).

    m ← β₁ · m + (1 − β₁) · g and v ← β₂ · v + (1 − β₂) · g² are running means of the gradient g
    and of its square; m̂ = m ÷ (1 − β₁ᵗ) and v̂ = v ÷ (1 − β₂ᵗ) correct for their start at 0, t is
    the number of the step.

    Args:
        params: what is learned: `model.parameters()`.
        lr: learning rate, 0 or more.
        betas: (β₁, β₂), each from 0 to below 1.
        eps: 0 or more; keeps the division finite.
        weight_decay: 0 or more; weight_decay · parameter is added to the gradient.
        amsgrad: divide by the largest v so far.
        maximize: climb instead of descend.
        foreach: how PyTorch computes it; the numbers are the same, so nothing changes here.
        fused: likewise.
        capturable: only False is offered; it belongs to graphics cards.
        differentiable: only False is offered: a step is not differentiated.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> weight = tensor(0.5, requires_grad=True)
        >>> weight.grad = tensor(2.0)
        >>> Adam([weight], lr=0.01).step()
        >>> weight
        tensor(0.4900, requires_grad=True)

    Source:
        Kingma & Ba (2015), "Adam: a method for stochastic optimization", algorithm 1.
    """

    def __init__(  # noqa: PLR0917 (PyTorch's signature)
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check_ways(
            foreach=foreach, fused=fused, capturable=capturable, differentiable=differentiable
        )
        settings = check_settings(lr, betas, eps, weight_decay)
        super().__init__(params, {**settings, "amsgrad": amsgrad, "maximize": maximize})

    def update(self, parameter: Tensor, memory: dict[str, Any], group: Group) -> None:
        """Change one parameter in place."""
        weights, gradient = parameter.array, parameter.grad.array  # type: ignore[union-attr]  # `step` gives only those with a gradient
        if group["maximize"]:
            gradient = -gradient
        if group["weight_decay"]:
            gradient = gradient + group["weight_decay"] * weights
        move(weights, gradient, memory, group)


def check_settings(
    lr: float, betas: tuple[float, float], eps: float, weight_decay: float
) -> dict[str, Any]:
    """The settings that Adam and AdamW have in common, checked.

    Raises:
        ValueError: one is outside of its range.
        TypeError: one is no number, or `betas` no pair.
    """
    check_number("learning rate", lr)
    check_number("epsilon value", eps)
    if not isinstance(betas, Sequence) or len(betas) != 2:
        raise TypeError(f"betas must be two numbers, such as (0.9, 0.999). Got {betas!r}.")
    check_number("beta parameter at index 0", betas[0], below=1.0)
    check_number("beta parameter at index 1", betas[1], below=1.0)
    check_number("weight_decay value", weight_decay)
    return {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay}


def move(weights: Array, gradient: Array, memory: dict[str, Any], group: Group) -> None:
    """Adam's own move: both running means follow the gradient, then weights −= lr · m̂ ÷ (√v̂ + eps).

    Args:
        weights: changed in place.
        gradient: what m and v follow.
        memory: m (`exp_avg`), v (`exp_avg_sq`), the largest v (`max_exp_avg_sq`), `step`.
        group: settings.
    """
    (beta1, beta2), step = group["betas"], count_step(memory)
    mean, square = recall(memory, "exp_avg", weights), recall(memory, "exp_avg_sq", weights)
    mean += (1 - beta1) * (gradient - mean)
    square *= beta2
    square += (1 - beta2) * (gradient * gradient)
    if group["amsgrad"]:
        largest = recall(memory, "max_exp_avg_sq", weights)
        square = np.maximum(largest, square, out=largest)
    root = np.sqrt(square)
    root /= math.sqrt(1 - beta2**step)
    root += group["eps"]
    weights -= (group["lr"] / (1 - beta1**step)) * (mean / root)
