"""From a program back to modules: the network that it was lowered from.

The paths are those of the program's buffers, so the state_dict has the program's names.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pellucid.engine.graph import Graph, path_of
from pellucid.engine.layers import build_layer
from pellucid.engine.program import Program
from pellucid.nn.container import Sequential
from pellucid.nn.module import Module
from pellucid.nn.residual import Residual


def build_network(program: Program, parameters: Mapping[str, Any] | None = None) -> Module:
    """A module that computes what the program computes.

    Args:
        program: one whose operations stand one after another, with an 'add' at the end of each
            `Residual`, becomes a `Sequential`; any other a `Graph`.
        parameters: values of parameters and running statistics under their state_dict names; if
            None the parameters are zeros and the running statistics as they begin.

    Raises:
        InputError: the program has an operation that no module computes.

    Example:
        >>> from pellucid import nn, optim
        >>> from pellucid.engine.lowering import lower
        >>> network = nn.Sequential(nn.Linear(4, 5), nn.ReLU())
        >>> rule = optim.SGD(network.parameters(), lr=0.1)
        >>> build_network(lower(network, nn.MSELoss(), rule, input_width=4))
        Sequential(
          (0): Linear(in_features=4, out_features=5, bias=True)
          (1): ReLU()
        )
    """
    chain = build_chain(program)
    network = Graph(program) if chain is None else chain
    if parameters is not None:
        names = [name for name, _ in program.parameters]
        names += [name for name, _, _ in program.buffers]
        network.load_state_dict({name: parameters[name] for name in names})
    return network


def build_chain(program: Program) -> Sequential | None:
    """The `Sequential` of a program whose operations stand one after another; else None."""
    if len(program.inputs) > 1 or program.categories:
        return None
    tree: dict[str, Any] = {}
    residuals: set[str] = set()
    entries: dict[str, str] = {}
    before = program.inputs[0][0]
    for operation in program.operations:
        *path, name = operation.output.split(".")
        branch = tree
        for depth, part in enumerate(path, start=1):
            branch = branch.setdefault(part, {})
            entries.setdefault(".".join(path[:depth]), before)
        if operation.kind == "add":
            wanted: tuple[str, ...] = (entries.setdefault(operation.output, before), before)
            residuals.add(operation.output)
            branch.setdefault(name, {})
        else:
            wanted = (before,)
        if operation.inputs != wanted or path_of(operation) != operation.output:
            return None
        if operation.kind != "add":
            branch[name] = build_layer(operation, program)
        before = operation.output
    if list(outputs_of(tree, residuals)) != [each.output for each in program.operations]:
        return None  # a path is left and entered again
    return sequence(tree, residuals)


def outputs_of(tree: dict[str, Any], residuals: Collection[str], path: str = "") -> Iterator[str]:
    """The paths of what `sequence` computes, in its order."""
    for name, each in tree.items():
        inner = f"{path}.{name}" if path else name
        if isinstance(each, dict):
            yield from outputs_of(each, residuals, inner)
        if not isinstance(each, dict) or inner in residuals:
            yield inner


def sequence(tree: dict[str, Any], residuals: Collection[str], path: str = "") -> Sequential:
    """Nested dicts of modules as nested `Sequential`s, and as `Residual`s at the given paths."""
    kind = Residual if path in residuals else Sequential
    return kind(
        OrderedDict(
            (
                name,
                sequence(each, residuals, f"{path}.{name}" if path else name)
                if isinstance(each, dict)
                else each,
            )
            for name, each in tree.items()
        )
    )
