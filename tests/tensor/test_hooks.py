"""Hooks of tensors, kept gradients and gradients as values, as in PyTorch."""

from typing import Any

import pytest


def both(oracle: Any, act: Any) -> None:
    ours, theirs = act(oracle.pellucid), act(oracle.torch)
    oracle.values(ours, theirs)


def test_a_hook_sees_and_changes_the_gradient(oracle: Any) -> None:
    def act(lib: Any) -> Any:
        seen = []
        x = lib.tensor([1.0, 2.0, 3.0], requires_grad=True)
        y = x * x
        y.register_hook(lambda gradient: seen.append(gradient.clone()))
        y.register_hook(lambda gradient: gradient * 2)
        y.register_hook(lambda gradient: seen.append(gradient.clone()))
        (y * 3).sum().backward()
        return *seen, x.grad

    both(oracle, act)


def test_a_leafs_hook_is_told_the_whole_gradient_once(oracle: Any) -> None:
    def act(lib: Any) -> Any:
        seen = []
        x = lib.tensor([1.0, 2.0], requires_grad=True)
        x.register_hook(lambda gradient: seen.append(gradient.clone()))
        x.register_hook(lambda gradient: gradient + 1)
        (x * x + 5 * x).sum().backward()
        (2 * x).sum().backward()
        assert len(seen) == 2
        return *seen, x.grad

    both(oracle, act)


def test_a_leaf_that_is_the_root(oracle: Any) -> None:
    def act(lib: Any) -> Any:
        x = lib.tensor(1.0, requires_grad=True)
        x.register_hook(lambda gradient: gradient * 7)
        x.backward()
        return x.grad

    both(oracle, act)


def test_handles(oracle: Any) -> None:
    def act(lib: Any) -> Any:
        x = lib.tensor([1.0], requires_grad=True)
        first = x.register_hook(lambda gradient: gradient * 2)
        with x.register_hook(lambda gradient: gradient * 5):
            (x * 1).sum().backward()
        (x * 1).sum().backward()
        first.remove()
        first.remove()
        (x * 1).sum().backward()
        return x.grad

    both(oracle, act)


def test_kept_gradients_are_those_after_the_hooks(oracle: Any) -> None:
    def act(lib: Any) -> Any:
        x = lib.tensor([1.0, -2.0], requires_grad=True)
        y = x * 3
        y.retain_grad()
        y.register_hook(lambda gradient: gradient * 10)
        (y * y).sum().backward()
        return x.grad, y.grad

    both(oracle, act)


def changes(answer: Any) -> Any:
    def act(lib: Any) -> None:
        def hook(gradient: Any) -> Any:
            return answer(lib, gradient)

        x = lib.tensor([1.0, 2.0], requires_grad=True)
        y = x * 2
        y.register_hook(hook)
        y.sum().backward()

    return act


@pytest.mark.parametrize(
    "act",
    [
        lambda lib: lib.tensor([1.0]).register_hook(print),
        lambda lib: lib.tensor([1.0]).retain_grad(),
        changes(lambda _, gradient: gradient.double()),
        changes(lambda lib, _: lib.ones(3)),
        changes(lambda *_: 3),
    ],
)
def test_mistakes_with_hooks(oracle: Any, act: Any) -> None:
    oracle.error(act)
