"""`Operators`: what `+`, `@`, `<` and `[…]` do with tensors.

Each applies a row of the operation table; how a row is applied and remembered is `Tensor`'s affair.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Self, cast

from pellucid.tensor import arithmetic, comparisons, functions, products, shapes
from pellucid.tensor.axes import check_product, read_index
from pellucid.tensor.operation import Operation
from pellucid.tensor.words.words import Words

if TYPE_CHECKING:
    from pellucid.tensor.tensor import Tensor


class Operators(Words):
    """Arithmetic and comparisons in symbols. Abstract: `Tensor` is what people hold."""

    __slots__ = ()
    __hash__ = object.__hash__

    @abstractmethod
    def apply_pair(self, operation: Operation, other: Any, sign: str, **settings: Any) -> Tensor:
        """Do an operation on this and a tensor or number, in the dtype that PyTorch would take."""

    @abstractmethod
    def change(self, operation: Operation, other: Any, sign: str) -> Self:
        """Do an operation on this and another and put the result in this one's place."""

    @abstractmethod
    def beside(self, number: Any) -> Tensor:
        """A Python number as a tensor in the dtype that it takes on beside this one."""

    def __add__(self, other: Any) -> Tensor:
        return self.apply_pair(arithmetic.add, other, "+")

    def __sub__(self, other: Any) -> Tensor:
        return self.apply_pair(arithmetic.subtract, other, "-")

    def __rsub__(self, other: Any) -> Tensor:
        return self.apply_pair(arithmetic.subtract_from, other, "-")

    def __mul__(self, other: Any) -> Tensor:
        return self.apply_pair(arithmetic.multiply, other, "*")

    def __truediv__(self, other: Any) -> Tensor:
        return self.apply_pair(arithmetic.divide, other, "/")

    def __rtruediv__(self, other: Any) -> Tensor:
        return self.apply_pair(arithmetic.divide_into, other, "/")

    def __pow__(self, other: Any) -> Tensor:
        return self.apply_pair(arithmetic.power, other, "** or pow()")

    def __rpow__(self, other: Any) -> Tensor:
        return self.apply_pair(arithmetic.power_of, other, "** or pow()")

    def __floordiv__(self, other: Any) -> Tensor:
        return self.apply_pair(arithmetic.floor_divide, other, "//")

    def __rfloordiv__(self, other: Any) -> Tensor:
        return self.beside(other).apply_pair(arithmetic.floor_divide, self, "//")

    def __mod__(self, other: Any) -> Tensor:
        return self.apply_pair(arithmetic.remainder, other, "%")

    def __rmod__(self, other: Any) -> Tensor:
        return self.beside(other).apply_pair(arithmetic.remainder, self, "%")

    def __neg__(self) -> Tensor:
        if self.array.dtype.kind == "b":
            raise RuntimeError(
                "Negation, the `-` operator, on a bool tensor is not supported. "
                "If you are trying to invert a mask, use the `~` or `logical_not()` operator instead."
            )
        return self.apply(arithmetic.negate)

    def __matmul__(self, other: Any) -> Tensor:
        if not isinstance(other, Words):
            raise TypeError(
                f"unsupported operand type(s) for @: 'Tensor' and '{type(other).__name__}'"
            )
        check_product(self.array, other.array)
        return self.apply(products.matmul, cast("Tensor", other))

    __radd__, __rmul__ = __add__, __mul__

    def __abs__(self) -> Tensor:
        return self.apply(functions.absolute)

    def __invert__(self) -> Tensor:
        return self.apply(comparisons.invert)

    def __iadd__(self, other: Any) -> Self:
        return self.change(arithmetic.add, other, "+")

    def __isub__(self, other: Any) -> Self:
        return self.change(arithmetic.subtract, other, "-")

    def __imul__(self, other: Any) -> Self:
        return self.change(arithmetic.multiply, other, "*")

    def __itruediv__(self, other: Any) -> Self:
        return self.change(arithmetic.divide, other, "/")

    @property
    def T(self) -> Tensor:  # noqa: N802 (PyTorch's name)
        """The axes in reverse order."""
        return self.apply(shapes.permute, axes=tuple(reversed(range(self.array.ndim))))

    def __getitem__(self, index: Any) -> Tensor:
        operation, place = read_index(index, self.array.shape)
        try:
            return self.apply(operation, index=place)
        except IndexError as error:
            raise IndexError(str(error).replace("axis", "dimension")) from None

    def __iter__(self) -> Iterator[Tensor]:
        if self.array.ndim == 0:
            raise TypeError("iteration over a 0-d tensor")
        return (self[i] for i in range(len(self.array)))

    def __eq__(self, other: object) -> Any:
        return NotImplemented if other is None else self.apply_pair(comparisons.equal, other, "==")

    def __ne__(self, other: object) -> Any:
        return (
            NotImplemented if other is None else self.apply_pair(comparisons.not_equal, other, "!=")
        )

    def __lt__(self, other: Any) -> Tensor:
        return self.apply_pair(comparisons.less, other, "<")

    def __le__(self, other: Any) -> Tensor:
        return self.apply_pair(comparisons.less_equal, other, "<=")

    def __gt__(self, other: Any) -> Tensor:
        return self.apply_pair(comparisons.greater, other, ">")

    def __ge__(self, other: Any) -> Tensor:
        return self.apply_pair(comparisons.greater_equal, other, ">=")
