"""What a training step computes, as plain data: operations in order over named buffers.

A program holds shapes and formulas but no numbers (those are the `State`), and it knows no engine:
every engine executes the same program.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Operation:
    """One node: it reads the buffers `inputs` and writes the buffer `output`.

    Args:
        kind: 'linear', 'relu', 'sigmoid', 'tanh', 'identity' or 'softmax' (over the last axis).
        inputs: names of the buffers that are read.
        output: name of the buffer that is written; for a lowered `Sequential` the module's path.
        width: number of units of the output.
        parameters: state_dict names; for 'linear' the weight and, if there is one, the bias.
        settings: PyTorch's names and values, such as `eps`.
        buffers: state_dict names of the running statistics that the operation keeps.

    Example:
        >>> Operation("linear", ("inputs",), "0", 5, ("0.weight", "0.bias")).width
        5
    """

    kind: str
    inputs: tuple[str, ...]
    output: str
    width: int
    parameters: tuple[str, ...] = ()
    settings: tuple[tuple[str, float], ...] = ()
    buffers: tuple[str, ...] = ()

    def setting(self, name: str, default: float = 0.0) -> float:
        """The number behind a name; switches count as 0 and 1."""
        return float(dict(self.settings).get(name, default))


@dataclass(frozen=True, slots=True)
class Loss:
    """How wrong the predictions are.

    Args:
        kind: 'mse', 'bce', 'bce_with_logits' or 'cross_entropy'.
        reduction: 'mean' or 'sum' over the rows (and, but for 'cross_entropy', over the outputs).
        prediction: name of the buffer that is judged.
    """

    kind: str
    reduction: str
    prediction: str


@dataclass(frozen=True, slots=True)
class Optimizer:
    """How gradients change parameters.

    Args:
        kind: 'sgd' or 'adam'.
        settings: PyTorch's names and values, all but `lr` (which is part of the state).
    """

    kind: str
    settings: tuple[tuple[str, float | bool], ...] = ()

    def setting(self, name: str, default: float = 0.0) -> float:
        """The number behind a name; switches count as 0 and 1."""
        return float(dict(self.settings).get(name, default))

    def memory_names(self) -> tuple[str, ...]:
        """PyTorch's names of what is remembered for each parameter.

        Example:
            >>> Optimizer("adam").memory_names()
            ('step', 'exp_avg', 'exp_avg_sq')
            >>> Optimizer("sgd").memory_names()
            ()
        """
        if self.kind == "adam":
            return ("step", "exp_avg", "exp_avg_sq")
        return ("momentum_buffer",) if self.setting("momentum") != 0 else ()


@dataclass(frozen=True, slots=True)
class Program:
    """A network, its loss and its optimizer, lowered to operations over named buffers.

    Args:
        inputs: names and widths of the buffers that a batch fills: (('inputs', 4),).
        operations: in an order in which each buffer is written before it is read.
        loss: what is made small.
        optimizer: how.
        parameters: state_dict names and shapes, in PyTorch's order.
        dtype: 'float32' or 'float64'.
        buffers: state_dict names, shapes and dtypes of the running statistics.
    """

    inputs: tuple[tuple[str, int], ...]
    operations: tuple[Operation, ...]
    loss: Loss
    optimizer: Optimizer
    parameters: tuple[tuple[str, tuple[int, ...]], ...]
    dtype: str = "float32"
    buffers: tuple[tuple[str, tuple[int, ...], str], ...] = ()

    def widths(self) -> dict[str, int]:
        """The number of units of every buffer, inputs first, in the order of computation."""
        return dict(self.inputs) | {each.output: each.width for each in self.operations}
