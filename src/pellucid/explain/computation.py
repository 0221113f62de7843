"""An ordinary tensor, opened: the computation that made it, number by number.

Each step has its value, its gradient (how the result grows with it) and its local derivatives (how
it grows with each of its parts). How that is drawn is decided in `figures`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from pellucid.errors import GraphError
from pellucid.tensor.graph import Node, walk_back
from pellucid.tensor.tensor import Tensor

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """What a step read.

    Args:
        name: of the number or array that was read.
        share: what this reading adds to the gradient of what was read; None for constants.
    """

    name: str
    share: Array | None


@dataclass(frozen=True, slots=True)
class Step:
    """One number or array of a computation.

    Args:
        name: as it was given, or "a", "b" … for what was read and "step 1" … for what was made.
        operation: its word, such as "mul"; "" for what was given.
        formula: of the operation.
        value: what came out.
        gradient: how the result grows with each of its numbers; None for constants.
        parts: what was read, in order.
        locals: how the step grows with each part, where all of them are single numbers.
    """

    name: str
    operation: str
    formula: str
    value: Array
    gradient: Array | None
    parts: tuple[Part, ...] = ()
    locals: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Computation:
    """A computation from what was given to its result.

    Args:
        steps: in the order of the computation; the result is the last one.
    """

    steps: tuple[Step, ...]

    @property
    def result(self) -> Step:
        """What was computed."""
        return self.steps[-1]

    def step(self, name: str) -> Step:
        """The step of that name."""
        return next(each for each in self.steps if each.name == name)

    def check(self) -> bool:
        """Whether every gradient is the sum of what its readers add to it."""
        sums: dict[str, Array] = {self.result.name: np.ones_like(self.result.value)}
        for step in self.steps:
            for part in step.parts:
                if part.share is not None:
                    sums[part.name] = sums.get(part.name, np.zeros_like(part.share)) + part.share
        return all(
            np.allclose(each.gradient, sums[each.name], rtol=1e-5, atol=1e-12)
            for each in self.steps
            if each.gradient is not None
        )


def open_computation(result: Tensor, names: Mapping[str, Tensor]) -> Computation:
    """Open the computation that made a number.

    Args:
        result: a tensor with a single number, made from tensors with `requires_grad`.
        names: what some of its tensors are called.

    Raises:
        GraphError: it is no single number, nothing is remembered, or the graph was freed.

    Example:
        >>> x = Tensor(np.array(3.0), requires_grad=True)
        >>> opened = open_computation(x * x, {"x": x})
        >>> [(each.name, float(each.value), float(each.gradient)) for each in opened.steps]
        [('x', 3.0, 6.0), ('result', 9.0, 1.0)]
    """
    root = result.grad_fn
    if root is None:
        raise GraphError(
            "Nothing is remembered about how this tensor was made. Compute it from tensors with"
            " requires_grad=True, outside of no_grad()."
        )
    if result.array.size != 1:
        raise GraphError(
            f"Only a single number can be opened, for it has one gradient. Got the shape"
            f" {result.shape}; open its .sum() or its .mean()."
        )
    nodes = _gather(root)
    found: dict[int, Array] = {}
    walk_back([(root, np.ones_like(result.array))], Tensor, retain_graph=True, found=found)
    return Computation(tuple(_Reader(root, names, found).read(nodes)))


def _gather(root: Node) -> list[Node]:
    """All operations behind a result, the oldest first."""
    known: dict[int, Node] = {}
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in known:
            continue
        if node.inputs is None or node.output is None:
            raise GraphError(
                "A part of the computation was freed by backward(). Open the tensor before, or"
                " call backward(retain_graph=True)."
            )
        known[id(node)] = node
        waiting += [each for each in node.edges if isinstance(each, Node)]
    return sorted(known.values(), key=lambda each: each.number)


class _Reader:
    """Names what was read and made, and writes the steps."""

    def __init__(self, root: Node, names: Mapping[str, Tensor], found: dict[int, Array]) -> None:
        self.found = found
        self.names: dict[int, str] = {id(root): "result"}
        self.taken = set(names)
        for name, each in names.items():
            self.names[id(each.grad_fn or each)] = name
        self.constants = {id(each.array): name for name, each in names.items()}
        self.steps: list[Step] = []
        self.made = self.given = 0

    def read(self, nodes: list[Node]) -> list[Step]:
        """The steps of these operations, and of what they read, in order."""
        for node in nodes:
            inputs = node.inputs or ()
            read = [
                self._name_of(edge, array) for edge, array in zip(node.edges, inputs, strict=True)
            ]
            self.made += 1
            name = self.names.setdefault(id(node), f"step {self.made}")
            gradient, shares = self.found[id(node)], node.shares(self.found[id(node)])
            output = np.asarray(node.output)
            slopes = node.shares(np.ones_like(output)) if output.size == 1 else []
            is_single = all(np.size(each) == 1 for each in inputs)
            self.steps.append(
                Step(
                    name=name,
                    operation=node.operation.name,
                    formula=node.operation.formula,
                    value=output,
                    gradient=gradient,
                    parts=tuple(
                        Part(each, share) for each, share in zip(read, shares, strict=True)
                    ),
                    locals=tuple(None if each is None else float(each.item()) for each in slopes)
                    if is_single
                    else (),
                )
            )
        return self.steps

    def _name_of(self, edge: Node | Tensor | None, array: Array) -> str:
        """The name of what an operation read; what was given gets a step of its own."""
        if edge is None:
            return self.constants.get(id(array)) or _write_constant(array)
        if id(edge) not in self.names:
            self.names[id(edge)] = self._fresh()
        name = self.names[id(edge)]
        if not isinstance(edge, Node) and all(each.name != name for each in self.steps):
            gradient = self.found.get(id(edge))
            self.steps.append(Step(name, "", "", np.asarray(edge.array), gradient))
        return name

    def _fresh(self) -> str:
        """The next name that nobody gave: a, b to z, then a1, b1 and so on."""
        while True:
            turn, letter = divmod(self.given, 26)
            self.given += 1
            name = f"{chr(97 + letter)}{turn or ''}"
            if name not in self.taken:
                return name


def _write_constant(array: Array) -> str:
    if np.size(array) == 1:
        return f"{np.asarray(array).item():g}"
    return f"constants {list(np.shape(array))}"
