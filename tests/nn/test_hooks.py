"""Hooks of modules, as in PyTorch."""

from typing import Any

import pytest

import pellucid
from pellucid import nn
from pellucid.errors import GraphError


def both(oracle: Any, act: Any) -> None:
    ours, theirs = act(oracle.pellucid), act(oracle.torch)
    oracle.values(ours, theirs, ulps=32)


def network(lib: Any) -> Any:
    lib.manual_seed(0)
    return lib.nn.Sequential(lib.nn.Linear(2, 3), lib.nn.Tanh(), lib.nn.Linear(3, 1))


def rows(lib: Any, *, requires_grad: bool = False) -> Any:
    return lib.tensor([[1.0, 2.0], [-0.5, 0.25]], requires_grad=requires_grad)


def test_inputs_and_outputs_are_seen_and_replaced(oracle: Any) -> None:
    def act(lib: Any) -> Any:
        seen = []
        model = network(lib)
        model[0].register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
        model[0].register_forward_pre_hook(lambda _, inputs: (inputs[0] * 2,))
        model[0].register_forward_pre_hook(lambda _, inputs: inputs[0] + 1, prepend=True)
        model[1].register_forward_hook(lambda _, inputs, output: seen.extend([*inputs, output]))
        model[1].register_forward_hook(lambda _, __, output: output * 3)
        return *seen, model(rows(lib))

    both(oracle, act)


def test_named_arguments_are_told_if_wanted(oracle: Any) -> None:
    def act(lib: Any) -> Any:
        class Scale(lib.nn.Module):
            def forward(self, x: Any, *, by: float = 1.0) -> Any:
                return x * by

        layer = Scale()
        layer.register_forward_pre_hook(
            lambda _, inputs, named: (inputs, {"by": named["by"] * 10}), with_kwargs=True
        )
        layer.register_forward_hook(
            lambda _, inputs, named, output: output + inputs[0] + named["by"], with_kwargs=True
        )
        return layer(rows(lib), by=2.0)

    both(oracle, act)


@pytest.mark.filterwarnings("ignore:Full backward hook is firing")  # PyTorch's
@pytest.mark.parametrize("requires_grad", [False, True])
def test_gradients_of_inputs_and_outputs_are_seen(oracle: Any, requires_grad: bool) -> None:
    def act(lib: Any) -> Any:
        seen: list[Any] = []

        def note(_: Any, of_inputs: Any, of_outputs: Any) -> None:
            seen.extend([*of_inputs, *of_outputs])

        model = network(lib)
        model[2].register_full_backward_hook(note)
        model[0].register_full_backward_hook(note)
        x = rows(lib, requires_grad=requires_grad)
        model(x).sum().backward()
        missing = [each is None for each in seen]
        found = [each for each in seen if each is not None]
        assert missing == [False, False, not requires_grad, False]
        return *found, model[0].weight.grad

    both(oracle, act)


def test_gradients_are_replaced(oracle: Any) -> None:
    def act(lib: Any) -> Any:
        model = network(lib)
        model[1].register_full_backward_pre_hook(lambda _, of_outputs: (of_outputs[0] * 2,))
        model[1].register_full_backward_hook(lambda _, of_inputs, __: (of_inputs[0] * 5,))
        x = rows(lib, requires_grad=True)
        model(x).sum().backward()
        return x.grad, model[0].weight.grad, model[2].weight.grad

    both(oracle, act)


def test_several_outputs(oracle: Any) -> None:
    def act(lib: Any) -> Any:
        class Fork(lib.nn.Module):
            def forward(self, x: Any) -> Any:
                return x * 2, x * 3

        seen: list[Any] = []
        layer = Fork()
        layer.register_full_backward_hook(lambda _, ins, outs: seen.extend([*ins, *outs]))
        x = rows(lib, requires_grad=True)
        first, second = layer(x)
        (first.sum() + 10 * second.sum()).backward()
        return *seen, x.grad

    both(oracle, act)


def test_a_gradient_of_several_inputs_cannot_be_replaced() -> None:
    class Add(nn.Module):
        def forward(self, x: Any, y: Any) -> Any:
            return x + y

    layer = Add()
    layer.register_full_backward_hook(lambda _, ins, __: ins)
    x, y = rows(pellucid, requires_grad=True), rows(pellucid, requires_grad=True)
    with pytest.raises(GraphError, match="a module with one input; this one has 2"):
        layer(x, y).sum().backward()


def test_handles_end_it(oracle: Any) -> None:
    def act(lib: Any) -> Any:
        model = network(lib)
        handle = model.register_forward_hook(lambda *_: 0)
        with model[0].register_forward_hook(lambda _, __, output: output * 7):
            first = model[0](rows(lib))
        handle.remove()
        return first, model(rows(lib))

    both(oracle, act)


def test_hooked_models_train_on_the_eager_engine() -> None:
    """A hook runs Python code in every pass, which the native engine cannot do."""
    x, y = rows(pellucid), pellucid.tensor([[1.0], [0.0]])
    calls = []
    for hook in ("module", "parameter"):
        model = network(pellucid)
        if hook == "module":
            model[1].register_forward_hook(lambda *_: calls.append(1))
        else:
            model[0].weight.register_hook(lambda *_: calls.append(1))
        rule = pellucid.optim.SGD(model.parameters(), lr=0.1)
        history = pellucid.Trainer(model, nn.MSELoss(), rule).fit(x, y, batch_size=2, epochs=3)
        assert history.engine == "eager"
        assert "hook" in history.reason
    assert len(calls) >= 6
