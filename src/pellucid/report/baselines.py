"""The simple answers that a network must beat: always the same, and one neuron.

Both learn from the training rows only and are scored on the rows never seen.
"""

from __future__ import annotations

import numpy as np

from pellucid.data.kinds import CLASSES, NUMBER
from pellucid.data.table import with_unit
from pellucid.errors import TrainingError
from pellucid.model.fit import learn
from pellucid.model.prepared import Prepared
from pellucid.model.score import Score, mean_error, share_right
from pellucid.report.words import write_rounded


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


def one_neuron(prepared: Prepared) -> tuple[str, Score] | None:
    """Train the same way without a hidden layer.

    None if the network itself has none, or if one neuron cannot be trained this way: a learning
    rate that suits the network may be too large for it.
    """
    if not prepared.method.layers:
        return None
    try:
        fitted = learn(prepared.without_hidden_layer())
    except TrainingError:
        return None
    neurons = prepared.target.outputs
    count = f"{neurons} neurons" if prepared.target.kind == CLASSES else "one neuron"
    score = fitted.model.evaluate(prepared.table.take(prepared.split.test))
    return f"{count}, no hidden layer", score
