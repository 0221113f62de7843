"""What a neuron does to its weighted sum: ReLU, sigmoid, tanh, softmax, or nothing."""

from __future__ import annotations

import warnings
from typing import Any

from pellucid.nn.mistakes import check_tensor
from pellucid.nn.module import Module
from pellucid.tensor import functions
from pellucid.tensor.tensor import Tensor


class ReLU(Module):
    """The larger of x and 0; its derivative at 0 is 0.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> ReLU()(tensor([-3.0, 58.1]))
        tensor([ 0.0000, 58.1000])
    """

    def forward(self, input: Tensor) -> Tensor:
        """The larger of each number and 0, in the input's shape."""
        check_tensor(input, "relu")
        return input.apply(functions.relu)


class Sigmoid(Module):
    """1 ÷ (1 + e^−x): any number to a share between 0 and 1."""

    def forward(self, input: Tensor) -> Tensor:
        """1 ÷ (1 + e^−x) of each number, in the input's shape."""
        check_tensor(input, "sigmoid")
        return input.apply(functions.sigmoid)


class Tanh(Module):
    """The hyperbolic tangent: any number to one between −1 and 1."""

    def forward(self, input: Tensor) -> Tensor:
        """The hyperbolic tangent of each number, in the input's shape."""
        check_tensor(input, "tanh")
        return input.apply(functions.tanh)


class Softmax(Module):
    """Shares that add up to 1: e^x ÷ Σ e^x along an axis.

    Args:
        dim: the axis. Without it the axis is guessed as PyTorch does, with a warning.
    """

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        """The shares, in the input's shape."""
        check_tensor(input, "softmax")
        dim = self.dim
        if dim is None:
            dim = 0 if input.ndim in (0, 1, 3) else 1
            warnings.warn(
                "Implicit dimension choice for softmax has been deprecated. "
                "Change the call to include dim=X as an argument.",
                UserWarning,
                stacklevel=3,
            )
        return input.softmax(dim)

    def extra_repr(self) -> str:
        """The axis."""
        return f"dim={self.dim}"


class Identity(Module):
    """What comes in goes out; arguments are taken and not used."""

    def __init__(self, *_: Any, **__: Any) -> None:
        super().__init__()

    def forward(self, input: Tensor) -> Tensor:
        """The input itself."""
        return input
