"""What a training step computes, as plain data: operations in order over named buffers.

A program holds shapes and formulas but no numbers (those are the `State`), and it knows no engine:
every engine executes the same program.
"""

from __future__ import annotations

from dataclasses import dataclass

OWN = "own"  # kind of an operation, or of a loss, that only a person's own code describes


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
        kind: a key of `LOSS_SETTINGS`: 'mse', 'cross_entropy', ….
        reduction: 'mean' or 'sum' over the rows (and over the outputs, but for losses of classes).
        prediction: name of the buffer that is judged.
        settings: PyTorch's names and values, where they are not its defaults.
        weights: one number for each output: `weight` of classes, `pos_weight`, or quantiles.
        element_weights: one number for each output, what its loss is multiplied by; empty for 1.
    """

    kind: str
    reduction: str
    prediction: str
    settings: tuple[tuple[str, float], ...] = ()
    weights: tuple[float, ...] = ()
    element_weights: tuple[float, ...] = ()

    def setting(self, name: str) -> float:
        """The number behind a name.

        Example:
            >>> Loss("huber", "mean", "0").setting("delta")
            1.0
        """
        return float(dict(self.settings).get(name, LOSS_SETTINGS[self.kind][name]))

    @property
    def has_classes(self) -> bool:
        """Whether targets are the numbers of classes, not values for each output."""
        return self.kind in ("cross_entropy", "nll")


# The losses that programs know, with PyTorch's defaults of their settings.
LOSS_SETTINGS: dict[str, dict[str, float]] = {
    "mse": {},
    "l1": {},
    "huber": {"delta": 1.0},
    "smooth_l1": {"beta": 1.0},
    "quantile": {},
    "poisson_nll": {"log_input": True, "full": False, "eps": 1e-8},
    "bce": {},
    "bce_with_logits": {},
    "cross_entropy": {"ignore_index": -100, "label_smoothing": 0.0},
    "nll": {"ignore_index": -100},
    "soft_cross_entropy": {"label_smoothing": 0.0},  # targets are chances of all classes
}


@dataclass(frozen=True, slots=True)
class Group:
    """Parameters that an optimizer changes by settings of their own.

    Args:
        parameters: state_dict names.
        settings: PyTorch's names and values, all but `lr` (which is part of the state).
    """

    parameters: tuple[str, ...]
    settings: tuple[tuple[str, float | bool], ...] = ()


@dataclass(frozen=True, slots=True)
class Optimizer:
    """How gradients change parameters.

    Args:
        kind: a key of `MEMORY_NAMES`: 'sgd', 'adam', 'adamw', 'rmsprop' or 'adagrad'.
        settings: PyTorch's names and values, all but `lr`; of the first group if there are several.
        groups: all groups of parameters, if there are several or some parameters are in none: those
            are not learned.
        clip_norm: the gradients together are shortened to this length before the step.
        clip_value: each number of the gradients is brought into ±clip_value; after `clip_norm`.
    """

    kind: str
    settings: tuple[tuple[str, float | bool], ...] = ()
    groups: tuple[Group, ...] = ()
    clip_norm: float | None = None
    clip_value: float | None = None

    def learns(self, parameter: str) -> bool:
        """Whether a parameter is changed at all.

        Example:
            >>> Optimizer("sgd", groups=(Group(("1.weight",)),)).learns("0.weight")
            False
        """
        return not self.groups or any(parameter in group.parameters for group in self.groups)

    def setting(self, name: str, default: float = 0.0, *, parameter: str = "") -> float:
        """The number behind a name, as the parameter's group has it; switches count as 0 and 1."""
        return float(self.settings_of(parameter).get(name, default))

    def settings_of(self, parameter: str) -> dict[str, float | bool]:
        """All settings of a parameter's group; the first group's for an unknown parameter."""
        for group in self.groups:
            if parameter in group.parameters:
                return dict(group.settings)
        return dict(self.settings)

    def memory_names(self, parameter: str = "") -> tuple[str, ...]:
        """PyTorch's names of what is remembered for a parameter; nothing if it is not learned.

        Example:
            >>> Optimizer("adam").memory_names()
            ('step', 'exp_avg', 'exp_avg_sq')
            >>> Optimizer("sgd").memory_names()
            ()
        """
        if parameter and not self.learns(parameter):
            return ()
        settings = self.settings_of(parameter)
        names: tuple[str, ...] = ("step",) if self.kind != "sgd" else ()
        for name, switch in MEMORY_NAMES.get(self.kind, {}).items():
            if not switch or settings.get(switch, 0):
                names += (name,)
        return names


# What each optimizer remembers of a parameter beside `step`, under PyTorch's names, and the setting
# that switches it on ('' where it is always there).
MEMORY_NAMES: dict[str, dict[str, str]] = {
    "sgd": {"momentum_buffer": "momentum"},
    "adam": {"exp_avg": "", "exp_avg_sq": "", "max_exp_avg_sq": "amsgrad"},
    "adamw": {"exp_avg": "", "exp_avg_sq": "", "max_exp_avg_sq": "amsgrad"},
    "rmsprop": {"square_avg": "", "momentum_buffer": "momentum", "grad_avg": "centered"},
    "adagrad": {"sum": ""},
}


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
        categories: names of the inputs that hold numbers of categories (int64), for embeddings.
    """

    inputs: tuple[tuple[str, int], ...]
    operations: tuple[Operation, ...]
    loss: Loss
    optimizer: Optimizer
    parameters: tuple[tuple[str, tuple[int, ...]], ...]
    dtype: str = "float32"
    buffers: tuple[tuple[str, tuple[int, ...], str], ...] = ()
    categories: tuple[str, ...] = ()

    def widths(self) -> dict[str, int]:
        """The number of units of every buffer, inputs first, in the order of computation."""
        return dict(self.inputs) | {each.output: each.width for each in self.operations}
