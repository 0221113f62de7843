"""`Embedding`: a row of learned numbers for every category."""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid.errors import InputError
from pellucid.nn.init import normal_
from pellucid.nn.mistakes import check_tensor
from pellucid.nn.module import Module
from pellucid.nn.parameter import Parameter
from pellucid.tensor import lookup
from pellucid.tensor.axes import read_room
from pellucid.tensor.device import check_device
from pellucid.tensor.dtypes import Default, Dtype, scalar_name
from pellucid.tensor.tensor import Tensor


class Embedding(Module):
    """The row of a table for each number of a category: output = weight[input].

    Args:
        num_embeddings: categories; they are numbered from 0.
        embedding_dim: numbers of each row.
        padding_idx: a category whose row starts as 0 and is not learned; negative ones count from
            the end.
        max_norm: only None is offered: PyTorch rescales rows in the forward pass with it, which
            would change a weight where only its use is expected.
        norm_type: belongs to `max_norm`.
        scale_grad_by_freq: divide a row's gradient by how often it was used in the batch.
        sparse: only False is offered: a gradient has all rows.
        device: "cpu" or None.
        dtype: float32 or float64.

    `weight` has shape (num_embeddings, embedding_dim) and starts with normal numbers of mean 0 and
    standard deviation 1, drawn as PyTorch draws them.

    Example:
        >>> from pellucid.random import manual_seed
        >>> from pellucid.tensor.creation import tensor
        >>> _ = manual_seed(0)
        >>> Embedding(10, 2)(tensor([3, 3, 0])).shape
        (3, 2)
    """

    weight: Parameter

    def __init__(  # noqa: PLR0917 (PyTorch's signature)
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        device: Any = None,
        dtype: Dtype | None = None,
    ) -> None:
        super().__init__()
        check_device(device)
        refuse_rescaling(max_norm, sparse=sparse)
        shape = read_room(num_embeddings, embedding_dim)
        self.num_embeddings, self.embedding_dim = shape
        self.padding_idx = read_padding(padding_idx, num_embeddings)
        self.norm_type = norm_type
        self.scale_grad_by_freq = scale_grad_by_freq
        kind = Default.dtype if dtype is None else np.dtype(dtype)
        self.weight = Parameter(np.zeros((num_embeddings, embedding_dim), kind))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the first values (again)."""
        normal_(self.weight)
        if self.padding_idx is not None:
            self.weight.array[self.padding_idx] = 0

    @classmethod
    def from_pretrained(  # noqa: PLR0917 (PyTorch's signature)
        cls,
        embeddings: Tensor,
        freeze: bool = True,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
    ) -> Embedding:
        """A layer with a table that exists already, sharing its memory.

        Args:
            embeddings: the table, shape (num_embeddings, embedding_dim).
            freeze: whether it is not learned.
            padding_idx: as for the class, but the row stays as it is; so do the others.
            max_norm: as for the class.
            norm_type: as for the class.
            scale_grad_by_freq: as for the class.
            sparse: as for the class.

        Example:
            >>> from pellucid.tensor.creation import tensor
            >>> layer = Embedding.from_pretrained(tensor([[1.0, 2.0], [3.0, 4.0]]))
            >>> layer(tensor(1))
            tensor([3., 4.])
        """
        if embeddings.ndim != 2:
            raise AssertionError("Embeddings parameter is expected to be 2-dimensional")
        refuse_rescaling(max_norm, sparse=sparse)
        layer = cls(0, embeddings.shape[1], None, None, norm_type, scale_grad_by_freq)
        layer.num_embeddings = embeddings.shape[0]
        layer.padding_idx = read_padding(padding_idx, embeddings.shape[0])
        layer.weight = Parameter(embeddings, requires_grad=not freeze)
        return layer

    def forward(self, input: Tensor) -> Tensor:
        """The rows for categories of any shape: shape (…, embedding_dim)."""
        check_categories(input, self.num_embeddings)
        return self.weight.apply(
            lookup.embedding,
            input,
            padding=self.padding_idx,
            by_frequency=self.scale_grad_by_freq,
        )

    def extra_repr(self) -> str:
        """The size of the table, and what was asked for besides."""
        words = f"{self.num_embeddings}, {self.embedding_dim}"
        if self.padding_idx is not None:
            words += f", padding_idx={self.padding_idx}"
        if self.norm_type != 2:
            words += f", norm_type={self.norm_type}"
        if self.scale_grad_by_freq:
            words += f", scale_grad_by_freq={self.scale_grad_by_freq}"
        return words


def refuse_rescaling(max_norm: float | None, *, sparse: bool) -> None:
    """Raise if rows shall be rescaled or gradients have some rows only."""
    if max_norm is not None:
        raise InputError(
            f"Embedding must have max_norm=None here. Got {max_norm}: it would change the table "
            "while it is only read. Shorten the rows yourself after the optimizer's step."
        )
    if sparse:
        raise InputError(
            "Embedding must have sparse=False here. Leave it out: gradients are equal."
        )


def read_padding(padding_idx: int | None, count: int) -> int | None:
    """The category that is not learned, counted from the front."""
    if padding_idx is None:
        return None
    if not -count <= padding_idx < count:
        raise AssertionError("Padding_idx must be within num_embeddings")
    return padding_idx % count


def check_categories(input: Tensor, count: int) -> None:
    """Raise PyTorch's sentences for what are no numbers of categories.

    Raises:
        RuntimeError: numbers with a fraction.
        IndexError: a category that is not there.
    """
    check_tensor(input, "embedding", "indices", 2)
    if input.dtype.name not in ("int64", "int32"):
        raise RuntimeError(
            "Expected tensor for argument #1 'indices' to have one of the following scalar types: "
            f"Long, Int; but got torch.{scalar_name(input.dtype)}Tensor instead (while checking "
            "arguments for embedding). `.long()` converts."
        )
    array = input.array
    if array.size and not 0 <= array.min() <= array.max() < count:
        wrong = array[(array < 0) | (array >= count)][0]
        raise IndexError(
            f"index out of range in self. Category {int(wrong)} is not one of 0 to {count - 1}."
        )
