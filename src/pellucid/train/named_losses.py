"""Several losses under names of their own, for a model with several outputs, added up to one.

Where a `Trainer` computes them is said in `eager_loop`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from pellucid.engine.weighing import weighted_loss
from pellucid.errors import InputError, did_you_mean
from pellucid.tensor.tensor import Tensor

Array = np.ndarray[Any, Any]
Judge = Callable[[Any, Tensor, Tensor], Tensor]


class NamedLosses:
    """Total = Σ weight · loss(its output, its target), over the names.

    Args:
        losses: name to loss, or to (weight, loss) where a loss does not count 1.

    Raises:
        InputError: there is none, or a weight is no finite number.

    Example:
        >>> from pellucid import nn
        >>> from pellucid.tensor.creation import tensor
        >>> both = NamedLosses({"price": nn.MSELoss(), "sold": (0.5, nn.L1Loss())})
        >>> made = {"price": tensor([[3.0]]), "sold": tensor([[1.0]])}
        >>> both(made, {"price": tensor([[1.0]]), "sold": tensor([[0.0]])})
        tensor(4.5000)
        >>> both.parts
        {'price': 4.0, 'sold': 1.0}
    """

    def __init__(self, losses: Mapping[str, Any]) -> None:
        if not losses:
            raise InputError("`loss_function` must have a loss for each name. Got an empty dict.")
        self.losses: dict[str, tuple[float, Any]] = {}
        self.parts: dict[str, float] = {}  # of the last call, before they were weighted
        for name, given in losses.items():
            weight, loss = given if isinstance(given, tuple) and len(given) == 2 else (1.0, given)
            is_number = isinstance(weight, int | float) and np.isfinite(weight)
            if not is_number or not callable(loss) or isinstance(loss, type):
                raise InputError(
                    f"The loss '{name}' must be a loss, or (weight, loss) with a number as weight. "
                    f"Got {given!r}."
                )
            self.losses[name] = (float(weight), loss)

    def __call__(self, predictions: Any, targets: Mapping[str, Tensor]) -> Tensor:
        """The total; each loss by its name is kept in `parts`."""
        return self.total(predictions, targets, lambda loss, made, wanted: loss(made, wanted))

    def weighted(self, predictions: Any, targets: Mapping[str, Tensor], weights: Array) -> Tensor:
        """The total when rows count more or less."""
        return self.total(
            predictions,
            targets,
            lambda loss, made, wanted: weighted_loss(loss, made, wanted, weights),
        )

    def total(self, predictions: Any, targets: Mapping[str, Tensor], judge: Judge) -> Tensor:
        """Σ weight · what `judge` gives of a loss, its output and its target."""
        outputs = self.outputs(predictions)
        total: Any = 0
        for name, (weight, loss) in self.losses.items():
            part = judge(loss, outputs[name], targets[name])
            self.parts[name] = part.item()
            total = total + (part if weight == 1 else part * weight)
        found: Tensor = total
        return found

    def outputs(self, predictions: Any) -> dict[str, Tensor]:
        """What the model gave, under the losses' names.

        Raises:
            InputError: it gave no output for a loss.
        """
        names = ", ".join(self.losses)
        if isinstance(predictions, tuple | list) and len(predictions) == len(self.losses):
            return dict(zip(self.losses, predictions, strict=True))
        if isinstance(predictions, Mapping) and all(name in predictions for name in self.losses):
            return {name: predictions[name] for name in self.losses}
        came = type(predictions).__name__
        if isinstance(predictions, Mapping):
            came = f"a dict of {', '.join(map(str, predictions))}"
        elif isinstance(predictions, tuple | list):
            came += f" of {len(predictions)}"
        raise InputError(
            f"With the losses {names} the model must return a dict with these names, or a tuple in "
            f"their order. Got {came}."
        )

    def check_targets(self, targets: Any) -> None:
        """See that there are targets for each loss, and no others.

        Raises:
            InputError: there are not.
        """
        names = ", ".join(self.losses)
        if not isinstance(targets, Mapping):
            kind = type(targets).__name__
            raise InputError(
                f"With the losses {names} `targets` must be a dict with these names. Got {kind}."
            )
        for name in (*self.losses, *targets):
            if name not in targets or name not in self.losses:
                hint = did_you_mean(str(name), [str(each) for each in targets if each != name])
                raise InputError(
                    f"`targets` must have exactly the names of the losses ({names}). "
                    f"Got {', '.join(map(str, targets))}.{hint}"
                )
