"""The end of a step in a workbook: gradients, the optimizer's update, and the check of it all.

The optimizers' formulas are in `workbook_rules`; here it is decided where their cells lie.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pellucid.figures.step_facts import StepFacts
from pellucid.figures.workbook_layout import Block, beneath
from pellucid.figures.workbook_paper import Paper
from pellucid.figures.workbook_rules import rule_of

Array = np.ndarray[Any, Any]

FIRST_SETTING = 8


def write_update(
    facts: StepFacts,
    paper: Paper,
    *,
    total: Block,
    weights: Sequence[Block],
    deltas: Sequence[Block],
    sources: Sequence[Block],
) -> None:
    """Write the sheets Step, Gradients, Update and Check.

    Args:
        facts: the step.
        paper: where the other sheets are.
        total: the loss.
        weights: of each layer; its biases stand right beside it.
        deltas: of each layer.
        sources: what each layer reads.
    """
    end = _End(facts, paper, weights)
    end.write_front(total)
    end.write_gradients(deltas, sources)
    end.write_update()
    end.write_check()


class _End:
    """The last sheets while they are written; matrices here have the bias as their last column."""

    def __init__(self, facts: StepFacts, paper: Paper, weights: Sequence[Block]) -> None:
        self.facts, self.paper, self.trace = facts, paper, facts.trace
        self.layers = facts.layers
        heights = [each.width for each in self.layers]
        widths = [each.inputs + 1 for each in self.layers]
        self.shapes = heights, widths
        self.weights = [Block(b.sheet, b.top, b.left, b.height, b.width + 1) for b in weights]
        self.gradients = beneath("Gradients", 4, heights, widths)
        below = self.gradients[-1].top + heights[-1] + 6
        self.left_over = beneath("Gradients", below, heights, widths)
        self.optimizer = facts.optimizer
        buffer = f"{self.layers[0].weight}.momentum_buffer"
        self.rule = rule_of(self.optimizer, is_first=buffer not in self.trace.before.memory)
        names = [name for name, _, _ in self.rule.settings]
        self.settings = {
            name: Block("Step", FIRST_SETTING + place, 1, 1, 1).cell(0, 0)
            for place, name in enumerate(["lr", "step", "zero", *names])
        }
        self.tops: dict[str, list[Block]] = {}

    def write_front(self, total: Block) -> None:
        """What this workbook is, and the numbers that belong to the whole step."""
        paper, facts = self.paper, self.facts
        run = facts.view.run
        sheet = paper.sheets["Step"]
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 1, 14)
        head, say = paper.formats["head"], paper.formats["say"]
        sheet.write_string(0, 0, f"Step {facts.step:,} of {run.name}: {run.recipe.target}", head)
        told = (
            f"{len(facts.rows):,} rows, {self.rule.title}. Blue cells may be changed; all others are formulas.",
            "Data → Weights → Forward → Loss → Backward → Gradients → Update.",
            "The sheet Check compares the result with the engine's.",
        )  # fmt: skip
        for line, sentence in enumerate(told):
            sheet.write_string(1 + line, 0, sentence, say)
        paper.label("Step", 5, "loss of this batch, before the update")
        block = Block("Step", 5, 1, 1, 1)
        paper.formula(block, 0, 0, f"={total.cell(0, 0)}", float(self.trace.loss))
        lines = [
            ("learning rate", self.trace.after.learning_rate),
            ("step", self._count()),
            ("zero the gradients first (1 yes, 0 no)", 1.0),
            *((word, self.optimizer.setting(n, d)) for n, word, d in self.rule.settings),
        ]
        for place, (word, value) in enumerate(lines):
            paper.label("Step", FIRST_SETTING + place, word)
            sheet.write_number(FIRST_SETTING + place, 1, value, paper.formats["whole"])

    def _count(self) -> float:
        """The step as the optimizer counts, from 1; it may have done others before the run."""
        done = self.trace.before.memory.get(f"{self.layers[0].weight}.step")
        return float(self.facts.step if done is None else done + 1)

    def write_gradients(self, deltas: Sequence[Block], sources: Sequence[Block]) -> None:
        """Gradient = sum over the rows of delta × what the weight read, on what was left over."""
        paper = self.paper
        paper.say(
            "Gradients",
            "How the loss grows with each weight: over all rows, delta × what the weight read."
            " Before, what the last step left is set to 0.",
        )
        for number, block in enumerate(self.gradients):
            old = self.left_over[number]
            self._title(number, block, f"{self.layers[number].name}: gradient")
            self._title(number, old, f"{self.layers[number].name}: left over from the step before")
            values = self._matrix(self.trace.gradients, number)
            left = self._matrix(self.facts.left_over, number)
            for row in range(block.height):
                delta = deltas[number].column(row)
                for column in range(block.width):
                    paper.given(old, row, column, float(left[row, column]))
                    is_bias = column == block.width - 1
                    fresh = (
                        f"SUM({delta})"
                        if is_bias
                        else f"SUMPRODUCT({delta},{sources[number].column(column)})"
                    )
                    if is_bias and not self.layers[number].has_bias:
                        fresh = "0"
                    kept = f"IF({self.settings['zero']}=1,0,{old.cell(row, column)})"
                    paper.formula(
                        block, row, column, f"={kept}+{fresh}", float(values[row, column])
                    )

    def write_update(self) -> None:
        """The optimizer's memory before and after, and the new weights."""
        paper = self.paper
        paper.begin(["Update"])
        paper.say("Update", self.rule.sentence)
        top = 4
        for number in range(len(self.layers)):
            for name, formula in self.rule.memory:
                top = self._write_memory(number, name, formula, top)
            top = self._write_new(number, top)

    def _place(self, number: int, top: int) -> Block:
        heights, widths = self.shapes
        return Block("Update", top, 1, heights[number], widths[number])

    def _write_memory(self, number: int, name: str, formula: str, top: int) -> int:
        """One kind of memory: before (given) and after (formulas)."""
        before, layer = self._place(number, top), self.layers[number]
        after = self._place(number, top + before.height + 3)
        self._title(number, before, f"{layer.name}: {name} before")
        self._title(number, after, f"{layer.name}: {name} after")
        old = self._memory(self.trace.before.memory, number, name)
        new = self._memory(self.trace.after.memory, number, name)
        for row in range(before.height):
            for column in range(before.width):
                self.paper.given(before, row, column, float(old[row, column]))
                names = self._names(number, row, column) | {"before": before.cell(row, column)}
                made = formula.format_map(names)
                self.paper.formula(after, row, column, made, float(new[row, column]))
        self.tops.setdefault(name, []).append(after)
        return after.top + after.height + 3

    def _names(self, number: int, row: int, column: int) -> dict[str, str]:
        """What the rule's words mean for one weight: cells."""
        made = {name: blocks[number] for name, blocks in self.tops.items() if len(blocks) > number}
        return {
            **self.settings,
            **{name: block.cell(row, column) for name, block in made.items()},
            "old": self.weights[number].cell(row, column),
            "seen": self._seen(number, row, column),
        }

    def _seen(self, number: int, row: int, column: int) -> str:
        """The gradient as the rule sees it: turned round to maximize, with weight decay's share."""
        sign = "-" if self.optimizer.setting("maximize") else ""
        gradient = f"{sign}{self.gradients[number].cell(row, column)}"
        if self.optimizer.kind == "adamw":  # whose weight decay does not pass through the gradient
            return gradient
        return (
            f"{gradient}+{self.settings['weight_decay']}*{self.weights[number].cell(row, column)}"
        )

    def _write_new(self, number: int, top: int) -> int:
        block = self._place(number, top)
        self._title(number, block, f"{self.layers[number].name}: new weights")
        values = self._matrix(self.trace.after.parameters, number)
        for row in range(block.height):
            for column in range(block.width):
                formula = self.rule.new.format_map(self._names(number, row, column))
                self.paper.formula(block, row, column, formula, float(values[row, column]))
        self.tops.setdefault("new", []).append(block)
        return block.top + block.height + 4

    def write_check(self) -> None:
        """The engine's new weights beside those of the formulas."""
        paper = self.paper
        paper.begin(["Check"])
        paper.say(
            "Check",
            "The engine's new weights. It computes with 32 bits, a spreadsheet with 64: they agree"
            " to about six digits.",
        )
        blocks = beneath("Check", 7, *self.shapes)
        gaps = []
        for number, block in enumerate(blocks):
            self._title(number, block, f"{self.layers[number].name}: the engine's new weights")
            values = self._matrix(self.trace.after.parameters, number)
            for row in range(block.height):
                for column in range(block.width):
                    paper.given(block, row, column, float(values[row, column]))
            made = self.tops["new"][number].whole()
            gaps.append(f"SUMPRODUCT(MAX(ABS({made}-{block.whole()})))")
        paper.label("Check", 2, "largest difference")
        paper.formula(Block("Check", 2, 1, 1, 1), 0, 0, f"=MAX({','.join(gaps)})", 0.0)
        paper.label("Check", 3, "adds up")
        verdict = 'IF(Check!$B$3<0.001,"yes","no: something was changed")'
        paper.sheets["Check"].write_formula(3, 1, f"={verdict}", paper.formats["plain"], "yes")

    def _title(self, number: int, block: Block, title: str) -> None:
        names = [*self.facts.source_names(number), "bias"]
        self.paper.matrix_title(block, title, names, self.facts.neuron_names(number))

    def _matrix(self, numbers: Any, number: int) -> Array:
        """A layer's weights with its biases as the last column."""
        layer = self.layers[number]
        bias = numbers[layer.bias] if layer.has_bias else np.zeros(layer.width)
        return np.hstack([numbers[layer.weight], np.reshape(bias, (-1, 1))]).astype(np.float64)

    def _memory(self, memory: Any, number: int, name: str) -> Array:
        """The optimizer's memory of a layer; 0 before there was any."""
        layer = self.layers[number]
        shapes = dict(self.trace.program.parameters)
        known = {
            each: memory.get(f"{each}.{name}", np.zeros(shapes[each]))
            for each in (layer.weight, layer.bias)
            if each in shapes
        }
        return self._matrix(known, number)
