"""`Sequential`: modules one after another."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any, Self

from pellucid.nn.module import Module, kind_name


class Sequential(Module):
    """Each module's output is the next one's input.

    Args:
        modules: modules, named '0', '1' …; or one OrderedDict with names.

    Example:
        >>> from pellucid import nn
        >>> nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 1))
        Sequential(
          (0): Linear(in_features=4, out_features=5, bias=True)
          (1): ReLU()
          (2): Linear(in_features=5, out_features=1, bias=True)
        )
    """

    def __init__(self, *modules: Module | OrderedDict[str, Module]) -> None:
        super().__init__()
        if len(modules) == 1 and isinstance(modules[0], OrderedDict):
            named: Any = modules[0].items()
        else:
            named = ((str(place), module) for place, module in enumerate(modules))
        for name, module in named:
            check_module(module)
            self.add_module(name, module)

    def forward(self, input: Any) -> Any:
        """The last module's output."""
        values = input
        for module in self._modules.values():
            values = module(values)
        return values

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Module]:
        return iter(self._modules.values())

    def __getitem__(self, place: int | slice) -> Any:
        if isinstance(place, slice):
            return Sequential(OrderedDict(list(self._modules.items())[place]))
        return self._modules[self.name_at(place)]

    def __setitem__(self, place: int, module: Module) -> None:
        check_module(module)
        setattr(self, self.name_at(place), module)

    def __delitem__(self, place: int) -> None:
        delattr(self, self.name_at(place))
        left = list(self._modules.values())
        for name in list(self._modules):
            delattr(self, name)
        for number, module in enumerate(left):
            self.add_module(str(number), module)

    def append(self, module: Module) -> Self:
        """Add a module at the end; returns itself."""
        check_module(module)
        self.add_module(str(len(self)), module)
        return self

    def name_at(self, place: int) -> str:
        """The name of the module at a place; negative places count from the end."""
        if not -len(self) <= place < len(self):
            raise IndexError(f"index {place} is out of range")
        return list(self._modules)[place]


def check_module(module: Any) -> None:
    """Raise PyTorch's sentence if this is not a module."""
    if not isinstance(module, Module):
        hint = " Make an object of it: add `()`." if isinstance(module, type) else ""
        raise TypeError(f"{kind_name(module)} is not a Module subclass.{hint}")
