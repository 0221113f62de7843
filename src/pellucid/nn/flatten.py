"""`Flatten`: several axes made one, as a layer."""

from __future__ import annotations

from pellucid.nn.mistakes import check_tensor
from pellucid.nn.module import Module
from pellucid.tensor.tensor import Tensor


class Flatten(Module):
    """The axes from `start_dim` to `end_dim` in one, so that pictures become rows.

    Args:
        start_dim: the first of them; 1 leaves the batch's axis alone.
        end_dim: the last of them.

    Example:
        >>> from pellucid.tensor.creation import zeros
        >>> Flatten()(zeros(32, 28, 28)).shape
        (32, 784)
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim = start_dim
        self.end_dim = end_dim

    def forward(self, input: Tensor) -> Tensor:
        """The same numbers in the same order, with fewer axes."""
        check_tensor(input, "flatten")
        return input.flatten(self.start_dim, self.end_dim)

    def extra_repr(self) -> str:
        """The axes."""
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"
