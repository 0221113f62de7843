"""Single numbers with a memory, as in micrograd: the same expressions, the same derivatives.

Source: the expressions are those by which micrograd shows itself, done by PyTorch for comparison.
"""

from typing import Any


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


def test_a_sum_of_tensors_may_start_from_pythons_zero(oracle: Any) -> None:
    oracle.values(sum(oracle.pellucid.ones(3)), sum(oracle.torch.ones(3)))
