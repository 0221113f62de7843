"""What neurons do with their weighted sums: `relu`, `sigmoid`, `tanh`, `softmax`, `log_softmax`.

Each is a word of the library and a method of a tensor: `pellucid.relu(x)` is `x.relu()`. The layers
and further activations live in `nn`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pellucid.tensor import functions
from pellucid.tensor.axes import read_dim
from pellucid.tensor.dtypes import Dtype

if TYPE_CHECKING:
    from pellucid.tensor.tensor import Tensor


def relu(input: Tensor) -> Tensor:
    """The larger of each number and 0.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([-3.0, 0.5]).relu()
        tensor([0.0000, 0.5000])
    """
    return input.apply(functions.relu)


def sigmoid(input: Tensor) -> Tensor:
    """1 ÷ (1 + e^−x) of each number x.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([0.0]).sigmoid()
        tensor([0.5000])
    """
    return input.apply(functions.sigmoid)


def tanh(input: Tensor) -> Tensor:
    """The hyperbolic tangent.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([0.5]).tanh()
        tensor([0.4621])
    """
    return input.apply(functions.tanh)


def softmax(input: Tensor, dim: int, dtype: Dtype | None = None) -> Tensor:
    """Shares that add up to 1 along an axis: e^x ÷ Σ e^x.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1.0, 1.0]).softmax(dim=0)
        tensor([0.5000, 0.5000])
    """
    return input.floating(dtype).apply(functions.softmax, axis=read_dim(dim, input.ndim))


def log_softmax(input: Tensor, dim: int, dtype: Dtype | None = None) -> Tensor:
    """The logarithms of `softmax`, without overflow.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1.0, 1.0]).log_softmax(dim=0)
        tensor([-0.6931, -0.6931])
    """
    return input.floating(dtype).apply(functions.log_softmax, axis=read_dim(dim, input.ndim))
