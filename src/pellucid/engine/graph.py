"""A program as a module: its operations, one after another, on the values of its buffers.

Whatever operations are joined by, a graph computes them; programs that are chains become the
`Sequential`s that people know, in `building`.
"""

from __future__ import annotations

from typing import Any

from pellucid.engine.layers import build_layer
from pellucid.engine.program import Operation, Program
from pellucid.errors import InputError
from pellucid.nn.module import Module
from pellucid.tensor.creation import cat
from pellucid.tensor.tensor import Tensor

JOINS = ("add", "cat")  # kinds of operations that no module computes


class Graph(Module):
    """The network of a program, whose parameters have the program's names.

    Args:
        program: what to compute; parameters are zeros.

    Raises:
        InputError: a buffer is read before it is written, or no module computes an operation.
    """

    def __init__(self, program: Program) -> None:
        super().__init__()
        self.program = program
        known = {name for name, _ in program.inputs}
        for each in program.operations:
            missing = sorted(set(each.inputs) - known)
            if missing:
                raise InputError(
                    f"'{each.output}' reads '{missing[0]}', which no operation has written before."
                )
            known.add(each.output)
            if each.kind not in JOINS:
                place(self, path_of(each), build_layer(each, program))

    def forward(self, *inputs: Any) -> Any:
        """What the last operation gives."""
        values = compute(self.program, self, *inputs)
        return values[self.program.operations[-1].output]


def path_of(operation: Operation) -> str:
    """Where an operation's module stands: where its parameters do, if it has some."""
    names = operation.parameters or operation.buffers
    return names[0].rpartition(".")[0] if names else operation.output


def place(module: Module, path: str, part: Module) -> None:
    """Put a module at a path below another."""
    *above, name = path.split(".")
    for each in above:
        if each not in dict(module.named_children()):
            module.add_module(each, Module())
        module = dict(module.named_children())[each]
    module.add_module(name, part)


def compute(program: Program, network: Module, *inputs: Tensor) -> dict[str, Tensor]:
    """Every buffer's values, the inputs among them, each in a tensor of its own."""
    layers: dict[str, Any] = dict(network.named_modules())
    values = dict(zip(dict(program.inputs), inputs, strict=True))
    for each in program.operations:
        first, *others = read = [values[name] for name in each.inputs]
        if each.kind == "add":
            values[each.output] = first + others[0]
        elif each.kind == "cat":
            values[each.output] = cat(read, 1)
        elif each.kind == "embedding":
            table = layers[path_of(each)]
            start = int(each.setting("column"))
            end = start + each.width // table.embedding_dim
            values[each.output] = table(first[:, start:end]).flatten(1)
        else:
            out = layers[path_of(each)](first)
            values[each.output] = out.clone() if out is first else out
    return values
