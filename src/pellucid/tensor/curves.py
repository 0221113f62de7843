"""Rows of the operation table: sine and cosine, further powers and logarithms, rounding.

Each is a function of one number, applied to every element; the most used ones stand in `functions`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from pellucid.tensor.dtypes import Array, is_floating
from pellucid.tensor.erf import erf as error_function
from pellucid.tensor.functions import as_floating
from pellucid.tensor.operation import OUTPUT, Operation


def stay_flat(gradient: Array, *_: Array, **_settings: Any) -> Array:
    """0 everywhere: the function is flat between its steps."""
    return np.zeros_like(gradient)


def round_off(x: Array, *, decimals: int) -> Array:
    """The nearest number with so many decimals; halves go to the even neighbour."""
    return np.round(x, decimals) if is_floating(x.dtype) else x.copy()


def round_down(x: Array) -> Array:
    """The next whole number below; whole numbers as they are."""
    return np.floor(x) if is_floating(x.dtype) else x.copy()


def round_up(x: Array) -> Array:
    """The next whole number above; whole numbers as they are."""
    return np.ceil(x) if is_floating(x.dtype) else x.copy()


def cut_off(x: Array) -> Array:
    """The whole number towards 0; whole numbers as they are."""
    return np.trunc(x) if is_floating(x.dtype) else x.copy()


def find_sign(x: Array) -> Any:
    """−1, 0 or 1, of NaN 0; truths as they are."""
    if x.dtype.kind == "b":
        return x.copy()
    signs = np.sign(x)
    return np.where(np.isnan(signs), x.dtype.type(0), signs) if x.dtype.kind == "f" else signs


def fill_gaps(x: Array, *, nan: float, posinf: float | None, neginf: float | None) -> Array:
    """Numbers for NaN and the infinities; by default 0 and the largest and smallest there are."""
    return np.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf)


def bell_derivative(gradient: Array, _out: Array, x: Array) -> Any:
    """2 ÷ √π · e^(−x²)."""
    return gradient * (np.exp(-x * x) * (2 / math.sqrt(math.pi)))


sin = Operation(
    "sin",
    "SinBackward0",
    lambda x: np.sin(as_floating(x)),
    (lambda gradient, _out, x: gradient * np.cos(x),),
    "sin x; by x: cos x",
    reads=((0,),),
)

cos = Operation(
    "cos",
    "CosBackward0",
    lambda x: np.cos(as_floating(x)),
    (lambda gradient, _out, x: -gradient * np.sin(x),),
    "cos x; by x: −sin x",
    reads=((0,),),
)

tan = Operation(
    "tan",
    "TanBackward0",
    lambda x: np.tan(as_floating(x)),
    (lambda gradient, out, _x: gradient * (1 + out * out),),
    "tan x; by x: 1 + tan² x",
    reads=((OUTPUT,),),
)

sinh = Operation(
    "sinh",
    "SinhBackward0",
    lambda x: np.sinh(as_floating(x)),
    (lambda gradient, _out, x: gradient * np.cosh(x),),
    "sinh x = (e^x − e^−x) ÷ 2; by x: cosh x",
    reads=((0,),),
)

cosh = Operation(
    "cosh",
    "CoshBackward0",
    lambda x: np.cosh(as_floating(x)),
    (lambda gradient, _out, x: gradient * np.sinh(x),),
    "cosh x = (e^x + e^−x) ÷ 2; by x: sinh x",
    reads=((0,),),
)

erf = Operation(
    "erf",
    "ErfBackward0",
    lambda x: error_function(as_floating(x).astype(np.float64)).astype(as_floating(x).dtype),
    (bell_derivative,),
    "erf x: the share of a normal distribution (mean 0, variance ½) from −x to x; "
    "by x: 2 ÷ √π · e^(−x²)",
    reads=((0,),),
)

reciprocal = Operation(
    "reciprocal",
    "ReciprocalBackward0",
    lambda x: np.reciprocal(as_floating(x)),
    (lambda gradient, out, _x: -gradient * (out * out),),
    "1 ÷ x; by x: −1 ÷ x²",
    reads=((OUTPUT,),),
)

rsqrt = Operation(
    "rsqrt",
    "RsqrtBackward0",
    lambda x: 1 / np.sqrt(as_floating(x)),
    (lambda gradient, out, _x: gradient * (-0.5 * out * out * out),),
    "1 ÷ √x; by x: −1 ÷ (2 x √x)",
    reads=((OUTPUT,),),
)

expm1 = Operation(
    "expm1",
    "Expm1Backward0",
    lambda x: np.expm1(as_floating(x)),
    (lambda gradient, out, _x: gradient * (out + 1),),
    "e^x − 1, exact also near 0; by x: e^x",
    reads=((OUTPUT,),),
)

log1p = Operation(
    "log1p",
    "Log1PBackward0",
    lambda x: np.log1p(as_floating(x)),
    (lambda gradient, _out, x: gradient / (x + 1),),
    "ln(1 + x), exact also near 0; by x: 1 ÷ (1 + x)",
    reads=((0,),),
)

log2 = Operation(
    "log2",
    "Log2Backward0",
    lambda x: np.log2(as_floating(x)),
    (lambda gradient, _out, x: gradient / (x * math.log(2)),),
    "the logarithm to base 2; by x: 1 ÷ (x · ln 2)",
    reads=((0,),),
)

log10 = Operation(
    "log10",
    "Log10Backward0",
    lambda x: np.log10(as_floating(x)),
    (lambda gradient, _out, x: gradient / (x * math.log(10)),),
    "the logarithm to base 10; by x: 1 ÷ (x · ln 10)",
    reads=((0,),),
)

round_ = Operation(
    "round",
    "RoundBackward0",
    round_off,
    (stay_flat,),
    "the nearest number with so many decimals, halves to even; by x: 0",
)

floor = Operation(
    "floor",
    "FloorBackward0",
    round_down,
    (stay_flat,),
    "⌊x⌋, the next whole number below; by x: 0",
)

ceil = Operation(
    "ceil",
    "CeilBackward0",
    round_up,
    (stay_flat,),
    "⌈x⌉, the next whole number above; by x: 0",
)

trunc = Operation(
    "trunc",
    "TruncBackward0",
    cut_off,
    (stay_flat,),
    "x without its fraction; by x: 0",
)

sign = Operation(
    "sign",
    "SignBackward0",
    find_sign,
    (stay_flat,),
    "−1, 0 or 1: the sign of x; by x: 0",
)

nan_to_num = Operation(
    "nan_to_num",
    "NanToNumBackward0",
    fill_gaps,
    (lambda gradient, _out, x, **_: np.where(np.isfinite(x), gradient, 0),),
    "x, with numbers in the place of NaN and the infinities; by x: 1, there 0",
    reads=((0,),),
)

ROWS = (
    sin,
    cos,
    tan,
    sinh,
    cosh,
    erf,
    reciprocal,
    rsqrt,
    expm1,
    log1p,
    log2,
    log10,
    round_,
    floor,
    ceil,
    trunc,
    sign,
    nan_to_num,
)
