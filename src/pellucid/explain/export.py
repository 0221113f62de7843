"""An explanation as plain data, for JSON: every node once, parts named by their address."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from pellucid.explain.equation import settle
from pellucid.explain.explanation import Explanation
from pellucid.explain.functions import FUNCTIONS, add


def export(root: Explanation, depth: int | None = None) -> dict[str, Any]:
    """The tree below a node as plain data.

    Args:
        root: where to begin.
        depth: how many levels of parts stand in "nodes", from 0; left out: all.

    Returns:
        What `describe` says of the root, and "nodes": the same of every number of the tree, the root
        first, each once.

    Example:
        >>> from pellucid.explain.explanation import given
        >>> export(given("row:1 age.raw", 30, "age"))["nodes"][0]["value"]
        30.0
    """
    seen: set[str] = set()
    nodes = []
    for node in root.walk() if depth is None else _levels(root, depth):
        if node.address not in seen:
            seen.add(node.address)
            nodes.append(describe(node))
    return {**nodes[0], "nodes": nodes}


def _levels(root: Explanation, depth: int) -> Iterator[Explanation]:
    """The nodes down to a depth, level by level."""
    level = [root]
    for _ in range(depth + 1):
        yield from level
        level = [part for node in level for part in node.parts]


def write_numbers(node: Explanation) -> str:
    """The formula with the numbers; of products they are written only when somebody looks."""
    if node.numbers or node.op != "product":
        return node.numbers
    values = [each.value for each in node.parts]
    return settle(" × ".join(["{}"] * len(values)), values, math.prod, node.value).write()


def describe(node: Explanation) -> dict[str, Any]:
    """One number as plain data.

    Returns:
        "address", "name", "value", "unit", "op", "function", "formula", "numbers", "parts" (with
        "address", "value" and, in a sum, "share"), "text", "sentence", "pytorch", "note" and "check"
        ("ok" and the two values compared).
    """
    check = node.check()
    whole = add(abs(each.value) for each in node.parts) or 1.0
    formula = FUNCTIONS[node.function].formula if node.function else ""
    return {
        "address": node.address,
        "name": node.name,
        "value": node.value,
        "unit": node.unit,
        "op": node.op,
        "function": node.function,
        "formula": node.formula or formula,
        "numbers": write_numbers(node),
        "parts": [
            {
                "address": each.address,
                "value": each.value,
                "share": each.value / whole if node.op == "sum" else None,
            }
            for each in node.parts
        ],
        "text": node.text,
        "sentence": node.sentence,
        "pytorch": node.pytorch,
        "note": node.note,
        "check": {
            "ok": check.ok,
            "value": check.value,
            "recomputed": check.recomputed,
            "method": check.method,
        },
    }
