"""The operations of a tensor as functions of the library, as PyTorch has them."""

from typing import Any

import numpy as np
import pytest

X = np.array([[0.5, 2.0, 1.25], [3.0, 0.75, 1.0]])

CALLS: dict[str, Any] = {
    "exp": lambda lib, x: lib.exp(x),
    "log": lambda lib, x: lib.log(x),
    "sqrt": lambda lib, x: lib.sqrt(x),
    "abs": lambda lib, x: lib.abs(x - 1),
    "clamp": lambda lib, x: lib.clamp(x, 0.8, max=2.5),
    "relu": lambda lib, x: lib.relu(x - 1),
    "sigmoid": lambda lib, x: lib.sigmoid(x),
    "tanh": lambda lib, x: lib.tanh(x),
    "softmax": lambda lib, x: lib.softmax(x, dim=1),
    "log_softmax": lambda lib, x: lib.log_softmax(x, 0),
    "sum": lambda lib, x: lib.sum(x, dim=0, keepdim=True),
    "mean": lambda lib, x: lib.mean(x, 1),
    "var": lambda lib, x: lib.var(x, dim=1, unbiased=False),
    "std": lambda lib, x: lib.std(x),
    "amax": lambda lib, x: lib.amax(x, 1),
    "amin": lambda lib, x: lib.amin(x, dim=(0, 1)),
    "max": lambda lib, x: lib.max(x, dim=1).values + lib.max(x),
    "min": lambda lib, x: lib.min(x, 0).values + lib.min(x),
    "argmax": lambda lib, x: lib.argmax(x, dim=1, keepdim=True),
    "argmin": lambda lib, x: lib.argmin(x, 1) + lib.argmin(x),
    "any": lambda lib, x: lib.any(x > 2, dim=1),
    "all": lambda lib, x: lib.all(x > 0.6, 0),
    "reshape": lambda lib, x: lib.reshape(x, (3, -1)),
    "flatten": lambda lib, x: lib.flatten(x, start_dim=0),
    "squeeze": lambda lib, x: lib.squeeze(lib.unsqueeze(x, 1), 1),
    "transpose": lambda lib, x: lib.transpose(x, 0, 1),
    "permute": lambda lib, x: lib.permute(x, (1, 0)),
    "matmul": lambda lib, x: lib.matmul(x, x.T),
    "add": lambda lib, x: lib.add(x, 2) + lib.sub(x, x) + lib.mul(x, 3),
    "div": lambda lib, x: lib.div(x, 2) + lib.pow(x, 2) + lib.neg(x),
}


@pytest.mark.parametrize("name", CALLS)
def test_functions(oracle: Any, name: str) -> None:
    def call(x: Any) -> Any:
        lib = oracle.torch if isinstance(x, oracle.torch.Tensor) else oracle.pellucid
        return CALLS[name](lib, x)

    oracle.gradients(call, X, ulps=64)
