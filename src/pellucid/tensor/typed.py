"""Tensors of one dtype by name, as older scripts make them: `FloatTensor([1, 2])`, `LongTensor(3)`.

Newer ones say `tensor([1, 2], dtype=…)`, in `creation`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid.tensor.axes import read_room
from pellucid.tensor.creation import tensor
from pellucid.tensor.dtypes import bool_, float32, float64, int32, int64
from pellucid.tensor.tensor import Tensor


def FloatTensor(*data: Any) -> Tensor:  # noqa: N802 (PyTorch's name)
    """Numbers as float32; or zeros of some sizes.

    Example:
        >>> FloatTensor([1, 2]), FloatTensor(3)
        (tensor([1., 2.]), tensor([0., 0., 0.]))
    """
    return of_dtype(float32, data)


def DoubleTensor(*data: Any) -> Tensor:  # noqa: N802 (PyTorch's name)
    """Numbers as float64; or zeros of some sizes.

    Example:
        >>> DoubleTensor([1, 2])
        tensor([1., 2.], dtype=pellucid.float64)
    """
    return of_dtype(float64, data)


def LongTensor(*data: Any) -> Tensor:  # noqa: N802 (PyTorch's name)
    """Numbers as int64, fractions cut off; or zeros of some sizes.

    Example:
        >>> LongTensor([1.5, 2])
        tensor([1, 2])
    """
    return of_dtype(int64, data)


def IntTensor(*data: Any) -> Tensor:  # noqa: N802 (PyTorch's name)
    """Numbers as int32, fractions cut off; or zeros of some sizes.

    Example:
        >>> IntTensor([1, 2])
        tensor([1, 2], dtype=pellucid.int32)
    """
    return of_dtype(int32, data)


def BoolTensor(*data: Any) -> Tensor:  # noqa: N802 (PyTorch's name)
    """Whether each number is not 0; or False in some sizes.

    Example:
        >>> BoolTensor([0, 2])
        tensor([False,  True])
    """
    return of_dtype(bool_, data)


def of_dtype(dtype: np.dtype[Any], data: tuple[Any, ...]) -> Tensor:
    """The numbers of one argument; zeros if sizes are given, or nothing."""
    is_data = len(data) == 1 and not isinstance(data[0], int | np.integer)
    return tensor(data[0], dtype) if is_data else Tensor(np.zeros(read_room(*data), dtype))


def is_tensor(obj: object) -> bool:
    """Whether something is a tensor.

    Example:
        >>> is_tensor(FloatTensor(2)), is_tensor([1.0])
        (True, False)
    """
    return isinstance(obj, Tensor)
