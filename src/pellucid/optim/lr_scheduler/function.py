"""`LambdaLR` and `MultiplicativeLR`: learning rates that any function of the epoch scales."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any

from pellucid.optim.lr_scheduler.scheduler import LRScheduler, attach
from pellucid.optim.optimizer import Optimizer

Factor = Callable[[int], float]


class FunctionSchedule(LRScheduler):
    """What both schedules share: one function for each group. Abstract.

    Args:
        optimizer: whose learning rates.
        lr_lambda: from the epoch to a factor; or a list of functions, one for each group.
        last_epoch: −1 to begin; see `LRScheduler`.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        lr_lambda: Factor | list[Factor] | tuple[Factor, ...],
        last_epoch: int = -1,
    ) -> None:
        count = len(attach(optimizer).param_groups)
        self.lr_lambdas: list[Factor] = (
            list(lr_lambda) if isinstance(lr_lambda, list | tuple) else [lr_lambda] * count
        )
        if len(self.lr_lambdas) != count:
            raise ValueError(f"Expected {count} lr_lambdas, but got {len(self.lr_lambdas)}")
        super().__init__(optimizer, last_epoch)

    def state_dict(self) -> dict[str, Any]:
        """All that is remembered; of the functions the attributes of those that are objects."""
        kept = [
            None if isinstance(each, FunctionType) else dict(vars(each)) for each in self.lr_lambdas
        ]
        state = super().state_dict()
        del state["lr_lambdas"]
        return state | {"lr_lambdas": kept}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over what `state_dict` gave; the functions stay those of this schedule."""
        own = self.lr_lambdas
        super().load_state_dict(state_dict)
        self.lr_lambdas = own
        for factor, attributes in zip(own, state_dict["lr_lambdas"], strict=True):
            if attributes is not None:
                vars(factor).update(attributes)


class LambdaLR(FunctionSchedule):
    """A function of one's own: lr(t) = lr(0) · lr_lambda(t).

    Args:
        optimizer: whose learning rates.
        lr_lambda: from the epoch to the factor; or a list of functions, one for each group.
        last_epoch: −1 to begin; see `LRScheduler`.

    Raises:
        ValueError: there are more or fewer functions than groups.

    Example:
        >>> from pellucid.optim.sgd import SGD
        >>> from pellucid.tensor.creation import ones
        >>> optimizer = SGD([ones(1, requires_grad=True)], lr=0.8)
        >>> schedule = LambdaLR(optimizer, lambda epoch: 1 / (1 + epoch))
        >>> rates = []
        >>> for _ in range(6):
        ...     rates += schedule.get_last_lr()
        ...     optimizer.step()
        ...     schedule.step()
        >>> [round(rate, 4) for rate in rates]
        [0.8, 0.4, 0.2667, 0.2, 0.16, 0.1333]
    """

    def rates(self) -> list[float]:
        """The formula above."""
        pairs = zip(self.lr_lambdas, self.base_lrs, strict=True)
        return [first * factor(self.last_epoch) for factor, first in pairs]


class MultiplicativeLR(FunctionSchedule):
    """A function of one's own, factor upon factor: lr(t) = lr(t − 1) · lr_lambda(t).

    Args:
        optimizer: whose learning rates.
        lr_lambda: from the epoch to the factor; or a list of functions, one for each group.
        last_epoch: −1 to begin; see `LRScheduler`.

    Raises:
        ValueError: there are more or fewer functions than groups.
        TypeError: what was given as a function is none.

    Example:
        >>> from pellucid.optim.sgd import SGD
        >>> from pellucid.tensor.creation import ones
        >>> optimizer = SGD([ones(1, requires_grad=True)], lr=0.8)
        >>> schedule = MultiplicativeLR(optimizer, lambda epoch: 0.5 if epoch > 2 else 1.0)
        >>> rates = []
        >>> for _ in range(5):
        ...     rates += schedule.get_last_lr()
        ...     optimizer.step()
        ...     schedule.step()
        >>> rates
        [0.8, 0.8, 0.8, 0.4, 0.2]
    """

    def begin(self) -> None:
        """Check the functions; they are called for the first time at the first step."""
        for each in self.lr_lambdas:
            if not callable(each):
                raise TypeError(f"lr_lambda should be a function, but got {type(each).__name__}")
        super().begin()

    def rates(self) -> list[float]:
        """The formula above."""
        if self._is_initial:
            return self.current()
        pairs = zip(self.lr_lambdas, self.current(), strict=True)
        return [rate * factor(self.last_epoch) for factor, rate in pairs]
