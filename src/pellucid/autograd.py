"""PyTorch's `autograd`: gradients as values, and the proof of a gradient by finite differences.

How a gradient walks back stands in `tensor.graph`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

from pellucid.errors import GraphError, InputError
from pellucid.tensor.dtypes import Array, float64
from pellucid.tensor.graph import (
    Node,
    enable_grad,
    is_grad_enabled,
    no_grad,
    set_grad_enabled,
    walk_back,
)
from pellucid.tensor.tensor import Tensor

__all__ = [
    "GradcheckError",
    "backward",
    "enable_grad",
    "grad",
    "gradcheck",
    "is_grad_enabled",
    "no_grad",
    "set_grad_enabled",
]

Tensors: TypeAlias = Tensor | Sequence[Tensor]


class GradcheckError(GraphError):
    """A gradient is not the slope that finite differences show."""


def backward(tensors: Tensors, grad_tensors: Any = None, retain_graph: bool = False) -> None:
    """Add to the `.grad` of every leaf the derivatives of one tensor or of several.

    Args:
        tensors: what is differentiated.
        grad_tensors: for each, a tensor of its shape, or None if it is one number.
        retain_graph: keep what the walk needs, so that it can be done again.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> x = tensor(3.0, requires_grad=True)
        >>> backward([x * x, 2 * x])
        >>> x.grad
        tensor(8.)
    """
    roots, leaves = read_seeds(as_tuple(tensors), grad_tensors)
    for leaf, seed in leaves:
        leaf.receive(seed, is_own=False)
    walk_back(roots, Tensor, retain_graph=retain_graph)


def grad(
    outputs: Tensors,
    inputs: Tensors,
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    *,
    allow_unused: bool = False,
) -> tuple[Tensor | None, ...]:
    """The derivatives of outputs by inputs, as values; nobody's `.grad` changes.

    Args:
        outputs: what is differentiated; several are added up.
        inputs: by what.
        grad_outputs: for each output, a tensor of its shape, or None if it is one number.
        retain_graph: keep what the walk needs, so that it can be done again.
        create_graph: only False is offered: gradients of gradients are not.
        allow_unused: give None for an input that the outputs were not made from.

    Returns:
        For each input its derivative, in its shape.

    Raises:
        GraphError: an input is not used, or wants no gradient.
        InputError: `create_graph`.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> x = tensor(3.0, requires_grad=True)
        >>> grad(x * x, x)
        (tensor(6.),)
    """
    if create_graph:
        raise InputError(
            "`create_graph` must be False. Got True: pellucid has no gradients of gradients."
        )
    wanted = as_tuple(inputs)
    if any(not each.requires_grad for each in wanted):
        raise GraphError(
            "One of the differentiated Tensors does not require grad. "
            "Make it with `requires_grad=True`."
        )
    roots, leaves = read_seeds(as_tuple(outputs), grad_outputs)
    found: dict[int, Array] = {id(leaf): seed for leaf, seed in leaves}
    walk_back(roots, Tensor, retain_graph=bool(retain_graph), found=found)
    answers = [found.get(id(each.grad_fn or each)) for each in wanted]
    unused = [place for place, each in enumerate(answers) if each is None]
    if unused and not allow_unused:
        raise GraphError(
            f"The differentiated Tensor at index {unused[0]} appears to not have been used in the "
            "graph. Set allow_unused=True if this is the desired behavior."
        )
    return tuple(None if each is None else Tensor(np.array(each)) for each in answers)


def as_tuple(tensors: Any) -> tuple[Tensor, ...]:
    """One tensor or several as a tuple."""
    return (tensors,) if isinstance(tensors, Tensor) else tuple(tensors)


def read_seeds(
    outputs: tuple[Tensor, ...], given: Any
) -> tuple[list[tuple[Node, Array]], list[tuple[Tensor, Array]]]:
    """What a walk back begins with: pairs of node and derivative, and of leaf and derivative.

    Raises:
        GraphError: an output wants no gradient, or has several numbers and no derivative.
    """
    seeds = [None] * len(outputs) if given is None else list(as_tuple(given))
    roots: list[tuple[Node, Array]] = []
    leaves: list[tuple[Tensor, Array]] = []
    for place, (output, seed) in enumerate(zip(outputs, seeds, strict=True)):
        if not output.requires_grad:
            raise GraphError(
                f"element {place} of tensors does not require grad and does not have a grad_fn"
            )
        if seed is None and output.array.size != 1:
            raise GraphError("grad can be implicitly created only for scalar outputs")
        array = np.ones_like(output.array) if seed is None else seed.array
        if output.grad_fn is None:
            leaves.append((output, array))
        else:
            roots.append((output.grad_fn, array))
    return roots, leaves


def gradcheck(
    func: Callable[..., Any],
    inputs: Tensors,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
) -> bool:
    """Whether the gradients of a function are the slopes that finite differences show.

    Every number of every input that wants a gradient is moved by ±eps; the slope is
    (f(x + eps) − f(x − eps)) ÷ (2 · eps), and must be within atol + rtol · |slope| of the gradient.

    Args:
        func: from tensors to a tensor or several; must give the same for the same inputs. Outputs
            without a gradient are left out, unless all are: then the slopes must be 0.
        inputs: a tensor or several, float64 where a gradient is wanted.
        eps: how far to each side.
        atol: the difference that is allowed anyway.
        rtol: the difference that is allowed for each unit of slope.
        raise_exception: whether a difference is an error; else the answer is False.

    Returns:
        True if all gradients agree.

    Raises:
        ValueError: no input wants a gradient.
        GradcheckError: gradient and slope differ; the message shows both.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> x = tensor([0.5, 2.0], dtype=float64, requires_grad=True)
        >>> gradcheck(lambda x: x.exp() / x, x)
        True
    """
    given = as_tuple(inputs)
    check_inputs(given)
    outputs = as_tuple(func(*given))
    is_any_tracked = any(each.requires_grad for each in outputs)
    try:
        for place, output in enumerate(outputs):
            if is_any_tracked and not output.requires_grad:
                continue
            for number, each in enumerate(given):
                if isinstance(each, Tensor) and each.requires_grad:
                    slopes = slopes_of(func, given, (place, number), eps)
                    rows = gradient_rows(output, each)
                    compare(slopes, rows, (place, number), (atol, rtol))
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def check_inputs(inputs: tuple[Any, ...]) -> None:
    """Raise if there is nothing to check; warn if rounding would hide the answer."""
    wanted = [each for each in inputs if isinstance(each, Tensor) and each.requires_grad]
    if not wanted:
        raise ValueError(
            "gradcheck expects at least one input tensor to require gradient, but none of them "
            "have requires_grad=True."
        )
    for number, each in enumerate(inputs):
        if isinstance(each, Tensor) and each.requires_grad and each.dtype != float64:
            warnings.warn(
                f"Input #{number} requires gradient and is not a double precision floating point "
                "or complex. This check will likely fail if all the inputs are not of double "
                "precision floating point or complex. `.double()` converts.",
                stacklevel=3,
            )


def slopes_of(
    func: Callable[..., Any], inputs: tuple[Any, ...], places: tuple[int, int], eps: float
) -> Array:
    """Finite differences of an output by an input: shape (numbers of that, numbers of this)."""
    rows = []
    with no_grad():
        array = inputs[places[1]].array
        flat = array.reshape(-1)
        if not np.may_share_memory(flat, array) and flat.size:
            raise InputError("gradcheck needs inputs whose numbers lie in order: `.contiguous()`.")
        for place, kept in enumerate(flat.tolist()):
            flat[place] = kept + eps
            above = flat_copy(func, inputs, places[0])
            flat[place] = kept - eps
            below = flat_copy(func, inputs, places[0])
            flat[place] = kept
            rows.append((above - below) / (2 * eps))
    return np.array(rows).reshape(flat.size, -1)


def flat_copy(func: Callable[..., Any], inputs: tuple[Any, ...], place: int) -> Array:
    """The numbers of one output in a row, in memory that the inputs do not share."""
    return np.array(as_tuple(func(*inputs))[place].array, np.float64).reshape(-1)


def gradient_rows(output: Tensor, input: Tensor) -> Array:
    """Gradients of each number of the output: shape (numbers of the input, of the output)."""
    columns = []
    for place in range(output.array.size if output.requires_grad else 0):
        seed = np.zeros(output.array.size, output.dtype)
        seed[place] = 1
        share = grad(
            output, input, Tensor(seed.reshape(output.shape)), retain_graph=True, allow_unused=True
        )[0]
        columns.append(np.zeros(input.array.size) if share is None else share.array.reshape(-1))
    if not columns:
        return np.zeros((input.array.size, output.array.size))
    return np.stack(columns, axis=1)


def compare(
    slopes: Array, rows: Array, places: tuple[int, int], allowed: tuple[float, float]
) -> None:
    """Raise if gradients are not the slopes."""
    is_close = np.isclose(rows, slopes, rtol=allowed[1], atol=allowed[0], equal_nan=False)
    if rows.size and not is_close.all():
        raise GradcheckError(
            f"Jacobian mismatch for output {places[0]} with respect to input {places[1]},\n"
            f"numerical:{slopes}\nanalytical:{rows}\n"
        )
