"""Explanations as the cards that a page shows: the same numbers, with the digits that add up.

What a number is made of is decided in `explain`; which digits are shown, by the words of `figures`.
"""

from __future__ import annotations

from dataclasses import replace

from msgspec.structs import replace as changed

from pellucid.explain.address import read_address
from pellucid.explain.digits import write_count, write_fixed, write_number
from pellucid.explain.equation import add_up
from pellucid.explain.explanation import Check, Explanation
from pellucid.explain.export import write_numbers
from pellucid.explain.functions import FUNCTIONS, add
from pellucid.explain.parts import Shown, show_parts
from pellucid.explain.scene import Scene
from pellucid.explain.step import explain_step
from pellucid.figures.explanation_text import is_silent, share_decimals, write_part, write_value
from pellucid.studio.answers import Card, Part, Proof, Stage, StageName

MOST_PARTS = 12
STAGES: tuple[tuple[StageName, str], ...] = (
    ("forward", "Forward"),
    ("loss", "Loss"),
    ("zero", "Zero gradients"),
    ("backward", "Backward"),
    ("update", "Update"),
)


def make_card(node: Explanation, count: int, *, is_deep: bool = True) -> Card:
    """A number as a card.

    Args:
        node: the number.
        count: rows of the step's batch; 0 if there is no step.
        is_deep: whether the sum behind a function of one number stands below.
    """
    parts, written = _sum_parts(node) if node.op == "sum" else _other_parts(node)
    formula = FUNCTIONS[node.function].formula if node.function else ""
    below = None
    if is_deep and node.op == "function" and node.parts and node.parts[0].op == "sum":
        below = make_card(node.parts[0], count, is_deep=False)
    return Card(
        address=node.address,
        name=node.name,
        value=node.value,
        written=written,
        unit=node.unit,
        op=node.op,
        function=node.function,
        formula=node.formula or formula,
        numbers=write_numbers(node),
        parts=parts,
        text=node.text,
        sentence=node.sentence,
        pytorch=node.pytorch,
        note=node.note,
        owner=_say_owner(node.address, count),
        below=below,
    )


def _sum_parts(node: Explanation) -> tuple[tuple[Part, ...], str]:
    """The terms of a sum, with digits that add up to those of the total."""
    parts = show_parts(node, MOST_PARTS)
    decimals = share_decimals(node, parts)
    shown = [each for each in parts if not is_silent(each, decimals)]
    addition = add_up([each.value for each in shown], node.value, decimals)
    whole = add(abs(each.value) for each in shown) or 1.0
    terms = [
        changed(_part(each, write_fixed(term, decimals)), share=each.value / whole)
        for each, term in zip(shown, addition.terms, strict=True)
    ]
    if addition.rounding:
        terms.append(_rounding(write_fixed(addition.rounding, decimals)))
    return tuple(terms), write_fixed(addition.total, decimals)


def _other_parts(node: Explanation) -> tuple[tuple[Part, ...], str]:
    parts = tuple(
        _part(each, "" if each.is_told else write_part(each))
        for each in show_parts(node, MOST_PARTS)
    )
    return parts, "" if node.op == "story" else write_value(node)


def _part(shown: Shown, written: str) -> Part:
    node = shown.node
    if node is None:
        return Part(
            address=shown.address,
            name=f"{shown.count:,} more",
            value=shown.value,
            written=written,
            share=None,
            role="rest",
            op="sum",
            numbers="",
            text="",
        )
    return Part(
        address=node.address,
        name=node.name,
        value=node.value,
        written=written,
        share=None,
        role=node.kind,
        op=node.op,
        numbers="" if node.op in ("sum", "given", "story") else write_numbers(node),
        text=node.text,
    )


def _rounding(written: str) -> Part:
    """What the digits shown leave over."""
    return Part(
        address="",
        name="rounding of the digits shown",
        value=None,
        written=written,
        share=None,
        role="rounding",
        op="given",
        numbers="",
        text="",
    )


def _say_owner(address: str, count: int) -> str:
    """Whose number it is: a row's, the batch's or the network's."""
    read = read_address(address)
    if read.row is not None:
        return f"row {read.row:,}"
    quantity = read.place.rpartition(".")[2]
    batch = f"the batch of {write_count(count, 'row')}"
    if count and quantity in ("loss", "grad"):
        return f"{batch}, their mean" if read.place == "loss" else batch
    if quantity in ("update", "new"):
        return "this step"
    return "the network"


def make_proof(node: Explanation) -> Proof:
    """A number computed again."""
    check = node.check()
    return Proof(
        ok=check.ok,
        value=check.value,
        recomputed=check.recomputed,
        allowed=check.allowed,
        method=check.method,
        sentence=_say_check(node, check),
    )


def _say_check(node: Explanation, check: Check) -> str:
    if node.op in ("given", "story"):
        return "This number comes from outside; there is nothing to compute."
    again = write_number(check.recomputed, 6)
    how = f"Computed again from {'its part' if len(node.parts) == 1 else 'its parts'}"
    if check.method == "finite difference":
        how = "Measured by nudging the weight a little and looking at the loss"
    end = "the same" if check.ok else f"but the engine says {write_number(check.value, 6)}"
    return f"{how}: {again}, {end}."


def tell_stages(scene: Scene, row: int) -> tuple[str, tuple[Stage, ...]]:
    """The step in its five stages.

    Args:
        scene: the moment before it.
        row: whose prediction stands for the forward pass.

    Returns:
        The address of the weight that is followed, and the stages.
    """
    step = explain_step(scene)
    answer = scene.row(row).prediction.answer
    stages = []
    for (name, title), part in zip(STAGES, step.root.parts, strict=True):
        shown = replace(part, address=answer.address) if name == "forward" else part
        numbers = answer.numbers if name == "forward" else write_numbers(part)
        stages.append(
            Stage(
                name=name,
                title=title,
                address="" if name == "zero" else shown.address,
                numbers=numbers,
                sentence=part.sentence,
            )
        )
    return f"{scene.owner}{step.weight}", tuple(stages)
