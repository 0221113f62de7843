"""The operations of a tensor as functions: `pellucid.exp(x)` is `x.exp()`."""

from __future__ import annotations

from typing import Any

from pellucid.tensor.tensor import Tensor


def exp(input: Tensor) -> Tensor:
    """E to the power of each number.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> exp(tensor([0.0, 1.0]))
        tensor([1.0000, 2.7183])
    """
    return input.exp()


def log(input: Tensor) -> Tensor:
    """The natural logarithm; −inf at 0, NaN below.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> log(tensor([1.0, 10.0]))
        tensor([0.0000, 2.3026])
    """
    return input.log()


def sqrt(input: Tensor) -> Tensor:
    """The square root; NaN below 0.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> sqrt(tensor([4.0, 2.0]))
        tensor([2.0000, 1.4142])
    """
    return input.sqrt()


def abs(input: Tensor) -> Tensor:  # noqa: A001 (PyTorch's word)
    """The distance from 0.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> abs(tensor([-3, 3]))
        tensor([3, 3])
    """
    return input.abs()


def clamp(input: Tensor, *arguments: Any, **named: Any) -> Tensor:
    """Not below `min` and not above `max`.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> clamp(tensor([-3.0, 0.5]), min=0)
        tensor([0.0000, 0.5000])
    """
    return input.clamp(*arguments, **named)


def relu(input: Tensor) -> Tensor:
    """The larger of each number and 0.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> relu(tensor([-3.0, 0.5]))
        tensor([0.0000, 0.5000])
    """
    return input.relu()


def sigmoid(input: Tensor) -> Tensor:
    """1 ÷ (1 + e^−x) of each number x.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> sigmoid(tensor([0.0]))
        tensor([0.5000])
    """
    return input.sigmoid()


def tanh(input: Tensor) -> Tensor:
    """The hyperbolic tangent.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> tanh(tensor([0.5]))
        tensor([0.4621])
    """
    return input.tanh()


def softmax(input: Tensor, *arguments: Any, **named: Any) -> Tensor:
    """Shares that add up to 1 along an axis: e^x ÷ Σ e^x.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> softmax(tensor([1.0, 1.0]), dim=0)
        tensor([0.5000, 0.5000])
    """
    return input.softmax(*arguments, **named)


def log_softmax(input: Tensor, *arguments: Any, **named: Any) -> Tensor:
    """The logarithms of `softmax`, without overflow.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> log_softmax(tensor([1.0, 1.0]), dim=0)
        tensor([-0.6931, -0.6931])
    """
    return input.log_softmax(*arguments, **named)


def sum(input: Tensor, *arguments: Any, **named: Any) -> Tensor:  # noqa: A001 (PyTorch's word)
    """The sum of all numbers, or along axes.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> sum(tensor([1.0, 2.0]))
        tensor(3.)
    """
    return input.sum(*arguments, **named)


def mean(input: Tensor, *arguments: Any, **named: Any) -> Tensor:
    """The mean of all numbers, or along axes; NaN for none.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> mean(tensor([1.0, 2.0]))
        tensor(1.5000)
    """
    return input.mean(*arguments, **named)


def var(input: Tensor, *arguments: Any, **named: Any) -> Tensor:
    """The mean squared distance from the mean; n − 1 in the divisor, or n − correction.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> var(tensor([1.0, 3.0]))
        tensor(2.)
    """
    return input.var(*arguments, **named)


def std(input: Tensor, *arguments: Any, **named: Any) -> Tensor:
    """The square root of `var`.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> std(tensor([1.0, 3.0]))
        tensor(1.4142)
    """
    return input.std(*arguments, **named)


def amax(input: Tensor, *arguments: Any, **named: Any) -> Tensor:
    """The largest number, or along axes; equals share the gradient.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> amax(tensor([[1, 4], [3, 2]]), dim=1)
        tensor([4, 3])
    """
    return input.amax(*arguments, **named)


def amin(input: Tensor, *arguments: Any, **named: Any) -> Tensor:
    """The smallest number, or along axes; equals share the gradient.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> amin(tensor([[1, 4], [3, 2]]), dim=1)
        tensor([1, 2])
    """
    return input.amin(*arguments, **named)


def max(input: Tensor, *arguments: Any, **named: Any) -> Any:  # noqa: A001 (PyTorch's word)
    """The largest number; along an axis: the pair (values, indices).

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> max(tensor([1, 4, 3]))
        tensor(4)
    """
    return input.max(*arguments, **named)


def min(input: Tensor, *arguments: Any, **named: Any) -> Any:  # noqa: A001 (PyTorch's word)
    """The smallest number; along an axis: the pair (values, indices).

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> min(tensor([1, 4, 3]))
        tensor(1)
    """
    return input.min(*arguments, **named)


