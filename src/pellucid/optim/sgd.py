"""`SGD`: stochastic gradient descent, with momentum if wanted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from pellucid.optim.optimizer import Group, Optimizer, check_number, check_ways
from pellucid.tensor.tensor import Tensor


class SGD(Optimizer):
    """Stochastic gradient descent: parameter ← parameter − lr · direction.

    Without momentum the direction is the gradient g (plus weight_decay · parameter). With it a
    buffer b is kept, b ← momentum · b + (1 − dampening) · g, beginning with b = g, and the
    direction is b, or g + momentum · b under `nesterov`.

    Args:
        params: what is learned: `model.parameters()`.
        lr: learning rate, 0 or more.
        momentum: 0 (none) or more, usually 0.9.
        dampening: how much of a new gradient the buffer does not take.
        weight_decay: 0 or more; pulls parameters towards 0.
        nesterov: look ahead along the buffer.
        maximize: climb instead of descend.
        foreach: how PyTorch computes it; the numbers are the same, so nothing changes here.
        fused: likewise.
        differentiable: only False is offered: a step is not differentiated.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> weight = tensor(0.5, requires_grad=True)
        >>> weight.grad = tensor(2.0)
        >>> SGD([weight], lr=0.01).step()
        >>> weight
        tensor(0.4800, requires_grad=True)

    Source:
        Sutskever et al. (2013), "On the importance of initialization and momentum"; as PyTorch
        does it, the learning rate is not part of the buffer.
    """

    def __init__(  # noqa: PLR0917 (PyTorch's signature)
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check_ways(foreach=foreach, fused=fused, differentiable=differentiable)
        check_number("learning rate", lr)
        check_number("momentum value", momentum)
        check_number("weight_decay value", weight_decay)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        super().__init__(
            params,
            {
                "lr": lr,
                "momentum": momentum,
                "dampening": dampening,
                "weight_decay": weight_decay,
                "nesterov": nesterov,
                "maximize": maximize,
            },
        )

    def update(self, parameter: Tensor, memory: dict[str, Any], group: Group) -> None:
        """Change one parameter in place."""
        weights, gradient = parameter.array, parameter.grad.array  # type: ignore[union-attr]  # `step` gives only those with a gradient
        if group["maximize"]:
            gradient = -gradient
        if group["weight_decay"]:
            gradient = gradient + group["weight_decay"] * weights
        if group["momentum"]:
            gradient = remember(gradient, memory, group)
        weights -= group["lr"] * gradient


def remember(gradient: Any, memory: dict[str, Any], group: Group) -> Any:
    """Take a gradient into the buffer; returns the direction."""
    momentum = group["momentum"]
    if memory.get("momentum_buffer") is None:
        memory["momentum_buffer"] = Tensor(np.array(gradient))
        buffer = memory["momentum_buffer"].array
    else:
        buffer = memory["momentum_buffer"].array
        buffer *= momentum
        buffer += (1 - group["dampening"]) * gradient
    return gradient + momentum * buffer if group["nesterov"] else buffer
