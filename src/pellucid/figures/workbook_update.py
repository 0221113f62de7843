"""The end of a step in a workbook: gradients, the optimizer's update, and the check of it all.

SGD, Adam and AdamW, each in PyTorch's order of operations.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pellucid.figures.step_facts import StepFacts
from pellucid.figures.workbook_layout import Block, beneath
from pellucid.figures.workbook_paper import Paper

Array = np.ndarray[Any, Any]

SETTINGS = {  # of each optimizer: PyTorch's name, what it is called here, PyTorch's default
    "sgd": (
        ("momentum", "momentum", 0.0),
        ("dampening", "dampening", 0.0),
        ("weight_decay", "weight decay", 0.0),
    ),
    "adam": (
        ("beta1", "β1", 0.9),
        ("beta2", "β2", 0.999),
        ("eps", "ε", 1e-8),
        ("weight_decay", "weight decay", 0.0),
    ),
    "adamw": (
        ("beta1", "β1", 0.9),
        ("beta2", "β2", 0.999),
        ("eps", "ε", 1e-8),
        ("weight_decay", "weight decay", 0.01),
    ),
}
TITLES = {"sgd": "SGD", "adam": "Adam", "adamw": "AdamW"}
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
        self.kind = str(self.optimizer.kind)
        names = [name for name, _, _ in SETTINGS[self.kind]]
        self.settings = {
            name: Block("Step", FIRST_SETTING + place, 1, 1, 1).cell(0, 0)
            for place, name in enumerate(["lr", "step", "zero", *names])
        }
        self.memory = self._memory_names()
        self.tops: dict[str, list[Block]] = {}

    def _memory_names(self) -> list[str]:
        if self.kind == "sgd":
            return ["momentum_buffer"] if self.optimizer.setting("momentum") else []
        return ["exp_avg", "exp_avg_sq"]

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
            f"{len(facts.rows):,} rows, {TITLES[self.kind]}. Blue cells may be changed; all others are formulas.",
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
            ("step", float(facts.step)),
            ("zero the gradients first (1 yes, 0 no)", 1.0),
            *((word, self.optimizer.setting(n, d)) for n, word, d in SETTINGS[self.kind]),
        ]
        for place, (word, value) in enumerate(lines):
            paper.label("Step", FIRST_SETTING + place, word)
            sheet.write_number(FIRST_SETTING + place, 1, value, paper.formats["whole"])

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
        words = {
            "sgd": "new = old − learning rate × gradient (with momentum: × its running sum)",
            "adam": "new = old − learning rate × corrected average ÷ (√corrected squares + ε)",
            "adamw": "as Adam, after old was pulled towards 0 by learning rate × weight decay",
        }
        paper.say("Update", words[self.kind])
        top = 4
        for number in range(len(self.layers)):
            for name in self.memory:
                top = self._write_memory(number, name, top)
            top = self._write_new(number, top)

    def _place(self, number: int, top: int) -> Block:
        heights, widths = self.shapes
        return Block("Update", top, 1, heights[number], widths[number])

    def _write_memory(self, number: int, name: str, top: int) -> int:
        """One kind of memory: before (given) and after (formulas)."""
        before, layer = self._place(number, top), self.layers[number]
        after = self._place(number, top + before.height + 3)
        self._title(number, before, f"{layer.name}: {name} before")
        self._title(number, after, f"{layer.name}: {name} after")
        is_first = f"{layer.weight}.{name}" not in self.trace.before.memory
        old = self._memory(self.trace.before.memory, number, name)
        new = self._memory(self.trace.after.memory, number, name)
        for row in range(before.height):
            for column in range(before.width):
                self.paper.given(before, row, column, float(old[row, column]))
                seen = self._seen(number, row, column)
                formula = self._memory_formula(name, before.cell(row, column), seen, is_first)
                self.paper.formula(after, row, column, formula, float(new[row, column]))
        self.tops.setdefault(name, []).append(after)
        return after.top + after.height + 3

    def _memory_formula(self, name: str, old: str, seen: str, is_first: bool) -> str:
        if name == "momentum_buffer":
            if is_first:
                return f"={seen}"
            return f"={self.settings['momentum']}*{old}+(1-{self.settings['dampening']})*{seen}"
        beta = self.settings["beta1" if name == "exp_avg" else "beta2"]
        power = "" if name == "exp_avg" else "^2"
        return f"={beta}*{old}+(1-{beta})*({seen}){power}"

    def _seen(self, number: int, row: int, column: int) -> str:
        """The gradient as the rule sees it: turned round to maximize, with weight decay's share."""
        sign = "-" if self.optimizer.setting("maximize") else ""
        gradient = f"{sign}{self.gradients[number].cell(row, column)}"
        if self.kind == "adamw":
            return gradient
        return (
            f"({gradient}+{self.settings['weight_decay']}*{self.weights[number].cell(row, column)})"
        )

    def _write_new(self, number: int, top: int) -> int:
        block = self._place(number, top)
        self._title(number, block, f"{self.layers[number].name}: new weights")
        values = self._matrix(self.trace.after.parameters, number)
        for row in range(block.height):
            for column in range(block.width):
                formula = self._new(number, row, column)
                self.paper.formula(block, row, column, formula, float(values[row, column]))
        self.tops.setdefault("new", []).append(block)
        return block.top + block.height + 4

    def _new(self, number: int, row: int, column: int) -> str:
        old, rate = self.weights[number].cell(row, column), self.settings["lr"]
        if self.kind == "sgd":
            return f"={old}-{rate}*{self._direction(number, row, column)}"
        if self.kind == "adamw":
            old = f"{old}*(1-{rate}*{self.settings['weight_decay']})"
        step = self.settings["step"]
        average = (
            f"{self.tops['exp_avg'][number].cell(row, column)}/(1-{self.settings['beta1']}^{step})"
        )
        squares = f"{self.tops['exp_avg_sq'][number].cell(row, column)}/(1-{self.settings['beta2']}^{step})"
        return f"={old}-{rate}*({average})/(SQRT({squares})+{self.settings['eps']})"

    def _direction(self, number: int, row: int, column: int) -> str:
        seen = self._seen(number, row, column)
        if not self.memory:
            return seen
        buffer = self.tops["momentum_buffer"][number].cell(row, column)
        is_ahead = self.optimizer.setting("nesterov")
        return f"({seen}+{self.settings['momentum']}*{buffer})" if is_ahead else buffer

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
