"""What stands in for a tensor while a `forward` is walked: it notes what is done with it.

The walk, and what the notes become, is `sketch`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from pellucid.engine.inputs import Input
from pellucid.engine.program import Operation
from pellucid.nn.activation import LogSoftmax, ReLU, Sigmoid, Softmax, Tanh
from pellucid.nn.flatten import Flatten
from pellucid.nn.module import Module
from pellucid.tensor.tensor import Tensor
from pellucid.tensor.words import activations

if TYPE_CHECKING:
    from pellucid.engine.sketch import Sketch

# What our own layers and operations ask of a tensor: no word that a person has written.
INNER = ("array", "apply_pair", "dtype", "node", "is_tracked")
# Operations of tensors that a layer does as well; it is made with the operation's settings.
LAYERS: dict[str, Callable[..., Module]] = {
    "relu": ReLU,
    "sigmoid": Sigmoid,
    "tanh": Tanh,
    "softmax": Softmax,
    "log_softmax": LogSoftmax,
}


class Symbol:
    """What stands in for a tensor while a `forward` is walked: a buffer without numbers.

    Args:
        sketch: which notes what is done with it.
        name: of the buffer.
        given: what the buffer holds, if it is an input.
    """

    def __init__(self, sketch: Sketch, name: str, given: Input | None = None) -> None:
        self.sketch, self.name, self.width = sketch, name, sketch.widths[name]
        self.given = given
        self.column, self.axes = 0, 2 if given is None else given.axes
        self.is_deep = False  # several rows of a table for each row of the batch

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        """A forward that asks for a tensor gets the answer that it would get."""
        return Tensor

    @property
    def ndim(self) -> int:
        """Axes of the tensor."""
        return 3 if self.is_deep else self.axes

    def through(self, layer: Module) -> Symbol:
        """What a function of `nn.functional` gives, by the layer that computes it."""
        return self.sketch.note(layer, self)

    def plus(self, other: Any, path: str = "") -> Symbol:
        """The sum with another symbol of the same width."""
        if type(other) is not Symbol:
            self.sketch.refuse_use(f"`+` with a {type(other).__name__}")
        self.check_flat("`+`", other)
        if other.width != self.width:
            self.sketch.refuse(f"{self.width} and {other.width} columns are added")
        inputs = (self.name, other.name)
        return self.sketch.add(Operation("add", inputs, path, self.width), path or "add")

    def join(self, symbols: Sequence[Any], dim: int) -> Symbol:
        """What `cat` makes of this and others."""
        for each in symbols:
            if type(each) is not Symbol:
                self.sketch.refuse_use(f"`cat` with a {type(each).__name__}")
        self.check_flat("`cat`", *symbols)
        if dim not in (1, -1):
            self.sketch.refuse_use(f"`cat` along dim={dim}")
        names, width = tuple(each.name for each in symbols), sum(each.width for each in symbols)
        return self.sketch.add(Operation("cat", names, "", width), "cat")

    def check_flat(self, use: str, *others: Symbol) -> None:
        """End the walk unless all are rows of numbers."""
        for each in (self, *others):
            if each.is_deep or (each.given is not None and each.given.is_category):
                self.sketch.refuse_use(f"{use} with what is no row of numbers")

    def __getitem__(self, place: Any) -> Symbol:
        """Columns of categories: `x[:, 0]` or `x[:, 1:3]`; nothing else."""
        is_column = isinstance(place, tuple) and len(place) == 2 and place[0] == slice(None)
        if self.given is None or not self.given.is_category or self.axes != 2 or not is_column:
            self.sketch.refuse_use("`[…]`")
        columns = range(self.column, self.column + self.width)
        part = Symbol(self.sketch, self.name, self.given)
        chosen = place[1]
        if isinstance(chosen, slice) and chosen.step in (None, 1) and columns[chosen]:
            part.column, part.width = columns[chosen][0], len(columns[chosen])
        elif type(chosen) is int and -len(columns) <= chosen < len(columns):
            part.column, part.width, part.axes = columns[chosen], 1, 1
        else:
            self.sketch.refuse_use(f"`[:, {chosen}]`")
        return part

    def __add__(self, other: Any) -> Symbol:
        return self.plus(other)

    def __radd__(self, other: Any) -> Symbol:
        if type(other) is int and other == 0:  # `sum` begins with it
            return self
        return self.plus(other)

    def floating(self, dtype: Any = None) -> Symbol:
        """The symbol itself: a program's numbers have fractions."""
        if dtype is not None:
            self.sketch.refuse_use("a dtype of its own")
        return self

    def apply(self, operation: Any, *others: Any, **settings: Any) -> Symbol:
        """What an operation of tensors gives, by the layer that computes it."""
        if operation.name not in LAYERS or others:
            self.sketch.refuse_use(f"`{operation.name}`")
        return self.through(LAYERS[operation.name](*settings.values()))

    # The words of tensors, as they are: each reads what it was told and asks for `apply`.
    relu, sigmoid, tanh = activations.relu, activations.sigmoid, activations.tanh
    softmax, log_softmax = activations.softmax, activations.log_softmax

    def flatten(self, start_dim: int = 0, end_dim: int = -1) -> Symbol:
        """As the layer does it."""
        return self.through(Flatten(start_dim, end_dim))

    def __repr__(self) -> str:
        return f"Symbol({self.name!r}, {self.width})"

    def __getattr__(self, name: str) -> Any:
        if name in INNER:
            self.sketch.refuse_use("a layer or a function that the engine does not know")
        self.sketch.refuse_use(f"`.{name}`")


def refused(sign: str) -> Callable[..., Any]:
    """A method that ends the walk."""

    def method(self: Symbol, *_: Any) -> Any:
        self.sketch.refuse_use(f"`{sign}`")

    return method


ENDS = {
    **dict.fromkeys(("__sub__", "__rsub__", "__isub__", "__neg__"), "-"),
    **dict.fromkeys(("__mul__", "__rmul__", "__imul__"), "*"),
    **dict.fromkeys(("__truediv__", "__rtruediv__", "__itruediv__"), "/"),
    **dict.fromkeys(("__pow__", "__rpow__", "__ipow__"), "**"),
    **dict.fromkeys(("__matmul__", "__rmatmul__", "__imatmul__"), "@"),
    **dict.fromkeys(("__floordiv__", "__rfloordiv__", "__mod__", "__rmod__"), "// or %"),
    **dict.fromkeys(("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"), "a comparison"),
    **dict.fromkeys(("__invert__", "__and__", "__or__", "__xor__"), "~, &, | or ^"),
    **dict.fromkeys(("__bool__", "__len__", "__iter__", "__contains__"), "if, for, len or in"),
    **dict.fromkeys(("__float__", "__int__", "__index__"), "float() or int()"),
    "__setitem__": "[…]",
    **dict.fromkeys(("__str__", "__format__"), "print"),
    "__iadd__": "+=",
    "__abs__": "abs",
    "__array__": "numpy",
}
for method_name, shown in ENDS.items():
    setattr(Symbol, method_name, refused(shown))
Symbol.__hash__ = object.__hash__  # type: ignore[method-assign]
