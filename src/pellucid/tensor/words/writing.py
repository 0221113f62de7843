"""New numbers in a tensor's own memory: `fill_`, `normal_`, `add_`, `sqrt_` and all that end so.

Methods of a tensor. A tensor that gradients are wanted of is written within `no_grad`, as in
PyTorch.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import numpy as np

from pellucid.errors import ShapeError
from pellucid.random import Generator, default_generator
from pellucid.tensor.dtypes import is_floating, scalar_name
from pellucid.tensor.views import check_editable, write
from pellucid.tensor.words import activations, arithmetic, elements, layout
from pellucid.tensor.words.choices import check_mask

if TYPE_CHECKING:
    from pellucid.tensor.tensor import Tensor

T = TypeVar("T", bound="Tensor")
Rest = ParamSpec("Rest")


def in_place(
    word: Callable[Concatenate[Tensor, Rest], Tensor],
) -> Callable[Concatenate[Tensor, Rest], Tensor]:
    """A word whose result takes the place of the numbers that it was computed of: `sqrt_` of `sqrt`.

    Example:
        >>> import pellucid
        >>> x = pellucid.tensor([4.0, 9.0])
        >>> x.sqrt_().add_(1.0)
        tensor([3., 4.])
        >>> x
        tensor([3., 4.])
    """

    def write_result(input: Tensor, /, *arguments: Rest.args, **named: Rest.kwargs) -> Tensor:
        check_editable(input)
        return input.become(word(input.before_edit(), *arguments, **named))

    update_wrapper(write_result, word)
    write_result.__name__ = write_result.__qualname__ = f"{word.__name__}_"
    write_result.__doc__ = f"`{word.__name__}`, with the result in this tensor's own memory."
    return write_result


relu_ = in_place(activations.relu)
sigmoid_ = in_place(activations.sigmoid)
tanh_ = in_place(activations.tanh)
add_ = in_place(arithmetic.add)
addcdiv_ = in_place(arithmetic.addcdiv)
addcmul_ = in_place(arithmetic.addcmul)
div_ = in_place(arithmetic.div)
lerp_ = in_place(arithmetic.lerp)
mul_ = in_place(arithmetic.mul)
neg_ = in_place(arithmetic.neg)
pow_ = in_place(arithmetic.pow)
sub_ = in_place(arithmetic.sub)
abs_ = in_place(elements.abs)
ceil_ = in_place(elements.ceil)
clamp_ = in_place(elements.clamp)
cos_ = in_place(elements.cos)
exp_ = in_place(elements.exp)
floor_ = in_place(elements.floor)
log_ = in_place(elements.log)
nan_to_num_ = in_place(elements.nan_to_num)
reciprocal_ = in_place(elements.reciprocal)
round_ = in_place(elements.round)
rsqrt_ = in_place(elements.rsqrt)
sign_ = in_place(elements.sign)
sin_ = in_place(elements.sin)
sqrt_ = in_place(elements.sqrt)
square_ = in_place(elements.square)
trunc_ = in_place(elements.trunc)
tril_ = in_place(layout.tril)
triu_ = in_place(layout.triu)
clip_ = clamp_


def fill_(input: T, value: Any) -> T:
    """One number in every place.

    Raises:
        RuntimeError: a tensor with axes.

    Example:
        >>> import pellucid
        >>> pellucid.zeros(2).fill_(7)
        tensor([7., 7.])
    """
    if getattr(value, "ndim", 0):
        raise RuntimeError(
            f"fill_ only supports 0-dimension value tensor but got tensor with {value.ndim} "
            "dimensions. `copy_` writes several numbers."
        )
    return input.copy_(value)


def zero_(input: T) -> T:
    """0 in every place.

    Example:
        >>> import pellucid
        >>> pellucid.ones(2).zero_()
        tensor([0., 0.])
    """
    return input.copy_(0)


def masked_fill_(input: T, mask: Tensor, value: Any) -> T:
    """One value in every place where a mask holds.

    Args:
        input: what is written to.
        mask: True or False; it is broadcast.
        value: a number, or a tensor without axes.

    Raises:
        RuntimeError: a mask of numbers; a value with axes.
        ShapeError: a mask that does not fit.

    Example:
        >>> import pellucid
        >>> x = pellucid.tensor([1.0, 2.0, 3.0])
        >>> x.masked_fill_(x > 2, 0.0)
        tensor([1., 2., 0.])
    """
    check_mask(mask, value)
    try:
        places = np.broadcast_to(mask.array, input.shape)
    except ValueError:
        raise ShapeError(
            f"The mask's shape {mask.shape} does not fit the tensor's, {input.shape}."
        ) from None
    write(input, value if hasattr(value, "array") else input.beside(value), places)
    return input


def normal_(
    input: T, mean: float = 0.0, std: float = 1.0, *, generator: Generator | None = None
) -> T:
    """Numbers of a normal distribution in every place, as PyTorch draws them.

    Args:
        input: what is written to, numbers with a fraction.
        mean: the distribution's mean.
        std: its standard deviation, not below 0.
        generator: draws the numbers; the default generator if None.

    Raises:
        RuntimeError: the standard deviation is negative.
        NotImplementedError: a dtype without fractions.

    Example:
        >>> import pellucid
        >>> pellucid.zeros(2).normal_(generator=pellucid.Generator(0))
        tensor([ 1.5410, -0.2934])
    """
    check_drawable(input, "normal_kernel_cpu")
    if std < 0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {std}")
    drawn = np.empty(input.shape, input.dtype)
    (generator or default_generator).normal_(drawn, mean, std)
    return input.copy_(drawn)


def uniform_(
    input: T, from_: float = 0.0, to: float = 1.0, *, generator: Generator | None = None
) -> T:
    """Numbers from `from_` up to but not including `to`, all equally likely; PyTorch's draws.

    Args:
        input: what is written to, numbers with a fraction.
        from_: the smallest.
        to: the bound above.
        generator: draws the numbers; the default generator if None.

    Raises:
        RuntimeError: the bounds are exchanged.
        NotImplementedError: a dtype without fractions.

    Example:
        >>> import pellucid
        >>> pellucid.zeros(2).uniform_(-1, 1, generator=pellucid.Generator(0))
        tensor([-0.0075,  0.5364])
    """
    check_drawable(input, "check_uniform_bounds")
    if from_ > to:
        raise RuntimeError(
            f"uniform_ expects to return a [from, to) range, but found from={from_} > to={to}"
        )
    drawn = np.empty(input.shape, input.dtype)
    (generator or default_generator).uniform_(drawn, from_, to)
    return input.copy_(drawn)


def check_drawable(input: Tensor, kernel: str) -> None:
    """Raise if no numbers can be drawn in a tensor's place: before the generator moves.

    Raises:
        NotImplementedError: a dtype without fractions.
        GraphError: a gradient would be wrong.
    """
    if not is_floating(input.dtype):
        raise NotImplementedError(
            f"\"{kernel}\" not implemented for '{scalar_name(input.dtype)}'. Use `.float()`."
        )
    check_editable(input)
