"""Backpropagation as people know it from PyTorch: what gathers, what is freed, what is refused."""

from typing import Any

import numpy as np
import pytest

import pellucid
from pellucid import no_grad, tensor
from pellucid.errors import GraphError
from pellucid.tensor.graph import Node, enable_grad, is_grad_enabled


def leaf(lib: Any, *numbers: float) -> Any:
    return lib.tensor(list(numbers), requires_grad=True)


def walk_twice(lib: Any, **first: Any) -> Any:
    x = leaf(lib, 1.0, 2.0)
    y = (x * x).sum()
    y.backward(**first)
    y.backward()
    return x.grad


def change_what_is_read(lib: Any) -> None:
    x = leaf(lib, 1.0, 2.0)
    y = x * 3
    z = y * y
    y += 1
    z.sum().backward()


def change_a_leaf(lib: Any) -> None:
    x = leaf(lib, 1.0)
    x += 1


REFUSED = {
    "nothing to differentiate": lambda lib: lib.tensor(1.0).backward(),
    "not one number": lambda lib: leaf(lib, 1.0, 2.0).backward(),
    "wrong gradient shape": lambda lib: leaf(lib, 1.0).sum().backward(lib.tensor([1.0])),
    "twice": walk_twice,
    "whole numbers": lambda lib: lib.tensor([1, 2], requires_grad=True),
    "numpy of what is tracked": lambda lib: leaf(lib, 1.0).numpy(),
    "in place on a leaf": change_a_leaf,
    "untracking a result": lambda lib: (leaf(lib, 1.0) * 2).requires_grad_(requires_grad=False),
    "item of many": lambda lib: lib.tensor([1.0, 2.0]).item(),
    "truth of many": lambda lib: bool(lib.tensor([1.0, 2.0])),
    "float of many": lambda lib: float(lib.tensor([1.0, 2.0])),
    "length of a number": lambda lib: len(lib.tensor(1.0)),
    "iteration over a number": lambda lib: list(lib.tensor(1.0)),
    "shapes that do not fit": lambda lib: lib.ones(2) + lib.ones(3),
    "comparing what does not fit": lambda lib: lib.ones(2) == lib.ones(2, 3),
    "dot product": lambda lib: lib.ones(2) @ lib.ones(3),
    "matrix product": lambda lib: lib.ones(2, 3) @ lib.ones(4, 5),
    "matrix and vector": lambda lib: lib.ones(2, 3) @ lib.ones(4),
    "product of dtypes": lambda lib: lib.ones(2, 3) @ lib.ones(3, 5).double(),
    "reshape": lambda lib: lib.ones(2, 3).reshape(4, 2),
    "view": lambda lib: lib.ones(2, 3).view(-1, 4),
    "two unknown sizes": lambda lib: lib.ones(2, 3).view(-1, -1),
    "axis": lambda lib: lib.ones(2, 3).sum(3),
    "transposed axis": lambda lib: lib.ones(2, 3).transpose(0, 3),
    "place": lambda lib: lib.ones(2, 3)[5],
    "place in the second axis": lambda lib: lib.ones(2, 3)[:, 5],
    "too many places": lambda lib: lib.ones(2)[0, 0],
    "backward slice": lambda lib: lib.ones(2)[::-1],
    "text": lambda lib: lib.ones(2) + "a",
    "nothing": lambda lib: lib.ones(2) * None,
    "mean of whole numbers": lambda lib: lib.arange(3).mean(),
    "largest of nothing": lambda lib: lib.zeros(0).max(),
    "whole negative power": lambda lib: lib.tensor(2) ** -1,
    "uneven lists": lambda lib: lib.tensor([[1.0], [1.0, 2.0]]),
    "text as numbers": lambda lib: lib.tensor("a"),
    "stack of nothing": lambda lib: lib.stack([]),
    "uneven stack": lambda lib: lib.stack([lib.ones(1), lib.ones(2)]),
    "uneven cat": lambda lib: lib.cat([lib.ones(1, 1), lib.ones(1, 2)], dim=0),
}


@pytest.mark.parametrize("name", REFUSED)
def test_mistakes_get_the_familiar_sentence(oracle: Any, name: str) -> None:
    oracle.error(REFUSED[name])


def test_gradients_add_up_until_they_are_cleared() -> None:
    x = leaf(pellucid, 1.0, 2.0)
    (x * x).sum().backward()
    first = x.grad
    (x * 3).sum().backward()
    assert x.grad is first
    assert x.grad.tolist() == [5.0, 7.0]


def test_what_two_leaves_get_is_not_shared() -> None:
    x, y = leaf(pellucid, 1.0), leaf(pellucid, 1.0)
    seed = tensor([1.0])
    (x + y).backward(seed)
    x.grad.array += 1
    assert y.grad.tolist() == [1.0]
    assert seed.tolist() == [1.0]


def test_backward_of_a_leaf_itself(oracle: Any) -> None:
    for lib in (oracle.pellucid, oracle.torch):
        x = lib.tensor(2.0, requires_grad=True)
        x.backward()
        assert x.grad.item() == 1.0


def test_the_graph_is_kept_if_asked_or_if_nothing_was_read(oracle: Any) -> None:
    oracle.values(
        walk_twice(oracle.pellucid, retain_graph=True), walk_twice(oracle.torch, retain_graph=True)
    )
    x = leaf(pellucid, 1.0)
    y = (x + 1).sum()
    y.backward()
    y.backward()
    assert x.grad.tolist() == [2.0]


