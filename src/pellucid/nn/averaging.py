"""Averages of weights: a second model whose weights are the mean of those that training passes.

PyTorch's name for it is `optim.swa_utils`; the schedule that belongs to it is there, `SWALR`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from itertools import chain
from typing import Any, TypeAlias

import numpy as np

from pellucid.nn.module import Module
from pellucid.nn.normalization import BatchNorm1d
from pellucid.tensor.device import check_device
from pellucid.tensor.dtypes import Array
from pellucid.tensor.graph import no_grad
from pellucid.tensor.tensor import Tensor

OneAverage: TypeAlias = Callable[[Tensor, Tensor, Tensor], Tensor]
AllAverages: TypeAlias = Callable[[Sequence[Tensor], Sequence[Tensor], Tensor], None]


class AveragedModel(Module):
    """A copy of a model whose weights follow the model's as an average.

    By default the plain mean of all that were seen: average ← average + (weight − average) ÷ (n + 1).

    Args:
        model: what is averaged; it is copied.
        device: "cpu" or None.
        avg_fn: from average, weight and n to the new average, for one tensor.
        multi_avg_fn: changes a list of averages in place, by a list of weights and n.
        use_buffers: average the running statistics too; by default they are copied.

    Example:
        >>> from pellucid import nn
        >>> from pellucid.tensor.creation import tensor
        >>> model = nn.Linear(1, 1, bias=False)
        >>> average = AveragedModel(model)
        >>> for weight in (1.0, 2.0, 6.0):
        ...     _ = nn.init.constant_(model.weight, weight)
        ...     average.update_parameters(model)
        >>> average(tensor([[1.0]])).item()
        3.0

    Source:
        Izmailov et al. (2018), "Averaging weights leads to wider optima and better generalization".
    """

    n_averaged: Tensor

    def __init__(
        self,
        model: Module,
        device: Any = None,
        avg_fn: OneAverage | None = None,
        multi_avg_fn: AllAverages | None = None,
        use_buffers: bool = False,
    ) -> None:
        super().__init__()
        if avg_fn is not None and multi_avg_fn is not None:
            raise AssertionError("Only one of avg_fn and multi_avg_fn should be provided")
        check_device(device)
        self.module = deepcopy(model)
        self.register_buffer("n_averaged", Tensor(np.array(0)))
        self.avg_fn = avg_fn
        self.multi_avg_fn = multi_avg_fn
        self.use_buffers = use_buffers

    def forward(self, *inputs: Any, **named: Any) -> Any:
        """What the model with the averaged weights computes."""
        return self.module(*inputs, **named)

    def update_parameters(self, model: Module) -> None:
        """Take the present weights of a model into the average."""
        own, new = self.parts_of(self.module), self.parts_of(model)
        if int(self.n_averaged) == 0:
            for average, current in zip(own, new, strict=True):
                average.copy_(current)
        elif self.avg_fn is not None:
            for average, current in zip(own, new, strict=True):
                average.copy_(self.avg_fn(average, current, self.n_averaged))
        else:
            (self.multi_avg_fn or get_swa_multi_avg_fn())(own, new, self.n_averaged)
        if not self.use_buffers:
            for kept, current in zip(self.module.buffers(), model.buffers(), strict=True):
                kept.detach().copy_(current.detach())
        self.n_averaged += 1

    def parts_of(self, model: Module) -> list[Tensor]:
        """What is averaged, without memory of its making."""
        buffers = model.buffers() if self.use_buffers else ()
        return [each.detach() for each in chain(model.parameters(), buffers)]


def get_swa_multi_avg_fn() -> AllAverages:
    """The rule of the plain mean, for `AveragedModel(multi_avg_fn=…)`."""

    def mean(averages: Sequence[Tensor], weights: Sequence[Tensor], count: Tensor) -> None:
        for average, weight in zip(averages, weights, strict=True):
            move(average, weight, 1 / (int(count) + 1))

    return mean


def get_ema_multi_avg_fn(decay: float = 0.999) -> AllAverages:
    """The rule of the fading mean: average ← decay · average + (1 − decay) · weight.

    Args:
        decay: from 0 to 1; near 1 it looks far back.

    Raises:
        ValueError: it is not.
    """
    check_decay(decay)

    def fading(averages: Sequence[Tensor], weights: Sequence[Tensor], _: Tensor) -> None:
        for average, weight in zip(averages, weights, strict=True):
            move(average, weight, 1 - decay)

    return fading


def get_swa_avg_fn() -> OneAverage:
    """The rule of the plain mean for one tensor, for `AveragedModel(avg_fn=…)`."""
    return lambda average, weight, count: average + (weight - average) / (count + 1)


def get_ema_avg_fn(decay: float = 0.999) -> OneAverage:
    """The rule of the fading mean for one tensor."""
    check_decay(decay)
    return lambda average, weight, _: decay * average + (1 - decay) * weight


def check_decay(decay: float) -> None:
    """Raise PyTorch's sentence if this is no share."""
    if decay < 0.0 or decay > 1.0:
        raise ValueError(
            f"Invalid decay value {decay} provided. Please provide a value in [0,1] range."
        )


def move(average: Tensor, weight: Tensor, share: float) -> None:
    """Move an average by a share of the way to a weight, in place; whole numbers are cut off."""
    old, new = average.array, weight.array
    average.array[...] = (
        between(old, new, share) if old.dtype.kind == "f" else (old * (1 - share) + new * share)
    )
    average.edits[0] += 1


def between(old: Array, new: Array, share: float) -> Array:
    """Old + share · (new − old), from the nearer end, as PyTorch computes it."""
    step, part = new - old, old.dtype.type(share)
    result: Array = old + part * step if share < 0.5 else new - step * (1 - part)
    return result


def update_bn(loader: Iterable[Any], model: Module, device: Any = None) -> None:
    """Measure the running statistics of a model again, over all batches of a loader.

    An averaged model needs it: its weights were never used on data.

    Args:
        loader: gives inputs, or tuples that begin with them.
        model: its `BatchNorm1d` layers are set back first; without any nothing is done.
        device: "cpu" or None.
    """
    check_device(device)
    layers = [each for each in model.modules() if isinstance(each, BatchNorm1d)]
    if not layers:
        return
    momenta = [each.momentum for each in layers]
    was_training = model.training
    model.train()
    for layer in layers:
        layer.reset_running_stats()
        layer.momentum = None
    with no_grad():
        for batch in loader:
            model(batch[0] if isinstance(batch, list | tuple) else batch)
    for layer, momentum in zip(layers, momenta, strict=True):
        layer.momentum = momentum
    model.train(was_training)
