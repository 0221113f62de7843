"""First values of parameters, drawn as PyTorch draws them: the same seed gives the same numbers.

Even draws are PyTorch's to the last bit, normal ones to rounding. Every function fills a tensor in
place, without a memory of it, and returns it.
"""

from __future__ import annotations

import math
import warnings

import numpy as np

from pellucid.random import Generator, default_generator
from pellucid.tensor.drawing import check_spread
from pellucid.tensor.dtypes import Array
from pellucid.tensor.tensor import Tensor

# How much a layer's output must be stretched so that an activation keeps the variance.
GAINS = {"linear": 1.0, "sigmoid": 1.0, "tanh": 5.0 / 3, "relu": math.sqrt(2.0), "selu": 3.0 / 4}


def fill(tensor: Tensor, values: Array | float) -> Tensor:
    """Write values over a tensor's own; returns it."""
    tensor.array[...] = values
    tensor.edits[0] += 1
    return tensor


def uniform_(
    tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Generator | None = None
) -> Tensor:
    """Fill a tensor with numbers drawn evenly from [a, b); returns it.

    Example:
        >>> from pellucid.random import manual_seed
        >>> from pellucid.tensor.creation import zeros
        >>> _ = manual_seed(0)
        >>> uniform_(zeros(3))
        tensor([0.4963, 0.7682, 0.0885])
    """
    values = np.empty(tensor.array.shape, tensor.array.dtype)
    (generator or default_generator).uniform_(values, a, b)
    return fill(tensor, values)


def normal_(
    tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Generator | None = None
) -> Tensor:
    """Fill a tensor with numbers of a normal distribution; returns it.

    Raises:
        RuntimeError: the standard deviation is negative.

    Example:
        >>> from pellucid.random import manual_seed
        >>> from pellucid.tensor.creation import zeros
        >>> _ = manual_seed(0)
        >>> normal_(zeros(3))
        tensor([ 1.5410, -0.2934, -2.1788])
    """
    check_spread(std)
    values = np.empty(tensor.array.shape, tensor.array.dtype)
    (generator or default_generator).normal_(values, mean, std)
    return fill(tensor, values)


def trunc_normal_(  # noqa: PLR0917 (PyTorch's signature)
    tensor: Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Generator | None = None,
) -> Tensor:
    """Fill a tensor with numbers of a normal distribution between a and b; returns it.

    Numbers outside are drawn again. Where less than 30 % of the distribution lies between a and b,
    even draws are kept with a chance in proportion to the distribution instead.

    Example:
        >>> from pellucid.tensor.creation import zeros
        >>> values = trunc_normal_(zeros(1000), std=3.0)
        >>> bool(values.min() >= -2), bool(values.max() <= 2)
        (True, True)
    """
    if mean < a - 2 * std or mean > b + 2 * std:
        warnings.warn(
            "mean is more than 2 std from [a, b] in nn.init.trunc_normal_. "
            "The distribution of values may be incorrect.",
            stacklevel=2,
        )
    inside = (
        math.erf((b - mean) / std / math.sqrt(2)) - math.erf((a - mean) / std / math.sqrt(2))
    ) / 2
    source = generator or default_generator
    draw = redraw_outside if inside > 0.3 else keep_by_chance
    values = np.empty(tensor.array.shape, tensor.array.dtype)
    draw(values, (mean, std), (a, b), source)
    return fill(tensor, values)


def redraw_outside(
    values: Array, bell: tuple[float, float], bounds: tuple[float, float], source: Generator
) -> None:
    """Fill with normal numbers, those outside of the bounds drawn again until none is left."""
    low, high = (values.dtype.type(each) for each in bounds)
    source.normal_(values, *bell)
    while (is_outside := (values < low) | (values > high)).any():
        fresh = np.empty_like(values)
        source.normal_(fresh, *bell)
        values[is_outside] = fresh[is_outside]


def keep_by_chance(
    values: Array, bell: tuple[float, float], bounds: tuple[float, float], source: Generator
) -> None:
    """Fill with even numbers between the bounds, each kept with the chance of its density."""
    kind = values.dtype.type
    mean, std = bell
    highest = kind(-0.5 * ((max(bounds[0], min(mean, bounds[1])) - mean) / std) ** 2)
    is_waiting = np.ones(values.shape, dtype=bool)
    while is_waiting.any():
        fresh, chances = np.empty_like(values), np.empty_like(values)
        source.uniform_(fresh, *bounds)
        values[is_waiting] = fresh[is_waiting]
        heights = ((fresh - kind(mean)) / kind(std)) ** 2 * kind(-0.5) - highest
        source.uniform_(chances, 0.0, 1.0)
        with np.errstate(divide="ignore"):
            is_waiting &= np.log(chances) > heights


def constant_(tensor: Tensor, val: float) -> Tensor:
    """Fill a tensor with one number; returns it."""
    return fill(tensor, val)


def ones_(tensor: Tensor) -> Tensor:
    """Fill a tensor with 1; returns it."""
    return fill(tensor, 1)


