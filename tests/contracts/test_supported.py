"""docs/supported.md is what the code says, and each of its entries is tested against PyTorch."""

import re
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pellucid
from pellucid.tensor.operations import OPERATIONS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/supported.md").read_text("utf-8")

X = np.array([[0.5, -1.25, 2.0], [1.75, 0.25, -0.75]])
Y = np.array([[1.5, 0.75, -0.5], [0.25, 2.5, 1.0]])


def f(lib: Any) -> Any:
    return lib.nn.functional


# For each row of the operation table: what people write, of the library and two tensors.
CALLS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "add": lambda _, x, y: x + y,
    "subtract": lambda _, x, y: x - y,
    "subtract_from": lambda _, x, y: 1 - x + y,
    "multiply": lambda _, x, y: x * y,
    "divide": lambda _, x, y: x / y,
    "divide_into": lambda _, x, y: 2 / x + y,
    "floor_divide": lambda _, x, y: (x // y.detach()).detach() + y,
    "remainder": lambda _, x, y: x % 0.7 + y,
    "negate": lambda _, x, y: -x + y,
    "power": lambda _, x, y: (x * x + 1) ** y,
    "power_of": lambda _, x, y: 2**x + y,
    "maximum": lambda lib, x, y: lib.maximum(x, y),
    "minimum": lambda lib, x, y: lib.minimum(x, y),
    "where": lambda lib, x, y: lib.where(x > 0, x, y),
    "equal": lambda _, x, y: (x == 0.5) * y,
    "not_equal": lambda _, x, y: (x != y) * y,
    "less": lambda _, x, y: (x < y) * y,
    "less_equal": lambda _, x, y: (x <= y) * y,
    "greater": lambda _, x, y: (x > y) * y,
    "greater_equal": lambda _, x, y: (x >= y) * y,
    "invert": lambda _, x, y: ~(x > y) * y,
    "isnan": lambda _, x, y: (x / 0 - x / 0).isnan() * y,
    "isinf": lambda _, x, y: (x / 0).isinf() * y,
    "isfinite": lambda _, x, y: (x / 0).isfinite() * y + y,
    "logical_not": lambda _, x, y: (x > y).logical_not() * y,
    "logical_and": lambda lib, x, y: lib.logical_and(x, y > 0) * y,
    "logical_or": lambda lib, x, y: lib.logical_or(x > 1, y > 0) * y,
    "logical_xor": lambda lib, x, y: lib.logical_xor(x, y > 0) * y,
    "argmax": lambda _, x, y: x.argmax(1) * y.sum(),
    "argmin": lambda _, x, y: x.argmin(0) * y.sum(),
    "any": lambda _, x, y: (x > 1).any(1) * y.sum(),
    "all": lambda _, x, y: (x > -1).all(0) * y.sum(),
    "exp": lambda _, x, y: x.exp() + y,
    "log": lambda _, x, y: (x * x).log() + y,
    "sqrt": lambda _, x, y: (x * x).sqrt() + y,
    "abs": lambda _, x, y: x.abs() + y,
    "clamp": lambda _, x, y: x.clamp(-1, 1) + y,
    "relu": lambda _, x, y: x.relu() + y,
    "sigmoid": lambda _, x, y: x.sigmoid() + y,
    "tanh": lambda _, x, y: x.tanh() + y,
    "sin": lambda _, x, y: x.sin() + y,
    "cos": lambda _, x, y: x.cos() + y,
    "tan": lambda _, x, y: x.tan() + y,
    "sinh": lambda _, x, y: x.sinh() + y,
    "cosh": lambda _, x, y: x.cosh() + y,
    "erf": lambda _, x, y: x.erf() + y,
    "reciprocal": lambda _, x, y: x.reciprocal() + y,
    "rsqrt": lambda _, x, y: (x * x).rsqrt() + y,
    "expm1": lambda _, x, y: x.expm1() + y,
    "log1p": lambda _, x, y: (x * x).log1p() + y,
    "log2": lambda _, x, y: (x * x).log2() + y,
    "log10": lambda _, x, y: (x * x).log10() + y,
    "round": lambda _, x, y: x.round() * y,
    "floor": lambda _, x, y: x.floor() * y,
    "ceil": lambda _, x, y: x.ceil() * y,
    "trunc": lambda _, x, y: x.trunc() * y,
    "sign": lambda _, x, y: x.sign() * y,
    "nan_to_num": lambda _, x, y: (x / (y > 1)).nan_to_num(posinf=1.0, neginf=-1.0) + x * y,
    "softmax": lambda _, x, y: x.softmax(1) * y,
    "log_softmax": lambda _, x, y: x.log_softmax(1) * y,
    "convert": lambda lib, x, y: x.to(lib.float32).to(lib.float64) * 0 + y,
    "copy": lambda _, x, y: x.clone() + y,
    "leaky_relu": lambda lib, x, y: f(lib).leaky_relu(x, 0.1) + y,
    "elu": lambda lib, x, y: f(lib).elu(x) + y,
    "gelu": lambda lib, x, y: f(lib).gelu(x) + y,
    "silu": lambda lib, x, y: f(lib).silu(x) + y,
    "mish": lambda lib, x, y: f(lib).mish(x) + y,
    "softplus": lambda lib, x, y: f(lib).softplus(x) + y,
    "sum": lambda _, x, y: x.sum(0) * y,
    "mean": lambda _, x, y: x.mean(1, keepdim=True) * y,
    "variance": lambda _, x, y: x.var(1, keepdim=True) * y,
    "deviation": lambda _, x, y: x.std(0) * y,
    "largest": lambda _, x, y: x.amax(0) * y,
    "smallest": lambda _, x, y: x.amin(0) * y,
    "pick": lambda _, x, y: x.max(0).values * y,
    "prod": lambda _, x, y: x.prod(1, keepdim=True) * y,
    "cumsum": lambda _, x, y: x.cumsum(1) * y,
    "norm": lambda _, x, y: x.norm() + y.norm(p=1, dim=1),
    "logsumexp": lambda _, x, y: x.logsumexp(0) * y,
    "expand": lambda _, x, y: x[:1].expand(2, -1) * y,
    "repeat": lambda _, x, y: x.repeat(2, 1) * y.repeat(2, 1),
    "flip": lambda _, x, y: x.flip(0) * y,
    "roll": lambda _, x, y: x.roll(1, 1) * y,
    "tril": lambda _, x, y: x.tril() * y,
    "triu": lambda _, x, y: x.triu(1) * y,
    "gather": lambda lib, x, y: x.gather(1, lib.tensor([[2], [0]])) * y,
    "index_select": lambda lib, x, y: x.index_select(1, lib.tensor([2, 0, 2])) * y,
    "masked_fill": lambda _, x, y: x.masked_fill(x > 0, 0.5) * y,
    "argsort": lambda _, x, y: x.argsort(1) * y,
    "sort": lambda _, x, y: x.sort(1, descending=True).values * y,
    "topk": lambda _, x, y: x.topk(1, 1).values * y,
    "reshape": lambda _, x, y: x.reshape(6) * y.reshape(6),
    "squeeze": lambda _, x, y: x.unsqueeze(1).squeeze(1) * y,
    "unsqueeze": lambda _, x, y: x.unsqueeze(0) * y,
    "permute": lambda _, x, y: x.permute(1, 0) @ y,
    "transpose": lambda _, x, y: x.transpose(0, 1) @ y,
    "take": lambda _, x, y: x[[0, 0, 1]] * y[[1, 1, 1]],
    "select": lambda _, x, y: x[0] * y,
    "slice": lambda _, x, y: x[:, 1:] * y[:, :2],
    "put": lambda _, x, y: written(x, y),
    "concatenate": lambda lib, x, y: lib.cat([x, y], 1),
    "stack": lambda lib, x, y: lib.stack([x, y], 1),
    "embedding": lambda lib, x, y: f(lib).embedding(lib.tensor([1, 0]), x) * y,
    "matmul": lambda _, x, y: x @ y.T,
    "linear": lambda lib, x, y: layer(lib, lib.nn.Linear(3, 2), x) + y.sum(),
    "batch_norm": lambda lib, x, y: layer(lib, lib.nn.BatchNorm1d(3), lib.cat([x, y, x * y])),
    "layer_norm": lambda lib, x, y: layer(lib, lib.nn.LayerNorm(3), x) * y,
    "mse_loss": lambda lib, x, y: f(lib).mse_loss(x, y),
    "binary_cross_entropy": lambda lib, x, y: f(lib).binary_cross_entropy(
        x.sigmoid(), y.sigmoid().detach()
    ),
    "binary_cross_entropy_with_logits": lambda lib, x, y: f(lib).binary_cross_entropy_with_logits(
        x, y.sigmoid().detach()
    ),
    "nll_loss": lambda lib, x, y: f(lib).nll_loss(x, lib.tensor([2, 0])) * y.sum(),
    "huber_loss": lambda lib, x, y: f(lib).huber_loss(x, y),
    "smooth_l1_loss": lambda lib, x, y: f(lib).smooth_l1_loss(x, y),
}


