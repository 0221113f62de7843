"""How much each row of a training counts: from weights of rows and of classes to one number each.

What such a number does to a batch's loss is said in `engine.weighing`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from pellucid.errors import InputError
from pellucid.nn.classification import ClassLoss
from pellucid.nn.loss import BCELoss, BCEWithLogitsLoss
from pellucid.tensor.tensor import Tensor
from pellucid.train.examples import Examples

Array = np.ndarray[Any, Any]


def weigh(dataset: Examples, loss_function: Any, sample_weight: Any, class_weight: Any) -> Examples:
    """Inputs and targets with a third column, the weights; rows of weight 0 are left out.

    Args:
        dataset: inputs and targets.
        loss_function: says whether the targets are classes.
        sample_weight: (n,) numbers of at least 0; None: all alike.
        class_weight: the weight of each class, as a mapping (classes that are not in it count 1)
            or as a list in the classes' order; None: all alike.

    Raises:
        InputError: they are no such numbers, or leave no row.
    """
    if sample_weight is None and class_weight is None:
        return dataset
    inputs, targets = dataset.inputs, dataset.targets
    weights = np.ones(len(dataset))
    if sample_weight is not None:
        weights = weights * read_weights("sample_weight", sample_weight, len(dataset))
    if class_weight is not None:
        weights = weights * weights_by_class(targets, loss_function, class_weight)
    kinds = [each.array.dtype for each in inputs if each.array.dtype.kind == "f"]
    dtype = kinds[0] if kinds else np.dtype(np.float32)
    weights = weights.astype(dtype)
    kept = weights > 0
    if not kept.any():
        raise InputError(
            "`sample_weight` and `class_weight` must leave a row: at least one weight must be "
            "above 0."
        )
    if kept.all():
        return Examples(inputs, targets, Tensor(weights))
    left = [Tensor(each.array[kept]) for each in inputs]
    rest: Any = None
    if isinstance(targets, dict):
        rest = {name: Tensor(each.array[kept]) for name, each in targets.items()}
    else:
        rest = Tensor(targets.array[kept])
    return Examples(left, rest, Tensor(weights[kept]))


def read_weights(name: str, given: Any, count: int) -> Array:
    """So many weights, float64.

    Raises:
        InputError: they are not finite numbers of at least 0, or more or fewer.
    """
    weights = np.asarray(given)
    if weights.dtype.kind not in "biuf" or weights.shape != (count,):
        raise InputError(
            f"`{name}` must be {count} numbers in one row. Got {weights.dtype} of shape "
            f"{weights.shape}."
        )
    if not np.isfinite(weights).all() or weights.min(initial=0) < 0:
        raise InputError(f"`{name}` must be finite numbers of at least 0. Got {given!r}.")
    return weights.astype(np.float64)


def weights_by_class(targets: Any, loss_function: Any, class_weight: Any) -> Array:
    """The weight of each row's class, (n,) float64.

    Raises:
        InputError: the targets are no classes, or one of them has no weight.
    """
    if isinstance(targets, dict):
        raise InputError(
            "`class_weight` needs one loss. Got several, each with classes of its own: give the "
            "losses their own `weight` or `pos_weight`."
        )
    classes: Array = targets.array.reshape(len(targets), -1)
    is_yes_or_no = isinstance(loss_function, BCELoss | BCEWithLogitsLoss)
    is_class = isinstance(loss_function, ClassLoss) and classes.dtype.kind in "biu"
    if classes.shape[1] != 1 or not (is_class or is_yes_or_no) or (classes % 1 != 0).any():
        name = getattr(loss_function, "__name__", type(loss_function).__name__)
        raise InputError(
            "`class_weight` needs one class for each row: 0, 1, … for CrossEntropyLoss and "
            f"NLLLoss, 0 or 1 for BCELoss and BCEWithLogitsLoss. Got {name} with targets of "
            f"{targets.array.dtype} and shape {targets.array.shape}. Use `sample_weight`."
        )
    whole, places = np.unique(classes[:, 0].astype(np.int64), return_inverse=True)
    if isinstance(class_weight, Mapping):
        listed = [class_weight.get(each, 1.0) for each in whole.tolist()]
        return read_weights("class_weight", listed, len(whole))[places]
    weights = read_weights("class_weight", class_weight, len(class_weight))
    if whole[0] < 0 or whole[-1] >= len(weights):
        raise InputError(
            f"`class_weight` has {len(weights)} weights, for the classes 0 to {len(weights) - 1}. "
            f"The targets go from {whole[0]} to {whole[-1]}; a mapping may name some classes only."
        )
    return weights[whole][places]
