"""A tensor apart: `split`, `chunk`, `unbind`.

Each is a word of the library and a method of a tensor: `pellucid.split(x, 2)` is `x.split(2)`.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pellucid.tensor.axes import read_dim

if TYPE_CHECKING:
    from pellucid.tensor.tensor import Tensor


def split(input: Tensor, split_size: int | Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
    """Parts along an axis, each of one size but perhaps the last, or of the sizes of a list.

    Args:
        input: the numbers.
        split_size: a size of 1 or more, or sizes that add up to the axis.
        dim: the axis.

    Raises:
        RuntimeError: sizes below 0, or that do not add up.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1, 2, 3]).split(2)
        (tensor([1, 2]), tensor([3]))
    """
    axis = read_dim(dim, input.ndim)
    length = input.shape[axis] if input.ndim else 0
    if isinstance(split_size, int):
        if split_size < 0 or (split_size == 0 and length):
            raise RuntimeError(
                "split expects split_size be non-negative, but got split_size="
                f"{split_size}. Parts need a size of 1 or more."
            )
        starts = range(0, length, split_size) if length else range(1)
        sizes = [min(split_size, length - start) for start in starts]
    else:
        sizes = list(split_size)
        if sum(sizes) != length:
            raise RuntimeError(
                f"split_with_sizes expects split_sizes to sum exactly to {length} (input "
                f"tensor's size at dimension {axis}), but got split_sizes={sizes}"
            )
    ends = list(itertools.accumulate(sizes))
    place = (slice(None),) * axis
    pairs = zip(ends, sizes, strict=True)
    return tuple(input[(*place, slice(end - size, end))] for end, size in pairs)


def chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """At most this many parts of equal size along an axis; the last may be smaller.

    Raises:
        RuntimeError: not even one part.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1, 2, 3]).chunk(2)
        (tensor([1, 2]), tensor([3]))
    """
    if chunks <= 0:
        raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    length = input.shape[read_dim(dim, input.ndim)]
    return split(input, max(-(-length // chunks), 1), dim)


def unbind(input: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    """The slices along an axis, without that axis.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([[1, 2], [3, 4]]).unbind()
        (tensor([1, 2]), tensor([3, 4]))
    """
    axis = read_dim(dim, input.ndim)
    if input.ndim == 0:
        raise IndexError("Dimension specified as 0 but tensor has no dimensions")
    place = (slice(None),) * axis
    return tuple(input[(*place, each)] for each in range(input.shape[axis]))
