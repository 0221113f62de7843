"""What a neuron does to its weighted sum: ReLU and its relatives, sigmoid, tanh, softmax, or nothing.

The formulas stand in the operation table (`tensor.functions`, `tensor.activations`).
"""

from __future__ import annotations

import warnings
from typing import Any

from pellucid.nn.mistakes import check_floating, check_not_in_place, check_tensor
from pellucid.nn.module import Module
from pellucid.tensor import activations, functions
from pellucid.tensor.tensor import Tensor


class ReLU(Module):
    """The larger of x and 0; its derivative at 0 is 0.

    Args:
        inplace: only False is offered; the numbers are the same.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> ReLU()(tensor([-3.0, 58.1]))
        tensor([ 0.0000, 58.1000])
    """

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        check_not_in_place(self, inplace=inplace)

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


class LeakyReLU(Module):
    """Numbers above 0 as they are, of those below a small part: no neuron is ever quite dead.

    Args:
        negative_slope: how much of a negative number is left.
        inplace: only False is offered; the numbers are the same.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> LeakyReLU(0.1)(tensor([-3.0, 58.1]))
        tensor([-0.3000, 58.1000])
    """

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        super().__init__()
        check_not_in_place(self, inplace=inplace)
        self.negative_slope = negative_slope

    def forward(self, input: Tensor) -> Tensor:
        """The number x above 0, negative_slope · x below, in the input's shape."""
        check_tensor(input, "leaky_relu")
        check_floating(input, "leaky_relu_cpu")
        return input.apply(activations.leaky_relu, slope=self.negative_slope)

    def extra_repr(self) -> str:
        """The slope."""
        return f"negative_slope={self.negative_slope}"


class ELU(Module):
    """Numbers above 0 as they are, below alpha · (e^x − 1), which levels off at −alpha.

    Args:
        alpha: how far below 0 it can fall.
        inplace: only False is offered; the numbers are the same.

    Source:
        Clevert et al. (2016), "Fast and accurate deep network learning by exponential linear
        units".
    """

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        check_not_in_place(self, inplace=inplace)
        self.alpha = alpha

    def forward(self, input: Tensor) -> Tensor:
        """The number x above 0, alpha · (e^x − 1) below, in the input's shape."""
        check_tensor(input, "elu")
        check_floating(input, "elu_cpu")
        return input.apply(activations.elu, alpha=self.alpha, scale=1.0)

    def extra_repr(self) -> str:
        """How far below 0 it can fall."""
        return f"alpha={self.alpha}"


class SELU(Module):
    """A scaled ELU whose two constants keep mean 0 and variance 1 from layer to layer.

    Args:
        inplace: only False is offered; the numbers are the same.

    Source:
        Klambauer et al. (2017), "Self-normalizing neural networks", equation 14.
    """

    alpha = 1.6732632423543772848170429916717
    scale = 1.0507009873554804934193349852946

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        check_not_in_place(self, inplace=inplace)

    def forward(self, input: Tensor) -> Tensor:
        """Scale · x or scale · alpha · (e^x − 1), in the input's shape."""
        check_tensor(input, "selu")
        check_floating(input, "elu_cpu")
        return input.apply(activations.elu, alpha=self.alpha, scale=self.scale)


class GELU(Module):
    """Each number times the share of a standard normal distribution that lies below it.

    Args:
        approximate: 'none' for the share itself, (1 + erf(x ÷ √2)) ÷ 2; 'tanh' for
            (1 + tanh(√(2 ÷ π) · (x + 0.044715 · x³))) ÷ 2 instead.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> GELU()(tensor([-1.0, 0.0, 1.0]))
        tensor([-0.1587,  0.0000,  0.8413])

    Source:
        Hendrycks & Gimpel (2016), "Gaussian error linear units".
    """

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        self.approximate = approximate

    def forward(self, input: Tensor) -> Tensor:
        """The number times its share, in the input's shape."""
        check_tensor(input, "gelu")
        if self.approximate not in ("none", "tanh"):
            raise RuntimeError(
                f"approximate argument must be either none or tanh. Got {self.approximate!r}."
            )
        check_floating(input, "GeluKernelImpl")
        return input.apply(activations.gelu, approximate=self.approximate)

    def extra_repr(self) -> str:
        """Whether the share is approximated."""
        return f"approximate={self.approximate!r}"


class SiLU(Module):
    """Each number times its sigmoid, x · σ(x); also called swish.

    Args:
        inplace: only False is offered; the numbers are the same.

    Source:
        Elfwing et al. (2018), "Sigmoid-weighted linear units for neural network function
        approximation in reinforcement learning".
    """

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        check_not_in_place(self, inplace=inplace)

    def forward(self, input: Tensor) -> Tensor:
        """The product x · σ(x), in the input's shape."""
        check_tensor(input, "silu")
        check_floating(input, "silu_cpu")
        return input.apply(activations.silu)


class Mish(Module):
    """Each number times the tanh of its softplus, x · tanh(ln(1 + e^x)).

    Args:
        inplace: only False is offered; the numbers are the same.

    Source:
        Misra (2019), "Mish: a self regularized non-monotonic activation function".
    """

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        check_not_in_place(self, inplace=inplace)

    def forward(self, input: Tensor) -> Tensor:
        """The product x · tanh(ln(1 + e^x)), in the input's shape."""
        check_tensor(input, "mish")
        check_floating(input, "mish_cpu")
        return input.apply(activations.mish)


class Softplus(Module):
    """A ReLU without its bend: ln(1 + e^(beta · x)) ÷ beta, always above 0.

    Args:
        beta: how sharp the bend is.
        threshold: where beta · x is larger than this, x itself is taken.
    """

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta = beta
        self.threshold = threshold

    def forward(self, input: Tensor) -> Tensor:
        """The value of ln(1 + e^(beta · x)) ÷ beta, in the input's shape."""
        check_tensor(input, "softplus")
        check_floating(input, "softplus_cpu")
        return input.apply(activations.softplus, beta=self.beta, threshold=self.threshold)

    def extra_repr(self) -> str:
        """Sharpness and threshold."""
        return f"beta={self.beta}, threshold={self.threshold}"


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
        return input.softmax(guess_axis("softmax", input) if self.dim is None else self.dim)

    def extra_repr(self) -> str:
        """The axis."""
        return f"dim={self.dim}"


class LogSoftmax(Module):
    """The logarithms of a softmax's shares, x − ln Σ e^x along an axis, without overflow.

    Args:
        dim: the axis. Without it the axis is guessed as PyTorch does, with a warning.
    """

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        """The logarithms, in the input's shape."""
        check_tensor(input, "log_softmax")
        check_floating(input, "log_softmax_lastdim_kernel_impl")
        return input.log_softmax(guess_axis("log_softmax", input) if self.dim is None else self.dim)

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


def guess_axis(operation: str, input: Tensor) -> int:
    """The axis that PyTorch takes where none was said, with its warning."""
    warnings.warn(
        f"Implicit dimension choice for {operation} has been deprecated. "
        "Change the call to include dim=X as an argument.",
        UserWarning,
        stacklevel=4,
    )
    return 0 if input.ndim in (0, 1, 3) else 1
