"""`Conversions`: the numbers of a tensor as another kind of numbers, or in memory of their own."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.tensor import functions
from pellucid.tensor.device import check_device, is_device, refuse_cuda
from pellucid.tensor.dtypes import Default, bool_, float32, float64, int32, int64
from pellucid.tensor.operation import Operation
from pellucid.tensor.values import Values

if TYPE_CHECKING:
    from pellucid.tensor.tensor import Tensor


class Conversions(Values):
    """Other kinds of numbers. Abstract: `Tensor` is what people hold."""

    __slots__ = ()

    @abstractmethod
    def apply(self, operation: Operation, *others: Tensor, **settings: Any) -> Tensor:
        """Do an operation on this and others."""

    @abstractmethod
    def itself(self) -> Tensor:
        """This tensor."""

    def to(self, *place: Any, copy: bool = False, **named: Any) -> Tensor:
        """The same numbers in another dtype or on "cpu"; itself if nothing is to be changed.

        `to(dtype)`, `to(device)`, `to(device, dtype)`, `to(other_tensor)`, or by keyword.
        """
        dtype = read_place(place, named)
        if dtype is None or self.array.dtype == dtype:
            return self.clone() if copy else self.itself()
        return self.apply(functions.convert, dtype=dtype)

    def type(self, dtype: Any = None) -> Any:
        """The numbers in another dtype; without one, PyTorch's word for the present one."""
        if dtype is None:
            return f"torch.{self.kind_name()}Tensor"
        return self.to(dtype)

    def type_as(self, other: Tensor) -> Tensor:
        """The numbers in another tensor's dtype."""
        return self.to(other.dtype)

    def cpu(self) -> Tensor:
        """The tensor itself: it is there already."""
        return self.itself()

    def cuda(self, device: Any = None) -> Tensor:  # noqa: ARG002 (PyTorch's signature)
        """Not here: pellucid computes on the CPU.

        Raises:
            InputError: always.
        """
        refuse_cuda()

    def floating(self, dtype: Any = None) -> Tensor:
        """In a dtype; without one whole numbers in the default dtype, others as they are."""
        if dtype is not None:
            return self.to(dtype)
        return self.itself() if self.array.dtype.kind == "f" else self.to(Default.dtype)

    def float(self) -> Tensor:
        """As float32."""
        return self.to(float32)

    def double(self) -> Tensor:
        """As float64."""
        return self.to(float64)

    def long(self) -> Tensor:
        """As int64; fractions are cut off."""
        return self.to(int64)

    def int(self) -> Tensor:
        """As int32; fractions are cut off."""
        return self.to(int32)

    def bool(self) -> Tensor:
        """As yes/no: whether the number is not 0."""
        return self.to(bool_)

    def clone(self) -> Tensor:
        """The same numbers in memory of their own."""
        return self.apply(functions.copy)

    def contiguous(self) -> Tensor:
        """The numbers in the order of their places; itself if they lie so already."""
        return self.itself() if self.array.flags.c_contiguous else self.clone()


def read_place(place: tuple[Any, ...], named: dict[str, Any]) -> np.dtype[Any] | None:
    """The dtype in what was given to `to`; None if only a device was named.

    Args:
        place: dtype, device, device and dtype, or a tensor whose dtype is meant.
        named: `dtype`, `device`, and `non_blocking`, which changes nothing here.

    Raises:
        InputError: another device than "cpu".
        TypeError: too many arguments, or an unknown keyword.
    """
    unknown = set(named) - {"dtype", "device", "non_blocking"}
    if unknown or len(place) > 3:
        raise TypeError(
            "to() received an invalid combination of arguments. Use `to(dtype)`, `to(device)` or "
            "`to(device, dtype)`."
        )
    check_device(named.get("device"))
    dtype = named.get("dtype")
    for each in place:
        if isinstance(each, Values):
            dtype = each.dtype
        elif each is not None and not isinstance(each, bool) and not is_device(each):
            dtype = each
    return None if dtype is None else np.dtype(dtype)
