"""`Parameter`: a tensor that a module learns."""

from __future__ import annotations

import numpy as np

from pellucid.tensor.dtypes import Array
from pellucid.tensor.tensor import Tensor


class Parameter(Tensor):
    """A tensor that registers itself when it is assigned to a module's attribute.

    Args:
        data: its first values; the memory is shared.
        requires_grad: whether it is learned.

    Example:
        >>> Parameter(np.zeros(2, np.float32))
        Parameter containing:
        tensor([0., 0.], requires_grad=True)
    """

    __slots__ = ()

    def __init__(self, data: Tensor | Array, requires_grad: bool = True) -> None:
        super().__init__(data.array if isinstance(data, Tensor) else np.asarray(data))
        self.requires_grad_(requires_grad)

    def __repr__(self) -> str:
        return f"Parameter containing:\n{super().__repr__()}"
