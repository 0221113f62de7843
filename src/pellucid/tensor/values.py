"""`Values`: the numbers of a tensor, what kind they are, and how to get them out as Python numbers.

Nothing here computes or remembers; that is `Tensor`, which builds on this.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid.tensor.axes import read_dim
from pellucid.tensor.device import device
from pellucid.tensor.dtypes import Array, is_floating, scalar_name


class Values:
    """Numbers in an array, seen with PyTorch's words. Abstract: `Tensor` is what people hold."""

    __slots__ = ("array",)

    array: Array

    @property
    def shape(self) -> tuple[int, ...]:
        """The sizes of the axes."""
        shape: tuple[int, ...] = self.array.shape
        return shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """The kind of number: float32, float64, int64 or bool."""
        dtype: np.dtype[Any] = self.array.dtype
        return dtype

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self.array.ndim

    @property
    def device(self) -> device:
        """Where the numbers are: always "cpu"."""
        return device("cpu")

    @property
    def is_cuda(self) -> bool:
        """Whether the numbers are on a graphics card: never."""
        return False

    def kind_name(self) -> str:
        """PyTorch's word for the dtype: 'Float', 'Double' or 'Long'."""
        return scalar_name(self.array.dtype)

    def element_size(self) -> int:
        """The bytes of one number."""
        return self.array.itemsize

    def is_floating_point(self) -> bool:
        """Whether the numbers have a fraction."""
        return is_floating(self.array.dtype)

    def is_contiguous(self) -> bool:
        """Whether the numbers lie in the order of their places."""
        return bool(self.array.flags.c_contiguous)

    def stride(self, dim: int | None = None) -> Any:
        """How many numbers lie between neighbours along each axis, or along one."""
        strides = tuple(each // self.array.itemsize for each in self.array.strides)
        return strides if dim is None else strides[read_dim(dim, self.ndim)]

    def size(self, dim: int | None = None) -> Any:
        """The sizes of the axes, or of one axis."""
        return self.array.shape if dim is None else self.array.shape[read_dim(dim, self.ndim)]

    def dim(self) -> int:
        """The number of axes."""
        return self.array.ndim

    def numel(self) -> int:
        """How many numbers there are."""
        return self.array.size

    def item(self) -> Any:
        """The one number as a Python number."""
        if self.array.size != 1:
            count = self.array.size
            raise RuntimeError(
                f"a Tensor with {count} elements cannot be converted to Scalar. "
                "Reduce it first (`.mean()`, `.sum()`), or take `.tolist()`."
            )
        return self.array.item()

    def tolist(self) -> Any:
        """The numbers as nested lists."""
        return self.array.tolist()

    def only_number(self) -> Any:
        """The one number, or PyTorch's error for `float(tensor)`."""
        if self.array.size != 1:
            raise ValueError("only one element tensors can be converted to Python scalars")
        return self.array.item()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.array(self.array, dtype=dtype, copy=copy)

    def __float__(self) -> float:
        return float(self.only_number())

    def __int__(self) -> int:
        return int(self.only_number())

    def __index__(self) -> int:
        if self.array.dtype.kind == "f":
            raise TypeError("only integer tensors of a single element can be converted to an index")
        return int(self.only_number())

    def __bool__(self) -> bool:
        if self.array.size != 1:
            raise RuntimeError(
                "Boolean value of Tensor with more than one value is ambiguous. "
                "Use `.any()` or `.all()` of its `.numpy()`."
            )
        return bool(self.array.item())

    def __len__(self) -> int:
        if self.array.ndim == 0:
            raise TypeError("len() of a 0-d tensor")
        return len(self.array)

    def __contains__(self, value: Any) -> bool:
        return bool((self.array == np.asarray(value)).any())

    def __format__(self, how: str) -> str:
        if self.array.ndim == 0 or (how and self.array.size == 1):
            return format(self.item(), how)
        if how:
            raise TypeError(
                "unsupported format string passed to Tensor.__format__. Only one number can be "
                f"written as '{how}'; this has shape {self.shape}."
            )
        return repr(self)
