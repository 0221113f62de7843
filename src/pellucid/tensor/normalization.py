"""Rows of the operation table: numbers moved to mean 0 and variance 1, then scaled and shifted.

Over the rows of a batch for each column, or over the columns of each row. The layers that carry
these (`BatchNorm1d`, `LayerNorm`) live in `nn.normalization`.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from pellucid.tensor.dtypes import Array
from pellucid.tensor.operation import Operation

Axes: TypeAlias = tuple[int, ...]


def average_over(values: Array, axes: Axes) -> Array:
    """The mean along axes, which stay with size 1."""
    count = int(np.prod([values.shape[each] for each in axes], dtype=np.int64))
    out: Array = np.add.reduce(values, axis=axes, keepdims=True) / values.dtype.type(count)
    return out


def moments(x: Array, axes: Axes) -> tuple[Array, Array]:
    """Mean and variance (divided by n, not n − 1) along axes, added up in float64."""
    wide = x.astype(np.float64, copy=False)
    mean = average_over(wide, axes)
    distance = wide - mean
    return mean, average_over(distance * distance, axes)


def standardize(x: Array, mean: Array, variance: Array, eps: float) -> tuple[Array, Array]:
    """(x − mean) ÷ √(variance + eps), and what it was multiplied by: 1 ÷ √(variance + eps)."""
    inverse = 1 / np.sqrt(variance.astype(np.float64) + eps)
    out = (x - mean) * inverse
    return out.astype(x.dtype), inverse.astype(x.dtype)


def through_moments(gradient: Array, standard: Array, inverse: Array, axes: Axes) -> Any:
    """The derivative by x where mean and variance are x's own."""
    along = standard * average_over(gradient * standard, axes)
    return inverse * (gradient - average_over(gradient, axes) - along)


def rows_of(x: Array) -> Axes:
    """All axes but that of the columns, which is the second."""
    return (0, *range(2, x.ndim))


def column(values: Array, ndim: int) -> Array:
    """One number a column, so that it broadcasts to (n, columns, …)."""
    return values.reshape(-1, *(1,) * (ndim - 2))


def standard_columns(
    x: Array, eps: float, mean: Array | None, variance: Array | None
) -> tuple[Array, Array]:
    """The columns at mean 0 and variance 1, by their own or by given moments."""
    if mean is None or variance is None:
        return standardize(x, *moments(x, rows_of(x)), eps)
    return standardize(x, column(mean, x.ndim), column(variance, x.ndim), eps)


def normalize_columns(
    x: Array, *affine: Array, eps: float, mean: Array | None, variance: Array | None
) -> Array:
    """(x − mean) ÷ √(variance + eps) · weight + bias, for each column."""
    out, _ = standard_columns(x, eps, mean, variance)
    for each, combine in zip(affine, (np.multiply, np.add), strict=False):
        out = combine(out, column(each, x.ndim))
    return out


def normalize_columns_by_x(
    gradient: Array,
    _out: Array,
    x: Array,
    *affine: Array,
    eps: float,
    mean: Array | None,
    variance: Array | None,
) -> Any:
    """Gradient · weight ÷ √(variance + eps), less what moves mean and variance if they are x's."""
    standard, inverse = standard_columns(x, eps, mean, variance)
    inner = gradient * column(affine[0], x.ndim) if affine else gradient
    if mean is not None:
        return inner * inverse
    return through_moments(inner, standard, inverse, rows_of(x))


def normalize_columns_by_weight(
    gradient: Array,
    _out: Array,
    x: Array,
    *_affine: Array,
    eps: float,
    mean: Array | None,
    variance: Array | None,
) -> Any:
    """Σ over the rows of gradient · what the weight multiplied."""
    standard, _ = standard_columns(x, eps, mean, variance)
    return np.add.reduce(gradient * standard, axis=rows_of(x))


def normalize_columns_by_bias(
    gradient: Array, _out: Array, *_inputs: Array, **_settings: Any
) -> Any:
    """Σ over the rows of the gradient."""
    return np.add.reduce(gradient, axis=rows_of(gradient))


def last(x: Array, dims: int) -> Axes:
    """The last axes."""
    return tuple(range(x.ndim - dims, x.ndim))


def normalize_rows(x: Array, *affine: Array, eps: float, dims: int) -> Array:
    """(x − mean) ÷ √(variance + eps) · weight + bias, each row by its own moments."""
    out, _ = standardize(x, *moments(x, last(x, dims)), eps)
    for each, combine in zip(affine, (np.multiply, np.add), strict=False):
        out = combine(out, each)
    return out


def normalize_rows_by_x(
    gradient: Array, _out: Array, x: Array, *affine: Array, eps: float, dims: int
) -> Any:
    """Gradient · weight ÷ √(variance + eps), less what moves the row's mean and variance."""
    axes = last(x, dims)
    standard, inverse = standardize(x, *moments(x, axes), eps)
    inner = gradient * affine[0] if affine else gradient
    return through_moments(inner, standard, inverse, axes)


def normalize_rows_by_weight(
    gradient: Array, _out: Array, x: Array, *_affine: Array, eps: float, dims: int
) -> Any:
    """Gradient · what the weight multiplied; the walk adds up the rows."""
    return gradient * standardize(x, *moments(x, last(x, dims)), eps)[0]


batch_norm = Operation(
    "batch_norm",
    "NativeBatchNormBackward0",
    normalize_columns,
    (normalize_columns_by_x, normalize_columns_by_weight, normalize_columns_by_bias),
    "x̂ · weight + bias, x̂ = (x − mean) ÷ √(variance + eps) by column; by weight: Σ gradient · x̂, "
    "by bias: Σ gradient, by x: (g − mean g − x̂ · mean(g · x̂)) ÷ √(variance + eps), "
    "g = gradient · weight",
    reads=((0, 1), (0,), ()),
)

layer_norm = Operation(
    "layer_norm",
    "NativeLayerNormBackward0",
    normalize_rows,
    (
        normalize_rows_by_x,
        normalize_rows_by_weight,
        lambda gradient, _out, *_inputs, **_settings: gradient,
    ),
    "x̂ · weight + bias, x̂ = (x − mean) ÷ √(variance + eps) by row; by weight: Σ gradient · x̂, "
    "by bias: Σ gradient, by x: (g − mean g − x̂ · mean(g · x̂)) ÷ √(variance + eps), "
    "g = gradient · weight",
    reads=((0, 1), (0,), ()),
)

ROWS = (batch_norm, layer_norm)
