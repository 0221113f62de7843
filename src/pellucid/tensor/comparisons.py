"""Rows of the operation table: questions with a yes/no answer, and places. They have no derivative."""

from __future__ import annotations

import numpy as np

from pellucid.tensor.operation import Operation

equal = Operation("equal", "EqBackward0", np.equal, (None, None), "whether x = y")
not_equal = Operation("not_equal", "NeBackward0", np.not_equal, (None, None), "whether x ≠ y")
less = Operation("less", "LtBackward0", np.less, (None, None), "whether x < y")
less_equal = Operation("less_equal", "LeBackward0", np.less_equal, (None, None), "whether x ≤ y")
greater = Operation("greater", "GtBackward0", np.greater, (None, None), "whether x > y")
greater_equal = Operation(
    "greater_equal", "GeBackward0", np.greater_equal, (None, None), "whether x ≥ y"
)
invert = Operation("invert", "BitwiseNotBackward0", np.invert, (None,), "not x")
isnan = Operation("isnan", "IsnanBackward0", np.isnan, (None,), "whether x is NaN, not a number")
isinf = Operation("isinf", "IsinfBackward0", np.isinf, (None,), "whether x is ∞ or −∞")
isfinite = Operation(
    "isfinite", "IsfiniteBackward0", np.isfinite, (None,), "whether x is neither NaN nor infinite"
)
logical_not = Operation(
    "logical_not", "LogicalNotBackward0", np.logical_not, (None,), "whether x is 0"
)
logical_and = Operation(
    "logical_and",
    "LogicalAndBackward0",
    np.logical_and,
    (None, None),
    "whether neither x nor y is 0",
)
logical_or = Operation(
    "logical_or", "LogicalOrBackward0", np.logical_or, (None, None), "whether x or y is not 0"
)
logical_xor = Operation(
    "logical_xor",
    "LogicalXorBackward0",
    np.logical_xor,
    (None, None),
    "whether one of x and y is 0, but not both",
)
argmax = Operation(
    "argmax",
    "ArgmaxBackward0",
    lambda x, *, axis, keepdims: np.argmax(x, axis=axis, keepdims=keepdims),
    (None,),
    "where the largest number stands (the first of equals)",
)
argmin = Operation(
    "argmin",
    "ArgminBackward0",
    lambda x, *, axis, keepdims: np.argmin(x, axis=axis, keepdims=keepdims),
    (None,),
    "where the smallest number stands (the first of equals)",
)

any_ = Operation(
    "any",
    "AnyBackward0",
    lambda x, *, axis, keepdims: np.any(x, axis=axis, keepdims=keepdims),
    (None,),
    "whether one of the numbers is not 0",
)
all_ = Operation(
    "all",
    "AllBackward0",
    lambda x, *, axis, keepdims: np.all(x, axis=axis, keepdims=keepdims),
    (None,),
    "whether none of the numbers is 0",
)

ROWS = (
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    invert,
    isnan,
    isinf,
    isfinite,
    logical_not,
    logical_and,
    logical_or,
    logical_xor,
    argmax,
    argmin,
    any_,
    all_,
)
