"""scikit-learn's MLPClassifier, told never to stop early."""

from __future__ import annotations

import warnings

from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from benchmarks.task import Task
from benchmarks.timing import Trainer


def trainer(task: Task) -> Trainer:
    """Fit anew for the asked number of epochs."""
    inputs, classes = task.data()

    def train(epochs: int) -> None:
        network = MLPClassifier(
            task.layers[1:-1],
            batch_size=task.batch_size,
            max_iter=epochs,
            n_iter_no_change=epochs + 1,
            alpha=0.0,
            random_state=0,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            network.fit(inputs, classes)

    return train
