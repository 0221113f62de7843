"""`Dropout`: a part of the numbers set to 0 by chance while training goes on.

The chance itself, a word for every position, is in `tensor.philox`.
"""

from __future__ import annotations

import numpy as np

from pellucid.nn.mistakes import check_not_in_place, check_tensor
from pellucid.nn.module import Module
from pellucid.random import default_generator
from pellucid.tensor import arithmetic
from pellucid.tensor.dtypes import Array, is_floating, scalar_name
from pellucid.tensor.philox import LOW, draw_words
from pellucid.tensor.tensor import Tensor


class Dropout(Module):
    """While training, each number becomes 0 with chance p; the others are divided by 1 − p.

    In `eval` mode the input comes out as it is. Each call that leaves something to chance draws one
    key of 32 bits from the default generator (the low half of one `random_int64`); whether the
    number at a position, counted through the whole input, is dropped follows from key and position
    alone. The masks are therefore not PyTorch's: the same seed drops other numbers there.

    Args:
        p: the chance, from 0 to 1.
        inplace: only False is offered; the numbers are the same.

    Example:
        >>> from pellucid.random import manual_seed
        >>> from pellucid.tensor.creation import ones
        >>> _ = manual_seed(0)
        >>> layer = Dropout(0.5)
        >>> sorted(set(layer(ones(100)).tolist()))
        [0.0, 2.0]
        >>> layer.eval()(ones(3))
        tensor([1., 1., 1.])

    Source:
        Srivastava et al. (2014), "Dropout: a simple way to prevent neural networks from
        overfitting".
    """

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        if p < 0 or p > 1:
            raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
        check_not_in_place(self, inplace=inplace)
        self.p = p

    def forward(self, input: Tensor) -> Tensor:
        """The input with some numbers set to 0, in its shape."""
        check_tensor(input, "dropout")
        if self.p == 0 or not self.training or input.array.size == 0:
            return input
        if not is_floating(input.dtype):
            raise RuntimeError(
                "result type Float can't be cast to the desired output type "
                f"{scalar_name(input.dtype)}. Make the input numbers with a fraction: `.float()`."
            )
        mask = np.zeros(input.shape) if self.p == 1 else draw_mask(input.shape, self.p)
        return input.apply(arithmetic.multiply, Tensor(mask.astype(input.dtype)))

    def extra_repr(self) -> str:
        """The chance."""
        return f"p={self.p}, inplace=False"


def draw_mask(shape: tuple[int, ...], p: float) -> Array:
    """What the numbers are multiplied by: 0 with chance p, else 1 ÷ (1 − p); draws one key."""
    key = default_generator.random_int64() & LOW
    words = draw_words(key, int(np.prod(shape, dtype=np.int64))).reshape(shape)
    is_kept = words.astype(np.uint64) < np.uint64(round((1 - p) * (LOW + 1)))
    return np.where(is_kept, 1 / (1 - p), 0.0)
