"""Making tensors by chance: even and normal numbers, whole numbers, a random order.

With the same seed the numbers are PyTorch's: even and whole ones to the last bit, normal ones to
2·10⁻⁶ of their standard deviation. Tensors that are not left to chance are made in `creation`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid.random import Generator, default_generator
from pellucid.tensor.axes import read_room
from pellucid.tensor.device import check_device
from pellucid.tensor.dtypes import Array, Default, Dtype, int64, is_floating, scalar_name
from pellucid.tensor.tensor import Tensor


def rand(
    *size: Any,
    generator: Generator | None = None,
    dtype: Dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Numbers from 0 up to but not including 1, all equally likely; PyTorch's for the same seed.

    Example:
        >>> rand(2, generator=Generator(0))
        tensor([0.4963, 0.7682])
    """
    check_device(device)
    array = room_for(size, dtype, "check_uniform_bounds")
    (generator or default_generator).uniform_(array, 0.0, 1.0)
    return Tensor(array, requires_grad)


def randn(
    *size: Any,
    generator: Generator | None = None,
    dtype: Dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Numbers of a normal distribution with mean 0 and standard deviation 1, as PyTorch draws them.

    Example:
        >>> randn(3, generator=Generator(0))
        tensor([ 1.5410, -0.2934, -2.1788])

    Source:
        Box & Muller (1958), "A note on the generation of random normal deviates".
    """
    check_device(device)
    array = room_for(size, dtype, "normal_kernel_cpu")
    (generator or default_generator).normal_(array, 0.0, 1.0)
    return Tensor(array, requires_grad)


def randint(
    low: int,
    high: Any = None,
    size: Any = None,
    *,
    generator: Generator | None = None,
    dtype: Dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Whole numbers from `low` (0) to `high` − 1, all equally likely; PyTorch's for the same seed.

    Args:
        low: the smallest; or, if there is no other bound, what `high` is.
        high: one more than the largest.
        size: the shape; it may follow the one bound directly, `randint(10, (3,))`.
        generator: draws the numbers; the default generator if None.
        dtype: int64 by default.
        device: "cpu" or None.
        requires_grad: whether `backward` shall fill `.grad`; for a dtype with fractions only.

    Raises:
        RuntimeError: there is no number from `low` to `high` − 1.

    Example:
        >>> randint(10, (5,), generator=Generator(0))
        tensor([4, 9, 3, 0, 3])
    """
    check_device(device)
    if size is None:
        low, high, size = 0, low, high
    if low >= high:
        raise RuntimeError(
            f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}"
        )
    shape = read_room(size)
    drawn = (generator or default_generator).integers(int(np.prod(shape)), low, high)
    return Tensor(drawn.reshape(shape).astype(dtype or int64, copy=False), requires_grad)


def randperm(
    n: int,
    *,
    generator: Generator | None = None,
    dtype: Dtype | None = None,
    device: Any = None,
) -> Tensor:
    """A random order of 0 … n − 1; PyTorch's for the same seed.

    Example:
        >>> randperm(5, generator=Generator(0))
        tensor([4, 0, 1, 3, 2])
    """
    check_device(device)
    order = (generator or default_generator).permutation(n)
    return Tensor(order.astype(dtype or int64, copy=False))


def normal(
    mean: float,
    std: float,
    size: Any,
    *,
    generator: Generator | None = None,
    dtype: Dtype | None = None,
) -> Tensor:
    """Numbers of a normal distribution, as PyTorch draws them.

    Raises:
        RuntimeError: the standard deviation is negative.

    Example:
        >>> normal(10.0, 0.1, (2,), generator=Generator(0))
        tensor([10.1541,  9.9707])
    """
    array = room_for((size,), dtype, "normal_kernel_cpu")
    check_spread(std)
    (generator or default_generator).normal_(array, mean, std)
    return Tensor(array)


def rand_like(
    input: Tensor, *, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Numbers from 0 to 1 in the shape and dtype of another tensor.

    Example:
        >>> rand_like(Tensor(np.zeros((2, 3)))).shape
        (2, 3)
    """
    return rand(input.shape, dtype=dtype or input.dtype, device=device, requires_grad=requires_grad)


def randn_like(
    input: Tensor, *, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Normal numbers in the shape and dtype of another tensor.

    Example:
        >>> randn_like(Tensor(np.zeros((2, 3)))).shape
        (2, 3)
    """
    return randn(
        input.shape, dtype=dtype or input.dtype, device=device, requires_grad=requires_grad
    )


def room_for(size: tuple[Any, ...], dtype: Dtype | None, kernel: str) -> Array:
    """An array to draw into.

    Args:
        size: its shape, as one argument or several.
        dtype: of numbers with a fraction; the default dtype if None.
        kernel: what PyTorch calls the function that draws.

    Raises:
        NotImplementedError: a dtype without fractions.
    """
    kind = Default.dtype if dtype is None else np.dtype(dtype)
    if not is_floating(kind):
        raise NotImplementedError(
            f"\"{kernel}\" not implemented for '{scalar_name(kind)}'. "
            "Such numbers have fractions: say `dtype=pellucid.float32`."
        )
    return np.empty(read_room(*size), kind)


def check_spread(std: float) -> None:
    """Raise PyTorch's sentence for a standard deviation below 0."""
    if std < 0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {std}")
