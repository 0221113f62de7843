"""Tensors that share another one's memory, and writing in place so that gradients stay right.

A write changes numbers that several tensors may show. The graph is therefore kept at the one that
owns the memory: a write there is an operation (`put`) of the old numbers and the new ones. A view
works out its own place in the graph anew when it sees that its memory was written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

from pellucid.errors import GraphError, ShapeError
from pellucid.tensor.dtypes import Array
from pellucid.tensor.graph import Edge, Node, recording
from pellucid.tensor.operation import Operation
from pellucid.tensor.shapes import put

if TYPE_CHECKING:
    from pellucid.tensor.tensor import Tensor

OF_A_LEAF = "a leaf Variable that requires grad is being used in an in-place operation."
CURE = "Do it within `with no_grad():`, or make a new tensor (`x = x + 1`)."
CUT_OFF = (
    "A view was created in no_grad mode and its memory is modified inplace with grad mode enabled. "
    "Make the view outside of `no_grad`, or write on a copy (`.clone()`)."
)

ONCE_FOR_SEVERAL = (
    "unsupported operation: more than one element of the written-to tensor refers to a single "
    "memory location. Please clone() the tensor before performing the operation. (Arrays that "
    "numpy calls read-only cannot be written either.)"
)


class View:
    """Whose memory a tensor shows, and by which steps one gets from there to it.

    Args:
        base: the tensor that owns the memory.
        steps: the operations (and their settings) from base to view.
        version: how often the memory had been written when the view's node was made.
        is_cut: whether the view was made in `no_grad` mode, and so has no place in the graph.
    """

    __slots__ = ("base", "is_cut", "steps", "version")

    def __init__(
        self,
        base: Tensor,
        steps: tuple[tuple[Operation, dict[str, Any]], ...],
        version: int,
        *,
        is_cut: bool,
    ) -> None:
        self.base, self.steps, self.version, self.is_cut = base, steps, version, is_cut

    def places(self) -> Array:
        """Where in the flattened base each number of the view stands, in the view's shape."""
        shape = self.base.array.shape
        places = np.arange(self.base.array.size).reshape(shape)
        for operation, settings in self.steps:
            places = operation.forward(places, **settings)
        return places


def show_memory(view: Tensor, source: Tensor, operation: Operation, settings: Any) -> None:
    """Note that `view`, made by an operation from `source`, shows the same memory."""
    origin = source.origin
    is_cut = not recording.is_on or (origin is not None and origin.is_cut)
    base, steps = (source, ()) if origin is None else (origin.base, origin.steps)
    view.edits = source.edits
    view.origin = View(base, (*steps, (operation, settings)), source.edits[0], is_cut=is_cut)


def refresh(view: Tensor) -> None:
    """Give a view its place in the graph again if its memory was written since it had one."""
    origin = cast("View", view.origin)
    edge = origin.base.node
    if origin.version == view.edits[0] or edge is None:
        return  # written without a graph (an optimizer's step, say): nothing to follow
    if origin.is_cut:
        raise GraphError(CUT_OFF)
    array = origin.base.array
    for operation, settings in origin.steps:
        inputs = array
        array = operation.forward(array, **settings)
        edge = Node(operation, (edge,), (inputs,), array, settings, (view.edits, view.edits))
    succeed(edge, view)
    view.node, view.is_tracked = edge, True
    origin.version = view.edits[0]


def succeed(node: Node, tensor: Tensor) -> None:
    """Let a tensor's new node fill the `.grad` that its old one was asked to fill."""
    if tensor.node is not None and tensor.node.owner is tensor:
        tensor.node.owner = None
        node.owner = tensor


def edge_of(tensor: Tensor) -> Edge:
    """Where a tensor's gradient goes: its node, itself if it is a leaf, None if unwanted."""
    return (tensor.node or tensor) if tensor.is_tracked else None


def check_editable(tensor: Tensor) -> None:
    """Raise if writing here would make a gradient wrong.

    Raises:
        GraphError: a leaf that requires a gradient or a view of one; a view made in `no_grad`.
        RuntimeError: memory that must not be written: each number of `expand` stands in it once.
    """
    if not tensor.array.flags.writeable:
        raise RuntimeError(ONCE_FOR_SEVERAL)
    if not recording.is_on:
        return
    base = tensor if tensor.origin is None else tensor.origin.base
    if base.is_tracked and base.node is None:
        kind = "" if tensor.origin is None else "a view of "
        raise GraphError(f"{kind}{OF_A_LEAF} {CURE}")
    if tensor.origin is not None and tensor.origin.is_cut and base.is_tracked:
        raise GraphError(CUT_OFF)


def write(tensor: Tensor, values: Tensor, index: Any = ...) -> None:
    """Put values in the place of a tensor's numbers, and remember it if a gradient is wanted.

    Args:
        tensor: what is written to; what shows the same memory changes with it.
        values: the new numbers; they are broadcast.
        index: which of the numbers, in numpy's terms; all by default.

    Raises:
        GraphError: the gradient would be wrong.
        ShapeError: the values do not fit the place.
    """
    check_editable(tensor)
    base = tensor if tensor.origin is None else tensor.origin.base
    if values.origin is not None:
        refresh(values)
    is_wanted = recording.is_on and (base.is_tracked or values.is_tracked)
    is_wanted = is_wanted and base.array.dtype.kind == "f"
    if is_wanted and tensor.origin is not None and tensor.origin.is_cut:
        raise GraphError(CUT_OFF)
    numbers = values.array
    try:
        with np.errstate(over="ignore"):  # 1e39 is infinite in float32
            tensor.array[index] = numbers
    except ValueError:
        room = list(tensor.array[index].shape)
        raise ShapeError(
            f"shape mismatch: value tensor of shape {list(numbers.shape)} cannot be broadcast to "
            f"indexing result of shape {room}"
        ) from None
    tensor.edits[0] += 1
    if is_wanted:
        own = np.arange(base.array.size).reshape(base.array.shape)
        places = (own if tensor.origin is None else tensor.origin.places())[index]
        edges = (edge_of(base), edge_of(values))
        arrays, edits = (base.array, numbers), (base.edits, values.edits, base.edits)
        node = Node(put, edges, arrays, base.array, {"places": places}, edits)
        succeed(node, base)
        base.node, base.is_tracked = node, True
