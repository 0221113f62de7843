"""Filling in the records of `report`: before a training its outline, afterwards the judgement."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np

from pellucid.data.kinds import CLASSES, NUMBER, YES_NO
from pellucid.model.fit import Fitted
from pellucid.model.prepared import Prepared
from pellucid.report.baselines import always_the_same, one_neuron
from pellucid.report.report import Layer, Outline, Report, Rival
from pellucid.report.verdict import compare, read_curve
from pellucid.report.words import name_cure, say_verdict
from pellucid.train.loop import Progress, Training

LOSS_NAMES = {
    YES_NO: "binary cross-entropy",
    CLASSES: "cross-entropy",
    NUMBER: "mean squared error",
}
OPTIMIZER_NAMES = {"adam": "Adam", "sgd": "SGD"}
ACTIVATION_NAMES = {"relu": "ReLU", "sigmoid": "sigmoid", "tanh": "tanh", "none": "none"}
OUTPUT_NAMES = {YES_NO: "sigmoid", CLASSES: "softmax", NUMBER: "none"}
SHOWN_STEPS = (1, 10, 50, 100)  # then the last one


def outline(prepared: Prepared) -> Outline:
    """Say what is known before the first step."""
    method, target, split = prepared.method, prepared.target, prepared.split
    preparation = prepared.preparation
    rows = len(split.train)
    return Outline(
        source=prepared.table.source,
        rows=target.rows,
        rows_without_target=target.dropped,
        columns=tuple(column.name for column in preparation.used),
        inputs=tuple(preparation.input_names),
        left_out=tuple((column.name, column.reason) for column in preparation.left_out),
        target=target.name,
        task=target.kind,
        shares=_shares(prepared),
        quartiles=_quartiles(prepared),
        unit=target.unit,
        training=rows,
        validation=len(split.validation),
        test=len(split.test),
        batch_size=method.batch_size,
        steps_per_epoch=-(-rows // method.batch_size),
        epochs=method.epochs,
        patience=method.patience,
        loss=LOSS_NAMES[target.kind],
        optimizer=OPTIMIZER_NAMES[method.optimizer],
        learning_rate=method.learning_rate,
        seed=method.seed,
        layers=count_layers(prepared),
    )


def judge(fitted: Fitted, progress: Callable[[Progress], object] | None = None) -> Report:
    """Score the network on the rows never seen, beside the simple answers.

    The answer without a hidden layer is trained here, in the same way as the network and for at
    most as many epochs; it ends earlier where 50 epochs in a row bring it nothing better, and
    after Ctrl-C has ended the network's training it gets 2,000 steps at most.

    Args:
        fitted: the network, trained.
        progress: called after each stretch of steps of that answer's training.

    Raises:
        KeyboardInterrupt: Ctrl-C came here, and it had ended the network's training already.
    """
    prepared, training = fitted.prepared, fitted.training
    network = fitted.model.evaluate(prepared.table.take(prepared.split.test))
    answers = [always_the_same(prepared), one_neuron(fitted, progress)]
    rivals = tuple(Rival(*each, compare(network, each[1])) for each in answers if each)
    curve = read_curve(training.validation_losses)
    cure = name_cure(prepared.method.layers, prepared.method.activation)
    compared = [(rival.name, rival.comparison) for rival in rivals]
    return Report(
        outline=outline(prepared),
        losses=pick_losses(training),
        steps=training.steps,
        epochs=training.epochs,
        best_epoch=training.best_epoch,
        ending=training.ending,
        seconds=training.seconds,
        network=network,
        rivals=rivals,
        curve=curve,
        sentences=say_verdict(network, compared, curve, training.epochs, cure),
    )


def count_layers(prepared: Prepared) -> tuple[Layer, ...]:
    """Give the layers as a person counts them, with the numbers that each one learns."""
    method, target = prepared.method, prepared.target
    widths = [len(prepared.preparation.input_names), *method.layers, target.outputs]
    numbers = [(before + 1) * width for before, width in itertools.pairwise(widths)]
    hidden = [
        Layer(f"hidden{place}", width, ACTIVATION_NAMES[method.activation], count)
        for place, (width, count) in enumerate(zip(method.layers, numbers, strict=False), start=1)
    ]
    return (*hidden, Layer("output", target.outputs, OUTPUT_NAMES[target.kind], numbers[-1]))


def pick_losses(training: Training) -> tuple[tuple[int, float], ...]:
    """Give the losses at steps 1, 10, 50, 100 and at the last one."""
    last = training.steps
    steps = [step for step in SHOWN_STEPS if step < last] + ([last] if last else [])
    return tuple((step, float(training.losses[step - 1])) for step in steps)


def _shares(prepared: Prepared) -> tuple[tuple[str, float], ...]:
    shares = prepared.target.shares()
    if prepared.target.kind == CLASSES:
        shares = sorted(shares, key=lambda pair: -pair[1])
    return tuple(shares)


def _quartiles(prepared: Prepared) -> tuple[float, float, float] | None:
    numbers = prepared.table.column(prepared.target.name).numbers
    if prepared.target.kind != NUMBER or numbers is None:
        return None
    low, middle, high = np.quantile(numbers[~np.isnan(numbers)], [0.25, 0.5, 0.75]).tolist()
    return low, middle, high
