"""`RMSprop`: steps divided by how large the gradient usually is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from pellucid.optim.optimizer import Group, Optimizer, check_number, check_ways, count_step, recall
from pellucid.tensor.tensor import Tensor


class RMSprop(Optimizer):
    """Division by the root of the mean square: p ← p − lr · g ÷ (√v + eps).

    v ← α · v + (1 − α) · g² is a running mean of the gradient's square that begins with 0.
    `centered` keeps the mean m ← α · m + (1 − α) · g too and divides by √(v − m²), an estimate of
    the standard deviation. With momentum a buffer b ← momentum · b + g ÷ (√v + eps) is kept, and
    p ← p − lr · b.

    Args:
        params: what is learned: `model.parameters()`.
        lr: learning rate, 0 or more.
        alpha: α, 0 or more, usually below 1; how much of the mean a step leaves as it is.
        eps: 0 or more; keeps the division finite.
        weight_decay: 0 or more; weight_decay · parameter is added to the gradient.
        momentum: 0 (none) or more.
        centered: divide by the standard deviation.
        maximize: climb instead of descend.
        foreach: how PyTorch computes it; the numbers are the same, so nothing changes here.
        capturable: only False is offered; it belongs to graphics cards.
        differentiable: only False is offered: a step is not differentiated.

    Raises:
        ValueError: a setting is negative.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> weight = tensor(0.5, requires_grad=True)
        >>> weight.grad = tensor(2.0)
        >>> RMSprop([weight], lr=0.01).step()
        >>> weight
        tensor(0.4000, requires_grad=True)

    Source:
        Tieleman & Hinton (2012), "Neural networks for machine learning", lecture 6.5; centered:
        Graves (2013), "Generating sequences with recurrent neural networks", equations 38–41.
        Keras and TensorFlow take 0.9 for α; TensorFlow and Graves add eps under the root.
    """

    def __init__(  # noqa: PLR0917 (PyTorch's signature)
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_ways(foreach=foreach, capturable=capturable, differentiable=differentiable)
        check_number("learning rate", lr)
        check_number("epsilon value", eps)
        check_number("momentum value", momentum)
        check_number("weight_decay value", weight_decay)
        check_number("alpha value", alpha)
        super().__init__(
            params,
            {
                "lr": lr,
                "momentum": momentum,
                "alpha": alpha,
                "eps": eps,
                "centered": centered,
                "weight_decay": weight_decay,
                "maximize": maximize,
            },
        )

    def update(self, parameter: Tensor, memory: dict[str, Any], group: Group) -> None:
        """Change one parameter in place."""
        weights, gradient = parameter.array, parameter.grad.array  # type: ignore[union-attr]  # `step` gives only those with a gradient
        alpha, momentum = group["alpha"], group["momentum"]
        count_step(memory)
        square = recall(memory, "square_avg", weights)
        buffer = recall(memory, "momentum_buffer", weights) if momentum > 0 else None
        if group["maximize"]:
            gradient = -gradient
        if group["weight_decay"]:
            gradient = gradient + group["weight_decay"] * weights
        square *= alpha
        square += (1 - alpha) * (gradient * gradient)
        if group["centered"]:
            mean = recall(memory, "grad_avg", weights)
            mean += (1 - alpha) * (gradient - mean)
            square = square - mean * mean
        direction = gradient / (np.sqrt(square) + group["eps"])
        if buffer is not None:
            buffer *= momentum
            buffer += direction
            direction = buffer
        weights -= group["lr"] * direction
