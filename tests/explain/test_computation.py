"""Computations of ordinary tensors: values and gradients are torch's, and shares add up."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import pellucid
from pellucid.errors import GraphError
from pellucid.run import open_tensor

NUMBERS = st.floats(-2.0, 2.0).filter(lambda each: abs(each) > 0.01)
WAYS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 50), st.integers(0, 50)), max_size=9)


def grow(library, made, ways):
    """A graph that is built by the same choices in both libraries."""
    for way, left, right in ways:
        x, y = made[left % len(made)], made[right % len(made)]
        if way == 0:
            made.append(x + y)
        elif way == 1:
            made.append(x * y)
        elif way == 2:
            made.append(library.tanh(x))
        elif way == 3:
            made.append(library.sigmoid(x) * 3.0)
        elif way == 4:
            made.append(library.relu(x) - y)
        elif way == 5:
            made.append(x / (1.0 + y * y))
        else:
            made.append(-x)
    return made


@given(NUMBERS, NUMBERS, WAYS)
def test_gradients_are_those_of_torch(one, other, ways):
    torch = pytest.importorskip("torch")
    mine = [
        pellucid.tensor(each, dtype=pellucid.float64, requires_grad=True) for each in (one, other)
    ]
    theirs = [torch.tensor(each, dtype=torch.float64, requires_grad=True) for each in (one, other)]
    ours = grow(pellucid, list(mine), ways)
    wanted = grow(torch, list(theirs), ways)
    result, target = ours[-1] * ours[0] + ours[1], wanted[-1] * wanted[0] + wanted[1]
    opened = open_tensor(result, x=mine[0], y=mine[1])
    target.backward()
    for name, leaf in zip("xy", theirs, strict=True):
        assert opened.step(name).value == leaf.item()
        assert float(opened.step(name).gradient) == pytest.approx(
            leaf.grad.item(), rel=1e-9, abs=1e-12
        )
    assert opened.check()
    assert float(opened.result.value) == pytest.approx(target.item(), rel=1e-12, abs=1e-12)
    for step in opened.steps:
        for part, slope in zip(step.parts, step.locals, strict=False):
            if slope is not None:
                assert float(part.share) == pytest.approx(float(step.gradient) * slope)
    assert mine[0].grad is None  # looking changes nothing
    result.backward()
    assert mine[0].grad is not None


def test_it_is_told_in_text():
    x = pellucid.tensor(2.0, requires_grad=True)
    w = pellucid.tensor(-3.0, requires_grad=True)
    said = str(open_tensor(pellucid.tanh(x * w + 5.0), x=x, w=w))
    assert said.splitlines()[0] == "result = −0.7616: 3 steps from 2 given tensors"
    assert "step 1 = −6 (multiply of x, w)" in said
    assert "gives w: 0.41997 × 2 = 0.8399" in said
    for line in said.splitlines():
        if line.strip().startswith("gives"):  # holds as it is printed
            left, total = line.replace("−", "-").split(": ")[1].split(" = ")
            one, other = (float(each.strip("()")) for each in left.split(" × "))
            assert abs(one * other - float(total)) <= 0.51e-3
    assert "step 2 = −1 (add of step 1, 5)" in said
    assert max(map(len, said.splitlines())) <= 80


def test_arrays_open_too():
    layer = pellucid.nn.Linear(3, 2)
    loss = layer(pellucid.ones(4, 3)).pow(2).mean()
    opened = open_tensor(loss, weight=layer.weight, bias=layer.bias)
    assert opened.check()
    loss.backward()
    np.testing.assert_allclose(opened.step("weight").gradient, layer.weight.grad.array)
    assert "and 3 more]" in str(opened)


def test_what_cannot_be_opened_is_said():
    x = pellucid.tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(GraphError, match="Nothing is remembered"):
        open_tensor(x)
    with pytest.raises(GraphError, match="Only a single number"):
        open_tensor(x * x)
    result = (x * x).sum()
    result.backward()
    with pytest.raises(GraphError, match="was freed by backward"):
        open_tensor(result)
