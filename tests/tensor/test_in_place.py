"""Writing in place: whatever is written to whatever shows the memory, gradients are PyTorch's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

START = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]


def one_number(lib: Any, x: Any) -> Any:
    y = x * 2
    y[0, 1] = 0
    return y


def zeroed(lib: Any, x: Any) -> Any:
    return (x * 2).zero_()


def filled(lib: Any, x: Any) -> Any:
    return (x * 2).fill_(7.0)


def masked(lib: Any, x: Any) -> Any:
    y = x * 3
    y[y > 7] = 1.0
    return y


def masked_by_tensor(lib: Any, x: Any) -> Any:
    y = x * 3
    y[x.detach() > 4] = x[0, :2] * x[1, :2]
    return y


def gathered(lib: Any, x: Any) -> Any:
    y = x * 3
    y[:, lib.tensor([2, 0])] = x[:, :2] ** 2
    return y


def view_changed(lib: Any, x: Any) -> Any:
    y = x * 1
    v = y[:1]
    v *= 3
    return y


def base_changed(lib: Any, x: Any) -> Any:
    y = x * 1
    v = y[:1]
    y *= 3
    return v


def other_view_changed(lib: Any, x: Any) -> Any:
    y = x * x
    first, second = y[:, :2], y[:, 1:]
    first *= x[:, 1:]
    return second * 2


def one_number_of_a_view(lib: Any, x: Any) -> Any:
    y = x * 1
    v = y[1][2]
    v *= x[0, 0]
    return y


def view_of_a_view(lib: Any, x: Any) -> Any:
    y = x * 2
    v = y.t()[1:].reshape(2, 2)
    w = y.t()[1:]
    w *= w.detach() + 1
    w[0] = x[:, 0]
    return (y * y).sum() + v.sum()


def flat_view(lib: Any, x: Any) -> Any:
    y = x * 2
    v = y.view(6)
    v[::2] += x.view(6)[1::2] ** 2
    return y


def reshaped_copy(lib: Any, x: Any) -> Any:
    y = x * 2
    v = y.t().reshape(6)
    v *= 5
    return y * 3 + v.sum()


def into_constants(lib: Any, x: Any) -> Any:
    z = lib.zeros(3)
    z[0] = x[0, 1]
    z[1:] += x[1, :2]
    return z


def into_a_view_of_constants(lib: Any, x: Any) -> Any:
    z = lib.zeros(2, 3)
    v = z[1]
    v += x[0]
    return z * x


def copied(lib: Any, x: Any) -> Any:
    return lib.zeros(2, 3).copy_(x * 2)


def copied_row(lib: Any, x: Any) -> Any:
    return (x * 2).copy_(x[0])


def multiplied_by_a_leaf(lib: Any, x: Any) -> Any:
    y = x * 1
    y *= x
    y /= x + 1
    return y


def shifted(lib: Any, x: Any) -> Any:
    y = x * 2
    y[:, 1:] = y[:, :-1].clone()  # PyTorch alone would read what it has just written
    return y * x


def many(lib: Any, x: Any) -> Any:
    y = x * 1
    for step in range(3):
        y[step % 2] *= x[0]
        y += 1
    return y


def changed_without_graph(lib: Any, x: Any) -> Any:
    y = x * 2
    v = y[0]
    with lib.no_grad():
        y += 1
    return y.sum() + v.sum() * 2


def of_another_dtype(lib: Any, x: Any) -> Any:
    y = x * 2
    y += x.double()
    y[0] = x[1].double() * 3
    return y


def detached_changed(lib: Any, x: Any) -> Any:
    y = x * 2
    y.detach()[0] = 9
    return y + 1


def broadcast_value(lib: Any, x: Any) -> Any:
    y = x * 2
    y[:, :2] = x[0, 2] * 3
    return y


PROGRAMS: list[Callable[[Any, Any], Any]] = [
    one_number,
    zeroed,
    filled,
    masked,
    masked_by_tensor,
    gathered,
    view_changed,
    base_changed,
    other_view_changed,
    one_number_of_a_view,
    view_of_a_view,
    flat_view,
    reshaped_copy,
    into_constants,
    into_a_view_of_constants,
    copied,
    copied_row,
    multiplied_by_a_leaf,
    shifted,
    many,
    changed_without_graph,
    of_another_dtype,
    detached_changed,
    broadcast_value,
]


@pytest.mark.parametrize("program", PROGRAMS)
def test_values_and_gradients_are_the_oracles(oracle: Any, program: Callable[..., Any]) -> None:
    results = []
    for lib in (oracle.pellucid, oracle.torch):
        x = lib.tensor(START, requires_grad=True)
        out = program(lib, x)
        (out * out).sum().backward()
        results.append((out.detach().numpy(), x.grad.numpy()))
    for ours, theirs in zip(*results, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def leaf(lib: Any) -> Any:
    return lib.tensor(START, requires_grad=True)


def write_to_a_leaf(lib: Any) -> None:
    leaf(lib)[0] = 1


def write_to_a_view_of_a_leaf(lib: Any) -> None:
    v = leaf(lib)[0]
    v += 1


def write_to_one_number_of_a_leaf(lib: Any) -> None:
    leaf(lib)[0][1].zero_()


def overwrite_what_is_read(lib: Any) -> None:
    y = leaf(lib).exp()
    y[0] = 1
    y.sum().backward()


def overwrite_what_is_read_by_a_view(lib: Any) -> None:
    y = leaf(lib) * 1
    z = y * y
    y[0].zero_()
    z.sum().backward()


def square_in_place(lib: Any) -> None:
    y = leaf(lib) * 1
    y *= y
    y.sum().backward()


def write_to_a_view_made_without_graph(lib: Any) -> None:
    y = leaf(lib) * 1
    with lib.no_grad():
        v = y[0]
    v *= 2


def read_a_view_made_without_graph(lib: Any) -> None:
    y = leaf(lib) * 1
    with lib.no_grad():
        v = y[0]
    y *= 2
    _ = v * leaf(lib)


def wrong_shape(lib: Any) -> None:
    y = leaf(lib) * 1
    y[lib.tensor([0, 1]), 0] = lib.ones(3)


REFUSED: list[tuple[Callable[[Any], None], str]] = [
    (write_to_a_leaf, "a leaf Variable that requires grad is being used in an in-place operation."),
    (write_to_a_view_of_a_leaf, "a view of a leaf Variable that requires grad is being used in"),
    (write_to_one_number_of_a_leaf, "a view of a leaf Variable that requires grad is being used"),
    (overwrite_what_is_read, "has been modified by an inplace operation"),
    (overwrite_what_is_read_by_a_view, "has been modified by an inplace operation"),
    (square_in_place, "has been modified by an inplace operation"),
    (write_to_a_view_made_without_graph, "A view was created in no_grad mode and "),
    (read_a_view_made_without_graph, "A view was created in no_grad mode and "),
    (wrong_shape, "shape mismatch: value tensor of shape [3] cannot be broadcast to indexing"),
]


@pytest.mark.parametrize(("program", "words"), REFUSED)
def test_what_would_be_wrong_is_refused(
    oracle: Any, program: Callable[[Any], None], words: str
) -> None:
    for lib in (oracle.pellucid, oracle.torch):
        with pytest.raises(RuntimeError) as error:
            program(lib)
        assert words in str(error.value)


def test_a_kept_gradient_is_that_of_the_new_numbers(oracle: Any) -> None:
    found = []
    for lib in (oracle.pellucid, oracle.torch):
        y = leaf(lib) * 2
        y.retain_grad()
        y[0] = 0
        y *= 3
        (y * y).sum().backward()
        found.append(y.grad.numpy())
    np.testing.assert_array_equal(*found)


def test_a_view_of_what_became_tracked_is_tracked(oracle: Any) -> None:
    for lib in (oracle.pellucid, oracle.torch):
        z = lib.zeros(2, 3)
        v = z[0]
        z += leaf(lib)
        assert v.requires_grad
        assert not v.is_leaf


def test_nothing_is_remembered_without_a_graph(oracle: Any) -> None:
    for lib in (oracle.pellucid, oracle.torch):
        x = leaf(lib)
        with lib.no_grad():
            x[0] = 9
            x[1].zero_()
        assert x.tolist() == [[9.0, 9.0, 9.0], [0.0, 0.0, 0.0]]
        assert x.is_leaf
