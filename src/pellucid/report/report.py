"""The facts of a training as one value: what was planned, what it cost, how good it is.

Facts only: the words and the layout are for whoever prints them. `judge` fills these records in.
"""

from __future__ import annotations

from dataclasses import dataclass

from pellucid.model.score import Score
from pellucid.report.verdict import Comparison, Curve
from pellucid.train.loop import Ending


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer as a person counts it: weights, biases and activation together.

    Attributes:
        name: "hidden1", "hidden2", … and "output".
        width: neurons.
        activation: "ReLU", "sigmoid", "tanh", "softmax" or "none".
        numbers: weights and biases, all of them learned.
    """

    name: str
    width: int
    activation: str
    numbers: int


@dataclass(frozen=True, slots=True)
class Outline:
    """What is known before the first step.

    Attributes:
        source: where the rows came from, as typed: "students.csv".
        rows: rows with a known target.
        rows_without_target: rows that could not be used because their target is missing.
        columns: the table's columns that the network uses, in the table's order.
        inputs: the network's inputs, in their order ("age", "city=Paris").
        left_out: (column, reason) of each column that is not used.
        target: the column to predict.
        task: "yes/no", "classes" or "number".
        shares: (label, share of the rows), "yes" first or the commonest first; empty for a number.
        quartiles: the target's 25 %, 50 % and 75 % points, in its unit; None unless a number.
        unit: of the target; "" if none is known.
        training: rows to learn from.
        validation: rows that choose the best epoch.
        test: rows never seen.
        batch_size: rows a step.
        steps_per_epoch: steps an epoch.
        epochs: epochs planned.
        patience: epochs without a better one before it stops; None: never.
        loss: "binary cross-entropy", "cross-entropy" or "mean squared error".
        optimizer: "Adam" or "SGD".
        learning_rate: how far a step goes.
        seed: of the split, the first weights and the orders.
        layers: hidden ones and the output.
    """

    source: str
    rows: int
    rows_without_target: int
    columns: tuple[str, ...]
    inputs: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]
    target: str
    task: str
    shares: tuple[tuple[str, float], ...]
    quartiles: tuple[float, float, float] | None
    unit: str
    training: int
    validation: int
    test: int
    batch_size: int
    steps_per_epoch: int
    epochs: int
    patience: int | None
    loss: str
    optimizer: str
    learning_rate: float
    seed: int
    layers: tuple[Layer, ...]

    @property
    def steps(self) -> int:
        """Steps planned."""
        return self.steps_per_epoch * self.epochs

    @property
    def learned(self) -> int:
        """How many numbers are learned."""
        return sum(layer.numbers for layer in self.layers)


@dataclass(frozen=True, slots=True)
class Rival:
    """A simple answer, on the same rows as the network.

    Attributes:
        name: 'always "no"', "always 243,000" or "one neuron, no hidden layer".
        score: on the rows never seen.
        comparison: the network against it, row by row.
    """

    name: str
    score: Score
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class Report:
    """What a training came to.

    Attributes:
        outline: what was planned.
        losses: (step, loss of that step's batch) at a few steps, the first and the last among them.
        steps: steps done.
        epochs: epochs finished.
        best_epoch: the epoch whose weights are kept, counted from 1; 0 if none was finished.
        ending: "epochs", "patience" or "interrupted".
        seconds: the training itself took.
        network: the network's score on the rows never seen.
        rivals: the simple answers, the simplest first; without the one neuron if that is the
            network, or if one neuron explodes at this learning rate.
        curve: whether the loss is still falling at the end, and the flag to try.
        sentences: the verdict in words, each a full sentence; what matters most first.
    """

    outline: Outline
    losses: tuple[tuple[int, float], ...]
    steps: int
    epochs: int
    best_epoch: int
    ending: Ending
    seconds: float
    network: Score
    rivals: tuple[Rival, ...]
    curve: Curve
    sentences: tuple[str, ...]
