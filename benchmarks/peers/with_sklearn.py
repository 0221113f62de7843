"""scikit-learn's MLPClassifier, told never to stop early."""

from __future__ import annotations

import warnings

from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from benchmarks.peers.peer import CannotDoError, Peer
from benchmarks.task import Task


def prepare(task: Task, threads: int) -> Peer:  # noqa: ARG001 set by the worker's environment
    """Fit anew for the asked number of epochs."""
    if task.recipe == "nielsen":
        raise CannotDoError("has no classifier with the squared error")
    if task.has_dead_units:
        raise CannotDoError("cannot be given the state of its optimizer")
    inputs, classes = task.data()

    def train(epochs: int) -> None:
        network = MLPClassifier(
            task.layers[1:-1],
            batch_size=task.batch_size,
            learning_rate_init=task.lr,
            max_iter=epochs,
            n_iter_no_change=epochs + 1,
            alpha=0.0,
            random_state=0,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            network.fit(inputs, classes)

    return Peer(train)