def test_nothing_is_remembered_within_no_grad() -> None:
    x = leaf(pellucid, 1.0)
    with no_grad():
        assert not is_grad_enabled()
        assert not (x * 2).requires_grad
        with enable_grad():
            assert (x * 2).requires_grad
        x += 1
    assert is_grad_enabled()
    assert x.tolist() == [2.0]
    assert x.requires_grad

    @no_grad()
    def double(y: Any) -> Any:
        return y * 2

    assert not double(x).requires_grad
    with pytest.raises(ZeroDivisionError), no_grad():
        _ = 1 / 0
    assert is_grad_enabled()


def test_detach_shares_memory_and_forgets() -> None:
    x = leaf(pellucid, 1.0, 2.0)
    y = x.detach()
    assert not y.requires_grad
    assert y.is_leaf
    y[0] = 5
    assert x.tolist() == [5.0, 2.0]


def test_changing_a_detached_view_is_noticed() -> None:
    x = leaf(pellucid, 1.0, 2.0) * 1
    y = x * x
    x.detach().mul_(2)
    with pytest.raises(GraphError, match="modified by an inplace operation"):
        y.sum().backward()


def test_in_place_on_a_result_is_differentiated(oracle: Any) -> None:
    def run(lib: Any) -> Any:
        x = leaf(lib, 1.0, 2.0)
        y = x * 3
        y *= 2
        y += x
        y /= 4
        y -= 1
        y.sum().backward()
        return x.grad

    oracle.values(run(oracle.pellucid), run(oracle.torch))


def test_in_place_refuses_what_does_not_fit(oracle: Any) -> None:
    def grow(lib: Any) -> None:
        x = lib.ones(2)
        x += lib.ones(2, 2)

    def split(lib: Any) -> None:
        x = lib.tensor([1, 2])
        x += 0.5

    oracle.error(grow)
    oracle.error(split)


def test_values_are_readable_by_numpy_also_of_parameters() -> None:
    x = leaf(pellucid, 1.0, 2.0)
    assert np.asarray(x).tolist() == [1.0, 2.0]
    assert np.asarray(x, dtype=np.float64).dtype == np.float64
    assert np.array(x).base is None
    assert x.detach().numpy() is x.array
    assert isinstance(np.ones(2) * x, pellucid.Tensor)
    assert (np.ones(2) * x).requires_grad


def test_the_data_is_not_the_callers() -> None:
    source = np.ones(2)
    copy, shared = tensor(source), pellucid.from_numpy(source)
    source[0] = 7
    assert copy.tolist() == [1.0, 1.0]
    assert shared.tolist() == [7.0, 1.0]


def test_a_result_keeps_its_gradient_if_asked() -> None:
    x = leaf(pellucid, 3.0)
    y = x * 2
    y.retain_grad()
    (y * y).sum().backward()
    assert y.grad is not None
    assert y.grad.tolist() == [12.0]
    assert x.grad.tolist() == [24.0]


def test_a_chain_of_ten_thousand_nodes() -> None:
    x = tensor(1.0, dtype=pellucid.float64, requires_grad=True)
    y = x
    for _ in range(10_000):
        y = y * 1.0001 + 0.5
    y.backward()
    assert x.grad is not None
    assert x.grad.item() == pytest.approx(1.0001**10_000)
    del y  # taking down the chain must not run out of stack either


def test_many_paths_are_walked_once_each() -> None:
    x = tensor(1.0, dtype=pellucid.float64, requires_grad=True)
    y = x
    for _ in range(60):  # 2**60 paths, 60 nodes
        y = y + y
    y.backward()
    assert x.grad is not None
    assert x.grad.item() == 2.0**60


def test_the_graph_can_be_read() -> None:
    x = leaf(pellucid, 1.0)
    y = (x * 2).exp()
    assert isinstance(y.grad_fn, Node)
    assert y.grad_fn.name() == "ExpBackward0"
    (before, _), *_ = y.grad_fn.next_functions
    assert isinstance(before, Node)
    assert before.next_functions[0][0] is x
    assert not y.is_leaf
    assert x.is_leaf


def test_minus_yes_is_refused() -> None:
    with pytest.raises(RuntimeError, match="Negation, the `-` operator, on a bool tensor"):
        _ = -tensor([True])


def test_changing_what_a_derivative_reads_is_refused(oracle: Any) -> None:
    for lib in (oracle.torch, oracle.pellucid):
        with pytest.raises(RuntimeError) as caught:
            change_what_is_read(lib)
        message = str(caught.value)
        assert "has been modified by an inplace operation: [torch.FloatTensor [2]]" in message
        assert "is at version 1; expected version 0 instead. Hint: " in message


def test_setting_items_and_filling() -> None:
    x = tensor([[1.0, 2.0], [3.0, 4.0]])
    x[0] = tensor([5.0, 6.0])
    x[1, 0] = 7
    assert x.tolist() == [[5.0, 6.0], [7.0, 4.0]]
    assert x.zero_().tolist() == [[0.0, 0.0], [0.0, 0.0]]
    assert x.fill_(2).sum().item() == 8.0
    assert 2.0 in x


def test_scalars_behave_as_numbers() -> None:
    assert float(tensor(2.5)) == 2.5
    assert int(tensor(2.5)) == 2
    assert [10, 20, 30][tensor(1)] == 20
    assert bool(tensor(0.0)) is False
    assert (tensor([1.0]) == None) is False  # noqa: E711 (what a comparison with None gives)
