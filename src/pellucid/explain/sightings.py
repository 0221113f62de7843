"""What is noticed while a run is walked: weights, neurons, rows and gradients.

Each watcher keeps a few numbers per weight, neuron or row, never a moment. The losses, which the
journal holds anyway, are judged in `events`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pellucid.explain.digits import write_number, write_percent
from pellucid.explain.scene import Scene
from pellucid.explain.walk import Look, Walk
from pellucid.runs.journal import Event

Array = np.ndarray[Any, Any]

DEAD = 1.0  # share of rows on which a ReLU passes nothing on
SATURATED = 0.95  # share of rows on which a sigmoid or tanh is near its end
NEAR_END = {"sigmoid": (0.01, 0.99), "tanh": (-0.98, 0.98)}
VANISHED = 1e-3  # of the output layer's gradient
EXPLODED = 100.0  # times the first gradient


class Signs:
    """When each weight changed its sign: how often, and the last time from what to what."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        self.signs: dict[str, Array] = {}
        self.counts: dict[str, Array] = {}
        self.last: dict[str, tuple[Array, Array]] = {}  # the looks before and after

    def look(self, look: Look, before: int) -> None:
        """Notice what changed since the look after `before` steps."""
        for name, values in look.state.parameters.items():
            signs = np.sign(values).astype(np.int8)
            if name not in self.signs:
                self.signs[name], self.counts[name] = signs, np.zeros(values.shape, np.int64)
                self.last[name] = (np.zeros(values.shape, int), np.zeros(values.shape, int))
                continue
            changed = signs * self.signs[name] < 0
            if changed.any():
                self.counts[name][changed] += 1
                self.last[name][0][changed], self.last[name][1][changed] = before, look.step
            self.signs[name] = np.where(signs == 0, self.signs[name], signs)

    def events(self, scene: Scene) -> list[Event]:
        """One for each weight that changed its sign."""
        found = []
        for name, counts in self.counts.items():
            for index in map(tuple, np.argwhere(counts)):
                place = scene.parameter_place(name, index)
                before, step = (int(each[index]) for each in self.last[name])
                times = int(counts[index])
                often = "" if times == 1 else f", for the {_ordinal(times)} and last time"
                text = f"{place} changed its sign {self.walk.when(step)}{often}."
                ends = tuple(self.walk.address(each, place) for each in (before, step))
                found.append(Event(step=step, kind="sign", text=text, addresses=ends))
        return found