def written(x: Any, y: Any) -> Any:
    result = x * 2
    result[0] = y[1]
    return result * y


def layer(lib: Any, module: Any, x: Any) -> Any:
    """What a layer gives whose parameters are the same in both libraries."""
    for each in module.parameters():
        lib.nn.init.constant_(each, 0.3)
    return module.to(lib.float64)(x)


def test_the_page_is_what_the_code_says() -> None:
    written_now = runpy.run_path(str(ROOT / "docs/supported.py"))["page"]()
    assert written_now == PAGE, "run `make docs` and commit docs/supported.md"


def test_every_operation_has_a_call() -> None:
    assert set(CALLS) == set(OPERATIONS)


@pytest.mark.parametrize("name", CALLS)
def test_operations(oracle: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The call is done by that row, and its values and gradients are PyTorch's."""
    used = set()
    apply = pellucid.Tensor.apply

    def note(self: Any, operation: Any, *others: Any, **settings: Any) -> Any:
        used.add(operation.name)
        return apply(self, operation, *others, **settings)

    monkeypatch.setattr(pellucid.Tensor, "apply", note)

    def call(x: Any, y: Any) -> Any:
        lib = oracle.torch if isinstance(x, oracle.torch.Tensor) else pellucid
        result = CALLS[name](lib, x, y)
        waiting = [result.grad_fn] if lib is pellucid else []
        for node in waiting:
            if hasattr(node, "operation"):  # a write in place has no call of its own
                used.add(node.operation.name)
                waiting += [edge for edge, _ in node.next_functions]
        return result

    oracle.gradients(call, X, Y, ulps=256)
    assert name in used


ENTRIES = re.findall(r"^\| `(?:nn|optim|optim\.lr_scheduler)\.(\w+)` \|", PAGE, re.M)


@pytest.mark.parametrize("name", ENTRIES)
def test_every_class_is_compared_with_pytorch(name: str) -> None:
    """A test file that asks PyTorch names the class."""
    pages = [path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    asking = [page for page in pages if re.search(r"\boracle\b|^import torch", page, re.M)]
    assert any(re.search(rf"\b{name}\b", page) for page in asking), (
        f"no test against PyTorch: {name}"
    )
