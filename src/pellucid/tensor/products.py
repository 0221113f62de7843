"""Rows of the operation table: products of matrices, and the weighted sums of a layer of neurons.

`multiply_matrices` is the one place where matrices are multiplied.
"""

from __future__ import annotations

import numpy as np

from pellucid import _native
from pellucid.tensor.dtypes import Array
from pellucid.tensor.operation import Operation

_REAL = (np.dtype(np.float32), np.dtype(np.float64))


def multiply_matrices(left: Array, right: Array) -> Array:
    """The matrix product of (…, n, k) and (…, k, m): shape (…, n, m); vectors as in numpy."""
    if left.ndim == right.ndim == 2 and left.shape[1] == len(right):
        return multiply_rows(left, right.T)
    out: Array = np.matmul(left, right)
    return out


def multiply_rows(rows: Array, matrix: Array, start: Array | None = None) -> Array:
    """Rows (n, k) · matrixᵀ (m, k) + start (m,): shape (n, m), by the native engine's kernel.

    The kernel adds in one order on every machine, where numpy's order is its library's choice.
    """
    is_known = rows.dtype == matrix.dtype and rows.dtype in _REAL and rows.size and matrix.size
    if not is_known:
        product: Array = np.matmul(rows, matrix.T)
        return product if start is None else product + start
    out = np.empty((len(rows), len(matrix)), rows.dtype)
    rows = np.ascontiguousarray(rows)
    _native.multiply_rows(rows, matrix, start, out)
    return out


def weigh(inputs: Array, weight: Array, *bias: Array) -> Array:
    """Σ input · weight + bias for every row and every neuron: shape (…, out_features)."""
    start = np.ascontiguousarray(bias[0]) if bias else None
    out = multiply_rows(as_rows(inputs), weight, start)
    return out.reshape(*inputs.shape[:-1], len(weight))


def as_rows(values: Array) -> Array:
    """The same numbers as a matrix: all axes but the last in one."""
    return values if values.ndim == 2 else values.reshape(-1, values.shape[-1])


def weigh_by_inputs(
    gradient: Array, _out: Array, _inputs: Array, weight: Array, *_: Array
) -> Array:
    """Gradient · weight."""
    return multiply_matrices(gradient, weight)


def weigh_by_weight(gradient: Array, _out: Array, inputs: Array, *_: Array) -> Array:
    """Σ over the rows of gradient · input."""
    return multiply_matrices(as_rows(gradient).T, as_rows(inputs))


def weigh_by_bias(gradient: Array, *_: Array) -> Array:
    """Σ over the rows of the gradient."""
    out: Array = np.add.reduce(as_rows(gradient), axis=0)
    return out


def multiply_by_left(gradient: Array, _out: Array, x: Array, y: Array) -> Array:
    """Gradient · yᵀ."""
    if y.ndim == 1:
        return np.asarray(gradient)[..., None] * y
    if x.ndim == 1:
        return multiply_matrices(y, gradient[..., None])[..., 0]
    return multiply_matrices(gradient, np.swapaxes(y, -1, -2))


def multiply_by_right(gradient: Array, _out: Array, x: Array, y: Array) -> Array:
    """Xᵀ · gradient."""
    if x.ndim == 1:
        return x[:, None] * gradient[..., None, :] if y.ndim > 1 else np.asarray(gradient) * x
    if y.ndim == 1:
        return multiply_matrices(np.swapaxes(x, -1, -2), gradient[..., None])[..., 0]
    return multiply_matrices(np.swapaxes(x, -1, -2), gradient)


matmul = Operation(
    "matmul",
    "MmBackward0",
    multiply_matrices,
    (multiply_by_left, multiply_by_right),
    "x · y, rows by columns: Σ_k x_ik · y_kj; by x: gradient · yᵀ, by y: xᵀ · gradient",
    reads=((1,), (0,)),
)

linear = Operation(
    "linear",
    "AddmmBackward0",
    weigh,
    (weigh_by_inputs, weigh_by_weight, weigh_by_bias),
    "Σ_k input_k · weight_jk + bias_j; by input: Σ_j gradient_j · weight_jk, "
    "by weight: Σ over rows of gradient_j · input_k, by bias: Σ over rows of gradient_j",
    reads=((1,), (0,), ()),
)

ROWS = (matmul, linear)
