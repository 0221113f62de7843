"""Parts that are made when somebody looks at them, and then kept.

One weight's gradient is made of every row's share, each share of a whole way through the network;
whoever asks for one number should not wait for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Generic, TypeVar, overload

Item = TypeVar("Item")


class Later(Sequence[Item], Generic[Item]):
    """A sequence that is made on the first look.

    Args:
        make: gives the items; called once at most.

    Example:
        >>> later = Later(lambda: [print("now"), 2])
        >>> later[1], len(later)
        now
        (2, 2)
    """

    __slots__ = ("_items", "_make")

    def __init__(self, make: Callable[[], Iterable[Item]]) -> None:
        self._make = make
        self._items: tuple[Item, ...] | None = None

    @property
    def items(self) -> tuple[Item, ...]:
        """The items themselves."""
        if self._items is None:
            self._items = tuple(self._make())
        return self._items

    @overload
    def __getitem__(self, index: int) -> Item: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Item, ...]: ...

    def __getitem__(self, index: int | slice) -> Item | tuple[Item, ...]:
        return self.items[index]

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Item]:
        return iter(self.items)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, tuple | Later) and self.items == tuple(other)

    def __hash__(self) -> int:
        return hash(self.items)
