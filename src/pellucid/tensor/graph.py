"""What a tensor remembers about its making, and the walk back along it: backpropagation.

A `Node` is one operation that was done. Nodes are numbered in the order of their making, so the
walk takes the youngest waiting node first: by then all that used its result have been walked.
"""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable, Sequence
from contextlib import ContextDecorator
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import numpy as np

from pellucid.errors import GraphError
from pellucid.tensor.dtypes import Array
from pellucid.tensor.hooks import Hook, run_hooks
from pellucid.tensor.operation import Operation

if TYPE_CHECKING:
    from pellucid.tensor.tensor import Tensor

Edge: TypeAlias = "Node | Tensor | None"

ALREADY_FREED = (
    "Trying to backward through the graph a second time (or directly access saved tensors after "
    "they have already been freed). Saved intermediate values of the graph are freed when you call "
    ".backward() or autograd.grad(). Specify retain_graph=True if you need to backward through the "
    "graph a second time or if you need to access saved tensors after calling backward."
)


class Recording(threading.local):
    """Whether operations are remembered; each thread has its own answer."""

    is_on = True


recording = Recording()


class RecordingScope(ContextDecorator):
    """Sets for a while whether operations are remembered; also decorates a function."""

    is_on = True

    def __init__(self) -> None:
        self.before: list[bool] = []

    def __enter__(self) -> None:
        self.before.append(recording.is_on)
        recording.is_on = self.is_on

    def __exit__(self, *_: object) -> None:
        recording.is_on = self.before.pop()


class no_grad(RecordingScope):  # noqa: N801 (PyTorch's word, used like a function)
    """Within it operations are not remembered: results have `requires_grad=False`.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> x = tensor(2.0, requires_grad=True)
        >>> with no_grad():
        ...     print((x * x).requires_grad)
        False
    """

    is_on = False


class enable_grad(RecordingScope):  # noqa: N801 (PyTorch's word, used like a function)
    """Within it operations are remembered again, also inside `no_grad`.

    Example:
        >>> with no_grad(), enable_grad():
        ...     print(is_grad_enabled())
        True
    """

    is_on = True


class set_grad_enabled(ContextDecorator):  # noqa: N801 (PyTorch's word, used like a function)
    """Say from now on, or for a `with` block, whether operations are remembered.

    Args:
        mode: whether they are.

    Example:
        >>> with set_grad_enabled(False):
        ...     print(is_grad_enabled())
        False
        >>> is_grad_enabled()
        True
    """

    def __init__(self, mode: bool) -> None:
        self.mode, self.before = mode, recording.is_on
        recording.is_on = mode

    def __enter__(self) -> None:
        recording.is_on = self.mode

    def __exit__(self, *_: object) -> None:
        recording.is_on = self.before


class inference_mode(RecordingScope):  # noqa: N801 (PyTorch's word, used like a function)
    """Within it operations are not remembered, as in `no_grad`; the word for mere predicting.

    Args:
        mode: whether that is so; if not, operations are remembered, as in PyTorch.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> x = tensor(2.0, requires_grad=True)
        >>> with inference_mode():
        ...     print((x * x).requires_grad)
        False
    """

    def __init__(self, mode: bool = True) -> None:
        super().__init__()
        self.is_on = not mode


def is_grad_enabled() -> bool:
    """Whether operations are remembered here and now.

    Example:
        >>> is_grad_enabled()
        True
    """
    return recording.is_on


numbers = itertools.count()


class Node:
    """One operation that was done: what went in, what came out, and where that came from.

    Args:
        operation: its row of the table.
        edges: per argument, the node that made it, the leaf tensor itself, or None if no gradient
            is wanted there.
        inputs: the arguments' arrays.
        output: the result's array.
        settings: what else the operation was told.
        edits: per argument and last for the result, the counter of changes in place.
    """

    __slots__ = (
        "edges",
        "edits",
        "hooks",
        "inputs",
        "number",
        "operation",
        "output",
        "owner",
        "settings",
        "versions",
    )

    def __init__(  # noqa: PLR0917 (made once for every operation: names would cost time)
        self,
        operation: Operation,
        edges: tuple[Edge, ...],
        inputs: tuple[Array, ...],
        output: Array,
        settings: dict[str, Any],
        edits: tuple[list[int], ...],
    ) -> None:
        self.operation = operation
        self.edges = edges
        self.inputs: tuple[Array, ...] | None = inputs
        self.output: Array | None = output
        self.settings = settings
        self.edits = edits
        self.versions = [each[0] for each in edits]
        self.number = next(numbers)
        self.owner: Tensor | None = None
        self.hooks: dict[int, Hook] | None = None

    def name(self) -> str:
        """PyTorch's word for this backward step, 'MulBackward0' for example."""
        return self.operation.grad_fn

    @property
    def next_functions(self) -> tuple[tuple[Edge, int], ...]:
        """Where the gradient goes from here, as pairs (node or leaf or None, 0)."""
        return tuple((edge, 0) for edge in self.edges)

    def __repr__(self) -> str:
        return f"<{self.operation.grad_fn} object at {id(self):#x}>"

    def shares(self, gradient: Array) -> list[Array | None]:
        """The gradient's share of each argument, in the argument's shape; None where unwanted."""
        inputs, operation = self.inputs, self.operation
        if inputs is None:
            raise GraphError(ALREADY_FREED)
        result: list[Array | None] = []
        for position, edge in enumerate(self.edges):
            if edge is None:
                result.append(None)
                continue
            if operation.is_variadic:
                derivative, more = operation.derivatives[0], {"position": position}
            else:
                derivative, more = operation.derivatives[position], {}
                self.check_unchanged(operation.reads[position])
            share = cast("Callable[..., Array]", derivative)(
                gradient, self.output, *inputs, **self.settings, **more
            )
            if share.shape != inputs[position].shape:
                share = sum_to_shape(share, inputs[position].shape)
            result.append(share)
        return result

    def check_unchanged(self, positions: tuple[int, ...]) -> None:
        """Raise if what a derivative reads was changed in place since the forward pass."""
        for position in positions:
            if position >= len(self.edits) - 1:
                continue  # an argument that was left out
            expected, version = self.versions[position], self.edits[position][0]
            if version != expected:
                message = (
                    "one of the variables needed for gradient computation has been modified by an "
                    f"inplace operation: {self.describe(position)}, is at version {version}; "
                    f"expected version {expected} instead. "
                    f"Hint: it was read by '{self.operation.name}' in the forward pass; change a "
                    "copy instead (`y = y + 1`, not `y += 1`)."
                )
                raise GraphError(message)

    def describe(self, position: int) -> str:
        """Name the tensor at a position as PyTorch does: its kind, shape and maker."""
        from pellucid.tensor.dtypes import scalar_name  # noqa: PLC0415 (only for an error)

        array = cast("Array", self.output) if position < 0 else cast("Any", self.inputs)[position]
        maker = self if position < 0 else self.edges[position]
        kind = f"[torch.{scalar_name(array.dtype)}Tensor {list(array.shape)}]"
        return f"{kind}, which is output 0 of {maker.name()}" if isinstance(maker, Node) else kind

    def free(self) -> None:
        """Let go of what the derivatives read; nodes that read nothing can be walked again."""
        if any(self.operation.reads):
            self.inputs = self.output = None


