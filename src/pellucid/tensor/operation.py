"""What an operation is: one row of the table that everything reads that must know operations.

The rows themselves stand in the files beside this one (`arithmetic`, `functions`, `activations`,
`reductions`, `shapes`, `products`, `criteria` …); `operations` gathers them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from pellucid.tensor.dtypes import Array

# A derivative is called with (gradient, output, *inputs, **settings): `gradient` is the derivative
# of the loss by the output; what it returns is the derivative of the loss by its argument. It may
# leave axes that were broadcast: the backward walk sums over them.
Derivative: TypeAlias = Callable[..., Array]

OUTPUT = -1


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """One operation on arrays: how to do it, how to differentiate it, how to say it.

    Args:
        name: the operation's word, as in numpy or PyTorch.
        grad_fn: what PyTorch calls its backward step, as shown in a tensor's repr.
        forward: arrays (and settings) to the result.
        derivatives: one per argument, in order; None where there is none (indices, conditions).
        formula: the operation in symbols and words; `x`, `y` are arguments, `out` the result.
        reads: per argument, what its derivative reads: positions of arguments, or OUTPUT. What is
            read must not be changed between the forward and the backward pass.
        is_view: whether the result can share its memory with the first argument.
        is_variadic: whether there may be any number of arguments. Then there is one derivative,
            which is also told the `position` of the argument.
    """

    name: str
    grad_fn: str
    forward: Callable[..., Any]
    derivatives: tuple[Derivative | None, ...]
    formula: str
    reads: tuple[tuple[int, ...], ...] = ((), (), ())
    is_view: bool = False
    is_variadic: bool = False
