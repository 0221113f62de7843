"""Functions of every number by itself: `exp`, `abs`, `clamp`, `sin`, `round` and their kin.

Each is a word of the library and a method of a tensor: `pellucid.sin(x)` is `x.sin()`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pellucid.tensor import arithmetic, comparisons, curves, functions
from pellucid.tensor.dtypes import promote, scalar_dtype
from pellucid.tensor.operation import Operation

if TYPE_CHECKING:
    from pellucid.tensor.tensor import Tensor


def exp(input: Tensor) -> Tensor:
    """The power e^x of each number x.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([0.0, 1.0]).exp()
        tensor([1.0000, 2.7183])
    """
    return input.apply(functions.exp)


def log(input: Tensor) -> Tensor:
    """The natural logarithm; −inf at 0, NaN below.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1.0, 10.0]).log()
        tensor([0.0000, 2.3026])
    """
    return input.apply(functions.log)


def sqrt(input: Tensor) -> Tensor:
    """The square root; NaN below 0.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([4.0, 2.0]).sqrt()
        tensor([2.0000, 1.4142])
    """
    return input.apply(functions.sqrt)


def abs(input: Tensor) -> Tensor:  # noqa: A001 (PyTorch's word)
    """The distance from 0.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([-3, 3]).abs()
        tensor([3, 3])
    """
    return input.apply(functions.absolute)


def clamp(input: Tensor, min: Any = None, max: Any = None) -> Tensor:
    """Not below `min` and not above `max`.

    Args:
        input: the numbers.
        min: the bound below, a number or a tensor; none if None.
        max: the bound above, a number or a tensor; none if None.

    Raises:
        RuntimeError: there is no bound.
        TypeError: a bound that is no number, or a number beside a tensor.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([-3.0, 0.5]).clamp(min=0)
        tensor([0.0000, 0.5000])
    """
    if min is None and max is None:
        raise RuntimeError("torch.clamp: At least one of 'min' or 'max' must not be None")
    bounds = [bound for bound in (min, max) if bound is not None]
    if all(hasattr(bound, "array") for bound in bounds):
        raised = input if min is None else replace_where(comparisons.less, input, min)
        return raised if max is None else replace_where(comparisons.greater, raised, max)
    dtype = input.dtype
    for bound in bounds:
        if not isinstance(bound, int | float):
            raise TypeError(
                "clamp() takes two numbers or two tensors as bounds. "
                f"Got {type(min).__name__} and {type(max).__name__}."
            )
        dtype = scalar_dtype(bound, dtype)
    return input.to(dtype).apply(functions.clamp, low=min, high=max)


def replace_where(is_beyond: Operation, input: Tensor, bound: Tensor) -> Tensor:
    """The bound where a number is beyond it."""
    dtype = promote(input.array, bound.array)
    x, limit = input.to(dtype), bound.to(dtype)
    return x.apply_pair(is_beyond, limit, "clamp").apply(arithmetic.where, limit, x)


clip = clamp


def sin(input: Tensor) -> Tensor:
    """The sine of each angle in radians.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([0.0, 1.0]).sin()
        tensor([0.0000, 0.8415])
    """
    return input.apply(curves.sin)


def cos(input: Tensor) -> Tensor:
    """The cosine of each angle in radians.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([0.0, 1.0]).cos()
        tensor([1.0000, 0.5403])
    """
    return input.apply(curves.cos)


def tan(input: Tensor) -> Tensor:
    """The tangent of each angle in radians.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([0.0, 1.0]).tan()
        tensor([0.0000, 1.5574])
    """
    return input.apply(curves.tan)


def sinh(input: Tensor) -> Tensor:
    """The hyperbolic sine: (e^x − e^−x) ÷ 2.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([0.0, 1.0]).sinh()
        tensor([0.0000, 1.1752])
    """
    return input.apply(curves.sinh)


def cosh(input: Tensor) -> Tensor:
    """The hyperbolic cosine: (e^x + e^−x) ÷ 2.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([0.0, 1.0]).cosh()
        tensor([1.0000, 1.5431])
    """
    return input.apply(curves.cosh)


def erf(input: Tensor) -> Tensor:
    """The error function: 2 ÷ √π · ∫ e^(−t²) dt from 0 to x.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([0.0, 1.0]).erf()
        tensor([0.0000, 0.8427])
    """
    return input.apply(curves.erf)


def square(input: Tensor) -> Tensor:
    """Each number times itself.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([-3, 4]).square()
        tensor([ 9, 16])
    """
    return input**2


def reciprocal(input: Tensor) -> Tensor:
    """1 ÷ x of each number x; infinite at 0.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([2.0, -4.0]).reciprocal()
        tensor([ 0.5000, -0.2500])
    """
    return input.apply(curves.reciprocal)


def rsqrt(input: Tensor) -> Tensor:
    """1 ÷ √x of each number x; infinite at 0, NaN below.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([4.0, 0.25]).rsqrt()
        tensor([0.5000, 2.0000])
    """
    return input.apply(curves.rsqrt)


def expm1(input: Tensor) -> Tensor:
    """The power e^x of each number x, minus 1; exact also near 0.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([0.0, 1.0]).expm1()
        tensor([0.0000, 1.7183])
    """
    return input.apply(curves.expm1)


def log1p(input: Tensor) -> Tensor:
    """The natural logarithm of 1 + x; exact also near 0.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([0.0, 1.0]).log1p()
        tensor([0.0000, 0.6931])
    """
    return input.apply(curves.log1p)


def log2(input: Tensor) -> Tensor:
    """The logarithm to base 2; −inf at 0, NaN below.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1.0, 8.0]).log2()
        tensor([0., 3.])
    """
    return input.apply(curves.log2)


def log10(input: Tensor) -> Tensor:
    """The logarithm to base 10; −inf at 0, NaN below.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1.0, 100.0]).log10()
        tensor([0., 2.])
    """
    return input.apply(curves.log10)


def round(input: Tensor, *, decimals: int = 0) -> Tensor:  # noqa: A001 (PyTorch's word)
    """The nearest number with so many decimals; halves go to the even neighbour. Gradient 0.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([0.5, 1.5, -2.7]).round()
        tensor([ 0.,  2., -3.])
    """
    return input.apply(curves.round_, decimals=decimals)


def floor(input: Tensor) -> Tensor:
    """The next whole number below. Gradient 0.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([0.5, -2.7]).floor()
        tensor([ 0., -3.])
    """
    return input.apply(curves.floor)


def ceil(input: Tensor) -> Tensor:
    """The next whole number above. Gradient 0.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([0.5, -2.7]).ceil()
        tensor([ 1., -2.])
    """
    return input.apply(curves.ceil)


def trunc(input: Tensor) -> Tensor:
    """The number without its fraction. Gradient 0.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([0.5, -2.7]).trunc()
        tensor([ 0., -2.])
    """
    return input.apply(curves.trunc)


def sign(input: Tensor) -> Tensor:
    """−1 below 0, 1 above, 0 at 0 and of NaN. Gradient 0.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([5, 0, -7]).sign()
        tensor([ 1,  0, -1])
    """
    return input.apply(curves.sign)


def nan_to_num(
    input: Tensor,
    nan: float | None = None,
    posinf: float | None = None,
    neginf: float | None = None,
) -> Tensor:
    """Numbers in the place of NaN (0) and the infinities (the largest and smallest there are).

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1.0, float("nan"), float("inf")]).nan_to_num(posinf=9.0)
        tensor([1., 0., 9.])
    """
    return input.apply(curves.nan_to_num, nan=nan or 0.0, posinf=posinf, neginf=neginf)
