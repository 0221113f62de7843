"""Looking for a part of a number by its address, without opening what lies elsewhere."""

from __future__ import annotations

from collections import deque

from pellucid.errors import AddressError
from pellucid.explain.address import unknown
from pellucid.explain.explanation import Explanation


def search(root: Explanation, wanted: str, within: str) -> Explanation:
    """The node with an address, at or below a root.

    Args:
        root: where to begin.
        wanted: the address.
        within: what addresses must begin with for their parts to be opened.

    Raises:
        AddressError: there is none; the nearest are named.
    """
    waiting, seen = deque([root]), []
    while waiting:
        node = waiting.popleft()
        if node.address == wanted:
            return node
        seen.append(node.address)
        if node is root or node.address.startswith(within):
            waiting.extend(node.parts)
    inside = [each.removeprefix(within) for each in seen if each.startswith(within)]
    raise _missing(wanted, within, inside)


def _missing(wanted: str, within: str, inside: list[str]) -> AddressError:
    return unknown(within, wanted.removeprefix(within), inside)
