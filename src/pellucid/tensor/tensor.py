"""`Tensor`: an array that remembers how it was made, with PyTorch's methods.

What an operation computes stands in the operation table; how a gradient walks back, in `graph`;
how tensors are made from Python's numbers, in `creation`.
"""

from __future__ import annotations

from typing import Any, Self, cast

import numpy as np

from pellucid.errors import GraphError, ShapeError
from pellucid.tensor import dtypes
from pellucid.tensor.axes import broadcast_message, read_index
from pellucid.tensor.dtypes import Array
from pellucid.tensor.graph import Node, recording, walk_back
from pellucid.tensor.hooks import Handle, Hook, Watch, add_hook, run_hooks
from pellucid.tensor.operation import Operation
from pellucid.tensor.operators import Operators
from pellucid.tensor.views import View, check_editable, refresh, show_memory, succeed, write


class Tensor(Operators):
    """An array with, if wanted, a memory of its making.

    Args:
        array: the numbers, any shape; used as it is, not copied (`pellucid.tensor` copies). Lists
            become float32, as in PyTorch.
        requires_grad: whether `backward` shall fill `.grad`.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> x = tensor([1.0, 2.0, 3.0], requires_grad=True)
        >>> (x * x).sum().backward()
        >>> x.grad
        tensor([2., 4., 6.])
    """

    __slots__ = ("__weakref__", "edits", "is_tracked", "kept", "node", "origin", "watch")
    __array_priority__ = 1000  # so that `numpy_array * tensor` asks the tensor
    __hash__ = object.__hash__

    def __init__(
        self, array: Array | list[Any] | tuple[Any, ...], requires_grad: bool = False
    ) -> None:
        self.array: Array = array if type(array) is np.ndarray else as_array(array)
        self.kept: Tensor | None = None
        self.node: Node | None = None
        self.origin: View | None = None
        self.edits = [0]
        self.is_tracked = False
        self.watch: Watch | None = None
        if requires_grad:
            self.requires_grad_()

    # How operations are applied -----------------------------------------------------------------

    def apply(self, operation: Operation, *others: Tensor, **settings: Any) -> Tensor:
        """Do an operation on this and others, and remember it if a gradient is wanted."""
        tensors = (self, *others)
        arrays = tuple([each.array for each in tensors])
        with np.errstate(all="ignore"):
            result = Tensor(operation.forward(*arrays, **settings))
        if operation.is_view and np.may_share_memory(result.array, self.array):
            show_memory(result, self, operation, settings)
        if recording.is_on:
            for each in tensors:
                if each.origin is not None:
                    refresh(each)
            for each in tensors:
                if each.is_tracked and result.array.dtype.kind == "f":
                    result.is_tracked = True
                    edges = [(t.node or t) if t.is_tracked else None for t in tensors]
                    edits = (*[t.edits for t in tensors], result.edits)
                    result.node = Node(
                        operation, tuple(edges), arrays, result.array, settings, edits
                    )
                    break
        return result

    def apply_pair(self, operation: Operation, other: Any, sign: str, **settings: Any) -> Tensor:
        """Do an operation on this and a tensor or number, in the dtype that PyTorch would take."""
        if not isinstance(other, Tensor):
            if isinstance(other, np.ndarray):
                other = Tensor(other)
            elif isinstance(other, int | float | np.number | np.bool_):
                dtype = dtypes.scalar_dtype(other, self.array.dtype)
                other = Tensor(dtypes.as_number(other, dtype))
            else:
                raise TypeError(
                    f"unsupported operand type(s) for {sign}: 'Tensor' and "
                    f"'{type(other).__name__}'. Use a Tensor or a number."
                )
        left = self
        if left.array.dtype != other.array.dtype:
            dtype = dtypes.promote(left.array, other.array)
            left, other = left.to(dtype), other.to(dtype)
        try:
            return left.apply(operation, other, **settings)
        except ValueError:
            message = broadcast_message(left.array.shape, other.array.shape)
            if message is None:
                raise
            raise ShapeError(f"{message}. Got shapes {self.shape} and {other.shape}.") from None

    def beside(self, number: Any) -> Tensor:
        """A Python number as a tensor in the dtype that it takes on beside this one."""
        return Tensor(dtypes.as_number(number, dtypes.scalar_dtype(number, self.array.dtype)))

    def change(self, operation: Operation, other: Any, sign: str) -> Self:
        """Do an operation on this and another and put the result in this one's place."""
        check_editable(self)
        return self.become(self.before_edit().apply_pair(operation, other, sign))

    def become(self, result: Tensor) -> Self:
        """Take the numbers of a result that was computed of these (see `before_edit`), and its node.

        Raises:
            ShapeError: it has another shape.
            RuntimeError: it has fractions, and there is no room for them here.
        """
        if result.array.shape != self.array.shape:
            raise ShapeError(
                f"output with shape {list(self.array.shape)} doesn't match the broadcast shape "
                f"{list(result.array.shape)}"
            )
        if dtypes.category(result.array.dtype) > dtypes.category(self.array.dtype):
            raise RuntimeError(
                f"result type {dtypes.scalar_name(result.array.dtype)} can't be cast to the "
                f"desired output type {dtypes.scalar_name(self.array.dtype)}"
            )
        result = result.to(self.array.dtype)
        if self.origin is not None or not result.is_tracked:
            write(self, result)
            return self
        np.copyto(self.array, result.array)
        self.edits[0] += 1
        succeed(cast("Node", result.node), self)
        self.node, self.is_tracked = result.node, True
        return self

    def before_edit(self) -> Tensor:
        """What a derivative reads of this when it is changed: a copy, with its place in the graph."""
        if not recording.is_on:
            return self
        if self.origin is not None:
            refresh(self)
        result = Tensor(self.array.copy())
        result.node, result.is_tracked = self.node, self.is_tracked
        return result

    def itself(self) -> Tensor:
        """This tensor."""
        return self

    # Gradients ----------------------------------------------------------------------------------

    @property
    def grad_fn(self) -> Node | None:
        """The operation that made this, if it is remembered."""
        if self.origin is not None:
            refresh(self)
        return self.node

    @property
    def requires_grad(self) -> bool:
        """Whether a gradient is wanted here or at what this was made from."""
        return self.grad_fn is not None or self.is_tracked

    @requires_grad.setter
    def requires_grad(self, requires_grad: bool) -> None:
        self.requires_grad_(requires_grad)

    @property
    def grad(self) -> Tensor | None:
        """What `backward` has added up; None before."""
        return self.kept

    @grad.setter
    def grad(self, grad: Tensor | None) -> None:
        if grad is not None:
            if not isinstance(grad, Tensor):
                raise TypeError(
                    "assigned grad expected to be a Tensor or None but got grad of type "
                    f"{type(grad).__name__}"
                )
            if grad.array.shape != self.array.shape:
                raise ShapeError(
                    f"attempting to assign a gradient of size '{list(grad.shape)}' to a tensor of "
                    f"size '{list(self.shape)}'. Please ensure that the gradient and the tensor "
                    "are the same size"
                )
            if grad.array.dtype != self.array.dtype:
                raise GraphError(
                    f"attempting to assign a gradient with dtype '{dtypes.c_name(grad.dtype)}' to "
                    f"a tensor with grad_dtype '{dtypes.scalar_name(self.dtype)}'. Convert it: "
                    f"`.to('{self.dtype}')`."
                )
        self.kept = grad

    @property
    def is_leaf(self) -> bool:
        """Whether this was not made by a remembered operation."""
        return self.grad_fn is None

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Say whether `backward` shall fill `.grad` here; returns the tensor itself."""
        if self.grad_fn is not None and not requires_grad:
            raise GraphError(
                "you can only change requires_grad flags of leaf variables. If you want to use a "
                "computed variable in a subgraph that doesn't require differentiation use "
                "var_no_grad = var.detach()."
            )
        if requires_grad and self.array.dtype.kind != "f":
            raise GraphError(
                "Only Tensors of floating point and complex dtype can require gradients. "
                f"Got {self.array.dtype}: write the numbers with a point (1.0), or use `.float()`."
            )
        self.is_tracked = requires_grad
        return self

    def retain_grad(self) -> None:
        """Let `backward` fill `.grad` here too, although this was computed from others."""
        if not self.requires_grad:
            raise GraphError("can't retain_grad on Tensor that has requires_grad=False")
        if self.grad_fn is not None:
            self.grad_fn.owner = self

    def register_hook(self, hook: Hook) -> Handle:
        """Have a function told this tensor's gradient in every backward pass.

        Args:
            hook: gets the gradient, a tensor; what it returns, unless None, takes its place.

        Returns:
            A handle whose `remove` ends it.

        Raises:
            GraphError: no gradient is wanted here.

        Example:
            >>> from pellucid.tensor.creation import tensor
            >>> x = tensor([1.0, 2.0], requires_grad=True)
            >>> handle = x.register_hook(lambda gradient: 10 * gradient)
            >>> (3 * x).sum().backward()
            >>> x.grad
            tensor([30., 30.])
        """
        if not self.requires_grad:
            raise GraphError("cannot register a hook on a tensor that doesn't require gradient")
        return add_hook(self.grad_fn or self.watched(), hook)

    def watched(self) -> Watch:
        """What is remembered about gradients here besides their sum; made when first asked for."""
        if self.watch is None:
            self.watch = Watch()
        return self.watch

    def receive(self, gradient: Array, *, is_own: bool) -> None:
        """Take the whole gradient of one backward pass: show it to the hooks, add it to `.grad`."""
        if self.watch is not None and self.watch.hooks:
            gradient, is_own = run_hooks(self.watch.hooks, gradient, Tensor), False
        self.accumulate(gradient, is_own=is_own)

    def accumulate(self, gradient: Array, *, is_own: bool) -> None:
        """Add to `.grad`; a gradient that others may hold too is copied first."""
        if self.kept is None:
            self.kept = Tensor(np.asarray(gradient) if is_own else np.array(gradient))
        else:
            if self.watch is not None:
                self.watch.note_addition(self.kept.edits, self.kept.array)
            self.kept.array += gradient
            self.kept.edits[0] += 1

    def backward(self, gradient: Tensor | None = None, retain_graph: bool = False) -> None:
        """Add to the `.grad` of every leaf that this was made from the derivative of this by it.

        Args:
            gradient: derivative of what is differentiated by this, in this shape; 1 for one number.
            retain_graph: keep what the walk needs, so that it can be done again.

        Raises:
            GraphError: nothing requires a gradient; this is not one number; a second walk.
        """
        if not self.requires_grad:
            raise GraphError(
                "element 0 of tensors does not require grad and does not have a grad_fn"
            )
        if gradient is None and self.array.size != 1:
            raise GraphError(
                "grad can be implicitly created only for scalar outputs. "
                f"This one has shape {self.shape}: reduce it first, `.sum()` or `.mean()`."
            )
        if gradient is None:
            seed = np.ones_like(self.array)
        else:
            seed = gradient.array.astype(self.array.dtype, copy=False)
        if seed.shape != self.array.shape:
            raise GraphError(
                f"Mismatch in shape: grad_output[0] has a shape of torch.Size({list(seed.shape)}) "
                f"and output[0] has a shape of torch.Size({list(self.array.shape)})."
            )
        if self.grad_fn is None:
            self.receive(seed, is_own=False)
        else:
            walk_back([(self.grad_fn, seed)], Tensor, retain_graph=retain_graph)

    def numpy(self) -> Array:
        """The array itself, sharing memory."""
        if self.requires_grad:
            raise GraphError(
                "Can't call numpy() on Tensor that requires grad. "
                "Use tensor.detach().numpy() instead."
            )
        return self.array

    def detach(self) -> Tensor:
        """The same numbers in the same memory, cut off from their making."""
        result = Tensor(self.array)
        result.edits = self.edits
        return result

    @property
    def data(self) -> Tensor:
        """The same numbers in the same memory, without memory of their making."""
        return Tensor(self.array)

    @data.setter
    def data(self, values: Tensor) -> None:
        self.array = values.array

    def __repr__(self) -> str:
        from pellucid.tensor.display import show  # noqa: PLC0415 (only when somebody looks)

        return show(self)

    def copy_(self, values: Any) -> Self:
        """Put other numbers in this one's place, broadcasting them."""
        write(self, as_values(values))
        return self

    def __setitem__(self, index: Any, values: Any) -> None:
        try:
            write(self, as_values(values), read_index(index, self.array.shape)[1])
        except IndexError as error:
            raise IndexError(str(error).replace("axis", "dimension")) from None


def as_array(values: Any) -> Array:
    """Numbers as an array; those of lists in the default dtype."""
    return np.asarray(values, dtypes.Default.dtype if isinstance(values, list | tuple) else None)


def as_values(values: Any) -> Tensor:
    """Numbers to be written somewhere, as a tensor that shares their memory."""
    return values if isinstance(values, Tensor) else Tensor(np.asarray(values))
