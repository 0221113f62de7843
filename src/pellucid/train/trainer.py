"""`Trainer`: the five lines of a training loop in one call, done by the native engine if it can.

For people who bring a module of their own. Training on a table, with validation and a stop at the
best epoch, is `loop`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from pellucid.data.dataset import TensorDataset
from pellucid.data.loader import DataLoader
from pellucid.engine.exchange import read_state, write_state
from pellucid.engine.layers import KINDS
from pellucid.engine.lowering import lower
from pellucid.engine.native import NativeEngine
from pellucid.engine.obstacle import CannotLower
from pellucid.errors import InputError, ShapeError
from pellucid.nn.classification import ClassLoss
from pellucid.nn.container import Sequential
from pellucid.nn.loss import BCELoss, BCEWithLogitsLoss, MSELoss, size
from pellucid.nn.module import Module
from pellucid.nn.normalization import BatchNorm1d
from pellucid.nn.regression import HuberLoss, L1Loss, PoissonNLLLoss, QuantileLoss, SmoothL1Loss
from pellucid.nn.residual import Residual
from pellucid.optim.optimizer import Optimizer
from pellucid.random import default_generator
from pellucid.tensor.creation import read_array
from pellucid.tensor.graph import no_grad
from pellucid.tensor.tensor import Tensor
from pellucid.train.history import History, mean_by_epoch

Array = np.ndarray[Any, Any]

BROADCASTING = (MSELoss, L1Loss, HuberLoss, SmoothL1Loss, PoissonNLLLoss)
ONE_TARGET_PER_OUTPUT = (*BROADCASTING, QuantileLoss, BCELoss, BCEWithLogitsLoss)


class Trainer:
    """Trains a module in place, by the same steps as the loop that everybody writes.

    `fit` does what this does, with the same draws from the default generator, and leaves the
    module's parameters and the optimizer's memory as this would, up to rounding:

        for epoch in range(epochs):
            for inputs, labels in DataLoader(dataset, batch_size=batch_size, shuffle=shuffle):
                loss = loss_function(model(inputs), labels)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()

    Args:
        model: any module; a `Sequential` of pellucid's layers is trained natively.
        loss_function: one of pellucid's losses, or any function of prediction and target.
        optimizer: over the model's parameters.

    Example:
        >>> from pellucid import nn, optim
        >>> from pellucid.random import manual_seed
        >>> _ = manual_seed(0)
        >>> model = nn.Sequential(nn.Linear(1, 1))
        >>> trainer = Trainer(model, nn.MSELoss(), optim.SGD(model.parameters(), lr=0.1))
        >>> x = np.linspace(-1, 1, 20).reshape(-1, 1)
        >>> history = trainer.fit(x, 2 * x + 1, batch_size=5, epochs=100)
        >>> round(model[0].weight.item(), 3), round(model[0].bias.item(), 3)
        (2.0, 1.0)
        >>> history.steps, history.engine
        (400, 'native')
    """

    def __init__(self, model: Module, loss_function: Any, optimizer: Optimizer) -> None:
        self.model = model
        self.loss_function = loss_function
        self.optimizer = optimizer

    def fit(
        self,
        inputs: Any,
        targets: Any,
        batch_size: int = 32,
        epochs: int = 1,
        shuffle: bool = True,
    ) -> History:
        """Train on all rows, `epochs` times.

        After a native fit every parameter's `.grad` is None: the gradients lived in the engine.

        Args:
            inputs: (n, in): a tensor, an array, lists; taken in the model's dtype.
            targets: in the prediction's shape, or (n,) classes for cross-entropy.
            batch_size: rows of a batch, at least 1; an epoch's last one may be smaller.
            epochs: 0 or more.
            shuffle: a new random order every epoch.

        Returns:
            The loss of every step.

        Raises:
            InputError: no rows, or `batch_size` or `epochs` is not such a whole number.
            ShapeError: inputs or targets have another shape than model and loss want.
            ValueError: batch normalization would meet a batch of one row.
            TrainingError: numbers were no longer finite; natively the model is then unchanged.
        """
        check_count("epochs", epochs, 0)
        check_count("batch_size", batch_size, 1)
        dtype = dtype_of(self.model)
        is_like_prediction = isinstance(self.loss_function, ONE_TARGET_PER_OUTPUT)
        dataset = TensorDataset(
            read_values(inputs, "inputs", dtype),
            read_values(targets, "targets", dtype if is_like_prediction else None),
        )
        if len(dataset) == 0:
            raise InputError("`inputs` must have at least one row. Got none.")
        batch_size = int(batch_size)
        if epochs > 0:
            check_smallest_batch(self.model, dataset.tensors[0], batch_size)
        loader = DataLoader(dataset, batch_size=batch_size, shuffle=shuffle)
        try:
            losses, engine, reason = self.fit_natively(dataset, loader, epochs), "native", ""
        except CannotLower as obstacle:
            losses, engine, reason = self.fit_eagerly(loader, epochs), "eager", obstacle.reason
        means = mean_by_epoch(losses, len(dataset), batch_size)
        return History(losses, means, engine, reason)

    def fit_natively(self, dataset: TensorDataset, loader: DataLoader, epochs: int) -> Array:
        """All steps in one call of the native engine; returns their losses."""
        inputs, targets = dataset.tensors
        is_single = type(self.model) in KINDS or isinstance(self.model, Residual)
        chain = Sequential(self.model) if is_single else self.model
        width = inputs.shape[1] if inputs.ndim == 2 else -1
        if width < 0:
            raise CannotLower(f"the inputs have shape {inputs.shape}, not (rows, columns)")
        program = lower(chain, self.loss_function, self.optimizer, input_width=width)
        state = read_state(chain, self.optimizer, default_generator)
        self.check_targets(inputs, targets)
        native_targets = self.native_targets(targets)
        losses = np.empty(epochs * len(loader))
        after = NativeEngine().run(
            program,
            state,
            np.ascontiguousarray(inputs.array),
            native_targets,
            steps=len(losses),
            batch_size=loader.batch_size,
            shuffle=loader.shuffle,
            losses=losses,
        )
        write_state(after, chain, self.optimizer)
        self.optimizer.has_stepped |= len(losses) > 0
        default_generator.words[:] = after.generator
        self.model.zero_grad()
        return losses

    def native_targets(self, targets: Tensor) -> Array:
        """The targets as the engine wants them: classes as int64, a column for each quantile.

        Raises:
            CannotLower: they are chances.
        """
        array = targets.array
        if isinstance(self.loss_function, ClassLoss):
            if array.dtype.kind == "f":
                raise CannotLower("the targets are chances of classes, not classes")
            array = array.astype(np.int64, copy=False)
        if isinstance(self.loss_function, QuantileLoss):
            shape = (len(array), len(self.loss_function.quantiles))
            array = np.broadcast_to(array.reshape(len(array), -1), shape)
        return np.ascontiguousarray(array)

    def check_targets(self, inputs: Tensor, targets: Tensor) -> None:
        """Let the loss function complain about all targets, beside a prediction of one row."""
        with no_grad(), evaluating(self.model):
            one = self.model(Tensor(inputs.array[:1])).array
            prediction = Tensor(np.broadcast_to(one, (len(targets), *one.shape[1:])))
            self.check_shapes(prediction, targets)
            self.loss_function(prediction, targets)

    def check_shapes(self, prediction: Tensor, targets: Tensor) -> None:
        """Refuse what the losses of numbers would silently broadcast.

        Raises:
            ShapeError: prediction and targets have different shapes.
        """
        if isinstance(self.loss_function, BROADCASTING) and prediction.shape != targets.shape:
            raise ShapeError(
                f"Using a target size ({size(targets)}) that is different to the input size "
                f"({size(prediction)}). Every row would be compared with every other row's "
                f"target. Give the targets the prediction's shape: "
                f"`targets.reshape{(-1, *prediction.shape[1:])}`."
            )

    def fit_eagerly(self, loader: DataLoader, epochs: int) -> Array:
        """The loop in Python; returns the losses of its steps."""
        losses = []
        for _ in range(epochs):
            for inputs, targets in loader:
                prediction = self.model(inputs)
                self.check_shapes(prediction, targets)
                loss = self.loss_function(prediction, targets)
                self.optimizer.zero_grad()
                loss.backward()
                self.optimizer.step()
                losses.append(loss.item())
        return np.array(losses, dtype=np.float64)


def check_count(name: str, value: Any, least: int) -> None:
    """Raise if a setting is not a whole number that the engine can count to.

    Raises:
        InputError: it is not.
    """
    is_whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not is_whole or not least <= value < 2**63:
        raise InputError(
            f"`{name}` must be a whole number from {least} to 2**63 - 1. Got {value!r}."
        )


def check_smallest_batch(model: Module, inputs: Tensor, batch_size: int) -> None:
    """Let batch normalization complain about a batch of one row before the first step is done.

    Raises:
        ValueError: an epoch has such a batch, in PyTorch's words.
    """
    rows = len(inputs)
    if inputs.ndim != 2 or (min(rows, batch_size) > 1 and rows % batch_size != 1):
        return
    for module in model.modules():
        if isinstance(module, BatchNorm1d) and module.training:
            module.check(Tensor(np.empty((1, module.num_features), dtype_of(model))))


@contextmanager
def evaluating(model: Module) -> Iterator[None]:
    """Evaluation mode for a while; every layer gets its own mode back."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, is_training in modes:
            module.training = is_training


def dtype_of(model: Module) -> np.dtype[Any] | None:
    """The dtype of the model's first parameter; None if it has none."""
    first = next(model.parameters(), None)
    return None if first is None else first.dtype


def read_values(data: Any, name: str, dtype: np.dtype[Any] | None) -> Tensor:
    """Data as a tensor: in `dtype`, or as it is; copied only if it has to be.

    Raises:
        InputError: it is not made of numbers.
    """
    if isinstance(data, Tensor):
        array = data.array
    elif isinstance(data, list | tuple):
        array = read_array(data)
    else:
        array = np.asarray(data)
    if array.dtype.kind not in "biuf" or array.ndim == 0:
        raise InputError(
            f"`{name}` must be rows of numbers. Got {type(data).__name__} of {array.dtype} with "
            f"shape {array.shape}. Text and missing values must become numbers first."
        )
    return Tensor(array if dtype is None else array.astype(dtype, copy=False))
