"""Gradient clipping: gradients that are too long are shortened before the optimizer's step.

What PyTorch offers in `nn.utils`. It changes `.grad` in place and knows no optimizers.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator

import numpy as np

from pellucid.errors import TrainingError
from pellucid.tensor.tensor import Tensor


def clip_grad_norm_(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
) -> Tensor:
    """Shorten all gradients by one factor, so that together they are at most `max_norm` long.

    g ← g · min(1, max_norm ÷ (‖g‖ + 10⁻⁶)), where g is all gradients as one vector: its direction
    stays, and what is short enough stays as it is.

    Args:
        parameters: whose gradients; those without one are left out.
        max_norm: the longest allowed.
        norm_type: p of the p-norm (Σ |g|ᵖ)^(1 ÷ p); `float("inf")` for the largest magnitude.
        error_if_nonfinite: refuse a norm that is infinite or not a number; otherwise such
            gradients become 0 and not a number.

    Returns:
        ‖g‖ before it was clipped, shape ().

    Raises:
        TrainingError: the norm is not finite, and `error_if_nonfinite` is set.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> weight = tensor([0.0, 0.0], requires_grad=True)
        >>> weight.grad = tensor([3.0, 4.0])
        >>> clip_grad_norm_([weight], max_norm=1.0)
        tensor(5.)
        >>> weight.grad
        tensor([0.6000, 0.8000])

    Source:
        Pascanu, Mikolov & Bengio (2013), "On the difficulty of training recurrent neural
        networks", algorithm 1; there without the 10⁻⁶, which is PyTorch's.
    """
    given = [parameters] if isinstance(parameters, Tensor) else list(parameters)
    if not given and isinstance(parameters, Iterator):
        warnings.warn(
            "`parameters` is an empty generator, no gradient clipping will occur. A generator is "
            "empty after it was used once: call `model.parameters()` again.",
            stacklevel=2,
        )
    gradients = [each.grad for each in given if each.grad is not None]
    total = get_total_norm(gradients, norm_type, error_if_nonfinite)
    clip_grads_with_norm_(given, max_norm, total)
    return total


def get_total_norm(
    tensors: Tensor | Iterable[Tensor], norm_type: float = 2.0, error_if_nonfinite: bool = False
) -> Tensor:
    """The length of tensors, as if they were one vector; 0 if there are none.

    Args:
        tensors: any shapes.
        norm_type: p of the p-norm.
        error_if_nonfinite: refuse a length that is infinite or not a number.

    Returns:
        The length, shape ().

    Raises:
        TrainingError: the length is not finite, and `error_if_nonfinite` is set.
    """
    given = [tensors] if isinstance(tensors, Tensor) else list(tensors)
    order = float(norm_type)
    if not given:
        return Tensor(np.zeros((), np.float32))
    with np.errstate(all="ignore"):
        norms = np.stack([np.linalg.norm(each.array.ravel(), order) for each in given])
        total = np.asarray(np.linalg.norm(norms, order))
    if error_if_nonfinite and not np.isfinite(total):
        raise TrainingError(
            f"The total norm of order {order} for gradients from `parameters` is non-finite, so it "
            "cannot be clipped. To disable this error and scale the gradients by the non-finite "
            "norm anyway, set `error_if_nonfinite=False`"
        )
    return Tensor(total)


def clip_grads_with_norm_(
    parameters: Tensor | Iterable[Tensor], max_norm: float, total_norm: Tensor
) -> None:
    """Shorten all gradients by the factor that makes `total_norm` at most `max_norm`."""
    given = [parameters] if isinstance(parameters, Tensor) else parameters
    with np.errstate(all="ignore"):
        factor = np.minimum(float(max_norm) / (total_norm.array + 1e-6), 1.0)
        for each in given:
            if each.grad is not None:
                each.grad.array[...] = each.grad.array * factor
                each.grad.edits[0] += 1


def clip_grad_value_(parameters: Tensor | Iterable[Tensor], clip_value: float) -> None:
    """Bring every single number of the gradients into [−clip_value, clip_value].

    Unlike `clip_grad_norm_` this changes the direction of a step.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> weight = tensor([0.0, 0.0], requires_grad=True)
        >>> weight.grad = tensor([0.5, -4.0])
        >>> clip_grad_value_([weight], clip_value=1.0)
        >>> weight.grad
        tensor([ 0.5000, -1.0000])
    """
    bound = float(clip_value)
    for each in [parameters] if isinstance(parameters, Tensor) else parameters:
        if each.grad is not None:
            np.clip(each.grad.array, -bound, bound, out=each.grad.array)
            each.grad.edits[0] += 1


def clip(parameters: list[Tensor], norm: float | None, value: float | None) -> None:
    """Clip by norm, then by value, whichever is asked for."""
    if norm is not None:
        clip_grad_norm_(parameters, norm)
    if value is not None:
        clip_grad_value_(parameters, value)
