"""`Trainer`: the five lines of a training loop in one call, done by the native engine if it can.

For people who bring a module of their own. Training on a table, with validation and a stop at the
best epoch, is `loop`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.engine.job import Job
from pellucid.engine.obstacle import CannotLower
from pellucid.errors import InputError, ShapeError
from pellucid.nn.classification import ClassLoss
from pellucid.nn.embedding import Embedding
from pellucid.nn.loss import BCELoss, BCEWithLogitsLoss, Loss, MSELoss, size
from pellucid.nn.module import Module
from pellucid.nn.normalization import BatchNorm1d
from pellucid.nn.regression import HuberLoss, L1Loss, PoissonNLLLoss, QuantileLoss, SmoothL1Loss
from pellucid.optim.lr_scheduler.scheduler import LRScheduler
from pellucid.optim.optimizer import Optimizer
from pellucid.random import default_generator
from pellucid.tensor.creation import read_array
from pellucid.tensor.dtypes import is_floating
from pellucid.tensor.graph import no_grad
from pellucid.tensor.tensor import Tensor
from pellucid.train.eager_loop import Loop, evaluating
from pellucid.train.examples import Examples, is_several
from pellucid.train.history import History
from pellucid.train.named_losses import NamedLosses
from pellucid.train.row_weights import weigh
from pellucid.train.settings import check_clipping, check_count, check_learned, check_schedule
from pellucid.train.task import Plan, Preparation, prepare_task

if TYPE_CHECKING:
    from pellucid.train.recording import Recording

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
            scheduler.step()

    Args:
        model: any module; a `Sequential` of pellucid's layers is trained natively, and so is one
            whose forward does no more than call such layers, `cat` along dim 1, `+` and activation
            functions. `History.reason` says what else it did.
        loss_function: one of pellucid's losses, or any function of prediction and target. For a
            model that returns a dict, or a tuple, a dict of losses in its order: {"price": loss},
            or {"price": (weight, loss)}; `targets` is then a dict with the same names. Their
            weighted sum is made small, by the loop in Python.
        optimizer: over the model's parameters, or some of them; the others, and those with
            `requires_grad=False`, stay as they are.
        scheduler: changes the optimizer's learning rates as training goes on. A function that it
            was given must depend on its argument alone: it is asked before the steps are done.
            `ReduceLROnPlateau` is told each epoch's validation loss, or without validation the mean
            of its batches' losses.
        schedule_every: 'epoch' or 'step': after what the schedule makes its step.
        clip_norm: shorten all gradients that the optimizer uses together to this length, as
            `nn.utils.clip_grad_norm_` does; above 0, None: never.
        clip_value: bring each number of the gradients into [−clip_value, clip_value], after that.

    Raises:
        InputError: the schedule is of another optimizer, or a setting cannot be meant.

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

    def __init__(
        self,
        model: Module,
        loss_function: Any,
        optimizer: Optimizer,
        *,
        scheduler: LRScheduler | None = None,
        schedule_every: str = "epoch",
        clip_norm: float | None = None,
        clip_value: float | None = None,
    ) -> None:
        check_schedule(scheduler, optimizer, schedule_every)
        check_loss(loss_function)
        self.model = model
        is_named = isinstance(loss_function, dict)
        self.loss_function = NamedLosses(loss_function) if is_named else loss_function
        self.optimizer = optimizer
        self.scheduler = scheduler
        self.schedule_every = schedule_every
        self.clip_norm = check_clipping("clip_norm", clip_norm)
        self.clip_value = check_clipping("clip_value", clip_value)
        self.has_warned = False

    def fit(
        self,
        inputs: Any,
        targets: Any,
        batch_size: int = 32,
        epochs: int = 1,
        shuffle: bool = True,
        *,
        validation: tuple[Any, Any] | None = None,
        patience: int | None = None,
        restore_best: bool = True,
        stop: Callable[[], object] | None = None,
        sample_weight: Any = None,
        class_weight: Any = None,
        record: bool | str | Path | Recording | None = None,
    ) -> History:
        """Train on all rows, `epochs` times or until patience is over.

        After a native fit every parameter's `.grad` is None: the gradients lived in the engine.
        Ctrl-C is raised after the module was given what it had learnt by then.

        Args:
            inputs: (n, in): a tensor, an array, lists; taken in the model's dtype. A tuple of
                tensors or arrays holds one for each argument of the model's forward. Whole numbers
                stay so for a model with an `Embedding`: they are categories.
            targets: in the prediction's shape, or (n,) classes for cross-entropy.
            batch_size: rows of a batch, at least 1; an epoch's last one may be smaller.
            epochs: 0 or more.
            shuffle: a new random order every epoch.
            validation: inputs and targets of other rows, to judge the network by after each epoch.
            patience: stop after so many epochs without a lower validation loss; None: never.
            restore_best: whether weights and the optimizer's memory end as they were at the end of
                the epoch with the lowest validation loss, not as they were after the last step.
            stop: asked now and then, such as `threading.Event().is_set`; ends the training between
                two steps once it gives something true.
            sample_weight: (n,) numbers of at least 0, how much each row counts: a batch's loss is
                Σ w · l ÷ Σ w, and rows of weight 0 are left out. Validation rows count alike.
            class_weight: the same by the class of the row: {class: weight}, where classes that are
                not named count 1, or a list in the classes' order. Both multiply.
            record: keep the training as a run, of which every step opens again: True for
                runs/NAME-1, a folder, or a `pellucid.Recording` that also names the columns. A
                module or loss of your own must stand in an importable file for that.

        Returns:
            The loss of every step.

        Raises:
            InputError: no rows, a setting that cannot be meant, or an optimizer that changes nothing.
            ShapeError: inputs or targets have another shape than model and loss want.
            ValueError: batch normalization would meet a batch of one row.
            TrainingError: numbers were no longer finite; natively the model is then unchanged.
        """
        plan = self.plan(
            batch_size, epochs, shuffle, validation, patience, restore_best=restore_best, stop=stop
        )
        dataset = self.read(inputs, targets)
        dataset = weigh(dataset, self.loss_function, sample_weight, class_weight)
        if epochs > 0:
            check_smallest_batch(self.model, dataset.inputs[0], plan.batch_size)
        check_learned(self)
        if record is not None and record is not False:
            from pellucid.train.recorded import fit_recorded  # noqa: PLC0415 (writes files: slow to load)

            return fit_recorded(self, dataset, plan, record)
        try:
            task = prepare_task(self, dataset, plan, default_generator, Preparation())
        except CannotLower as obstacle:
            return Loop(self, dataset, plan).fit(obstacle.reason)
        return task.train()

    def steps_between(self, job: Job) -> int:
        """How many of a job's steps lie between two steps of the schedule."""
        return 1 if self.schedule_every == "step" else -(-len(job.inputs) // job.batch_size)

    def plan(
        self,
        batch_size: int,
        epochs: int,
        shuffle: bool,
        validation: tuple[Any, Any] | None,
        patience: int | None,
        *,
        restore_best: bool = True,
        stop: Callable[[], object] | None = None,
    ) -> Plan:
        """The settings of `fit`, checked.

        Raises:
            InputError: one cannot be meant.
        """
        check_count("epochs", epochs, 0)
        check_count("batch_size", batch_size, 1)
        if patience is not None:
            check_count("patience", patience, 1)
            if validation is None:
                raise InputError(
                    "`patience` needs rows to judge the epochs by: validation=(inputs, targets)."
                )
        if validation is not None and not (
            isinstance(validation, tuple | list) and len(validation) == 2
        ):
            raise InputError(
                "`validation` must be a pair: validation=(inputs, targets). Got "
                f"{type(validation).__name__}."
            )
        judged = None if validation is None else self.read(*validation)
        return Plan(int(batch_size), epochs, shuffle, judged, patience, restore_best, stop)

    def read(self, inputs: Any, targets: Any) -> Examples:
        """Rows as tensors of the model's dtype; whole numbers stay so if the model looks them up.

        Raises:
            InputError: there is none, or they are not made of numbers.
        """
        several = inputs if is_several(inputs) else (inputs,)
        dataset = Examples([self.read_input(each) for each in several], self.read_targets(targets))
        if len(dataset) == 0:
            raise InputError("`inputs` must have at least one row. Got none.")
        return dataset

    def read_targets(self, targets: Any) -> Any:
        """The targets of the loss, or those of each loss by its name."""
        if isinstance(self.loss_function, NamedLosses):
            self.loss_function.check_targets(targets)
            return {
                name: self.read_target(loss, targets[name], f"targets['{name}']")
                for name, (_, loss) in self.loss_function.losses.items()
            }
        return self.read_target(self.loss_function, targets, "targets")

    def read_target(self, loss_function: Any, targets: Any, name: str) -> Tensor:
        """The targets of one loss, in the model's dtype if they are compared with an output."""
        dtype = dtype_of(self.model)
        is_like_prediction = isinstance(loss_function, ONE_TARGET_PER_OUTPUT)
        values = read_values(targets, name, dtype if is_like_prediction else None)
        if isinstance(loss_function, ClassLoss) and is_floating(values.dtype):
            values = read_values(values, name, dtype)  # chances of classes
        return values

    def read_input(self, inputs: Any) -> Tensor:
        """One input in the model's dtype; whole numbers stay so if the model looks them up."""
        values = read_values(inputs, "inputs", None)
        if is_floating(values.dtype) or not looks_up(self.model):
            values = read_values(values, "inputs", dtype_of(self.model))
        return values

    def native_targets(self, targets: Tensor) -> Array:
        """The targets as the engine wants them: classes as int64, a column for each quantile."""
        array = targets.array
        if isinstance(self.loss_function, ClassLoss) and array.dtype.kind != "f":
            array = array.astype(np.int64, copy=False)
        if isinstance(self.loss_function, QuantileLoss):
            shape = (len(array), len(self.loss_function.quantiles))
            array = np.broadcast_to(array.reshape(len(array), -1), shape)
        return np.ascontiguousarray(array)

    def check_targets(self, inputs: Sequence[Tensor], targets: Any) -> None:
        """Let the loss function complain about all targets, beside a prediction of one row."""
        with evaluating(self.model):
            first = [Tensor(each.array[:1]) for each in inputs]
            made = self.model(*first)  # remembers which layer it comes from
        if isinstance(self.loss_function, Loss):
            self.loss_function.notice_repetition(made)
        with no_grad():
            one = made.array
            prediction = Tensor(np.broadcast_to(one, (len(targets), *one.shape[1:])))
            self.check_shapes(prediction, targets)
            self.loss_function(prediction, targets)

    def check_shapes(self, prediction: Any, targets: Any) -> None:
        """Refuse what the losses of numbers would silently broadcast.

        Raises:
            ShapeError: prediction and targets have different shapes.
        """
        if not isinstance(self.loss_function, NamedLosses):
            check_pair(self.loss_function, prediction, targets)
            return
        outputs = self.loss_function.outputs(prediction)
        for name, (_, loss) in self.loss_function.losses.items():
            check_pair(loss, outputs[name], targets[name])


def check_pair(loss_function: Any, prediction: Tensor, targets: Tensor) -> None:
    """Raise if a loss of numbers would compare every row with every other row's target.

    Raises:
        ShapeError: prediction and targets have different shapes.
    """
    is_pairwise = isinstance(loss_function, BROADCASTING) and not isinstance(
        loss_function, QuantileLoss
    )
    if is_pairwise and prediction.shape != targets.shape:
        raise ShapeError(
            f"Using a target size ({size(targets)}) that is different to the input size "
            f"({size(prediction)}). Every row would be compared with every other row's "
            f"target. Give the targets the prediction's shape: "
            f"`targets.reshape{(-1, *prediction.shape[1:])}`."
        )


def check_loss(loss_function: Any) -> None:
    """Raise if a loss is given as a class, not as one of its objects.

    Raises:
        InputError: it is.
    """
    if isinstance(loss_function, type):
        name = loss_function.__name__
        raise InputError(
            f"`loss_function` must be a loss or a function. Got the class {name}: write {name}()."
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


def dtype_of(model: Module) -> np.dtype[Any] | None:
    """The dtype of the model's first parameter; None if it has none."""
    first = next(model.parameters(), None)
    return None if first is None else first.dtype


def looks_up(model: Module) -> bool:
    """Whether a layer takes whole numbers: the categories of an embedding."""
    return any(isinstance(each, Embedding) for each in model.modules())


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
    with np.errstate(over="ignore"):  # the engine tells where a number is infinite
        return Tensor(array if dtype is None else array.astype(dtype, copy=False))
