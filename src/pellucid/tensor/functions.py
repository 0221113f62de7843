"""Rows of the operation table: functions of one number, applied to every element.

Exponential, logarithm, roots, absolute value, clamping, and the activations of neurons.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid.tensor.dtypes import Array, Default, is_floating
from pellucid.tensor.operation import OUTPUT, Operation


def as_floating(x: Array) -> Array:
    """Whole numbers in the default dtype, as PyTorch does before a function of the reals."""
    return x if is_floating(x.dtype) else x.astype(Default.dtype)


def squash(x: Array) -> Array:
    """1 ÷ (1 + e^−x)."""
    out: Array = 1 / (1 + np.exp(-as_floating(x)))
    return out


def clamp_between(x: Array, *, low: float | None, high: float | None) -> Array:
    """X, but not below `low` and not above `high`; NaN stays NaN."""
    if low is not None:
        x = np.maximum(x, np.asarray(low, x.dtype))
    if high is not None:
        x = np.minimum(x, np.asarray(high, x.dtype))
    return x


def clamp_derivative(
    gradient: Array, _out: Array, x: Array, *, low: float | None, high: float | None
) -> Array:
    """The gradient where low ≤ x ≤ high, else 0."""
    is_inside = np.ones(x.shape, dtype=bool)
    if low is not None:
        is_inside &= x >= low
    if high is not None:
        is_inside &= x <= high
    return np.where(is_inside, gradient, 0)


exp = Operation(
    "exp",
    "ExpBackward0",
    lambda x: np.exp(as_floating(x)),
    (lambda gradient, out, _x: gradient * out,),
    "e^x; by x: e^x",
    reads=((OUTPUT,),),
)

log = Operation(
    "log",
    "LogBackward0",
    lambda x: np.log(as_floating(x)),
    (lambda gradient, _out, x: gradient / x,),
    "ln x; by x: 1 ÷ x",
    reads=((0,),),
)

sqrt = Operation(
    "sqrt",
    "SqrtBackward0",
    lambda x: np.sqrt(as_floating(x)),
    (lambda gradient, out, _x: gradient / (2 * out),),
    "√x; by x: 1 ÷ (2 √x)",
    reads=((OUTPUT,),),
)

absolute = Operation(
    "abs",
    "AbsBackward0",
    np.abs,
    (lambda gradient, _out, x: gradient * np.sign(x),),
    "|x|; by x: the sign of x, 0 at 0",
    reads=((0,),),
)

clamp = Operation(
    "clamp",
    "ClampBackward1",
    clamp_between,
    (clamp_derivative,),
    "x, but not below low and not above high; by x: 1 from low to high, else 0",
    reads=((0,),),
)

relu = Operation(
    "relu",
    "ReluBackward0",
    lambda x: np.maximum(x, 0),
    (lambda gradient, out, _x: np.where(out <= 0, 0, gradient),),
    "the larger of x and 0; by x: 1 where x > 0, else 0 (also at 0)",
    reads=((OUTPUT,),),
)

sigmoid = Operation(
    "sigmoid",
    "SigmoidBackward0",
    squash,
    (lambda gradient, out, _x: gradient * ((1 - out) * out),),
    "σ(x) = 1 ÷ (1 + e^−x); by x: σ(x) · (1 − σ(x))",
    reads=((OUTPUT,),),
)

tanh = Operation(
    "tanh",
    "TanhBackward0",
    lambda x: np.tanh(as_floating(x)),
    (lambda gradient, out, _x: gradient * (1 - out * out),),
    "tanh x = (e^x − e^−x) ÷ (e^x + e^−x); by x: 1 − tanh² x",
    reads=((OUTPUT,),),
)


def share_out(x: Array, *, axis: int) -> Array:
    """e^x ÷ Σ e^x along an axis; the largest x is taken off first, so that nothing overflows."""
    powers = np.exp(x - x.max(axis=axis, keepdims=True, initial=-np.inf))
    out: Array = powers / powers.sum(axis=axis, keepdims=True)
    return out


def share_out_derivative(gradient: Array, out: Array, _x: Array, *, axis: int) -> Array:
    """Out · (gradient − Σ gradient · out)."""
    result: Array = out * (gradient - (gradient * out).sum(axis=axis, keepdims=True))
    return result


def share_out_log(x: Array, *, axis: int) -> Array:
    """X − ln Σ e^x along an axis, without overflow."""
    centred = x - x.max(axis=axis, keepdims=True, initial=-np.inf)
    out: Array = centred - np.log(np.exp(centred).sum(axis=axis, keepdims=True))
    return out


def share_out_log_derivative(gradient: Array, out: Array, _x: Array, *, axis: int) -> Array:
    """Gradient − e^out · Σ gradient."""
    result: Array = gradient - np.exp(out) * gradient.sum(axis=axis, keepdims=True)
    return result


softmax = Operation(
    "softmax",
    "SoftmaxBackward0",
    share_out,
    (share_out_derivative,),
    "p_k = e^(x_k) ÷ Σ e^(x_j) along an axis; by x_k: p_k · (gradient_k − Σ gradient_j · p_j)",
    reads=((OUTPUT,),),
)

log_softmax = Operation(
    "log_softmax",
    "LogSoftmaxBackward0",
    share_out_log,
    (share_out_log_derivative,),
    "x_k − ln Σ e^(x_j) along an axis; by x_k: gradient_k − p_k · Σ gradient_j",
    reads=((OUTPUT,),),
)


def cast(x: Array, *, dtype: np.dtype[Any]) -> Array:
    """The same numbers in another dtype."""
    return x.astype(dtype)


convert = Operation(
    "convert",
    "ToCopyBackward0",
    cast,
    (lambda gradient, _out, x, *, dtype: gradient.astype(x.dtype),),  # noqa: ARG005 (a derivative is given every setting of its operation)
    "x in another dtype; by x: 1",
)

copy = Operation(
    "copy",
    "CloneBackward0",
    np.copy,
    (lambda gradient, _out, _x: gradient,),
    "x again, in memory of its own; by x: 1",
)

ROWS = (
    exp,
    log,
    sqrt,
    absolute,
    clamp,
    relu,
    sigmoid,
    tanh,
    softmax,
    log_softmax,
    convert,
    copy,
)
