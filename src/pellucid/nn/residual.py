"""`Residual`: layers whose result is added to what went into them."""

from __future__ import annotations

from typing import Any

from pellucid.errors import ShapeError
from pellucid.nn.container import Sequential


class Residual(Sequential):
    """The input plus what the layers, one after another, make of it: x + layers(x).

    The layers learn only what is to change, and the gradient has a way past them.

    Args:
        modules: modules, named '0', '1' …, or one OrderedDict with names, as in `Sequential`; the
            last one's output has the shape of the input.

    Example:
        >>> from pellucid import nn
        >>> from pellucid.tensor.creation import tensor
        >>> nn.Residual(nn.ReLU())(tensor([[-3.0, 2.0]]))
        tensor([[-3.,  4.]])

    Source:
        He et al. (2016), "Deep residual learning for image recognition". PyTorch has no module of
        this kind; there a `forward` adds by hand.
    """

    def forward(self, input: Any) -> Any:
        """The input plus the last module's output."""
        change = super().forward(input)
        if change.shape != input.shape:
            raise ShapeError(
                f"The layers of a Residual must keep the shape. They made {change.shape} of "
                f"{input.shape}; the last Linear must have as many outputs as the first has inputs."
            )
        return input + change