def zeros_(tensor: Tensor) -> Tensor:
    """Fill a tensor with 0; returns it."""
    return fill(tensor, 0)


def eye_(tensor: Tensor) -> Tensor:
    """Make a matrix the identity: 1 on the diagonal, 0 elsewhere; returns it."""
    if tensor.ndim != 2:
        raise ValueError(f"Only tensors with 2 dimensions are supported. Got {tensor.shape}.")
    return fill(tensor, np.eye(tensor.shape[0], tensor.shape[1]))


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """How much weights are stretched for an activation, so that variance stays from layer to layer.

    Args:
        nonlinearity: 'linear', 'sigmoid', 'tanh', 'relu', 'leaky_relu' or 'selu'.
        param: the slope below 0 of a leaky ReLU, 0.01 by default.

    Raises:
        ValueError: an unknown activation, or a slope that is no number.

    Example:
        >>> calculate_gain("leaky_relu", 0.2)
        1.3867504905630728
    """
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        if isinstance(slope, bool) or not isinstance(slope, int | float):
            raise ValueError(f"negative_slope {param} not a valid number")
        return math.sqrt(2.0 / (1 + slope**2))
    if nonlinearity not in GAINS:
        raise ValueError(
            f"Unsupported nonlinearity {nonlinearity}. Use one of: leaky_relu, {', '.join(GAINS)}."
        )
    return GAINS[nonlinearity]


def fans(tensor: Tensor) -> tuple[int, int]:
    """How many numbers go into a neuron, and how many neurons a number goes into.

    Raises:
        ValueError: the tensor is no matrix.
    """
    if tensor.ndim < 2:
        raise ValueError(
            "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions. "
            f"Got shape {tensor.shape}: weights have (out, in); give biases `zeros_`."
        )
    field = math.prod(tensor.shape[2:])
    return tensor.shape[1] * field, tensor.shape[0] * field


def xavier_uniform_(
    tensor: Tensor, gain: float = 1.0, generator: Generator | None = None
) -> Tensor:
    """Fill a weight (out, in) evenly from ±gain · √(6 ÷ (in + out)); returns it.

    Source:
        Glorot & Bengio (2010), "Understanding the difficulty of training deep feedforward neural
        networks", equation 16.
    """
    bound = math.sqrt(3.0) * (gain * math.sqrt(2.0 / sum(fans(tensor))))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Fill a weight (out, in) with normal numbers of standard deviation gain · √(2 ÷ (in + out))."""
    return normal_(tensor, 0.0, gain * math.sqrt(2.0 / sum(fans(tensor))), generator)


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0.0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """Fill a weight (out, in) evenly from ±√3 · gain ÷ √fan.

    Args:
        tensor: shape (out, in).
        a: slope of a leaky ReLU below 0; `Linear` uses √5, which makes the bounds ±1 ÷ √in.
        mode: 'fan_in' (fan is in) or 'fan_out' (fan is out).
        nonlinearity: for `calculate_gain`.
        generator: draws the numbers; the default generator if None.

    Source:
        He et al. (2015), "Delving deep into rectifiers", equation 14.
    """
    if 0 in tensor.shape:
        warnings.warn("Initializing zero-element tensors is a no-op", stacklevel=2)
        return tensor
    bound = math.sqrt(3.0) * kaiming_spread(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: Tensor,
    a: float = 0.0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """Fill a weight (out, in) with normal numbers of standard deviation gain ÷ √fan.

    Arguments as for `kaiming_uniform_`.
    """
    if 0 in tensor.shape:
        warnings.warn("Initializing zero-element tensors is a no-op", stacklevel=2)
        return tensor
    return normal_(tensor, 0.0, kaiming_spread(tensor, a, mode, nonlinearity), generator)


def kaiming_spread(tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    """Gain ÷ √fan."""
    modes = ["fan_in", "fan_out"]
    if mode.lower() not in modes:
        raise ValueError(f"Mode {mode.lower()} not supported, please use one of {modes}")
    return calculate_gain(nonlinearity, a) / math.sqrt(fans(tensor)[modes.index(mode.lower())])


def orthogonal_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Make the shorter of rows and columns perpendicular to each other, each of length gain.

    Source:
        Saxe et al. (2014), "Exact solutions to the nonlinear dynamics of learning in deep linear
        neural networks"; signs by Mezzadri (2007), "How to generate random matrices".
    """
    if tensor.ndim < 2:
        raise ValueError(
            f"Only tensors with 2 or more dimensions are supported. Got {tensor.shape}."
        )
    if tensor.array.size == 0:
        return tensor
    flat = np.empty((tensor.shape[0], tensor.array.size // tensor.shape[0]), tensor.dtype)
    (generator or default_generator).normal_(flat, 0.0, 1.0)
    is_wide = flat.shape[0] < flat.shape[1]
    axes, heights = np.linalg.qr(flat.T if is_wide else flat)
    axes = axes * np.sign(np.diagonal(heights))
    return fill(tensor, gain * (axes.T if is_wide else axes).reshape(tensor.shape))
