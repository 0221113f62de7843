"""The simple answers that a network must beat: always the same, and one neuron.

Both learn from the training rows only and are scored on the rows never seen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from pellucid.data.kinds import CLASSES, NUMBER
from pellucid.data.table import with_unit
from pellucid.errors import TrainingError
from pellucid.model.fit import Fitted, learn
from pellucid.model.prepared import Prepared
from pellucid.model.score import Score, mean_error, share_right
from pellucid.report.words import write_rounded
from pellucid.train.loop import Progress

# The one neuron costs no more than the network did: the same epochs at most, fewer once so many in
# a row bring nothing better (no shorter than the usual training, which is thus never cut). Whoever
# pressed Ctrl-C does not want to wait, so then it gets so many steps, a second's work at most.
PATIENCE = 50
STEPS_AFTER_INTERRUPT = 2000


def always_the_same(prepared: Prepared) -> tuple[str, Score]:
    """Answer every row alike: the commonest label of the training rows, or their median.

    Of labels that are equally common the first one is taken.

    Returns:
        What it is called, 'always "no"' or "always 243,100 $", and its score.
    """
    target, split, table = prepared.target, prepared.split, prepared.table
    numbers = table.column(target.name).numbers
    if target.kind == NUMBER and numbers is not None:
        median = float(np.median(numbers[split.train]))
        name = f"always {with_unit(write_rounded(median), target.unit)}"
        return name, mean_error(np.full(len(split.test), median), numbers[split.test])
    learned = prepared.training.targets.reshape(-1).astype(np.int64)
    common = int(np.bincount(learned, minlength=len(target.labels)).argmax())
    truths = target.encode(table, split.test).reshape(-1)
    score = share_right(np.full(len(truths), common), truths)
    return f'always "{target.labels[common]}"', score


def one_neuron(
    fitted: Fitted, progress: Callable[[Progress], object] | None = None
) -> tuple[str, Score] | None:
    """Train the same way without a hidden layer, for at most as many epochs as the network had.

    Args:
        fitted: the network, trained.
        progress: called after each stretch of steps.

    Returns:
        What it is called and its score. None if the network itself has no hidden layer, if Ctrl-C
        came meanwhile, or if one neuron cannot be trained this way: a learning rate that suits the
        network may be too large for it.

    Raises:
        KeyboardInterrupt: Ctrl-C came, and it had ended the network's training already.
    """
    prepared, training = fitted.prepared, fitted.training
    if not prepared.method.layers:
        return None
    alone = prepared.without_hidden_layer()
    patience = prepared.method.patience or PATIENCE
    method = replace(alone.method, epochs=epochs_of_rival(fitted), patience=patience)
    try:
        rival = learn(replace(alone, method=method), progress)
    except TrainingError:
        return None
    if rival.training.ending == "interrupted":
        if training.ending == "interrupted":
            raise KeyboardInterrupt
        return None
    neurons = prepared.target.outputs
    count = f"{neurons} neurons" if prepared.target.kind == CLASSES else "one neuron"
    score = rival.model.evaluate(prepared.table.take(prepared.split.test))
    return f"{count}, no hidden layer", score


def epochs_of_rival(fitted: Fitted) -> int:
    """Give how many epochs the one neuron may train: those of the network, few after Ctrl-C."""
    prepared, training = fitted.prepared, fitted.training
    if training.ending != "interrupted":
        return training.epochs
    steps = -(-len(prepared.training) // prepared.method.batch_size)
    return max(1, min(training.epochs, STEPS_AFTER_INTERRUPT // steps))
