"""Single numbers with a memory, as in micrograd: the same expressions, the same derivatives.

Source: the expressions are those by which micrograd shows itself, done by PyTorch for comparison.
"""

from collections.abc import Callable
from typing import Any

import pytest


def plus_and_times(lib: Any) -> tuple[Any, Any]:
    x = lib.tensor(-4.0, requires_grad=True)
    z = 2 * x + 2 + x
    q = z.relu() + z * x
    h = (z * z).relu()
    y = h + q + q * x
    y.backward()
    return y, x.grad


def many_operations(lib: Any) -> tuple[Any, ...]:
    a = lib.tensor(-4.0, requires_grad=True)
    b = lib.tensor(2.0, requires_grad=True)
    c = a + b
    d = a * b + b**3
    c = c + c + 1
    c = c + 1 + c + (-a)
    d = d + d * 2 + (b + a).relu()
    d = d + 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g = g + 10.0 / f
    g.backward()
    return g, a.grad, b.grad


def test_the_first_expression(oracle: Any) -> None:
    oracle.values(plus_and_times(oracle.pellucid), plus_and_times(oracle.torch))
    y, slope = plus_and_times(oracle.pellucid)
    assert (y.item(), slope.item()) == (-20.0, 46.0)


def test_the_long_expression(oracle: Any) -> None:
    oracle.values(many_operations(oracle.pellucid), many_operations(oracle.torch))
    g, by_a, by_b = many_operations(oracle.pellucid)
    assert f"{g.item():.4f}" == "24.7041"
    assert f"{by_a.item():.4f}" == "138.8338"
    assert f"{by_b.item():.4f}" == "645.5773"


def test_a_neuron_of_single_numbers(oracle: Any) -> None:
    def run(lib: Any) -> tuple[Any, ...]:
        weights = [lib.tensor(w, requires_grad=True) for w in (0.5, 0.3, 0.4, 0.2)]
        bias = lib.tensor(5.0, requires_grad=True)
        out = sum((w * x for w, x in zip(weights, (10, 7, 75, 80), strict=True)), bias).tanh()
        out.backward()
        return out, *(each.grad for each in [*weights, bias])

    oracle.values(run(oracle.pellucid), run(oracle.torch))


def in_place(a: Any, b: Any) -> Any:
    total = a * 1
    total += b
    total *= 3
    total -= a
    total /= 2
    return total


EXPRESSIONS: dict[str, Callable[[Any, Any], Any]] = {
    "sums from either side": lambda a, b: 3 + a + b + 2 - a - (1 - b),
    "products from either side": lambda a, b: 3 * a * b * 2,
    "quotients from either side": lambda a, b: a / b + 2 / a + b / 4,
    "powers": lambda a, b: a**2 + b**-1 + (b * b) ** 0.5 + 2**a,
    "minus": lambda a, b: -a - -b,
    "one value used often": lambda a, b: a * a + a * a * a + a - a / a + b,
    "a diamond": lambda a, b: (a + b) * (a - b) + (a + b) ** 2,
    "bends": lambda a, b: a.relu() + (-a).relu() + b.relu() * 2 + (a * 0).relu(),
    "exp and tanh": lambda a, b: (a * b).exp() + (a + b).tanh() + b.sigmoid(),
    "logarithm": lambda a, b: (a * a).log() * b,
    "assigned in place": in_place,
}


@pytest.mark.parametrize("at", [(-4.0, 2.0), (0.5, -1.5), (3.0, 0.25)], ids=str)
@pytest.mark.parametrize("name", EXPRESSIONS)
def test_expressions(oracle: Any, name: str, at: tuple[float, float]) -> None:
    def run(lib: Any) -> tuple[Any, ...]:
        a, b = (lib.tensor(each, dtype=lib.float64, requires_grad=True) for each in at)
        out = EXPRESSIONS[name](a, b)
        out.backward()
        return out.detach(), a.grad, b.grad

    oracle.values(run(oracle.pellucid), run(oracle.torch))


def test_a_chain_of_ten_thousand_numbers_meets_no_limit(oracle: Any) -> None:
    x = oracle.pellucid.tensor(1.0, dtype=oracle.pellucid.float64, requires_grad=True)
    y = x
    for _ in range(10_000):
        y = y * 1.0001
    y.backward()
    assert abs(x.grad.item() - 1.0001**10_000) < 1e-8


def test_a_small_network_of_single_numbers_learns_as_in_pytorch(oracle: Any) -> None:
    """Two inputs, two hidden numbers, one answer, by hand: the way that micrograd teaches."""

    def run(lib: Any) -> list[float]:
        start = [0.3, -0.2, 0.5, 0.1, -0.4, 0.25, 0.6, -0.5, 0.05]
        weights = [lib.tensor(each, dtype=lib.float64, requires_grad=True) for each in start]
        rows = [(2.0, 3.0, 1.0), (3.0, -1.0, -1.0), (0.5, 1.0, -1.0), (1.0, 1.0, 1.0)]
        losses = []
        for _ in range(20):
            loss = lib.tensor(0.0, dtype=lib.float64)
            for x, z, wanted in rows:
                first = (weights[0] * x + weights[1] * z + weights[2]).tanh()
                second = (weights[3] * x + weights[4] * z + weights[5]).tanh()
                out = (weights[6] * first + weights[7] * second + weights[8]).tanh()
                loss = loss + (out - wanted) ** 2
            for each in weights:
                each.grad = None
            loss.backward()
            for each in weights:
                each.data -= 0.05 * each.grad
            losses.append(loss.item())
        return losses

    ours, theirs = run(oracle.pellucid), run(oracle.torch)
    assert max(abs(a - b) for a, b in zip(ours, theirs, strict=True)) < 1e-12
    assert ours[-1] < 0.7 * ours[0]


def test_a_sum_of_tensors_may_start_from_pythons_zero(oracle: Any) -> None:
    oracle.values(sum(oracle.pellucid.ones(3)), sum(oracle.torch.ones(3)))
