"""`ModuleList` and `ModuleDict`: modules kept together, without saying how they are computed.

Modules one after another are `container.Sequential`.
"""

from __future__ import annotations

from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from itertools import chain, groupby
from typing import Any, Self

from pellucid.nn.container import check_module
from pellucid.nn.module import Module, shifted


class ModuleList(Module):
    """A list of modules whose parameters are found.

    Args:
        modules: any number of them.

    Example:
        >>> from pellucid import nn
        >>> nn.ModuleList([nn.Linear(3, 3), nn.Linear(3, 3), nn.ReLU()])
        ModuleList(
          (0-1): 2 x Linear(in_features=3, out_features=3, bias=True)
          (2): ReLU()
        )
    """

    def __init__(self, modules: Iterable[Module] | None = None) -> None:
        super().__init__()
        if modules is not None:
            self.extend(modules)

    def name_at(self, place: int) -> str:
        """The name of the module at a place; negative places count from the end."""
        if not -len(self) <= place < len(self):
            raise IndexError(f"index {place} is out of range")
        return str(place % len(self))

    def renumber(self, modules: Iterable[Module]) -> None:
        """Put these modules in the place of all."""
        kept = list(modules)
        for name in list(self._modules):
            delattr(self, name)
        self.extend(kept)

    def __getitem__(self, place: int | slice) -> Any:
        if isinstance(place, slice):
            return type(self)(list(self)[place])
        return self._modules[self.name_at(place)]

    def __setitem__(self, place: int, module: Module) -> None:
        check_module(module)
        setattr(self, self.name_at(place), module)

    def __delitem__(self, place: int | slice) -> None:
        left = list(self)
        if not isinstance(place, slice):
            self.name_at(place)  # complains about a place that does not exist
        del left[place]
        self.renumber(left)

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Module]:
        return iter(self._modules.values())

    def __iadd__(self, modules: Iterable[Module]) -> Self:
        return self.extend(modules)

    def __add__(self, other: Iterable[Module]) -> ModuleList:
        return ModuleList(chain(self, other))

    def insert(self, index: int, module: Module) -> None:
        """Put a module before a place."""
        check_module(module)
        modules = list(self)
        modules.insert(index, module)
        self.renumber(modules)

    def append(self, module: Module) -> Self:
        """Add a module at the end; returns itself."""
        check_module(module)
        self.add_module(str(len(self)), module)
        return self

    def pop(self, key: int | slice) -> Any:
        """Take out a module, or several as a new list."""
        taken = self[key]
        del self[key]
        return taken

    def extend(self, modules: Iterable[Module]) -> Self:
        """Add modules at the end; returns itself."""
        if not isinstance(modules, Iterable):
            raise TypeError(
                "ModuleList.extend should be called with an iterable, but got "
                f"{type(modules).__name__}"
            )
        for module in list(modules):
            self.append(module)
        return self

    def __repr__(self) -> str:
        lines = []
        start = 0
        for text, same in groupby(map(repr, self)):
            count = len(list(same))
            end = start + count - 1
            line = f"({start}): {text}" if count == 1 else f"({start}-{end}): {count} x {text}"
            lines.append(shifted(line))
            start += count
        inner = "\n  ".join(lines)
        return f"{type(self).__name__}(\n  {inner}\n)" if lines else f"{type(self).__name__}()"


class ModuleDict(Module):
    """Modules by name, whose parameters are found.

    Args:
        modules: names and modules, as a mapping or as pairs.

    Example:
        >>> from pellucid import nn
        >>> nn.ModuleDict({"bend": nn.ReLU()})
        ModuleDict(
          (bend): ReLU()
        )
    """

    def __init__(self, modules: Mapping[str, Module] | None = None) -> None:
        super().__init__()
        if modules is not None:
            self.update(modules)

    def __getitem__(self, key: str) -> Module:
        return self._modules[key]

    def __setitem__(self, key: str, module: Module) -> None:
        check_module(module)
        self.add_module(key, module)

    def __delitem__(self, key: str) -> None:
        if key not in self._modules:
            raise KeyError(key)
        delattr(self, key)

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __contains__(self, key: str) -> bool:
        return key in self._modules

    def clear(self) -> None:
        """Take out all modules."""
        for key in list(self):
            del self[key]

    def pop(self, key: str) -> Module:
        """Take out a module."""
        module = self[key]
        del self[key]
        return module

    def keys(self) -> KeysView[str]:
        """The names."""
        return self._modules.keys()

    def items(self) -> ItemsView[str, Module]:
        """Names and modules."""
        return self._modules.items()

    def values(self) -> ValuesView[Module]:
        """The modules."""
        return self._modules.values()

    def update(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]]) -> None:
        """Add modules, or put them in the place of those with the same names."""
        if not isinstance(modules, Iterable):
            raise TypeError(
                "ModuleDict.update should be called with an iterable of key/value pairs, but got "
                f"{type(modules).__name__}"
            )
        pairs: Any = modules.items() if isinstance(modules, Mapping | ModuleDict) else modules
        for number, pair in enumerate(pairs):
            # PyTorch leaves out the blank after "is"
            if not isinstance(pair, Iterable):
                raise TypeError(
                    f"ModuleDict update sequence element #{number} should be Iterable; "
                    f"is{type(pair).__name__}"
                )
            both = tuple(pair)
            if len(both) != 2:
                raise ValueError(
                    f"ModuleDict update sequence element #{number} has length {len(both)}; "
                    "2 is required"
                )
            self[both[0]] = both[1]