def sum_to_shape(values: Array, shape: tuple[int, ...]) -> Array:
    """Add up along the axes that were broadcast, so that `values` has `shape` again.

    Example:
        >>> sum_to_shape(np.ones((4, 3)), (1, 3))
        array([[4., 4., 4.]])
    """
    values = np.asarray(values)
    if values.shape == shape:
        return values
    extra = values.ndim - len(shape)
    if extra < 0:
        return np.broadcast_to(values, shape)
    axes = tuple(range(extra)) + tuple(
        axis + extra
        for axis, size in enumerate(shape)
        if size == 1 and values.shape[axis + extra] != 1
    )
    summed = np.asarray(np.add.reduce(values, axis=axes)).reshape(
        [1 if axis in axes else size for axis, size in enumerate(values.shape)][extra:]
    )
    return np.broadcast_to(summed, shape)


def walk_back(
    seeds: Sequence[tuple[Node, Array]],
    as_tensor: Callable[[Array], Tensor],
    *,
    retain_graph: bool,
    found: dict[int, Array] | None = None,
) -> None:
    """Carry gradients back to every leaf that they came from, adding them to their `.grad`.

    Args:
        seeds: nodes, each with the derivative of what is differentiated by its result.
        as_tensor: makes a tensor of an array, for hooks.
        retain_graph: keep what the derivatives read, so that the walk can be done again.
        found: if given, gradients are put here instead, by the `id` of node or leaf.

    Raises:
        GraphError: what a derivative reads was freed by an earlier walk, or changed in place.
    """
    nodes: dict[int, Node] = {}
    gradients: dict[int, Array] = {}
    for node, gradient in seeds:
        nodes[-node.number] = node
        before = gradients.get(-node.number)
        gradients[-node.number] = gradient if before is None else before + gradient
    waiting = list(nodes)
    heapq.heapify(waiting)
    held: dict[int, tuple[Tensor, Array]] = {}
    with np.errstate(all="ignore"):
        while waiting:
            key = heapq.heappop(waiting)
            node, gradient = nodes.pop(key), gradients.pop(key)
            if node.hooks:
                gradient = run_hooks(node.hooks, gradient, as_tensor)
            if found is not None:
                found[id(node)] = gradient
            elif node.owner is not None:
                node.owner.accumulate(gradient, is_own=False)
            for edge, share in zip(node.edges, node.shares(gradient), strict=True):
                if share is None or edge is None:
                    continue
                if type(edge) is not Node:
                    arrive(cast("Tensor", edge), share, gradient, held, found)
                elif -edge.number in gradients:
                    gradients[-edge.number] = gradients[-edge.number] + share
                else:
                    heapq.heappush(waiting, -edge.number)
                    nodes[-edge.number], gradients[-edge.number] = edge, share
            if not retain_graph:
                node.free()
        for leaf, gradient in held.values():
            leaf.receive(gradient, is_own=True)


def arrive(
    leaf: Tensor,
    share: Array,
    gradient: Array,
    held: dict[int, tuple[Tensor, Array]],
    found: dict[int, Array] | None,
) -> None:
    """A leaf's share of a gradient: added to its `.grad`, or kept until the walk's end.

    Args:
        leaf: whose share.
        share: may be the gradient itself, or share memory with others.
        gradient: what the share was taken of.
        held: sums for leaves with hooks, which are told their whole gradient.
        found: sums for who asked for gradients as values.
    """
    if found is not None:
        before = found.get(id(leaf))
        found[id(leaf)] = share if before is None else before + share
    elif leaf.watch is not None and leaf.watch.hooks:
        place = id(leaf)
        held[place] = (leaf, held[place][1] + share if place in held else np.array(share))
    else:
        is_own = share is not gradient and getattr(share, "base", None) is None
        leaf.accumulate(share, is_own=is_own)
