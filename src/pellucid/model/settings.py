"""What can be chosen about a training, checked: each wrong value gives one sentence with the cure.

`Settings` holds what was asked for, None where the rules of `defaults` decide; `Method` holds
what is done.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pellucid.errors import InputError, did_you_mean

ACTIVATIONS = ("relu", "sigmoid", "tanh", "none")
OPTIMIZERS = ("adam", "sgd")
TASKS = ("yes/no", "classes", "number")
DTYPES = ("float32", "float64")
MOST_NEURONS = 100_000  # a layer beyond this is a slip of the finger, not a wish


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What was asked for.

    Attributes:
        layers: neurons of each hidden layer; () for none; None for the rule.
        activation: after each hidden layer: "relu", "sigmoid", "tanh" or "none".
        optimizer: "adam" or "sgd".
        learning_rate: how far a step goes, above 0; None for the rule.
        batch_size: rows a step, at least 1; None for the rule.
        epochs: how often every row is used, at least 0.
        seed: of the split, the first weights and the orders.
        patience: epochs without a better one before it stops, at least 1; None: never.
        dtype: "float32" or "float64".
        weights: of the only neuron, one for each input, the bias 0; None: drawn from the seed.
        task: "yes/no", "classes" or "number"; None: read from the target.
    """

    layers: tuple[int, ...] | None = None
    activation: str = "relu"
    optimizer: str = "adam"
    learning_rate: float | None = None
    batch_size: int | None = None
    epochs: int = 50
    seed: int = 0
    patience: int | None = None
    dtype: str = "float32"
    weights: tuple[float, ...] | None = None
    task: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """What is done: settings without a gap. The attributes are those of `Settings`."""

    layers: tuple[int, ...]
    activation: str
    optimizer: str
    learning_rate: float
    batch_size: int
    epochs: int
    seed: int
    patience: int | None
    dtype: str
    weights: tuple[float, ...] | None


def read_settings(
    *,
    layers: str | int | Sequence[int] | None = None,
    activation: str = "relu",
    optimizer: str = "adam",
    learning_rate: float | None = None,
    batch_size: int | None = None,
    epochs: int = 50,
    seed: int = 0,
    patience: int | None = None,
    dtype: Any = "float32",
    weights: str | Iterable[float] | None = None,
    task: str | None = None,
) -> Settings:
    """Check what was asked for; texts as a terminal gives them ("16,16") are understood.

    Raises:
        InputError: something cannot be meant; the sentence says what would do.

    Example:
        >>> read_settings(layers="16,8").layers
        (16, 8)
    """
    settings = Settings(
        layers=_read_layers(layers),
        activation=_read_choice("activation", activation, ACTIVATIONS),
        optimizer=_read_choice("optimizer", optimizer, OPTIMIZERS),
        learning_rate=None if learning_rate is None else _read_rate(learning_rate),
        batch_size=None if batch_size is None else _read_count("batch size", batch_size, 1),
        epochs=_read_count("number of epochs", epochs, 0),
        seed=_read_count("seed", seed, None),
        patience=None if patience is None else _read_count("patience", patience, 1),
        dtype=_read_choice("dtype", _dtype_name(dtype), DTYPES),
        weights=None if weights is None else _read_weights(weights),
        task=None if task is None else _read_choice("task", task, TASKS),
    )
    if settings.weights is not None and settings.layers != ():
        raise InputError(
            "Given weights are those of a single neuron, so they need a network without a hidden"
            ' layer. Add layers="none" (--layers none).'
        )
    return settings


def check_names(caller: str, names: Iterable[str], others: Sequence[str] = ()) -> None:
    """Raise if a setting is unknown.

    Args:
        caller: whose settings they are: "fit".
        names: what came.
        others: what the caller knows beside `Settings`.

    Raises:
        InputError: one is; the nearest is named.
    """
    known = (*Settings.__dataclass_fields__, "kinds", "header", *others)
    for name in names:
        if name not in known:
            raise InputError(
                f"{caller}() knows no setting '{name}'; it knows {', '.join(known)}."
                f"{did_you_mean(name, known)}"
            )


def _read_layers(layers: Any) -> tuple[int, ...] | None:
    if layers is None:
        return None
    if isinstance(layers, str):
        if layers.strip().lower() == "none":
            return ()
        layers = layers.split(",")
    widths = [layers] if not np.iterable(layers) else list(layers)
    try:
        read = tuple(
            int(each) if isinstance(each, str) else operator.index(each) for each in widths
        )
    except (TypeError, ValueError):
        read = (0,)
    if any(not 1 <= width <= MOST_NEURONS for width in read):
        shown = ",".join(str(each) for each in widths)
        raise InputError(
            "Hidden layers are whole numbers of neurons, 1 to 100,000 each, such as 16 or 16,16,"
            f" or none. Got {shown!r}."
        )
    return read


def _read_choice(what: str, value: Any, choices: Sequence[str]) -> str:
    if isinstance(value, str) and value.lower() in choices:
        return value.lower()
    named = f"{', '.join(choices[:-1])} or {choices[-1]}"
    hint = did_you_mean(value, choices) if isinstance(value, str) else ""
    raise InputError(f"The {what} can be {named}. Got {value!r}.{hint}")


def _read_count(what: str, value: Any, least: int | None) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if number is None or isinstance(value, bool) or (least is not None and number < least):
        at_least = "" if least is None else f", at least {least}"
        raise InputError(f"The {what} must be a whole number{at_least}. Got {value!r}.")
    return number


def _read_rate(value: Any) -> float:
    try:
        rate = float(value)
    except (TypeError, ValueError):
        rate = math.nan
    if not 0 < rate < math.inf:
        raise InputError(
            f"The learning rate must be a number above 0, such as 0.01. Got {value!r}."
        )
    return rate


def _read_weights(weights: Any) -> tuple[float, ...]:
    cells = weights.split(",") if isinstance(weights, str) else weights
    try:
        read = tuple(float(each) for each in cells)
    except (TypeError, ValueError):
        read = (math.nan,)
    if not read or not all(math.isfinite(each) for each in read):
        raise InputError(
            f"Weights are numbers, one for each input, such as 0.9,-0.6. Got {weights!r}."
        )
    return read


def _dtype_name(dtype: Any) -> Any:
    try:
        return np.dtype(dtype).name
    except TypeError:
        return dtype
