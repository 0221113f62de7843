"""`AdamW`: Adam whose weight decay does not pass through the gradient."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pellucid.optim.adam import check_settings, move
from pellucid.optim.optimizer import Group, Optimizer, check_ways
from pellucid.tensor.tensor import Tensor


class AdamW(Optimizer):
    """Adam with decoupled weight decay: each step first shrinks the parameter, then does Adam's.

    p ← p · (1 − lr · weight_decay), then p ← p − lr · m̂ ÷ (√v̂ + eps). As in Adam,
    m ← β₁ · m + (1 − β₁) · g and v ← β₂ · v + (1 − β₂) · g² are running means of the gradient g
    and of its square, and m̂ = m ÷ (1 − β₁ᵗ), v̂ = v ÷ (1 − β₂ᵗ) correct for their start at 0;
    t is the number of the step. Adam adds the decay to g, so that m and v see it, and parameters
    with large gradients are hardly pulled at all.

    Args:
        params: what is learned: `model.parameters()`.
        lr: learning rate, 0 or more.
        betas: (β₁, β₂), each from 0 to below 1.
        eps: 0 or more; keeps the division finite.
        weight_decay: 0 (none) or more; the share of a parameter that lr · weight_decay takes away.
        amsgrad: divide by the largest v so far.
        maximize: climb instead of descend; the decay pulls towards 0 all the same.
        foreach: how PyTorch computes it; the numbers are the same, so nothing changes here.
        fused: likewise.
        capturable: only False is offered; it belongs to graphics cards.
        differentiable: only False is offered: a step is not differentiated.

    Raises:
        ValueError: a setting is outside of its range.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> weight = tensor(0.5, requires_grad=True)
        >>> weight.grad = tensor(2.0)
        >>> AdamW([weight], lr=0.01, weight_decay=0.1).step()
        >>> weight
        tensor(0.4895, requires_grad=True)

    Source:
        Loshchilov & Hutter (2019), "Decoupled weight decay regularization", algorithm 2; there the
        decay is scaled by a schedule, here as in PyTorch by the learning rate. amsgrad is of Reddi
        et al. (2018), "On the convergence of Adam and beyond", but for the correction of v.
    """

    def __init__(  # noqa: PLR0917 (PyTorch's signature)
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
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
        weights *= 1 - group["lr"] * group["weight_decay"]
        move(weights, -gradient if group["maximize"] else gradient, memory, group)
