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
    argmax,
    argmin,
    any_,
    all_,
)
