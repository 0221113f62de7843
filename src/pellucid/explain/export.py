"""An explanation as plain data, for JSON: every node once, parts named by their address."""

from __future__ import annotations

import math
from typing import Any

from pellucid.explain.equation import settle
from pellucid.explain.explanation import Explanation
from pellucid.explain.functions import FUNCTIONS, add


def export(root: Explanation) -> dict[str, Any]:
    """The tree below a node as one flat list, the node itself first.

    Args:
        root: where to begin.

    Returns:
        "address" of the root and "numbers", a list of nodes; each has "address", "value", "unit",
        "op", "function", "formula", "numbers", "parts" (with "address", "value" and, in a sum, "share"),
        "text", "sentence" and "check" ("ok" and the two values compared).

    Example:
        >>> from pellucid.explain.explanation import given
        >>> export(given("row:1 age.raw", 30, "age"))["nodes"][0]["value"]
        30.0
    """
    seen: set[str] = set()
    nodes = []
    for node in root.walk():
        if node.address not in seen:
            seen.add(node.address)
            nodes.append(_describe(node))
    return {"address": root.address, "nodes": nodes}


def _write_product(node: Explanation) -> str:
    """The numbers of a product that were not written out before; most are never looked at."""
    if node.op != "product":
        return ""
    values = [each.value for each in node.parts]
    return settle(" × ".join(["{}"] * len(values)), values, math.prod, node.value).write()


def _describe(node: Explanation) -> dict[str, Any]:
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
        "numbers": node.numbers or _write_product(node),
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
        "check": {
            "ok": check.ok,
            "value": check.value,
            "recomputed": check.recomputed,
            "method": check.method,
        },
    }