class Neurons:
    """Hidden neurons that stay silent or at their end, whatever they read."""

    def __init__(self, walk: Walk, scene: Scene) -> None:
        self.walk, self.scene = walk, scene
        self.layers = scene.subject.layers[:-1]
        self.since: dict[tuple[int, int], int] = {}
        self.shares: dict[int, Array] = {}
        self.evidence: dict[tuple[int, int], int] = {}

    def look(self, look: Look) -> None:
        """Notice which neurons are stuck now; one that moves again is forgotten."""
        for number, layer in enumerate(self.layers):
            shares, least = stuck_shares(look.values[layer.activations], layer.activation)
            self.shares[number] = shares
            for neuron, share in enumerate(shares.tolist()):
                if share >= least:
                    self.since.setdefault((number, neuron), look.step)
                else:
                    self.since.pop((number, neuron), None)

    def events(self) -> list[Event]:
        """One for each neuron that is stuck to the end."""
        found = []
        for (number, neuron), step in self.since.items():
            name = self.scene.neuron_name(number, neuron)
            share = write_percent(float(self.shares[number][neuron]))
            is_dead = self.layers[number].activation == "relu"
            kind = "dead" if is_dead else "saturated"
            start = (
                "From the start" if step < self.walk.run.first_step else f"From step {step:,} on"
            )
            what = "passes on 0" if is_dead else "is close to its end"
            text = f"{start}, {name} {what} on {share} of the rows, up to the end: it is {kind}."
            rows = (self.walk.table_row(0), self.walk.table_row(len(self.walk.rows) // 2))
            ends = tuple(self.walk.address(step, f"row:{row} {name}.a") for row in rows)
            last = f"@last row:{rows[0]} {name}.a"
            found.append(Event(step=step, kind=kind, text=text, addresses=(*ends, last)))
        return found

    def stuck(self) -> list[tuple[int, list[int]]]:
        """For each hidden layer, the neurons that are stuck at the end."""
        return [
            (number, [neuron for at, neuron in self.since if at == number])
            for number in range(len(self.layers))
        ]


def stuck_shares(values: Array, activation: str) -> tuple[Array, float]:
    """The share of rows on which each neuron is stuck, and from which share on it counts.

    Example:
        >>> stuck_shares(np.array([[0.0, 1.0], [0.0, 0.0]]), "relu")
        (array([1. , 0.5]), 1.0)
    """
    if activation == "relu":
        return (values == 0).mean(axis=0), DEAD
    if activation in NEAR_END:
        low, high = NEAR_END[activation]
        return ((values < low) | (values > high)).mean(axis=0), SATURATED
    return np.zeros(values.shape[1]), np.inf


class Rows:
    """When each row was first classified right, and from when on it was wrong again."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        self.targets = walk.run.data["targets"][walk.rows]
        count = len(walk.rows)
        self.first = np.full(count, -1)
        self.lost = np.full(count, -1)
        self.right: Array | None = None

    def look(self, look: Look) -> None:
        """Notice which rows are right now."""
        loss = self.walk.run.recipe.program.loss
        right = rows_right(look.values[loss.prediction], self.targets, loss.kind)
        if right is None:
            return
        self.first[right & (self.first < 0)] = look.step
        before = np.zeros_like(right) if self.right is None else self.right
        self.lost[before & ~right] = look.step
        self.right = right

    def events(self) -> list[Event]:
        """One for each row that was ever right, one more where it was wrong again in the end."""
        if self.right is None:
            return []
        found = []
        for position in np.flatnonzero(self.first >= 0).tolist():
            row, step = self.walk.table_row(position), int(self.first[position])
            when = "right from the start" if step < self.walk.run.first_step else ""
            when = when or f"first classified right {self.walk.when(step)}"
            found.append(self._event(row, step, "learnt", f"Row {row:,} was {when}."))
            if not self.right[position]:
                lost = int(self.lost[position])
                text = f"Row {row:,} was classified wrong again from step {lost:,} on, to the end."
                found.append(self._event(row, lost, "forgotten", text))
        return found

    def _event(self, row: int, step: int, kind: str, text: str) -> Event:
        place = f"row:{row} loss"
        return Event(step=step, kind=kind, text=text, addresses=(self.walk.address(step, place),))


def rows_right(outputs: Array, targets: Array, loss: str) -> Array | None:
    """Which rows are classified right: (rows,) bool; None where nothing is classified.

    Example:
        >>> rows_right(np.array([[0.3], [-1.0]]), np.array([[1.0], [1.0]]), "bce_with_logits")
        array([ True, False])
    """
    if loss in ("cross_entropy", "nll"):
        return np.asarray(outputs.argmax(axis=1) == targets)
    if loss in ("bce", "bce_with_logits") and outputs.shape[1] == 1:
        border = 0.5 if loss == "bce" else 0.0
        return np.asarray((outputs > border)[:, 0] == (targets.reshape(-1) > 0.5))
    return None


@dataclass(frozen=True, slots=True)
class Slope:
    """The largest gradients of one traced step.

    Args:
        step: the step, from 1.
        sizes: per layer: the root mean square of its weights' gradients.
        largest: per layer: the index of its largest.
    """

    step: int
    sizes: tuple[float, ...]
    largest: tuple[tuple[int, ...], ...]


class Gradients:
    """How large each layer's gradients are."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.slopes: list[Slope] = []

    def look(self, look: Look) -> None:
        """Notice the step's gradients, if it was traced."""
        if look.trace is None:
            return
        arrays = [look.trace.gradients[each.weight] for each in self.scene.subject.layers]
        sizes = tuple(float(np.sqrt(np.mean(np.square(each, dtype=np.float64)))) for each in arrays)
        largest = tuple(
            tuple(int(each) for each in np.unravel_index(int(np.abs(array).argmax()), array.shape))
            for array in arrays
        )
        self.slopes.append(Slope(look.step + 1, sizes, largest))

    def events(self) -> list[Event]:
        """At most one of each kind: the first step that was seen so."""
        return [*self._vanished(), *self._exploded()]

    def _vanished(self) -> list[Event]:
        small = [each for each in self.slopes if each.sizes[0] < VANISHED * each.sizes[-1]]
        if len(self.scene.subject.layers) < 3 or 2 * len(small) < len(self.slopes):
            return []
        step, ratio = small[0].step, small[0].sizes[0] / small[0].sizes[-1]
        text = (
            f"Gradients vanish on the way back: at step {step:,} those of the first layer are"
            f" {write_number(ratio, 2)} times as large as the output's."
        )
        ends = (self._place(small[0], 0), self._place(small[0], len(small[0].sizes) - 1))
        return [Event(step=step, kind="vanished", text=text, addresses=ends)]

    def _exploded(self) -> list[Event]:
        if not self.slopes or not max(self.slopes[0].sizes):
            return []
        first = self.slopes[0]
        for each in self.slopes:
            layer = int(np.argmax(each.sizes))
            times = each.sizes[layer] / max(first.sizes)
            if times > EXPLODED:
                text = (
                    f"Gradients explode: at step {each.step:,} they are"
                    f" {write_number(times, 2)} times as large as at the first step."
                )
                ends = (self._place(first, int(np.argmax(first.sizes))), self._place(each, layer))
                return [Event(step=each.step, kind="exploded", text=text, addresses=ends)]
        return []

    def _place(self, slope: Slope, layer: int) -> str:
        name = self.scene.subject.layers[layer].weight
        place = self.scene.parameter_place(name, slope.largest[layer])
        return f"@{slope.step} {place}.grad"


def _ordinal(number: int) -> str:
    """Write a rank: 1st, 2nd, 3rd, 4th.

    Example:
        >>> [_ordinal(each) for each in (2, 3, 11, 21)]
        ['2nd', '3rd', '11th', '21st']
    """
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if 10 <= number % 100 <= 20 else ending}"
