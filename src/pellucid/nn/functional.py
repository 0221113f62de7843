"""PyTorch's `nn.functional`: layers, activations and losses as functions, with nothing to remember.

Each does what the module of the same kind does, and raises the same errors.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pellucid.nn.activation import (
    ELU,
    GELU,
    SELU,
    LeakyReLU,
    LogSoftmax,
    Mish,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Tanh,
)
from pellucid.nn.classification import CrossEntropyLoss, NLLLoss
from pellucid.nn.dropout import Dropout
from pellucid.nn.embedding import check_categories, read_padding
from pellucid.nn.loss import BCELoss, BCEWithLogitsLoss, MSELoss
from pellucid.nn.normalization import LayerNorm
from pellucid.nn.regression import HuberLoss, L1Loss, PoissonNLLLoss, SmoothL1Loss
from pellucid.tensor import lookup
from pellucid.tensor.tensor import Tensor


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Weighted sums: input (…, in) by a weight (out, in), plus a bias (out,)."""
    sums = input @ weight.T
    return sums if bias is None else sums + bias


def embedding(
    input: Tensor,
    weight: Tensor,
    padding_idx: int | None = None,
    *,
    scale_grad_by_freq: bool = False,
) -> Tensor:
    """Rows of a table (categories, columns) for categories of any shape."""
    if weight.ndim != 2:
        raise RuntimeError(f"'weight' must be 2-D. Got shape {weight.shape}.")
    check_categories(input, len(weight))
    padding = read_padding(padding_idx, len(weight))
    return weight.apply(lookup.embedding, input, padding=padding, by_frequency=scale_grad_by_freq)


def one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    """1 at the place of each class, 0 elsewhere: shape (…, classes), int64.

    Args:
        tensor: classes, whole numbers from 0.
        num_classes: −1 for one more than the largest.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> one_hot(tensor([0, 2]))
        tensor([[1, 0, 0],
                [0, 0, 1]])
    """
    array = tensor.array
    if array.dtype != np.int64:
        raise RuntimeError(
            "one_hot is only applicable to index tensor of type LongTensor. `.long()` converts."
        )
    if array.size == 0 and num_classes <= 0:
        raise RuntimeError(
            "Can not infer total number of classes from empty tensor. Say `num_classes`."
        )
    if array.size and array.min() < 0:
        raise RuntimeError("Class values must be non-negative.")
    count = int(array.max()) + 1 if num_classes == -1 else num_classes
    if array.size and array.max() >= count:
        raise RuntimeError("Class values must be smaller than num_classes.")
    return Tensor((array[..., None] == np.arange(count)).astype(np.int64))


def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """A part p of the numbers set to 0 by chance, the others divided by 1 − p."""
    return call(Dropout(p, inplace).train(training), input)


def layer_norm(
    input: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """The rows at mean 0 and variance 1, then times a weight, plus a bias."""
    out = call(LayerNorm(tuple(normalized_shape), eps, elementwise_affine=False), input)
    out = out if weight is None else out * weight
    return out if bias is None else out + bias


def call(module: Any, *inputs: Any) -> Tensor:
    """What a module gives; a symbol, see `engine.sketch`, only notes that it is called."""
    through = getattr(inputs[0], "through", None)
    result: Tensor = module(*inputs) if through is None else through(module)
    return result


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """The larger of each number and 0."""
    return call(ReLU(inplace), input)


def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """X where x > 0, else negative_slope · x."""
    return call(LeakyReLU(negative_slope, inplace), input)


def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """X where x > 0, else alpha · (e^x − 1)."""
    return call(ELU(alpha, inplace), input)


def selu(input: Tensor, inplace: bool = False) -> Tensor:
    """A scaled ELU that keeps mean 0 and variance 1."""
    return call(SELU(inplace), input)


def gelu(input: Tensor, approximate: str = "none") -> Tensor:
    """X times the share of a standard normal distribution below x."""
    return call(GELU(approximate), input)


def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """X · σ(x)."""
    return call(SiLU(inplace), input)


def mish(input: Tensor, inplace: bool = False) -> Tensor:
    """X · tanh(ln(1 + e^x))."""
    return call(Mish(inplace), input)


def softplus(input: Tensor, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """Ln(1 + e^(beta · x)) ÷ beta."""
    return call(Softplus(beta, threshold), input)


def sigmoid(input: Tensor) -> Tensor:
    """1 ÷ (1 + e^−x)."""
    return call(Sigmoid(), input)


def tanh(input: Tensor) -> Tensor:
    """The hyperbolic tangent."""
    return call(Tanh(), input)


def softmax(input: Tensor, dim: int | None = None) -> Tensor:
    """Shares that add up to 1 along an axis."""
    return call(Softmax(dim), input)


def log_softmax(input: Tensor, dim: int | None = None) -> Tensor:
    """The logarithms of `softmax`."""
    return call(LogSoftmax(dim), input)


def mse_loss(input: Tensor, target: Tensor, *, reduction: str = "mean") -> Tensor:
    """The squared error; see `MSELoss`."""
    return call(MSELoss(reduction=reduction), input, target)


def l1_loss(input: Tensor, target: Tensor, *, reduction: str = "mean") -> Tensor:
    """The absolute error; see `L1Loss`."""
    return call(L1Loss(reduction=reduction), input, target)


def huber_loss(
    input: Tensor, target: Tensor, reduction: str = "mean", delta: float = 1.0
) -> Tensor:
    """Squared near 0, straight beyond delta; see `HuberLoss`."""
    return call(HuberLoss(reduction, delta), input, target)


def smooth_l1_loss(
    input: Tensor, target: Tensor, *, reduction: str = "mean", beta: float = 1.0
) -> Tensor:
    """Huber's loss divided by beta; see `SmoothL1Loss`."""
    return call(SmoothL1Loss(reduction=reduction, beta=beta), input, target)


def binary_cross_entropy(
    input: Tensor, target: Tensor, weight: Tensor | None = None, *, reduction: str = "mean"
) -> Tensor:
    """The loss of chances of yes; see `BCELoss`."""
    return call(BCELoss(weight, reduction=reduction), input, target)


def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    *,
    reduction: str = "mean",
    pos_weight: Tensor | None = None,
) -> Tensor:
    """The loss of weighted sums that stand for yes; see `BCEWithLogitsLoss`."""
    loss = BCEWithLogitsLoss(weight, reduction=reduction, pos_weight=pos_weight)
    return call(loss, input, target)


def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """The loss of scores of classes; see `CrossEntropyLoss`."""
    loss = CrossEntropyLoss(
        weight, ignore_index=ignore_index, reduction=reduction, label_smoothing=label_smoothing
    )
    return call(loss, input, target)


def nll_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Tensor:
    """The loss of log-shares of classes; see `NLLLoss`."""
    return call(NLLLoss(weight, ignore_index=ignore_index, reduction=reduction), input, target)


def poisson_nll_loss(
    input: Tensor,
    target: Tensor,
    log_input: bool = True,
    full: bool = False,
    *,
    eps: float = 1e-8,
    reduction: str = "mean",
) -> Tensor:
    """The loss of expected counts; see `PoissonNLLLoss`."""
    loss = PoissonNLLLoss(log_input=log_input, full=full, eps=eps, reduction=reduction)
    return call(loss, input, target)