def argmax(input: Tensor, *arguments: Any, **named: Any) -> Tensor:
    """Where the largest number stands, along an axis or in the flattened tensor.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> argmax(tensor([1, 4, 3]))
        tensor(1)
    """
    return input.argmax(*arguments, **named)


def argmin(input: Tensor, *arguments: Any, **named: Any) -> Tensor:
    """Where the smallest number stands, along an axis or in the flattened tensor.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> argmin(tensor([1, 4, 3]))
        tensor(0)
    """
    return input.argmin(*arguments, **named)


def any(input: Tensor, *arguments: Any, **named: Any) -> Tensor:  # noqa: A001 (PyTorch's word)
    """Whether one number is not 0, of all or along axes.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> any(tensor([True, False]))
        tensor(True)
    """
    return input.any(*arguments, **named)


def all(input: Tensor, *arguments: Any, **named: Any) -> Tensor:  # noqa: A001 (PyTorch's word)
    """Whether no number is 0, of all or along axes.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> all(tensor([True, False]))
        tensor(False)
    """
    return input.all(*arguments, **named)


def reshape(input: Tensor, *arguments: Any, **named: Any) -> Tensor:
    """The same numbers in the same order, in another shape; one size may be −1.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> reshape(tensor([1, 2, 3, 4]), (2, -1))
        tensor([[1, 2],
                [3, 4]])
    """
    return input.reshape(*arguments, **named)


def flatten(input: Tensor, *arguments: Any, **named: Any) -> Tensor:
    """The axes from `start_dim` to `end_dim` in one.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> flatten(tensor([[1, 2], [3, 4]]))
        tensor([1, 2, 3, 4])
    """
    return input.flatten(*arguments, **named)


def squeeze(input: Tensor, *arguments: Any, **named: Any) -> Tensor:
    """Without the axes of size 1, or without one of them.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> squeeze(tensor([[1, 2]]))
        tensor([1, 2])
    """
    return input.squeeze(*arguments, **named)


def unsqueeze(input: Tensor, *arguments: Any, **named: Any) -> Tensor:
    """With one more axis, of size 1, at place `dim`.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> unsqueeze(tensor([1, 2]), 0)
        tensor([[1, 2]])
    """
    return input.unsqueeze(*arguments, **named)


def transpose(input: Tensor, *arguments: Any, **named: Any) -> Tensor:
    """Two axes exchanged.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> transpose(tensor([[1, 2]]), 0, 1)
        tensor([[1],
                [2]])
    """
    return input.transpose(*arguments, **named)


def permute(input: Tensor, *arguments: Any, **named: Any) -> Tensor:
    """The axes in another order.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> permute(tensor([[1, 2]]), (1, 0))
        tensor([[1],
                [2]])
    """
    return input.permute(*arguments, **named)


def matmul(input: Tensor, *arguments: Any, **named: Any) -> Tensor:
    """The product of two matrices, of a matrix and a vector, or of two vectors.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> matmul(tensor([1.0, 2.0]), tensor([3.0, 4.0]))
        tensor(11.)
    """
    return input.matmul(*arguments, **named)


def add(input: Tensor, *arguments: Any, **named: Any) -> Tensor:
    """The sum, element by element.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> add(tensor([1, 2]), 3)
        tensor([4, 5])
    """
    return input.add(*arguments, **named)


def sub(input: Tensor, *arguments: Any, **named: Any) -> Tensor:
    """The difference, element by element.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> sub(tensor([1, 2]), 3)
        tensor([-2, -1])
    """
    return input.sub(*arguments, **named)


def mul(input: Tensor, *arguments: Any, **named: Any) -> Tensor:
    """The product, element by element.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> mul(tensor([1, 2]), 3)
        tensor([3, 6])
    """
    return input.mul(*arguments, **named)


def div(input: Tensor, *arguments: Any, **named: Any) -> Tensor:
    """The quotient, element by element.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> div(tensor([1, 2]), 2)
        tensor([0.5000, 1.0000])
    """
    return input.div(*arguments, **named)


def pow(input: Tensor, *arguments: Any, **named: Any) -> Tensor:  # noqa: A001 (PyTorch's word)
    """The first to the power of the second, element by element.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> pow(tensor([1, 2]), 3)
        tensor([1, 8])
    """
    return input.pow(*arguments, **named)


def neg(input: Tensor) -> Tensor:
    """Each number with the other sign.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> neg(tensor([1, 2]))
        tensor([-1, -2])
    """
    return input.neg()
