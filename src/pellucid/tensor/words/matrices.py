"""Products of vectors and matrices by their number of axes: `mm`, `mv`, `dot`, `bmm`, `outer`.

Each is a word of the library and a method of a tensor: `pellucid.mm(x, y)` is `x.mm(y)`. `matmul`
takes any number of axes, as the operator `@` does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pellucid.errors import ShapeError
from pellucid.tensor.dtypes import scalar_name

if TYPE_CHECKING:
    from pellucid.tensor.tensor import Tensor


def matmul(input: Tensor, other: Tensor) -> Tensor:
    """The product of two matrices, of a matrix and a vector, or of two vectors.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1.0, 2.0]).matmul(pellucid.tensor([3.0, 4.0]))
        tensor(11.)
    """
    return input @ other


def mm(input: Tensor, mat2: Tensor) -> Tensor:
    """The product of two matrices, (n, k) and (k, m): shape (n, m).

    Raises:
        ShapeError: not two matrices that fit.

    Example:
        >>> import pellucid
        >>> pellucid.eye(2).mm(pellucid.tensor([[1.0, 2.0], [3.0, 4.0]]))
        tensor([[1., 2.],
                [3., 4.]])
    """
    for name, each in (("self", input), ("mat2", mat2)):
        if each.ndim != 2:
            raise ShapeError(f"{name} must be a matrix. Got shape {each.shape}.")
    return input @ mat2


def mv(input: Tensor, vec: Tensor) -> Tensor:
    """The product of a matrix (n, k) and a vector (k,): shape (n,).

    Raises:
        ShapeError: not a matrix and a vector that fit.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([[1.0, 2.0], [3.0, 4.0]]).mv(pellucid.tensor([1.0, 1.0]))
        tensor([3., 7.])
    """
    if (input.ndim, vec.ndim) != (2, 1):
        raise ShapeError(
            f"vector + matrix @ vector expected, got 1, {input.ndim}, {vec.ndim}. The first must "
            "have two axes, the second one."
        )
    return input @ vec


def dot(input: Tensor, tensor: Tensor) -> Tensor:
    """The sum of the products of two vectors of one length.

    Raises:
        ShapeError: not two vectors of one length.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1.0, 2.0]).dot(pellucid.tensor([3.0, 4.0]))
        tensor(11.)
    """
    if input.ndim != 1 or tensor.ndim != 1:
        raise ShapeError(f"1D tensors expected, but got {input.ndim}D and {tensor.ndim}D tensors")
    if input.dtype != tensor.dtype:
        raise RuntimeError(
            "dot : expected both vectors to have same dtype, but found "
            f"{scalar_name(input.dtype)} and {scalar_name(tensor.dtype)}"
        )
    return input @ tensor


def bmm(input: Tensor, mat2: Tensor) -> Tensor:
    """The products of as many pairs of matrices, (b, n, k) and (b, k, m): shape (b, n, m).

    Raises:
        ShapeError: not two batches of matrices that fit.

    Example:
        >>> import pellucid
        >>> pellucid.ones(5, 2, 3).bmm(pellucid.ones(5, 3, 4)).shape
        (5, 2, 4)
    """
    for name, each in (("batch1", input), ("batch2", mat2)):
        if each.ndim != 3:
            raise ShapeError(f"{name} must be a 3D tensor. Got shape {each.shape}.")
    if mat2.shape[:2] != (input.shape[0], input.shape[2]):
        raise ShapeError(
            f"Expected size for first two dimensions of batch2 tensor to be: "
            f"[{input.shape[0]}, {input.shape[2]}] but got: [{mat2.shape[0]}, {mat2.shape[1]}]."
        )
    return input @ mat2


def outer(input: Tensor, vec2: Tensor) -> Tensor:
    """Each number of one vector times each of another: shape (n, m).

    Raises:
        ShapeError: not two vectors.

    Example:
        >>> import pellucid
        >>> pellucid.tensor([1, 2]).outer(pellucid.tensor([3, 4, 5]))
        tensor([[ 3,  4,  5],
                [ 6,  8, 10]])
    """
    for name, each in (("self", input), ("vec2", vec2)):
        if each.ndim != 1:
            raise ShapeError(f"outer: Expected 1-D argument {name}, but got {each.ndim}-D")
    return input.unsqueeze(1) * vec2
